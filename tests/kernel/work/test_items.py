"""Work items: taken, handed on, given back, urged, delegated; nobody's work is never lost."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connections
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, make_actor, make_district, make_org

from quancheng.domains.duty.services import work as duty_work
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, Role, User
from quancheng.kernel.people.services import delegate
from quancheng.kernel.work import queries, services
from quancheng.kernel.work.models import WorkItem


def item_of(subject_id: object) -> WorkItem:
    return WorkItem.objects.get(subject_id=subject_id, done_at__isnull=True)


def user(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def test_an_item_of_the_organisation_is_seen_by_all_who_hold_its_duty_and_by_the_taker_alone_once_taken(
    district: District,
) -> None:
    colleague = make_actor(district.department_org, "department.officer")
    item = item_of(make_assignment(district).pk)
    for actor in (district.department, colleague):
        assert list(queries.list_my_items(actor=actor)) == [item]
    services.take_item(actor=colleague, item=item, now=NOW)
    assert list(queries.list_my_items(actor=colleague)) == [item]
    assert not queries.list_my_items(actor=district.department).exists()
    assert not queries.list_my_items(actor=district.town).exists()


def test_of_two_who_take_at_once_one_wins_and_the_other_is_told_who(transactional_db: None) -> None:
    district = make_district()
    colleague = make_actor(district.department_org, "department.officer")
    item = item_of(make_assignment(district).pk)
    told: list[str] = []

    def take(actor: Actor) -> None:
        try:
            services.take_item(actor=actor, item=WorkItem.objects.get(pk=item.pk), now=NOW)
        except StaleState as refusal:
            told.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(actor,)) for actor in (district.department, colleague)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    item.refresh_from_db()
    assert item.person is not None
    assert len(told) == 1
    assert item.person.name in told[0]


def test_only_a_colleague_with_the_duty_can_be_handed_an_item(district: District) -> None:
    item = item_of(make_assignment(district).pk)
    reporter = make_actor(district.department_org, "department.reporter")
    officer = make_actor(district.department_org, "department.officer")
    for wrong in (reporter, district.town):
        with pytest.raises(Invalid):
            services.hand_on(actor=district.department, item=item, to_user=user(wrong), note="", now=NOW)
    services.hand_on(actor=district.department, item=item, to_user=user(officer), note="请办理", now=NOW)
    assert item.person_id == officer.user_id
    with pytest.raises(StaleState):
        services.give_back(actor=district.department, item=item, note="", now=NOW)
    services.give_back(actor=district.department_head, item=item, note="收回", now=NOW)
    assert item.person_id is None
    acts = JournalEntry.objects.filter(act__startswith="work.item.").order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["work.item.hand_on", "work.item.give_back"]


def test_another_organisations_item_can_be_urged_by_its_supervisor_and_by_nobody_else(district: District) -> None:
    item = item_of(make_assignment(district).pk)
    with pytest.raises(NotPermitted):
        services.urge(actor=district.enterprise, item=item, note="", now=NOW)
    services.urge(actor=district.officer, item=item, note="请尽快", now=NOW)
    assert (item.urged_count, item.urged_at) == (1, NOW)


def test_an_absent_persons_items_follow_his_delegation_for_its_days_alone(district: District) -> None:
    assignment = make_assignment(district)
    duty_work.accept(actor=district.department, assignment=assignment, now=NOW)
    deputy = make_actor(district.department_org, "department.reporter")
    today = date(2026, 9, 8)
    delegate(actor=district.department, to_user=user(deputy), first_day=today, last_day=today, reason="出差", now=NOW)
    place = Membership.objects.get(user_id=deputy.user_id)
    standing_in = actor_for(place, now=NOW)
    assert [item.subject_id for item in queries.list_my_items(actor=standing_in)] == [assignment.pk]
    duty_work.report_progress(
        actor=standing_in, assignment=assignment, spec=duty_work.ProgressSpec(percent=10, text="代报"), now=NOW
    )
    tomorrow = actor_for(place, now=NOW + timedelta(days=1))
    assert not queries.list_my_items(actor=tomorrow).exists()
    with pytest.raises(NotPermitted):
        duty_work.report_progress(
            actor=tomorrow, assignment=assignment, spec=duty_work.ProgressSpec(percent=20, text="再报"), now=NOW
        )


def test_what_nobody_can_do_goes_to_the_chief_and_to_the_list_of_holes(district: District) -> None:
    Role.objects.create(code="test.chief", name="负责人", is_chief=True)
    org = make_org("示例区新设局")
    chief = make_actor(org, "test.chief")
    item = item_of(make_assignment(district, leads=[(org, "新设局")]).pk)
    assert item in queries.list_my_items(actor=chief)
    services.take_item(actor=chief, item=item, now=NOW)
    empty = make_org("示例区空编局")
    lost = item_of(make_assignment(district, leads=[(empty, "空编局")]).pk)
    assert {item, lost} == set(queries.list_holes())


def test_counts_are_per_organisation_and_the_most_overdue_comes_first(district: District) -> None:
    make_assignment(district)
    make_assignment(district, leads=[(district.town_org, "甲街道")])
    late = WorkItem.objects.filter(owner_org=district.town_org)
    late.update(due_at=NOW - timedelta(days=1))
    loads = queries.list_loads(actor=district.director, now=NOW)
    assert (loads[0].organisation, loads[0].overdue) == ("甲街道办事处", 1)
    assert queries.count_my_items(actor=district.town, now=NOW) == (1, 1)
    assert queries.count_my_items(actor=district.other_town, now=NOW) == (0, 0)
