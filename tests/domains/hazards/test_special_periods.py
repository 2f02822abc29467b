"""Special periods of a town and of an enterprise: the extra cycle arises there alone; who may switch which."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.hazards.check_factories import make_plant, make_task
from tests.domains.risk.factories import make_post
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.hazards.models import CheckDue, SpecialPeriod
from quancheng.domains.hazards.services import special_periods
from quancheng.domains.hazards.services.check_dues import make_for
from quancheng.domains.hazards.services.check_tasks import enter_task
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_a_period_of_a_town_or_of_an_enterprise_doubles_the_rhythm_there_alone() -> None:
    district = make_district()
    mine, keeper = make_plant(district), district.other_enterprise
    theirs = open_own_file(actor=keeper, kind="depot", known={}, now=NOW)
    Enterprise.objects.filter(pk=mine.file.pk).update(area=district.street_area)
    Enterprise.objects.filter(pk=theirs.pk).update(area=district.other_street_area)
    town, other_town = (make_actor(org, "town.head") for org in (district.town_org, district.other_town_org))
    given: dict[str, Any] = {"code": "EVENT", "name": "", "first_date": TODAY, "last_date": TODAY + timedelta(days=30),
                             "doubles": True, "now": NOW}  # fmt: skip

    def on(actor: Actor, **scope: Any) -> SpecialPeriod:
        return special_periods.switch_on(actor=actor, **given, **scope)

    head = make_actor(Organisation.objects.get(pk=mine.file.pk), "enterprise.head")
    for actor, scope in (
        (town, {}), (town, {"area": district.other_street_area}), (town, {"file": theirs}), (head, {}),
        (head, {"file": theirs}), (head, {"area": district.street_area}),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            on(actor, **scope)
    with pytest.raises(Invalid):
        on(district.officer, area=district.street_area, file=mine.file)
    of_town = on(town, area=district.street_area)
    known: dict[str, Any] = {
        "measure": None, "content": "试验报警有声光", "every": Decimal(1), "cycle_unit": "day", "days": "every",
        "starts_at": NOW - timedelta(hours=1), "post": make_post(keeper, theirs),
    }  # fmt: skip
    tasks = [make_task(mine), enter_task(actor=keeper, file=theirs, known=known, now=NOW)]
    extra = CheckDue.objects.filter(is_extra=True, opens_at__gt=NOW)
    assert set(extra.values_list("file", flat=True)) == {mine.file.pk}
    own = on(head, file=mine.file)
    with pytest.raises(NotPermitted):  # what the town asked for is not the enterprise's to take back
        special_periods.switch_off(actor=head, row=of_town, now=NOW)
    special_periods.switch_off(actor=town, row=of_town, now=NOW)
    assert extra.exists()  # the enterprise's own runs on
    special_periods.switch_off(actor=head, row=own, now=NOW)
    assert not extra.exists()
    of_one = on(other_town, file=theirs)
    make_for(tasks, now=NOW)
    assert set(extra.values_list("file", flat=True)) == {theirs.pk}
    special_periods.switch_off(actor=district.officer, row=of_one, now=NOW)  # the district may
    assert not extra.exists()


def test_a_town_and_an_enterprise_switch_a_period_on_by_the_page_and_read_whose_it_is() -> None:
    district = make_district()
    plant = make_plant(district)
    own, town = client_of(plant.safety), client_of(make_actor(district.town_org, "town.head"))
    new = reverse("hazards:special_period_new")
    sent = {"code": "EVENT", "name": "高温时段", "first_date": TODAY.isoformat(), "last_date": TODAY.isoformat(),
            "doubles": "on"}  # fmt: skip
    assert "镇街" not in own.get(new).content.decode()
    assert own.post(new, {**sent, "name": "本企业大修"}).status_code == 303
    form = town.get(new).content.decode()
    assert district.street_area.name in form
    assert district.other_street_area.name not in form
    wrong = town.post(new, {**sent, "area": district.other_street_area.pk})
    assert wrong.status_code == 422
    assert "高温时段" in wrong.content.decode()
    absent = town.post(new, {**sent, "area": district.street_area.pk, "enterprise": "91000000000000000X"})
    assert absent.status_code == 422
    assert town.post(new, {**sent, "area": district.street_area.pk}).status_code == 303
    mine, towns = SpecialPeriod.objects.order_by("created_at", "pk")
    assert (mine.file_id, mine.area_id, towns.area_id) == (plant.file.pk, None, district.street_area.pk)
    listed = reverse("hazards:special_periods")
    assert district.street_area.name in own.get(listed).content.decode()
    other = client_of(district.other_enterprise)
    assert "本企业大修" not in other.get(listed).content.decode()
    assert other.get(reverse("hazards:special_period", args=[mine.pk])).status_code == 404
    assert "高温时段" in other.get(listed).content.decode()
    page = reverse("hazards:special_period", args=[towns.pk])
    assert "取消时段" not in own.get(page).content.decode()
    assert own.post(page, {"act": "off"}).status_code == 403
    assert town.post(page, {"act": "off"}).status_code == 303
    assert town.post(page, {"act": "off"}).status_code == 409
    day = reverse("hazards:checks_today")
    assert "本企业大修" in own.get(day).content.decode()
