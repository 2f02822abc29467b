"""Inspection rounds after the answers: the draw, a unit out of reach, the end of a cycle, requests sent twice."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.hazards.round_scene import TODAY, answer, make_round, target_of
from tests.domains.hazards.test_rounds import figures, form, two_depots
from tests.domains.registry.factories import CODES, make_file
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import InspectionRound
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.services import rounds as services
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.errors import StaleState
from quancheng.kernel.schedule.services import generate_rule
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def three_answered(district: District, **known: Any) -> InspectionRound:
    """A round of three depots that all answered."""
    two_depots(district)
    make_file(district.department, area=district.street_area, kind="depot", name="示例己仓储有限公司", code=CODES[1])
    row = make_round(district.department, **known)
    for target in row.targets.select_related("round", "file__enterprise"):
        assert target.file.enterprise is not None
        answer(make_actor(target.file.enterprise, "enterprise.safety"), target)
    return row


@pytest.mark.parametrize("way", ["end_cycle", "void"])
def test_a_cycle_that_is_stopped_before_it_comes_round_makes_no_further_round(way: str) -> None:
    district = make_district()
    two_depots(district)
    row = make_round(district.department, frequency="cyclic", cycle="month", cycle_number=1)
    page, office = reverse("hazards:round", args=[row.pk]), client_of(district.department)
    assert office.post(page, {"act": way, "reason": "改为日常检查"}).status_code in (302, 303)
    row.refresh_from_db()
    assert row.rule_id is not None
    assert not services.is_cycling(row, TODAY)
    assert "停止循环" not in office.get(page).content.decode().partition("qc-history")[0]
    assert generate_rule(rule_id=row.rule_id, now=NOW + timedelta(days=90)) == 0


def test_a_cycle_comes_round_once_before_its_end_at_least() -> None:
    district = make_district()
    two_depots(district)
    given = form(frequency="cyclic", cycle="day", cycle_number="31", title="循环检查")
    refused = client_of(district.department).post(reverse("hazards:round_new"), given)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"end_date"})
    assert "循环检查" in refused.content.decode()
    same_day = form(frequency="cyclic", cycle="month", cycle_number="1", end_date=given["due_date"])
    refused = client_of(district.department).post(reverse("hazards:round_new"), same_day)
    assert set(refused.context["form"].errors) == {"end_date"}
    far = form(frequency="cyclic", cycle="day", cycle_number="1000", start_date="9999-01-01", due_date="9999-01-02",
               end_date="9999-12-31")  # fmt: skip
    refused = client_of(district.department).post(reverse("hazards:round_new"), far)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"due_date", "end_date"})
    made = client_of(district.department).post(reverse("hazards:round_new"), {**given, "cycle_number": "30"})
    assert made.status_code in (302, 303)


def test_who_has_not_answered_by_the_draw_lapses_and_answers_no_more() -> None:
    district = make_district()
    file, two = two_depots(district)
    row = make_round(district.department)
    later = NOW + timedelta(days=12)
    answer(district.enterprise, target_of(row, file), now=later)
    services.draw_round(actor=district.department, row=row, now=later)
    theirs = target_of(row, two)
    assert (theirs.status, theirs.inspect_result, queries.is_late(theirs, later)) == ("LAPSED", "overdue", True)
    assert two.enterprise is not None
    with pytest.raises(StaleState, match="已抽取"):
        answer(make_actor(two.enterprise, "enterprise.safety"), theirs, now=later)
    assert services.is_reproducible(row)


def test_a_drawn_unit_out_of_reach_is_dropped_with_a_reason_and_the_next_by_the_seed_takes_its_place() -> None:
    district = make_district()
    row = three_answered(district, recheck_percent=1)
    services.draw_round(actor=district.department, row=row, now=NOW, verifier=district.other_town_org, seed="丙")
    look = row.checks.get()
    page = reverse("hazards:round_check", args=[look.pk])
    office, theirs = client_of(district.department), client_of(district.other_town)
    assert "不再核查，补抽一家" in office.get(page).content.decode()
    assert "不再核查，补抽一家" not in theirs.get(page).content.decode()
    assert theirs.post(page, {"act": "drop", "reason": "停业"}).status_code in (403, 409)
    assert office.post(page, {"act": "drop", "reason": ""}).status_code == 422
    key = str(uuid.uuid4())
    for _time in range(2):
        done = office.post(page, {"act": "drop", "reason": "停业搬迁，无法进入", "client_id": key})
        assert done.status_code in (302, 303)
    look.refresh_from_db()
    following = row.checks.exclude(pk=look.pk).get()
    assert (look.status, following.status, following.owner_org_id) == ("ENDED", "DUE", district.other_town_org.pk)
    assert following.target_id != look.target_id
    row.refresh_from_db()
    assert services.is_reproducible(row)
    assert not WorkItem.objects.filter(subject_id=look.pk, done_at__isnull=True).exists()
    assert "停业搬迁，无法进入" in office.get(page).content.decode()
    for _one in range(2):  # until nobody is left to be drawn
        last = row.checks.select_related("round").get(status="DUE")
        services.drop_look(actor=district.department, row=last, reason="无法进入", now=NOW)
    assert row.checks.count() == 3
    closed = services.close_round(actor=district.department, row=row, comment="完成", now=NOW)
    assert (closed.summary["drawn"], closed.summary["dropped"], closed.summary["looked"]) == (3, 3, 0)
    assert figures(office, row)["不再核查"] == 3


def test_the_same_request_again_gives_what_was_made_and_changes_no_number() -> None:
    district = make_district()
    file, _two = two_depots(district)
    row = make_round(district.department, issue=False, recheck_percent=0, submit="one")
    office, keys = district.department, [uuid.uuid4() for _one in range(3)]
    services.issue_round(actor=office, row=row, now=NOW, client_id=keys[0])
    answer(district.enterprise, target_of(row, file), abnormal={10: "通道堵塞"})
    services.draw_round(actor=office, row=row, now=NOW, client_id=keys[1])
    services.close_round(actor=office, row=row, comment="完成", now=NOW, client_id=keys[2])
    before = dict(row.summary)
    row.targets.update(received_at=NOW)
    Enterprise.objects.update(life="closed")
    later = NOW + timedelta(days=20)
    services.issue_round(actor=office, row=row, now=later, client_id=keys[0])
    services.draw_round(actor=office, row=row, now=later, client_id=keys[1])
    services.close_round(actor=office, row=row, comment="完成", now=later, client_id=keys[2])
    assert (row.status, row.closed_at, row.summary, before["received"]) == ("CLOSED", NOW, before, 1)
    bare = make_round(district.department, issue=False)
    Enterprise.objects.update(life="operating")
    services.issue_round(actor=office, row=bare, now=NOW)
    key = uuid.uuid4()
    for _time in range(2):
        services.close_round(actor=office, row=bare, comment="无人填报", now=later, client_id=key)
    assert (bare.status, bare.summary["lapsed"]) == ("CLOSED", 2)


def test_draws_and_ends_of_a_round_wait_for_the_answers_that_are_being_given() -> None:
    district = make_district()
    file, _two = two_depots(district)
    row = make_round(district.department, recheck_percent=0, submit="one")
    answer(district.enterprise, target_of(row, file))
    acts = (
        lambda: services.draw_round(actor=district.department, row=row, now=NOW),
        lambda: services.close_round(actor=district.department, row=row, comment="完成", now=NOW),
    )
    for act in acts:
        with CaptureQueriesContext(connection) as told:
            act()
        held = [number for number, one in enumerate(told) if "FOR NO KEY UPDATE" in one["sql"]]
        read = [number for number, one in enumerate(told) if 'FROM "hazards_roundtarget"' in one["sql"]]
        assert held[0] < read[0]


def test_the_numbers_of_a_round_open_their_rows_however_old_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    district = make_district()
    row = three_answered(district)
    monkeypatch.setattr(queries, "MOST_CHOICES", 0)
    office = client_of(district.department)
    rows = figures(office, row)
    assert (rows["下发单位"], rows["检查项次"] > 0) == (3, True)
    for name in ("round_targets", "round_answers", "round_checks"):
        address = reverse(f"hazards:{name}")
        assert row.title in office.get(address, {"round": row.pk}).content.decode()
        assert client_of(district.other_town).get(address, {"round": row.pk}).status_code == 422
        assert office.get(address, {"round": "x"}).status_code == 422
