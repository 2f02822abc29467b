"""An enterprise moves: its rows follow it into the new area, and figures know where it was on the day of the fact."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.models import Count
from tests.domains.duty.test_problems import assigned, make_problem
from tests.factories import NOW, District, client_of, house_actor, make_area, make_district, make_member

from quancheng.domains.duty.models import Problem
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import Invalid
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people import moving
from quancheng.kernel.people.administration import update_organisation
from quancheng.kernel.people.models import Organisation, OrganisationMove
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
MOVED = date(2026, 9, 5)


@pytest.fixture
def district() -> District:
    return make_district()


def relocate(district: District, area: Area, *, on: date | None = MOVED) -> None:
    org = Organisation.objects.get(pk=district.enterprise_org.pk)
    update_organisation(
        actor=house_actor(), organisation=org, name=org.name, kind=org.kind, area=area, links=org.links, moved_on=on,
        now=NOW,
    )  # fmt: skip


def follow(district: District) -> int:
    return moving.restamp(organisation_id=district.enterprise_org.pk, now=NOW + timedelta(minutes=1))


def test_every_scoped_row_of_the_enterprise_follows_and_the_new_town_sees_it(district: District) -> None:
    problem, theirs = assigned(district), make_problem(district, unit=district.other_enterprise_org)
    assert Problem.objects.visible_to(district.town).filter(pk=problem.pk).exists()
    relocate(district, district.other_street_area)
    assert follow(district) > 1
    problem.refresh_from_db()
    assert problem.area_id == district.other_street_area.pk
    items = WorkItem.objects.filter(subject_id=problem.pk)
    assert {item.area_id for item in items} == {district.other_street_area.pk}
    assert not Problem.objects.visible_to(district.town).filter(pk=problem.pk).exists()
    assert Problem.objects.visible_to(district.other_town).filter(pk=problem.pk).exists()
    assert Problem.objects.get(pk=theirs.pk).area_id == district.other_street_area.pk
    for model in moving.scoped_models():
        left = model._default_manager.filter(enterprise=district.enterprise_org, area=district.street_area)
        assert not left.exists(), model


def test_run_again_it_finds_nothing_and_killed_in_between_it_goes_on(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BATCH", 1)
    for number in range(3):
        make_problem(district, title=f"问题{number}")
    relocate(district, district.other_street_area)
    whole, done = moving._restamp_batch, []

    def dies(*args: object) -> int:
        if len(done) == 2:
            raise RuntimeError("killed")
        done.append(whole(*args))  # type: ignore[arg-type]
        return done[-1]

    monkeypatch.setattr(moving, "_restamp_batch", dies)
    with pytest.raises(RuntimeError):
        follow(district)
    assert OrganisationMove.objects.get().restamped_at is None
    monkeypatch.setattr(moving, "_restamp_batch", whole)
    rest = follow(district)
    assert rest > 0
    assert follow(district) == 0
    entries = JournalEntry.objects.filter(act="people.organisation.restamp")
    assert sum(entry.facts["count"] for entry in entries) == sum(done) + rest
    assert OrganisationMove.objects.get().restamped_at is not None


def test_two_moves_are_followed_in_their_order_and_a_second_site_keeps_its_area(district: District) -> None:
    third = make_area("丙街道", level="street", parent=district.area)
    problem, elsewhere = make_problem(district), make_problem(district)
    Problem.objects.filter(pk=elsewhere.pk).update(area=district.area)
    relocate(district, district.other_street_area)
    relocate(district, third, on=None)
    follow(district)
    assert Problem.objects.get(pk=problem.pk).area_id == third.pk
    assert Problem.objects.get(pk=elsewhere.pk).area_id == district.area.pk


def test_an_enterprise_that_came_back_keeps_its_rows_on_a_second_look(district: District) -> None:
    problem = make_problem(district)
    relocate(district, district.other_street_area)
    follow(district)
    relocate(district, district.street_area, on=None)
    assert follow(district) > 0
    assert follow(district) == 0
    assert Problem.objects.get(pk=problem.pk).area_id == district.street_area.pk


def test_figures_use_the_area_on_the_day_of_the_fact(district: District) -> None:
    make_problem(district, found_date=MOVED - timedelta(days=1))
    make_problem(district, found_date=MOVED)
    make_problem(district, found_date=MOVED + timedelta(days=1))
    relocate(district, district.other_street_area)
    follow(district)
    rows = Problem.objects.order_by().annotate(place=moving.fact_area("found_date")).values("place")
    counted = {row["place"]: row["number"] for row in rows.annotate(number=Count("pk"))}
    assert counted == {district.street_area.pk: 1, district.other_street_area.pk: 2}
    org = Organisation.objects.get(pk=district.enterprise_org.pk)
    assert moving.area_on(organisation=org, day=MOVED - timedelta(days=1)) == district.street_area.pk
    assert moving.area_on(organisation=org, day=MOVED) == district.other_street_area.pk
    assert moving.area_on(organisation=district.other_enterprise_org, day=MOVED) == district.other_street_area.pk


def test_a_move_in_the_future_is_refused_and_a_change_that_is_no_move_moves_nothing(district: District) -> None:
    with pytest.raises(Invalid) as refused:
        relocate(district, district.other_street_area, on=date(2026, 9, 9))
    assert "moved_on" in refused.value.fields
    relocate(district, district.street_area)
    assert not OrganisationMove.objects.exists()


def test_a_move_before_one_that_is_recorded_is_refused_at_its_field(district: District) -> None:
    relocate(district, district.other_street_area)
    with pytest.raises(Invalid) as refused:
        relocate(district, district.street_area, on=MOVED - timedelta(days=1))
    assert "2026-09-05" in str(refused.value.fields["moved_on"])
    org = Organisation.objects.get(pk=district.enterprise_org.pk)
    assert (org.area_id, org.moves.count()) == (district.other_street_area.pk, 1)
    relocate(district, district.street_area, on=MOVED)
    assert moving.area_on(organisation=org, day=MOVED) == district.street_area.pk


def test_the_administrator_says_on_the_page_since_when_it_lies_there(district: District) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from quancheng.kernel.people.actors import actor_for

    place = make_member(district.office_org, "admin.system")
    client = client_of(actor_for(place, now=NOW))
    url = f"/admin/organisations/{district.enterprise_org.pk}/edit"
    assert "迁入日期" in client.get(url).content.decode()
    given = {
        "name": district.enterprise_org.name, "kind": "enterprise", "area": str(district.other_street_area.pk),
        "links": ["storage"], "moved_on": "2026-09-05",
    }  # fmt: skip
    assert client.post(url, given | {"moved_on": "2999-01-01"}).status_code == 422
    assert client.post(url, given).status_code == 303
    assert OrganisationMove.objects.get().moved_on == MOVED
    assert ProcrastinateJob.objects.filter(task_name="people.restamp", status="todo").count() == 1
