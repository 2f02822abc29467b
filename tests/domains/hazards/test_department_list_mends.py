"""Editions of a department's checklist over time: codes that keep their meaning, days to come, what is taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from tests.domains.hazards.test_department_checklists import colleague, draft, published
from tests.domains.hazards.test_post_coverage import bureau, carrier
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.hazards.queries.checklists import get_checklist, list_checklists
from quancheng.domains.hazards.queries.checks import checklists
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.hazards.services.department_checklists import ListSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.law.models import Clause, Edition, LegalText
from quancheng.kernel.law.queries import in_force
from quancheng.kernel.law.services import ClauseSpec
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
TODAY, LATER = NOW.date(), NOW.date() + timedelta(days=10)


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and lists read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def item(text: str) -> ClauseSpec:
    return ClauseSpec(place="", summary=text, grade="general")


def revised(actor: Actor, other: Actor, row: DepartmentChecklist, day: date, **known: object) -> DepartmentChecklist:
    newer = services.revise_list(actor=actor, row=row, now=NOW)
    if known:
        spec = ListSpec(**{"name": newer.title, "aspect": newer.aspect, "chains": newer.chains, **known})  # type: ignore[arg-type]
        services.change_list(actor=actor, row=newer, spec=spec, now=NOW)
    services.submit_list(actor=actor, row=newer, now=NOW)
    return services.publish_list(actor=other, row=newer, effective_date=day, now=NOW)


def places(row: DepartmentChecklist) -> dict[int, str]:
    found = Clause.objects.filter(edition=row.edition_id).order_by("position")
    return {services.number_of(one): one.summary for one in found}


def test_an_item_keeps_its_number_through_editions_and_no_number_is_given_twice() -> None:
    officer = bureau(make_district())
    row = published(officer, colleague(officer))
    newer = services.revise_list(actor=officer, row=row, now=NOW)
    services.remove_items(actor=officer, row=newer, numbers=[1, 3], now=NOW)
    services.submit_list(actor=officer, row=newer, now=NOW)
    services.publish_list(actor=colleague(officer), row=newer, effective_date=LATER, now=NOW)
    third = services.revise_list(actor=officer, row=newer, now=NOW)
    assert places(third) == {2: "紧急切断装置有效"}
    page = client_of(officer).get(reverse("hazards:department_item", args=[third.pk]))
    assert page.context["form"].initial["number"] == 4
    with pytest.raises(Invalid) as wrong:
        services.save_items(actor=officer, row=third, items=[(1, item("罐体无渗漏"))], now=NOW)
    assert set(wrong.value.fields) == {"number"}
    # The very item may come back, one that stands be worded anew; a draft's own number is free until it is published.
    services.save_items(actor=officer, row=third, items=[(3, item(places(row)[3])), (4, item("罐体无渗漏"))], now=NOW)
    services.save_items(actor=officer, row=third, items=[(2, item("紧急切断装置灵敏有效"))], now=NOW)
    services.remove_items(actor=officer, row=third, numbers=[4], now=NOW)
    services.save_items(actor=officer, row=third, items=[(4, item("灭火器在有效期内"))], now=NOW)
    assert places(third) == {3: places(row)[3], 4: "灭火器在有效期内", 2: "紧急切断装置灵敏有效"}
    assert (
        Clause.objects.filter(edition=third.edition_id).values_list("place", flat=True)[0].startswith(row.text_id[3:])
    )


def test_an_edition_that_has_not_begun_is_taken_back_and_the_one_before_goes_on_without_an_end() -> None:
    officer = bureau(make_district())
    row = published(officer, colleague(officer))
    newer = revised(officer, colleague(officer), row, LATER)
    services.withdraw_list(actor=officer, row=newer, reason="文号有误", now=NOW)
    row.refresh_from_db()
    first, second = Edition.objects.get(pk=row.edition_id), Edition.objects.get(pk=newer.edition_id)
    assert (newer.status, second.effective_from) == ("WITHDRAWN", None)
    assert (row.status, row.closed_at, first.effective_to) == ("PUBLISHED", None, None)
    assert in_force(row.text_id, on=LATER + timedelta(days=400)) == first
    assert WorkItem.objects.filter(subject_id=row.pk, done_at__isnull=True).count() == 1
    # In use again it can be revised, and ended with the checklist.
    third = revised(officer, colleague(officer), row, LATER)
    services.withdraw_list(actor=officer, row=third, reason="不再检查", now=NOW)
    row.refresh_from_db()
    services.withdraw_list(actor=officer, row=row, reason="不再检查", now=NOW)
    assert in_force(row.text_id, on=TODAY) == first
    assert in_force(row.text_id, on=TODAY + timedelta(days=1)) is None
    assert not checklists().filter(pk=row.text_id).exists()


def test_withdrawn_after_it_began_it_ends_today_and_nothing_before_it_comes_back() -> None:
    officer = bureau(make_district())
    row = published(officer, colleague(officer))
    newer = revised(officer, colleague(officer), row, LATER)
    services.withdraw_list(actor=officer, row=newer, reason="不再检查", now=NOW + timedelta(days=10))
    row.refresh_from_db()
    assert row.status == "REPLACED"
    assert in_force(row.text_id, on=LATER) == Edition.objects.get(pk=newer.edition_id)
    assert in_force(row.text_id, on=LATER + timedelta(days=1)) is None


def test_an_edition_to_come_changes_neither_name_nor_for_whom_the_present_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    district = make_district()
    plant, officer = carrier(district), bureau(district)
    row = published(officer, colleague(officer))
    code, name = row.text_id, row.title
    given = {"name": "仓储车辆检查表", "aspect": "persons", "chains": ("storage",)}
    revised(officer, colleague(officer), row, LATER, **given)
    assert checklists(plant.file).filter(pk=code).exists()
    for day, told in ((TODAY, ("vehicles", ["transport"])), (LATER, ("persons", ["storage"]))):
        one = list_checklists(on=day).get(pk=code)
        sheet = get_checklist(code, on=day).text
        assert (one.aspect, one.own_chains) == (sheet.aspect, sheet.own_chains) == told  # type: ignore[attr-defined]
    services.name_lists(now=NOW + timedelta(days=9))
    assert LegalText.objects.get(pk=code).name == name
    later = NOW + timedelta(days=10)
    assert (services.name_lists(now=later), services.name_lists(now=later)) == (1, 0)
    assert LegalText.objects.get(pk=code).name == "仓储车辆检查表"
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert not checklists(plant.file).filter(pk=code).exists()


def test_a_list_put_right_on_the_day_it_began_is_told_the_first_possible_day() -> None:
    officer = bureau(make_district())
    row = published(officer, colleague(officer))
    newer = services.submit_list(
        actor=officer, row=services.revise_list(actor=officer, row=row, now=NOW), now=NOW
    )  # fmt: skip
    with pytest.raises(Invalid) as wrong:
        services.publish_list(actor=colleague(officer), row=newer, effective_date=TODAY, now=NOW)
    tomorrow = TODAY + timedelta(days=1)
    assert str(tomorrow) in str(wrong.value.fields["effective_date"])
    newer.refresh_from_db()
    services.publish_list(actor=colleague(officer), row=newer, effective_date=tomorrow, now=NOW)
    assert in_force(row.text_id, on=tomorrow) == Edition.objects.get(pk=newer.edition_id)


def test_nobody_who_worded_an_edition_publishes_it() -> None:
    first = bureau(make_district())
    second = make_actor(Organisation.objects.get(pk=first.organisation_id), "department.officer")
    row = draft(first)
    services.save_items(actor=second, row=row, items=[(9, item("随车工具齐全"))], now=NOW)
    third = colleague(first)
    services.submit_list(actor=third, row=row, now=NOW)
    for actor in (first, second, third):
        with pytest.raises(NotPermitted):
            services.publish_list(actor=actor, row=row, effective_date=TODAY, now=NOW)
    assert services.publish_list(actor=colleague(first), row=row, effective_date=TODAY, now=NOW).status == "PUBLISHED"
