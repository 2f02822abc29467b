"""The example spreadsheets: the good ones come in, the others are refused in the cells they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.factories import client_of, make_district
from tests.kernel.exchange.importing import checked, imported

from quancheng.domains.registry.models import Enterprise, Holding, Product, SensitivePlace
from quancheng.runtime.cli import main
from quancheng.runtime.example_sheets import BOX

pytestmark = pytest.mark.django_db


def test_the_example_sheets_show_what_comes_in_and_what_cannot(settings: Any, tmp_path: Path) -> None:
    settings.DISTRICT_BOX = BOX
    assert main(["dev", "example-sheets", str(tmp_path), "--street", "甲街道"]) == 0
    client = client_of(make_district().department)
    cells = {}
    for name in ("chemicals", "enterprises", "stock", "places", "products"):
        run = checked(client, f"registry.{name}", (tmp_path / f"{name}-bad.xlsx").read_bytes())
        cells[name] = {one["cell"] for one in run.errors}
        imported(client, f"registry.{name}", (tmp_path / f"{name}.xlsx").read_bytes())
    assert cells["chemicals"] == {"E4", "F5", "F6"}
    assert cells["enterprises"] == {"B5", "B6", "B7", "H8", "F9", "D10", "A11"}
    assert {"K5", "H6", "I7", "J8", "K8", "L8", "A9"} <= cells["stock"]
    assert {"B5", "J6", "F7", "H8"} <= cells["places"]
    assert {"C4", "D5", "E5", "G5", "A6"} <= cells["products"]
    assert (SensitivePlace.objects.count(), Product.objects.count()) == (3, 2)
    assert Enterprise.objects.count() == 3
    assert Holding.objects.count() == 3
