"""Check tasks fall due, are done by records, missed, covered or doubled; what fails becomes a hidden danger."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.domains.hazards.check_factories import first_due, make_plant, make_task
from tests.domains.hazards.test_findings import picture
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.hazards.models import CheckDue, CheckRecord, CheckTask, Finding, RecordFlag, StopReview
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.services import check_tasks, special_periods, unit_stops
from quancheng.domains.hazards.services.check_dues import make_dues
from quancheng.domains.hazards.services.check_records import Answer, CheckSpec, record_check
from quancheng.domains.hazards.services.record_flags import flag_records, judge_flag
from quancheng.domains.risk.models import Measure
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause, Edition, LegalText
from quancheng.kernel.people.models import User
from quancheng.standards.risk.check_cycles import CHINA

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and REST read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CHINA)


def run(now: datetime) -> int:
    return make_dues(now=now, hourly=True) + make_dues(now=now, hourly=False)


def test_a_task_falls_due_is_done_in_its_window_and_missed_after_it() -> None:
    plant = make_plant(make_district())
    task = make_task(plant)
    due = first_due(task)
    assert (due.opens_at, due.closes_at) == (local(TODAY, time(0)), local(TODAY + timedelta(days=1), time(0)))
    assert task.dues.count() == 2
    assert run(NOW) == 0
    row = record_check(actor=plant.worker, due=due, spec=CheckSpec(status=0), now=NOW)
    due.refresh_from_db()
    assert (due.done_at, row.is_late, row.is_own, queries.state_of(due, NOW)) == (NOW, False, True, "done")
    later = NOW + timedelta(days=3)
    assert run(later) == 3
    missed = task.dues.order_by("due_at")[1]
    assert queries.state_of(missed, later) == "missed"
    late = record_check(actor=plant.worker, due=missed, spec=CheckSpec(status=0), now=later)
    missed.refresh_from_db()
    assert (late.is_late, missed.done_at, queries.state_of(missed, later)) == (True, None, "missed")


def test_an_outage_is_made_up_for_a_week_and_no_further() -> None:
    plant = make_plant(make_district())
    task = make_task(plant)
    run(NOW)
    assert run(NOW + timedelta(days=60)) == 9
    assert run(NOW + timedelta(days=60)) == 0
    assert task.dues.count() == 2 + 9


def test_hourly_tasks_stay_in_their_window_and_working_days_are_kept() -> None:
    plant = make_plant(make_district())
    task = make_task(plant, every=Decimal(2), cycle_unit="hour", window_start=time(8), window_end=time(16))
    moments = [one.due_at.astimezone(CHINA).hour for one in task.dues.order_by("due_at")]
    assert moments == [10, 12, 14, 16, 8]
    working = make_task(plant, measure=None, unit=plant.unit, content="工作日检查", days="working")
    run(NOW + timedelta(days=4))
    days = {one.due_at.astimezone(CHINA).date().weekday() for one in working.dues.all()}
    assert days <= {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"every": Decimal("1.5")}, "every"),
        ({"every": Decimal(0)}, "every"),
        ({"cycle_unit": "week"}, "cycle_unit"),
        ({"cycle_unit": "hour", "window_start": time(20), "window_end": time(8)}, "window_end"),
        ({"cycle_unit": "hour"}, "window_start"),
        ({"post": None}, "post"),
        ({"form": "regulator"}, "form"),
        ({"work_type": 1}, "task_number"),
        ({"period": "NEVER"}, "period"),
        ({"measure": None, "content": ""}, "content"),
    ],
)
def test_a_task_that_cannot_be_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    plant = make_plant(make_district())
    with pytest.raises(Invalid) as refused:
        make_task(plant, **changes)
    assert field in (refused.value.fields or {})


def test_a_change_of_the_cycle_makes_what_has_not_opened_anew_and_an_end_asks_why() -> None:
    plant = make_plant(make_district())
    task = make_task(plant)
    check_tasks.change_task(actor=plant.safety, row=task, version=1, changes={"every": Decimal(7)}, now=NOW)
    assert [one.key for one in task.dues.all()] == ["2026-09-08"]
    with pytest.raises(Invalid):
        check_tasks.end_task(actor=plant.safety, row=task, reason=" ", now=NOW)
    check_tasks.end_task(actor=plant.safety, row=task, reason="装置拆除", now=NOW)
    assert run(NOW + timedelta(days=8)) == 0
    with pytest.raises(NotPermitted):
        check_tasks.end_task(actor=plant.worker, row=task, reason="装置拆除", now=NOW)


def test_measures_without_a_task_are_told_and_arranged_together() -> None:
    district = make_district()
    plant = make_plant(district)
    assert [one.pk for one in queries.uncovered_measures(actor=district.department)] == [plant.measure.pk]
    known = {"every": Decimal(7), "cycle_unit": "day", "starts_at": NOW, "post": plant.post}
    made = check_tasks.arrange_for_measures(
        actor=plant.safety, file=plant.file, measures=[plant.measure], known=known, now=NOW
    )
    assert made == 1
    task = CheckTask.objects.get()
    assert (task.content, task.unit_id) == (plant.measure.check_text, plant.unit.pk)
    assert "慢于" in " ".join(map(str, check_tasks.doubts_of(task)))
    assert not queries.uncovered_measures(actor=district.department).exists()
    with pytest.raises(Invalid):
        check_tasks.arrange_for_measures(
            actor=plant.safety, file=plant.file, measures=[plant.measure], known=known, now=NOW
        )


def test_what_is_found_becomes_a_danger_and_the_measure_fails_in_the_same_act() -> None:
    plant = make_plant(make_district())
    due = first_due(make_task(plant, form="professional"))
    with pytest.raises(Invalid):
        record_check(actor=plant.worker, due=due, spec=CheckSpec(status=1), now=NOW)
    spec = CheckSpec(status=1, note="高液位报警无声光", type="instrument")
    row = record_check(actor=plant.worker, due=due, spec=spec, now=NOW)
    found = Finding.objects.get()
    assert (found.name, found.source, found.check_record_id, found.measure_id) == (
        "高液位报警无声光", "professional", row.pk, plant.measure.pk,
    )  # fmt: skip
    assert Measure.objects.get(pk=plant.measure.pk).failed_at == NOW
    due.refresh_from_db()
    assert due.done_at == NOW


def sheet_of(code: str = "CL-PS") -> tuple[LegalText, Edition, list[Clause]]:
    edition = law.in_force(code, on=TODAY)
    assert edition is not None
    return edition.text, edition, list(law.list_clauses(edition))


def test_each_item_that_fails_becomes_a_danger_with_its_grade_proposed_and_the_old_edition_is_told() -> None:
    plant = make_plant(make_district())
    text, edition, items = sheet_of()
    newer = Edition.objects.create(text=text, number="新版", effective_from=TODAY, mark="D", dates_mark="D",
                                   entered_at=NOW)  # fmt: skip
    Clause.objects.create(edition=newer, place="N1", summary="新条目", mark="D")
    due = first_due(make_task(plant, checklist=text))
    answers = [Answer(one.place, 0) for one in items]
    grave = next(place for place, one in enumerate(items) if one.grade == "major")
    answers[grave] = Answer(items[grave].place, 1, "现场不符合")
    spec = CheckSpec(answers=answers, edition=edition.pk)
    with pytest.raises(Invalid) as refused:
        record_check(actor=plant.worker, due=due, spec=CheckSpec(answers=answers[1:], edition=edition.pk), now=NOW)
    assert f"item_{items[0].place}" in (refused.value.fields or {})
    with pytest.raises(Invalid) as refused:
        record_check(actor=plant.worker, due=due, spec=spec, now=NOW)
    assert "photos" in (refused.value.fields or {})
    photos = receive_uploads(actor=plant.worker, uploads=[picture(7)], now=NOW)
    no_signature = CheckSpec(answers=answers, edition=edition.pk, photos=photos, signature=photos[0])
    with pytest.raises(Invalid) as refused:
        record_check(actor=plant.worker, due=due, spec=no_signature, now=NOW)
    assert list(refused.value.fields or {}) == ["signature"]
    row = record_check(
        actor=plant.worker, due=due, spec=CheckSpec(answers=answers, edition=edition.pk, photos=photos), now=NOW
    )
    assert (row.status, row.is_edition_old, row.answers.count()) == (1, True, len(items))
    found = Finding.objects.get()
    assert (found.checklist_item, found.grade, found.is_major) == (items[grave].place, "major", False)


def test_a_phone_may_send_twice_and_its_wrong_clock_is_put_right_and_told() -> None:
    plant = make_plant(make_district())
    due = first_due(make_task(plant))
    key = uuid.uuid4()
    fast = timedelta(hours=3)
    on_site = NOW - timedelta(minutes=20)
    spec = CheckSpec(status=0, at=on_site + fast, sent_at=NOW + fast, device="860000000000001")
    first = record_check(actor=plant.worker, due=due, spec=spec, now=NOW, client_id=key)
    again = CheckSpec(status=0, at=on_site + fast, sent_at=NOW + fast + timedelta(minutes=1), device="860000000000001")
    assert record_check(actor=plant.worker, due=due, spec=again, now=NOW, client_id=key).pk == first.pk
    assert (first.at, first.client_at, first.clock_off_s) == (on_site, on_site + fast, 3 * 3600)
    assert "860000000000001" not in first.device
    assert CheckRecord.objects.count() == 1
    with pytest.raises(Invalid):
        record_check(actor=plant.worker, due=due, spec=CheckSpec(status=0, at=NOW - timedelta(days=40)), now=NOW)


def test_only_the_enterprise_records_and_a_named_persons_task_is_his_alone() -> None:
    district = make_district()
    plant = make_plant(district)
    due = first_due(make_task(plant))
    for stranger in (district.department, district.other_enterprise):
        with pytest.raises(NotPermitted):
            record_check(actor=stranger, due=due, spec=CheckSpec(status=0), now=NOW)
    person = User.objects.get(pk=plant.safety.user_id)
    named = make_task(plant, measure=None, content="负责人检查", post=None, person=person)
    with pytest.raises(NotPermitted):
        record_check(actor=plant.worker, due=first_due(named), spec=CheckSpec(status=0), now=NOW)
    colleague = make_actor(district.enterprise_org, "enterprise.worker")
    row = record_check(actor=colleague, due=due, spec=CheckSpec(status=0), now=NOW)
    assert row.is_own is False


def test_a_stoppage_covers_what_lies_in_it_and_a_long_one_is_looked_at() -> None:
    district = make_district()
    plant = make_plant(district)
    task = make_task(plant)
    begins = local(TODAY, time(0))
    stop = unit_stops.stop_unit(
        actor=plant.safety, unit=plant.unit, begins_at=begins, ends_at=None, reason="大修", now=NOW
    )
    assert [queries.state_of(one, NOW) for one in task.dues.all()] == ["covered"]
    assert not StopReview.objects.exists()
    later = NOW + timedelta(days=31)
    assert run(later) == 0
    assert unit_stops.review_stops(now=later) == 1
    assert unit_stops.review_stops(now=later) == 0
    review = StopReview.objects.get()
    office = district.department
    unit_stops.judge_stop(actor=office, review=review, accepted=False, text="请说明大修进度", now=later)
    assert (review.status, review.code) == ("OBJECTED", "LONG")
    unit_stops.answer_review(actor=plant.safety, review=review, text="本月底完成", now=later)
    unit_stops.change_stop(actor=plant.safety, row=stop, version=1, ends_at=later, now=later)
    review.refresh_from_db()
    assert review.status == "ENDED"
    assert run(later + timedelta(days=1)) >= 1
    spec = CheckSpec(status=2, note="停用检修")
    covered = task.dues.order_by("due_at").first()
    row = record_check(actor=plant.worker, task=task, spec=spec, now=later)
    assert (row.status, covered.done_at) == (2, None)


def test_a_special_period_doubles_the_rhythm_until_it_is_switched_off() -> None:
    district = make_district()
    plant = make_plant(district)
    with pytest.raises(NotPermitted):
        special_periods.switch_on(actor=plant.safety, code="EVENT", name="", first_date=TODAY, last_date=TODAY,
                                  doubles=True, now=NOW)  # fmt: skip
    period = special_periods.switch_on(
        actor=district.officer, code="EVENT", name="示例大会", first_date=TODAY, last_date=TODAY + timedelta(days=30),
        doubles=True, now=NOW,
    )  # fmt: skip
    task = make_task(plant)
    assert [one.is_extra for one in task.dues.order_by("due_at", "key")] == [False, True, False, True]
    only = make_task(plant, measure=None, content="防汛检查", period="FLOOD")
    assert not only.dues.exists()
    special_periods.switch_off(actor=district.officer, row=period, now=NOW)
    assert not CheckDue.objects.filter(is_extra=True, opens_at__gt=NOW).exists()


def test_switching_a_period_off_leaves_the_extra_instances_of_another_that_runs() -> None:
    district = make_district()
    plant = make_plant(district)
    first, second = (
        special_periods.switch_on(
            actor=district.officer, code=code, name="", first_date=TODAY, last_date=TODAY + timedelta(days=days),
            doubles=True, now=NOW,
        )
        for code, days in (("EVENT", 30), ("FLOOD", 0))
    )  # fmt: skip
    make_task(plant)
    extra = CheckDue.objects.filter(is_extra=True, opens_at__gt=NOW)
    assert extra.count() == 2
    special_periods.switch_off(actor=district.officer, row=second, now=NOW)
    assert extra.count() == 2
    third = special_periods.switch_on(
        actor=district.officer, code="FLOOD", name="", first_date=TODAY, last_date=TODAY, doubles=True, now=NOW
    )
    special_periods.switch_off(actor=district.officer, row=first, now=NOW)
    # Today's is asked for by the third, tomorrow's by nothing any more.
    assert [one.due_at.astimezone(CHINA).date() for one in extra.all()] == [TODAY]
    special_periods.switch_off(actor=district.officer, row=third, now=NOW)
    assert not extra.exists()


def test_a_look_at_a_stoppage_with_a_planned_end_ends_with_it() -> None:
    district = make_district()
    plant = make_plant(district)
    ends = NOW + timedelta(days=40)
    planned = unit_stops.stop_unit(
        actor=plant.safety, unit=plant.unit, begins_at=NOW, ends_at=ends, reason="大修", now=NOW
    )
    begun = NOW - timedelta(days=50)
    late = unit_stops.stop_unit(
        actor=plant.safety, unit=plant.unit, begins_at=begun, ends_at=begun + timedelta(days=40), reason="补登记",
        now=NOW,
    )  # fmt: skip

    def states() -> dict[uuid.UUID | None, str]:
        return dict(StopReview.objects.values_list("stop", "status"))

    assert unit_stops.review_stops(now=ends - timedelta(days=1)) == 0
    assert states() == {planned.pk: "WAITING", late.pk: "WAITING"}
    assert unit_stops.review_stops(now=ends + timedelta(hours=1)) == 0
    # What was entered after its end took tasks back that were missed: it waits until somebody looked.
    assert states() == {planned.pk: "ENDED", late.pk: "WAITING"}


def test_made_up_records_are_told_once_and_judged_by_the_regulator_alone() -> None:
    district = make_district()
    plant = make_plant(district)
    task = make_task(plant)
    for second in range(12):
        at = NOW + timedelta(seconds=second)
        record_check(actor=plant.worker, task=task, spec=CheckSpec(status=0, at=at), now=at)
    later = NOW + timedelta(hours=1)
    assert flag_records(now=later) == 1
    assert flag_records(now=later) == 0
    flag = RecordFlag.objects.get()
    assert (flag.code, len(flag.records)) == ("BURST", 12)
    with pytest.raises(NotPermitted):
        judge_flag(actor=plant.safety, flag=flag, confirmed=False, comment="无", now=later)
    with pytest.raises(Invalid):
        judge_flag(actor=district.department, flag=flag, confirmed=True, comment="", now=later)
    judge_flag(actor=district.department, flag=flag, confirmed=True, comment="调阅门禁，人未到场", now=later)
    assert flag.verdict == "confirmed"


def test_a_phone_gets_what_it_needs_and_sends_its_record_over_rest(at_now: None) -> None:
    district = make_district()
    plant = make_plant(district)
    text, edition, items = sheet_of()
    due = first_due(make_task(plant, checklist=text))
    phone = client_of(plant.worker)
    listed = phone.get("/api/v1/hazards/check-dues?mine=true").json()["items"]
    assert str(due.pk) in [one["id"] for one in listed]
    sheet = phone.get(f"/api/v1/hazards/check-dues/{due.pk}").json()
    assert (sheet["edition_id"], len(sheet["items"]), sheet["unit"]) == (str(edition.pk), len(items), plant.unit.name)
    body = {"edition_id": sheet["edition_id"], "answers": [{"place": one.place, "answer": 0} for one in items]}
    head = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
    sent = phone.post(f"/api/v1/hazards/check-dues/{due.pk}/records", body, content_type="application/json", **head)
    assert sent.status_code == 201, sent.content
    twice = phone.post(f"/api/v1/hazards/check-dues/{due.pk}/records", body, content_type="application/json", **head)
    assert twice.json()["id"] == sent.json()["id"]
    bad = phone.post(f"/api/v1/hazards/check-dues/{due.pk}/records", {"answers": [{"place": "X", "answer": 9}]},
                     content_type="application/json")  # fmt: skip
    assert bad.status_code == 422
    stranger = client_of(district.other_enterprise)
    assert stranger.get(f"/api/v1/hazards/check-dues/{due.pk}").status_code == 404
