"""Government special inspection rounds (政府专项检查): from the draft to the numbers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.hazards.round_scene import LIST, TODAY, answer, drawn, make_round, target_of
from tests.domains.hazards.test_findings import picture
from tests.domains.registry.factories import CODES, make_file
from tests.factories import NOW, District, client_of, make_actor, make_district
from tests.kernel.exchange.importing import exported

from quancheng.domains.hazards.loops.round import ROUND
from quancheng.domains.hazards.models import (
    Finding,
    InspectionRound,
    RoundAnswer,
    RoundCheck,
    RoundTarget,
    SubFieldTag,
)
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.services import round_answers as answering
from quancheng.domains.hazards.services import rounds as services
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import periods
from quancheng.kernel.schedule.services import generate_rule
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def form(**given: Any) -> dict[str, Any]:
    """What an officer types, all of it."""
    return {
        "title": "仓库专项检查", "text": "逐项自查", "kind": "campaign", "item_type": "by_item", "checklist": LIST,
        "kinds": ["depot"], "valid_type": "dates", "start_date": TODAY.isoformat(),
        "due_date": (TODAY + timedelta(days=10)).isoformat(), "end_date": (TODAY + timedelta(days=40)).isoformat(),
        "frequency": "once", "submit": "all", "agency": "none", "recheck_percent": "20", "verify_mode": "item",
        **given,
    }  # fmt: skip


def normal(target: RoundTarget, **given: Any) -> dict[str, Any]:
    """What a unit ticks where all is normal."""
    return {**{f"item_{one.position}": "0" for one in queries.items_of(target)}, "type": "other", **given}


def two_depots(district: District) -> tuple[Enterprise, Enterprise]:
    file = own_file(district)
    two = make_file(district.department, area=district.street_area, kind="depot", name="示例丁仓储有限公司")
    return file, two


def figures(client: Client, row: InspectionRound) -> dict[str, int]:
    """How many rows each number of the summary opens."""
    page = client.get(reverse("hazards:round", args=[row.pk]))
    found = {}
    for label, _value, url in page.context["numbers"]:
        opened = client.get(url)
        assert opened.status_code == 200, url
        found[str(label)] = len(opened.context["lines"])
    return found


def test_a_round_goes_from_the_draft_to_numbers_that_open_their_rows() -> None:
    district = make_district()
    file, two = two_depots(district)
    make_file(district.department, area=district.street_area, kind="petrol_station", name="示例戊加油站", code=CODES[1])
    office, own = client_of(district.department), client_of(district.enterprise)
    wrong = office.post(reverse("hazards:round_new"), form(title="", due_date="2026-01-01"))
    assert wrong.status_code == 422
    assert "逐项自查" in wrong.content.decode()
    assert set(wrong.context["form"].errors) == {"title"}
    late = office.post(reverse("hazards:round_new"), form(due_date="2026-01-01", checklist="", cycle="hour",
                                                          cycle_number="5", frequency="cyclic"))  # fmt: skip
    assert set(late.context["form"].errors) == {"due_date", "checklist", "cycle_number"}
    made = office.post(reverse("hazards:round_new"), form(recheck_percent="100"))
    assert made.status_code in (302, 303), made.content.decode()[-3000:]
    row = InspectionRound.objects.get()
    page = office.get(reverse("hazards:round", args=[row.pk]))
    assert page.context["count"] == 2
    assert "下发时将发给符合条件的企业 2 家" in page.content.decode()
    assert client_of(district.director).get(reverse("hazards:round", args=[row.pk])).status_code == 404
    whole = form(title="仓库专项检查（改）", recheck_percent="100")
    changed = office.post(reverse("hazards:round_edit", args=[row.pk]), whole)
    assert changed.status_code in (302, 303)
    assert office.post(reverse("hazards:round", args=[row.pk]), {"act": "issue"}).status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.title, row.targets.count(), row.items.count()) == ("RUNNING", "仓库专项检查（改）", 2, 35)
    assert office.post(reverse("hazards:round_edit", args=[row.pk]), form()).status_code == 409

    # The unit finds it on Today, signs within a day, and answers item by item.
    mine = target_of(row, file)
    assert mine.receive_by == NOW + timedelta(hours=24)
    assert "仓库专项检查（改）" in own.get("/").content.decode()
    address = reverse("hazards:round_target", args=[mine.pk])
    assert own.post(address, {"act": "receive"}).status_code in (302, 303)
    mine.refresh_from_db()
    assert (mine.status, mine.received_at) == ("RECEIVED", NOW)
    earlier = make_finding(district.enterprise, file, name="早就登记的隐患")
    go = reverse("hazards:round_target_answer", args=[mine.pk])
    sent = normal(mine, item_1="1", note_1="", item_10="1", note_10="货垛间距不足", item_11="1",
                  known_11=str(earlier.pk), item_12="2")  # fmt: skip
    refused = own.post(go, {**sent, "item_2": ""})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"item_2"}
    refused = own.post(go, sent)
    assert set(refused.context["form"].errors) == {"note_1", "photos_1", "note_12"}
    assert "货垛间距不足" in refused.content.decode()
    whole = {**sent, "note_1": "出库未登记", "note_12": "没有这类设施", "photos_1": picture(70), "text": "已查"}
    done = own.post(go, whole)
    assert done.status_code in (302, 303), done.content.decode()[-3000:]
    mine.refresh_from_db()
    assert (mine.status, mine.abnormal_count, mine.inspect_result) == ("ANSWERED", 3, "abnormal")
    new = Finding.objects.exclude(pk=earlier.pk)
    assert {(one.name, one.source, one.is_by_regulator, one.file_id) for one in new} == {
        ("出库未登记", "regulator", False, file.pk), ("货垛间距不足", "regulator", False, file.pk)
    }  # fmt: skip
    known = RoundAnswer.objects.get(target=mine, item__position=11)
    assert (known.finding_id, known.is_known) == (earlier.pk, True)
    assert own.get(go).status_code == 409

    # While the other may still answer in time, nothing is drawn.
    round_page = reverse("hazards:round", args=[row.pk])
    assert office.post(round_page, {"act": "draw"}).status_code == 409
    answer(make_actor(two.enterprise, "enterprise.safety"), target_of(row, two))
    assert office.post(round_page, {"act": "draw"}).status_code in (302, 303)
    row.refresh_from_db()
    look, other = RoundCheck.objects.get(target=mine), RoundCheck.objects.exclude(target=mine).get()
    assert (row.status, look.status, look.reach) == ("CHECKING", "DUE", "chain")
    assert services.is_reproducible(row)
    assert own.get(reverse("hazards:round_check", args=[look.pk])).status_code == 404
    assert "现场核查" not in own.get(address).content.decode()
    assert look.title in office.get("/").content.decode()
    refused = office.post(round_page, {"act": "close", "comment": "完成"})
    assert refused.status_code == 409
    seen = {f"seen_{one.item.position}": "0" for one in queries.answers_of(mine)}
    told = {**seen, "seen_5": "1", "seen_date": TODAY.isoformat(), "text": "现场看了全部库房"}
    record = reverse("hazards:round_look", args=[look.pk])
    refused = office.post(record, told)
    assert set(refused.context["form"].errors) == {"seen_note_5"}
    assert "现场看了全部库房" in refused.content.decode()
    done = office.post(record, {**told, "seen_note_5": "无温湿度记录", "photos": picture(71)})
    assert done.status_code in (302, 303), done.content.decode()[-3000:]
    look.refresh_from_db()
    assert (look.status, look.reach) == ("DIFFERED", "party")
    by_regulator = RoundAnswer.objects.get(target=mine, item__position=5).seen_finding
    assert by_regulator is not None
    assert (by_regulator.name, by_regulator.is_by_regulator, by_regulator.source) == ("无温湿度记录", True, "regulator")
    assert "无温湿度记录" in own.get(address).content.decode()
    assert own.get(reverse("hazards:round_check", args=[look.pk])).status_code == 200
    done = office.post(reverse("hazards:round_look", args=[other.pk]), {**told, "seen_5": "0"})
    assert done.status_code in (302, 303)
    assert office.post(round_page, {"act": "close", "comment": "完成"}).status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.inspect_status) == ("CLOSED", "done")
    assert {name: row.summary[name] for name in (
        "units", "received", "answered", "items", "abnormal", "dangers", "known", "drawn", "differed", "seen_dangers",
        "answered_rate", "normal_rate", "matched_rate",
    )} == {
        "units": 2, "received": 2, "answered": 2, "items": 70, "abnormal": 3, "dangers": 2, "known": 1, "drawn": 2,
        "differed": 1, "seen_dangers": 1, "answered_rate": 100, "normal_rate": 95, "matched_rate": 50,
    }  # fmt: skip
    rows = figures(office, row)
    assert {label: rows[label] for label in ("下发单位", "已填报", "异常项", "新登记隐患", "关联已有隐患", "核查不符",
                                             "核查发现隐患")} == {
        "下发单位": 2, "已填报": 2, "异常项": 3, "新登记隐患": 2, "关联已有隐患": 1, "核查不符": 1, "核查发现隐患": 1,
    }  # fmt: skip
    lines = exported(office, f"{reverse('hazards:round_answers')}?round={row.pk}&result=1&export=xlsx")
    below = lines[next(number for number, line in enumerate(lines) if "自查结果" in line) + 1 :]
    assert len(below) == 3
    assert any("货垛间距不足" in str(cell) for line in below for cell in line)


def test_a_round_is_its_offices_and_a_unit_sees_its_own_part_alone() -> None:
    district = make_district()
    file, two = two_depots(district)
    Enterprise.objects.filter(pk=two.pk).update(area=district.other_street_area)
    row = make_round(district.department)
    RoundTarget.objects.filter(file=two).update(area=district.other_street_area)
    mine, theirs = target_of(row, file), target_of(row, two)
    round_page = reverse("hazards:round", args=[row.pk])
    pages = {one: reverse("hazards:round_target", args=[one.pk]) for one in (mine, theirs)}
    for actor, sees in (
        (district.department, (200, 200, 200)), (district.director, (200, 200, 200)),
        (district.town, (404, 200, 404)), (district.other_town, (404, 404, 200)),
        (district.enterprise, (404, 200, 404)), (district.other_enterprise, (404, 404, 404)),
    ):  # fmt: skip
        client = client_of(actor)
        assert (client.get(round_page).status_code, *(client.get(page).status_code for page in pages.values())) == sees
        rest = client.get(reverse("api:list_round_targets")).json()["items"]
        assert len(rest) == sum(one == 200 for one in sees[1:])
        assert len(client.get(reverse("hazards:round_targets")).context["lines"]) == len(rest)
        assert len(client.get(reverse("api:list_rounds")).json()["items"]) == (sees[0] == 200)
    own = client_of(district.enterprise)
    assert row.text in own.get(pages[mine]).content.decode()
    assert own.get(reverse("hazards:round_new")).status_code == 403
    assert own.post(reverse("api:answer_round_target", args=[theirs.pk]), json.dumps({"items": [
        {"position": 1, "result": 0}]}), "application/json").status_code == 404
    assert client_of(district.town).post(pages[mine], {"act": "receive"}).status_code in (403, 409)
    assert client_of(district.town).get(reverse("hazards:round_target_answer", args=[mine.pk])).status_code == 403


def test_what_is_late_is_shown_climbs_and_lapses_when_the_round_is_closed() -> None:
    district = make_district()
    file, two = two_depots(district)
    row = make_round(district.department)
    mine = target_of(row, file)
    item = WorkItem.objects.get(subject_id=mine.pk, done_at__isnull=True)
    assert (item.due_at, item.ladder) == (NOW + timedelta(hours=24), "task")
    assert item in WorkItem.objects.overdue(now=NOW + timedelta(hours=25))
    later = NOW + timedelta(days=12)
    assert queries.is_late(mine, NOW + timedelta(hours=25))
    assert not queries.is_late(mine, NOW + timedelta(hours=23))
    answered = answer(district.enterprise, mine, now=later)
    assert (answered.status, answered.received_at, queries.is_late(answered, later)) == ("ANSWERED", later, True)
    services.draw_round(actor=district.department, row=row, now=later)
    look = row.checks.get()
    office = district.department
    seen = tuple(answering.SeenItem(one.item.position, 0) for one in queries.answers_of(mine))
    spec = answering.LookSpec("都看了", later.date(), seen)
    answering.record_look(actor=office, row=look, spec=spec, now=later)
    closed = services.close_round(actor=office, row=row, comment="完成", now=later)
    theirs = target_of(row, two)
    assert (theirs.status, theirs.inspect_result, closed.summary["late"], closed.summary["lapsed"]) == (
        "LAPSED", "overdue", 2, 1,
    )  # fmt: skip
    assert not WorkItem.objects.filter(subject_id=theirs.pk, done_at__isnull=True).exists()


def test_one_answer_frees_the_others_where_one_is_enough_and_a_void_round_is_owed_no_more() -> None:
    district = make_district()
    file, two = two_depots(district)
    row = make_round(district.department, submit="one")
    answer(district.enterprise, target_of(row, file))
    assert target_of(row, two).status == "ENDED"
    drawn(district, row)
    page = reverse("hazards:round", args=[row.pk])
    office = client_of(district.department)
    assert office.post(page, {"act": "void", "reason": ""}).status_code == 422
    assert office.post(page, {"act": "void", "reason": "下发有误"}).status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.inspect_status, row.checks.get().status) == ("VOID", "void", "ENDED")
    with pytest.raises(StaleState):
        answer(make_actor(two.enterprise, "enterprise.safety"), target_of(row, two))


def test_whom_a_round_means_is_asked_by_each_condition_and_frozen_when_it_is_issued() -> None:
    district = make_district()
    file, two = two_depots(district)
    Enterprise.objects.filter(pk=two.pk).update(legal_grade=2, area=district.other_street_area)
    SubFieldTag.objects.create(file=two, name="油气储存", since_date=TODAY, by_name="某", created_at=NOW,
                               by_org=district.department_org)  # fmt: skip

    def meant(**asked: Any) -> set[Any]:
        rows = queries.candidates(actor=district.department, asked=queries.Asked(**asked))
        return set(rows.values_list("pk", flat=True))

    assert meant() == {file.pk, two.pk}
    assert meant(major="any") == meant(major="2") == meant(sub_field="油气储存") == {two.pk}
    assert meant(major="1") == meant(colours=(1,)) == meant(kinds=("hospital",)) == set()
    assert meant(links=("storage",)) >= {file.pk}
    assert meant(town=district.street_area.path) == {file.pk}
    assert meant(town=district.street_area.path, major="any") == set()
    nobody = make_round(district.department, asked=queries.Asked(kinds=("hospital",)), issue=False)
    with pytest.raises(Conflict):
        services.issue_round(actor=district.department, row=nobody, now=NOW)
    row = make_round(district.department, asked=queries.Asked(major="any"))
    Enterprise.objects.filter(pk=file.pk).update(legal_grade=1)
    assert set(row.targets.values_list("file", flat=True)) == {two.pk}


def test_a_cyclic_round_is_made_again_by_the_clock_until_it_is_stopped() -> None:
    district = make_district()
    file, _two = two_depots(district)
    row = make_round(district.department, frequency="cyclic", cycle="month", cycle_number=1, valid_type="long_term",
                     end_date=None)  # fmt: skip
    rule = RecurringRule.objects.get()
    assert generate_rule(rule_id=rule.pk, now=NOW) == 0
    month = NOW + timedelta(days=31)
    assert generate_rule(rule_id=rule.pk, now=month) == 1
    assert generate_rule(rule_id=rule.pk, now=month) == 0
    second = InspectionRound.objects.exclude(pk=row.pk).get()
    assert (second.status, second.due_date.isoformat(), second.start_date.isoformat(), second.series_id) == (
        "RUNNING", "2026-10-18", "2026-10-08", row.pk,
    )  # fmt: skip
    assert set(second.targets.values_list("file", flat=True)) == set(row.targets.values_list("file", flat=True))
    assert second.items.count() == 35
    office = client_of(district.department)
    stopped = office.post(reverse("hazards:round", args=[row.pk]), {"act": "end_cycle"})
    assert stopped.status_code in (302, 303)
    assert generate_rule(rule_id=rule.pk, now=NOW + timedelta(days=62)) == 0
    # Where its filter means nobody that day it stays a draft for the office to see.
    third = make_round(district.department, frequency="cyclic", cycle="hour", cycle_number=48)
    Enterprise.objects.update(life="closed")
    assert generate_rule(rule_id=third.rule_id, now=NOW + timedelta(days=2)) >= 1  # type: ignore[arg-type]
    assert set(third.later.values_list("status", flat=True)) == {"DRAFT"}
    assert file.pk


@pytest.mark.parametrize(
    ("cycle", "number", "dues"),
    [
        ("hour", 48, ["2026-09-20", "2026-09-22"]), ("day", 7, ["2026-09-25", "2026-10-02"]),
        ("month", 1, ["2026-10-18", "2026-11-18"]), ("year", 1, ["2027-09-18", "2028-09-18"]),
    ],
)  # fmt: skip
def test_a_cycle_tells_its_next_days(cycle: str, number: int, dues: list[str]) -> None:
    row = InspectionRound(start_date=TODAY, due_date=TODAY + timedelta(days=10), cycle=cycle, cycle_number=number)
    kind, figures = services.recurrence_of(row)
    found = periods(kind, figures, first=row.due_date + timedelta(days=1), last=row.due_date + timedelta(days=800))
    assert [one.due.isoformat() for one in found[:2]] == dues


def test_a_cycle_of_days_ends_with_the_validity() -> None:
    due = TODAY + timedelta(days=10)
    row = InspectionRound(start_date=TODAY, due_date=due, cycle="day", cycle_number=7, end_date=due + timedelta(days=6))
    kind, figures = services.recurrence_of(row)
    assert periods(kind, figures, first=due + timedelta(days=1), last=due + timedelta(days=800)) == []


@pytest.mark.parametrize(
    ("answered", "percent", "looked"), [(1, 20, 1), (2, 50, 1), (3, 50, 2), (2, 0, 0), (2, 100, 2)]
)  # fmt: skip
def test_the_share_that_is_looked_at_is_rounded_up(answered: int, percent: int, looked: int) -> None:
    district = make_district()
    own_file(district)
    names = ("示例丁仓储有限公司", "示例己仓储有限公司")
    for name, code in list(zip(names, CODES, strict=True))[: answered - 1]:
        make_file(district.department, area=district.street_area, kind="depot", name=name, code=code)
    row = make_round(district.department, recheck_percent=percent)
    for target in row.targets.select_related("round", "file__enterprise"):
        assert target.file.enterprise is not None
        answer(make_actor(target.file.enterprise, "enterprise.safety"), target)
    services.draw_round(actor=district.department, row=row, now=NOW, seed="乙")
    assert (row.checks.count(), services.is_reproducible(row)) == (looked, True)


def test_another_body_looks_on_site_and_reads_what_it_looks_at_and_no_more() -> None:
    district = make_district()
    file, two = two_depots(district)
    row = make_round(district.department, verify_mode="unit", recheck_percent=50)
    answer(district.enterprise, target_of(row, file))
    answer(make_actor(two.enterprise, "enterprise.safety"), target_of(row, two))
    other_town = district.other_town_org
    services.draw_round(actor=district.department, row=row, now=NOW, verifier=other_town, seed="甲")
    look = row.checks.get()
    target = RoundTarget.objects.get(pk=look.target_id)
    rest = row.targets.exclude(pk=look.target_id).get()
    theirs = client_of(district.other_town)
    assert theirs.get(reverse("hazards:round_target", args=[target.pk])).status_code == 200
    assert theirs.get(reverse("hazards:round_target", args=[rest.pk])).status_code == 404
    record = reverse("hazards:round_look", args=[look.pk])
    assert client_of(district.department).get(record).status_code == 403
    assert theirs.get(record).status_code == 200
    told = {"seen_date": TODAY.isoformat(), "text": "库房堵塞消防通道"}
    assert set(theirs.post(record, told).context["form"].errors) == {"matches"}
    wrong = theirs.post(record, {**told, "matches": "no", "seen_date": "2026-12-01"})
    assert set(wrong.context["form"].errors) == {"seen_date"}
    done = theirs.post(record, {**told, "matches": "no"})
    assert done.status_code in (302, 303), done.context["form"].errors
    look.refresh_from_db()
    assert look.finding is not None
    assert (look.status, look.finding.name, look.finding.is_by_regulator) == ("DIFFERED", "库房堵塞消防通道", True)
    # In English each of the two is what it says.
    theirs.cookies["django_language"] = "en"
    shown = theirs.get(reverse("hazards:round_check", args=[look.pk])).content.decode()
    assert "The enterprise&#x27;s answer" in shown
    with override("en"):
        assert str(ROUND.moves["void"].label) == "Void"


def test_risk_points_are_each_units_own_items() -> None:
    from tests.domains.hazards.check_factories import make_plant

    district = make_district()
    plant = make_plant(district)
    _file, two = two_depots(district)
    row = make_round(district.department, item_type="by_risk_point", checklist="")
    mine, theirs = target_of(row, plant.file), target_of(row, two)
    assert [one.unit_id for one in queries.items_of(mine)] == [plant.unit.pk]
    assert [one.place for one in queries.items_of(theirs)] == ["0"]
    answered = answer(district.enterprise, mine, abnormal={1: "围堰开裂"})
    finding = Finding.objects.get()
    assert (answered.abnormal_count, finding.unit_id, finding.name) == (1, plant.unit.pk, "围堰开裂")


def test_programs_read_sign_answer_and_look_and_the_same_request_makes_nothing_twice() -> None:
    district = make_district()
    file, _two = two_depots(district)
    row = make_round(district.department)
    mine = target_of(row, file)
    own, office = client_of(district.enterprise), client_of(district.department)
    whole = own.get(reverse("api:get_round_target", args=[mine.pk])).json()
    assert (len(whole["items"]), whole["round_text"], whole["items"][0]["result"]) == (35, row.text, None)
    items = [{"position": one["position"], "result": 0} for one in whole["items"]]
    items[9] |= {"result": 1, "note": "通道堵塞"}
    address = reverse("api:answer_round_target", args=[mine.pk])
    bad = own.post(address, json.dumps({"items": items[:5]}), "application/json")
    assert bad.status_code == 422
    head = {"HTTP_IDEMPOTENCY_KEY": "0190f3a0-0000-7000-8000-000000000001"}
    for _time in range(2):
        told = own.post(address, json.dumps({"items": items}), "application/json", **head)
        assert told.status_code == 200, told.content
        assert (told.json()["status"], told.json()["inspect_result"]) == ("ANSWERED", "abnormal")
    assert Finding.objects.count() == 1
    official = office.get(reverse("api:get_round", args=[row.pk])).json()["official"]
    assert {name: official[name] for name in ("inspectListCat", "govInspectListType", "validType", "inspectItemType",
                                              "inspectFrqType", "submitType", "inspectStatus")} == {
        "inspectListCat": 8, "govInspectListType": 2, "validType": 5, "inspectItemType": 1, "inspectFrqType": 1,
        "submitType": 1, "inspectStatus": 1,
    }  # fmt: skip
    services.draw_round(actor=district.department, row=row, now=NOW + timedelta(days=11))
    look = office.get(reverse("api:list_round_checks")).json()["items"][0]
    assert own.get(reverse("api:list_round_checks")).json()["items"] == []
    seen = [{"position": one["position"], "seen": 2} for one in items]
    record = reverse("api:record_round_check", args=[look["id"]])
    body: dict[str, Any] = {"text": "看了", "seen_date": TODAY.isoformat(), "items": seen}
    assert office.post(record, json.dumps(body), "application/json").status_code == 422
    seen[0]["seen"] = 0
    done = office.post(record, json.dumps(body), "application/json")
    assert (done.status_code, done.json()["status"]) == (200, "MATCHED")


@pytest.mark.clause("S2-8")
def test_units_are_tagged_by_sub_field_and_their_rectification_is_verified_again_item_by_item() -> None:
    district = make_district()
    file, two = two_depots(district)
    office = client_of(district.department)
    new = reverse("hazards:sub_field_new")
    code = two.enterprise.credit_code
    wrong = office.post(new, {"name": "油气储存", "codes": f"{code}\n91990102MA00X999X9", "since_date": TODAY})
    assert wrong.status_code == 422
    assert "91990102MA00X999X9" in wrong.content.decode()
    for _time in range(2):
        assert office.post(new, {"name": "油气储存", "codes": code, "since_date": TODAY}).status_code in (302, 303)
    tag = SubFieldTag.objects.get()
    assert two.enterprise.name in office.get(reverse("hazards:sub_fields")).content.decode()
    made = office.post(reverse("hazards:round_new"), form(title="油气储存整改复核", kinds=[], sub_field="油气储存",
                                                          recheck_percent="100"))  # fmt: skip
    assert made.status_code in (302, 303), made.content.decode()[-2000:]
    row = InspectionRound.objects.get()
    assert office.post(reverse("hazards:round", args=[row.pk]), {"act": "issue"}).status_code in (302, 303)
    target = row.targets.get()
    assert target.file_id == two.pk
    assert not RoundTarget.objects.filter(file=file).exists()
    theirs = client_of(make_actor(two.enterprise, "enterprise.safety"))
    sent = normal(target, item_10="1", note_10="仍未整改")
    assert theirs.post(reverse("hazards:round_target_answer", args=[target.pk]), sent).status_code in (302, 303)
    assert office.post(reverse("hazards:round", args=[row.pk]), {"act": "draw"}).status_code in (302, 303)
    look = row.checks.get()
    seen = {f"seen_{one.position}": "0" for one in queries.items_of(target)}
    told = {**seen, "seen_date": TODAY.isoformat(), "text": "逐项复核"}
    assert office.post(reverse("hazards:round_look", args=[look.pk]), told).status_code in (302, 303)
    page = office.get(reverse("hazards:round_target", args=[target.pk])).context["answers"]
    assert [(one.get_result_display(), one.get_seen_display()) for one, _text, _files in page][9] == ("异常", "相符")
    ended = office.post(reverse("hazards:sub_field", args=[tag.pk]), {"act": "end", "reason": "装置拆除"})
    assert ended.status_code in (302, 303)
    assert queries.sub_field_names(actor=district.department) == []


@pytest.mark.clause("S2-18")
def test_pharma_producers_are_assessed_once_each_by_a_third_party_with_its_report() -> None:
    district = make_district()
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind="pharmaceutical")
    office, own = client_of(district.department), client_of(district.enterprise)
    made = office.post(reverse("hazards:round_new"), form(title="医药生产企业安全风险评估", kinds=["pharmaceutical"],
                                                          checklist="CL-FC", agency="required"))  # fmt: skip
    assert made.status_code in (302, 303)
    row = InspectionRound.objects.get()
    assert office.post(reverse("hazards:round", args=[row.pk]), {"act": "issue"}).status_code in (302, 303)
    target = target_of(row, file)
    address = reverse("hazards:round_target_answer", args=[target.pk])
    bare = own.post(address, normal(target))
    assert set(bare.context["form"].errors) == {"agency", "report_number", "reports"}
    sent = normal(target, agency="示例安全技术有限公司", report_number="PG-2026-01", reports=picture(80))
    assert own.post(address, sent).status_code in (302, 303)
    listed = office.get(f"{reverse('hazards:round_targets')}?round={row.pk}&cols=title,file,agency,report_number")
    for word in (file.enterprise.name, "示例安全技术有限公司", "PG-2026-01"):  # type: ignore[union-attr]
        assert word in listed.content.decode()
    shown = office.get(reverse("hazards:round_target", args=[target.pk]) + "?tab=reports").content.decode()
    assert "照片80" in shown


@pytest.mark.clause("S3-4.4a")
def test_producers_are_screened_against_the_areas_and_tables_of_the_guide() -> None:
    district = make_district()
    file = own_file(district)
    Enterprise.objects.filter(pk=file.pk).update(kind="producer")
    office, own = client_of(district.department), client_of(district.enterprise)
    made = office.post(reverse("hazards:round_new"), form(kinds=["producer"], checklist="CL-HDG78"))
    assert made.status_code in (302, 303), made.content.decode()[-2000:]
    row = InspectionRound.objects.get()
    assert office.post(reverse("hazards:round", args=[row.pk]), {"act": "issue"}).status_code in (302, 303)
    shown = own.get(reverse("hazards:round_target", args=[target_of(row, file).pk])).content.decode()
    for word in (
        "安全领导能力", "安全事故事件管理", "安全基础管理", "重点危险化学品特殊管控", "[G]", "应急〔2019〕78号",
        "两重点一重大生产、储存装置和部位巡检，间隔不超过1小时", "专业技术人员检查，每1天不少于2次",
    ):  # fmt: skip
        assert word in shown
    target = target_of(row, file)
    sent = normal(target, item_1="1", note_1="主要负责人未带队检查")
    assert own.post(reverse("hazards:round_target_answer", args=[target.pk]), sent).status_code in (302, 303)
    assert Finding.objects.get().name == "主要负责人未带队检查"


@pytest.mark.clause("S3-4.5a")
def test_trade_and_storage_units_each_have_a_task_and_a_result() -> None:
    district = make_district()
    file, two = two_depots(district)
    Enterprise.objects.filter(pk=two.pk).update(kind="trader_storage")
    office, own = client_of(district.department), client_of(district.enterprise)
    made = office.post(reverse("hazards:round_new"), form(kinds=["depot", "trader_storage", "trader_paper"]))
    assert made.status_code in (302, 303)
    row = InspectionRound.objects.get()
    assert office.post(reverse("hazards:round", args=[row.pk]), {"act": "issue"}).status_code in (302, 303)
    target = target_of(row, file)
    assert own.post(reverse("hazards:round_target_answer", args=[target.pk]), normal(target)).status_code in (302, 303)
    listed = office.get(f"{reverse('hazards:round_targets')}?round={row.pk}").content.decode()
    for word in (file.enterprise.name, two.enterprise.name, "已填报", "正常", "待签收"):  # type: ignore[union-attr]
        assert word in listed


def test_a_refused_answer_leaves_nothing_behind() -> None:
    district = make_district()
    file, two = two_depots(district)
    row = make_round(district.department)
    other = make_finding(district.department, two, name="别家的隐患")
    items = [answering.ItemAnswer(one.position, 0) for one in queries.items_of(target_of(row, file))]
    items[9] = answering.ItemAnswer(10, 1, "异常", known=other.pk)
    items[10] = answering.ItemAnswer(11, 1, "另一处异常")
    with pytest.raises(Invalid) as refused:
        answering.answer_target(actor=district.enterprise, row=target_of(row, file),
                                spec=answering.AnswerSpec(items=items), now=NOW)  # fmt: skip
    assert set(refused.value.fields) == {"known_10"}
    assert (target_of(row, file).status, Finding.objects.count(), RoundAnswer.objects.count()) == ("ISSUED", 1, 0)
