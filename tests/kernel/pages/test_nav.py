"""The menu: a long one shows what is for today and where one is; a short one stands open."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tests.factories import make_district

from quancheng.kernel.pages import nav

pytestmark = pytest.mark.django_db


def test_of_a_long_menu_today_and_the_group_of_the_page_stand_open(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_district().director
    menu = nav.menu_for(actor, reverse("hazards:findings"))
    assert sum(len(group.entries) for group in menu) > nav.MOST_OPEN
    assert {group.code for group in menu if group.is_open} == {"today", "hazards"}
    monkeypatch.setattr(nav, "MOST_OPEN", 500)
    assert all(group.is_open for group in nav.menu_for(actor, "/"))
