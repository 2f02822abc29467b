from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.factories import District, make_district
from tests.kernel.longwork import kinds


@pytest.fixture(autouse=True)
def known_kinds() -> Iterator[None]:
    kinds.register()
    yield
    kinds.unregister()


@pytest.fixture
def district() -> District:
    return make_district()
