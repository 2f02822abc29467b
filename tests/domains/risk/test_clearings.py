"""The four clearings of fine chemistry (四个清零): reported by the enterprise, verified on site one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.domains.hazards.factories import own_file
from tests.factories import NOW, client_of, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.models import Clearing

pytestmark = pytest.mark.django_db


@pytest.mark.clause("S5-T9")
def test_each_clearing_of_each_unit_is_verified_on_site_with_day_and_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    district = make_district()
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind="fine_chemical")
    office, own = client_of(district.department), client_of(district.enterprise)
    begun = office.post(reverse("risk:clearings_begin"), {"kinds": ClearingKind.values, "due": "2026-10-31"})
    assert begun.status_code in (302, 303), begun.content.decode()[-2000:]
    rows = list(Clearing.objects.filter(file=file).order_by("kind"))
    assert {row.kind for row in rows} == set(ClearingKind.values)
    assert len(rows) == 4
    for number, row in enumerate(rows):
        address = reverse("risk:clearing", args=[row.pk])
        early = office.post(address, verified(number))
        assert early.status_code == 409
        paper = SimpleUploadedFile(f"佐证{number}.txt", f"第{number}项佐证".encode(), content_type="text/plain")
        told = own.post(address, {"act": "report", "text": "已完成", "evidence": paper})
        assert told.status_code in (302, 303), told.content.decode()[-2000:]
        assert own.post(address, verified(number)).status_code in (403, 409)
        assert office.post(address, {**verified(number), "day": ""}).status_code == 422
        assert office.post(address, verified(number)).status_code in (302, 303)
        shown = office.get(address).content.decode()
        assert f"第{number}项现场看过" in shown
        assert "2026-09-07" in shown
    listed = office.get(reverse("risk:clearings")).content.decode()
    for row in rows:
        assert row.title in listed
    assert set(Clearing.objects.values_list("status", flat=True)) == {"CLEARED"}


def verified(number: int) -> dict[str, Any]:
    return {"act": "verify", "day": "2026-09-07", "text": f"第{number}项现场看过"}
