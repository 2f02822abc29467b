"""What tests of permits share."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.permits.factories import NOW


@pytest.fixture
def at(monkeypatch):
    """The clock of pages, which a test moves on."""
    now = [NOW + timedelta(minutes=30)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])
    return now
