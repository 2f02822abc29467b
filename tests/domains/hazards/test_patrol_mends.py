"""Grid patrols (网格巡查) where something comes between: routes that end or change hands, walks told late."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext
from tests.domains.hazards.factories import own_file
from tests.domains.hazards.patrol_scene import TODAY, Village, make_village, put_right
from tests.domains.registry.factories import make_file
from tests.factories import NOW, client_of, make_actor, make_district
from tests.kernel.exchange.importing import book, imported

from quancheng.domains.hazards.models import Finding, Patrol, PatrolPlace, PatrolRoute
from quancheng.domains.hazards.services import patrol_clues, patrol_places, patrol_rechecks, patrols
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.phone.services import DeviceTime
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def village() -> Village:
    return make_village(make_district())


def fine(*places: PatrolPlace, **known: Any) -> patrols.WalkSpec:
    return patrols.WalkSpec(visits=[patrols.VisitSpec(place=one.pk, result="fine") for one in places], **known)


def spec_of(route: PatrolRoute, *places: PatrolPlace, officers: list[Actor]) -> patrol_places.RouteSpec:
    keys = [one.user_id for one in officers if one.user_id is not None]
    return patrol_places.RouteSpec(route.name, places, keys, route.cycle, route.starts_date)


def open_items(row: Patrol) -> list[WorkItem]:
    return list(WorkItem.objects.filter(subject_id=row.pk, done_at__isnull=True))


def test_what_is_owed_of_a_route_that_ends_is_cancelled_with_the_reason_and_owed_by_nobody(village: Village) -> None:
    place = village.place()
    route = village.route(place)
    row = village.due(route)
    patrol_places.end_route(actor=village.officer, row=route, reason="并入西线", now=NOW)
    row.refresh_from_db()
    assert (row.status, row.note, row.closed_at) == ("CANCELLED", "并入西线", NOW)
    assert not open_items(row)
    assert not client_of(village.officer).get(reverse("hazards:patrols"), {"status": "MISSED"}).context["lines"]
    # He had walked it before the route ended, out of reach of the net: it counts as walked.
    told = fine(place, device=DeviceTime(NOW - timedelta(hours=1), timedelta()))
    walked = patrols.record_walk(actor=village.officer, route=route, spec=told, now=NOW + timedelta(hours=2))
    assert (walked.pk, walked.status, walked.is_extra) == (row.pk, "WALKED", False)


def test_a_walk_of_the_period_that_is_told_after_the_lapse_was_made(village: Village) -> None:
    place = village.place()
    route = village.route(place)
    row = village.due(route)
    later = NOW + timedelta(days=8)
    assert patrols.lapse_patrols(now=later) == 1
    told = fine(place, device=DeviceTime(NOW, timedelta()))
    walked = patrols.record_walk(actor=village.officer, route=route, spec=told, now=later)
    assert (walked.pk, walked.status, walked.walked_at, walked.visit_count) == (row.pk, "WALKED", NOW, 1)
    assert walked.walker_id == village.officer.user_id
    last = MoveRecord.objects.filter(subject_id=row.pk).order_by("-at", "-pk")[0]
    assert (last.move, last.source, last.target, last.user_id) == ("tell", "MISSED", "WALKED", None)
    # One of another day opens nothing that was missed.
    again = patrols.record_walk(actor=village.officer, route=route, spec=fine(place), now=later)
    assert again.is_extra


def test_a_colleague_who_does_not_walk_the_route_is_offered_nothing_and_excuses_nothing(village: Village) -> None:
    route = village.route(village.place())
    row = village.due(route)
    colleague = make_actor(village.org, "village.officer", name="示例同事")
    own, other = client_of(village.officer), client_of(colleague)
    walk, page = reverse("hazards:patrol_walk", args=[row.pk]), reverse("hazards:patrol", args=[row.pk])
    assert (own.get(walk).status_code, other.get(walk).status_code) == (200, 403)
    assert other.get(reverse("hazards:patrol_route_walk", args=[route.pk])).status_code == 403
    assert "说明未巡原因" in own.get(page).content.decode()
    shown = other.get(page).content.decode()
    assert "说明未巡原因" not in shown
    assert walk not in shown
    WorkItem.objects.filter(subject_id=row.pk).update(person=None)
    with pytest.raises(NotPermitted):
        patrols.excuse_patrol(actor=colleague, row=row, reason="防汛", now=NOW)
    assert patrols.excuse_patrol(actor=village.officer, row=row, reason="防汛", now=NOW).status == "MISSED"


def test_a_route_that_goes_to_another_officer_takes_what_is_owed_along(village: Village) -> None:
    place = village.place()
    route = village.route(place)
    row = village.due(route)
    heir = make_actor(village.org, "village.officer", name="示例接任")
    patrol_places.change_route(
        actor=village.officer, row=route, version=1, spec=spec_of(route, place, officers=[heir]), now=NOW
    )
    row.refresh_from_db()
    assert row.officer_id == heir.user_id
    assert [one.person_id for one in open_items(row)] == [heir.user_id]
    both = spec_of(route, place, officers=[heir, village.officer])
    patrol_places.change_route(actor=village.officer, row=route, version=2, spec=both, now=NOW)
    row.refresh_from_db()
    assert (row.officer_id, [one.person_id for one in open_items(row)]) == (None, [None])
    assert patrols.record_walk(actor=heir, route=route, spec=fine(place), now=NOW).pk == row.pk


def test_only_what_came_onto_the_route_after_it_was_taken_along_may_be_left_out(village: Village) -> None:
    one, two, three = (village.place(name) for name in ("甲", "乙", "丙"))
    route = village.route(one, two)
    village.due(route)
    for number, places in ((1, (one, two, three)), (2, (three, one, two))):
        spec = spec_of(route, *places, officers=[village.officer])
        patrol_places.change_route(actor=village.officer, row=route, version=number, spec=spec, now=NOW)
    for version in (0, -3, 4, 99):
        with pytest.raises(Invalid) as wrong:
            patrols.record_walk(actor=village.officer, route=route, spec=fine(one, two, version=version), now=NOW)
        assert "version" in wrong.value.fields
    with pytest.raises(Invalid) as wrong:
        patrols.record_walk(actor=village.officer, route=route, spec=fine(one, version=1), now=NOW)
    assert set(wrong.value.fields) == {f"place_{two.pk}"}
    with pytest.raises(Invalid) as wrong:
        patrols.record_walk(actor=village.officer, route=route, spec=fine(one, two, version=2), now=NOW)
    assert set(wrong.value.fields) == {f"place_{three.pk}"}
    row = patrols.record_walk(actor=village.officer, route=route, spec=fine(one, two, version=1), now=NOW)
    assert [each["zh"] for each in row.doubts] == ["路线在巡查后有调整，未巡：丙"]


def test_visits_and_clues_are_told_within_31_days_as_walks_are(village: Village) -> None:
    place = village.place()
    route = village.route(place)
    old, young = NOW - timedelta(days=31, minutes=1), NOW - timedelta(days=31)
    for at, is_fine in ((old, False), (young, True)):
        told = patrols.WalkSpec(visits=[patrols.VisitSpec(place=place.pk, result="fine", at=at)])
        if is_fine:
            patrols.record_walk(actor=village.officer, route=route, spec=told, now=NOW)
            assert village.clue(place, found_at=at).found_at == at
            continue
        with pytest.raises(Invalid) as wrong:
            patrols.record_walk(actor=village.officer, route=route, spec=told, now=NOW)
        assert set(wrong.value.fields) == {f"place_{place.pk}"}
        with pytest.raises(Invalid) as wrong:
            village.clue(place, found_at=at)
        assert set(wrong.value.fields) == {"found_at"}
    sent = {"kind": "danger", "text": "油桶", "found_at": old.isoformat()}
    path = f"/api/v1/hazards/patrol-places/{place.pk}/clues"
    assert client_of(village.officer).post(path, sent, content_type="application/json").status_code == 422


def test_who_changes_a_place_unlinks_no_enterprise_and_learns_no_code_that_is_not_his_to_see(village: Village) -> None:
    district = village.district
    file, place = own_file(district), village.place("化工厂房", type="factory")
    patrol_places.change_place(actor=district.town, row=place, version=1, changes={"file": file}, now=NOW)
    assert file.enterprise is not None
    type(file.enterprise).objects.filter(pk=file.enterprise_id).update(credit_code="91370100MA3ABCDE0X")
    grid, town = client_of(village.officer), client_of(district.town)
    page = reverse("hazards:patrol_place", args=[place.pk])
    typed = {"act": "change", "name": "化工厂房", "type": "factory", "address": "村西头"}
    assert not Enterprise.objects.visible_to(village.officer).filter(pk=file.pk).exists()
    assert "91370100MA3ABCDE0X" not in grid.get(f"{page}?act=change").content.decode()
    listed = grid.get(f"{reverse('hazards:patrol_places')}?cols=name,code")
    assert "91370100MA3ABCDE0X" not in listed.content.decode()
    heads = ("名称", "巡查点类型", "地址", "所属村（社区）或镇街", "现场负责人")
    sheet = book(heads, ("化工厂房", "厂房", "村西头", village.org.name, "示例丙"))
    imported(grid, "hazards.patrol_places", sheet)
    place.refresh_from_db()
    assert (place.file_id, place.person) == (file.pk, "示例丙")
    for client, code in ((grid, ""), (town, "91370100ma3abcde0x")):
        place.refresh_from_db()
        answer = client.post(page, {**typed, "version": place.version, "person": "示例丁", "code": code})
        assert answer.status_code in (302, 303), answer.content.decode()[:3000]
        place.refresh_from_db()
        assert (place.file_id, place.person, place.address) == (file.pk, "示例丁", "村西头")
    assert town.post(page, {**typed, "version": place.version, "code": ""}).status_code in (302, 303)
    place.refresh_from_db()
    assert place.file_id is None


def test_a_clue_at_an_enterprise_whose_file_was_merged_becomes_a_danger_of_the_file_that_goes_on(
    village: Village,
) -> None:
    district = village.district
    kept, place = own_file(district), village.place("化工厂房", type="factory")
    double = make_file(district.department, area=district.street_area, name="示例重复建档有限公司")
    PatrolPlace.objects.filter(pk=place.pk).update(file=double)
    Enterprise.objects.filter(pk=double.pk).update(merged_into=kept, life="closed")
    place.refresh_from_db()
    row = patrol_clues.take_clue(actor=district.town, row=village.clue(place), now=NOW)
    patrol_clues.find_danger(
        actor=district.town, row=row, name="违规住人", type="fire", is_major=False, now=NOW
    )  # fmt: skip
    assert (row.status, Finding.objects.get().file_id) == ("FOUND", kept.pk)


def test_places_are_ended_behind_the_lock_of_their_routes(village: Village) -> None:
    one, two = village.place("甲"), village.place("乙")
    village.route(one, two)
    with CaptureQueriesContext(connection) as asked:
        patrol_places.end_place(actor=village.officer, row=one, reason="拆除", now=NOW)
    told = [each["sql"] for each in asked.captured_queries]
    lock = next(n for n, sql in enumerate(told) if 'FROM "hazards_patrolroute"' in sql and "FOR NO KEY UPDATE" in sql)
    counted = next(n for n, sql in enumerate(told) if 'FROM "hazards_patrolstop"' in sql and "SELECT" in sql)
    assert lock < counted


def test_a_danger_is_open_to_the_village_for_the_errand_alone(village: Village) -> None:
    district = village.district
    finding, grid = put_right(district), client_of(village.officer)
    page = reverse("hazards:finding", args=[finding.pk])
    given: dict[str, Any] = {"officer": village.officer.user_id, "due_date": TODAY, "ask": "", "now": NOW}
    for ending in ("recall", "answer"):
        row = patrol_rechecks.assign_recheck(actor=district.town, finding=finding, **given)
        assert grid.get(page).status_code == 200
        if ending == "recall":
            key = uuid.uuid4()
            for _again in range(2):
                patrol_rechecks.recall_recheck(actor=district.town, row=row, reason="另派", now=NOW, client_id=key)
        else:
            patrol_rechecks.answer_recheck(
                actor=village.officer, row=row, seen="no_entry", text="无人", photos=(), now=NOW
            )  # fmt: skip
        assert grid.get(page).status_code == 404
        assert grid.get(reverse("hazards:patrol_recheck", args=[row.pk])).status_code == 200


@pytest.mark.parametrize(
    ("context", "text", "english"),
    [("clue", "上报单位", "Reported by"), ("recheck", "查看结果", "What was seen"), ("verb", "转办", "Hand on")],
)
def test_words_that_mean_two_things_in_english_are_told_apart(context: str, text: str, english: str) -> None:
    with translation.override("en"):
        assert pgettext(context, text) == english
