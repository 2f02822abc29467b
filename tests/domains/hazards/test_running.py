"""The weekly running effect: counted, frozen, explained with its rows, disputed, acted upon."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.domains.hazards.check_factories import Plant, make_plant, make_task
from tests.domains.hazards.factories import make_finding
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import RunningAction, RunningAppeal, RunningWeek
from quancheng.domains.hazards.queries import running as queries
from quancheng.domains.hazards.queries.checks import uncovered_measures
from quancheng.domains.hazards.services import running as services
from quancheng.domains.hazards.services.check_dues import make_dues
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.registry.models import Unit
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.standards.risk.check_cycles import CHINA

pytestmark = pytest.mark.django_db
#: The week in which the factories' day lies.
MONDAY = date(2026, 9, 7)


def local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CHINA)


COUNTED = local(MONDAY + timedelta(days=7), time(2, 15))
FROZEN = local(MONDAY + timedelta(days=8), time(12, 15))


@pytest.fixture
def at_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the hour after the week was frozen."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: FROZEN)


@pytest.fixture
def at_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the hour when the week was counted."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: COUNTED)


def work(plant: Plant, *, days: int, done: int) -> None:
    """A daily task for some days from today on, of which the first are done."""
    task = make_task(plant)
    for number in range(days):
        make_dues(now=NOW + timedelta(days=number), hourly=False)
    for due in task.dues.order_by("due_at")[:done]:
        record_check(actor=plant.worker, due=due, spec=CheckSpec(status=0), now=due.opens_at + timedelta(hours=9))


def week_of(plant: Plant, monday: date = MONDAY) -> RunningWeek:
    return RunningWeek.objects.get(file=plant.file, monday=monday)


def scored(*, done: int = 4) -> tuple[District, Plant, RunningWeek]:
    """Six daily tasks, some of them done, counted and frozen."""
    district = make_district()
    plant = make_plant(district)
    work(plant, days=5, done=done)
    services.keep_weeks(now=FROZEN)
    return district, plant, week_of(plant)


@pytest.mark.clause("S1-14c")
def test_a_week_is_scored_by_the_formula_with_the_rows_behind_each_count() -> None:
    district, _plant, week = scored()
    assert (week.counts["planned"], week.counts["done"], week.e, week.grade) == (6, 4, Decimal("83.3"), "good")
    assert queries.result_of(week).shown == week.e
    page = client_of(district.enterprise).get(reverse("hazards:running_week", args=[week.pk]))
    text = page.content.decode()
    assert "A＝50×4/6－0＝33.3" in text
    assert "完成其余2项排查任务" in text
    missed = client_of(district.enterprise).get(f"{reverse('hazards:running_week', args=[week.pk])}?tab=missed")
    assert missed.content.decode().count("试验报警有声光") == 2
    listed = client_of(district.department).get(reverse("hazards:running"), {"grade": "good"}).content.decode()
    assert "83.3" in listed
    answer = client_of(district.department).get(f"/api/v1/hazards/running-weeks/{week.pk}").json()
    assert (answer["e"], answer["counts"]["done"], answer["raises"][0]["code"]) == ("83.3", 4, "TASKS")
    assert client_of(district.other_enterprise).get(reverse("hazards:running_week", args=[week.pk])).status_code == 404
    own = client_of(district.enterprise).get(reverse("hazards:running_own"))
    assert own["Location"] == reverse("hazards:running_week", args=[week.pk])


@pytest.mark.clause("S1-2e")
def test_an_enterprise_keeps_its_risk_list_with_the_tasks_of_its_measures_and_their_effect_is_worked_out() -> None:
    _district, plant, week = scored(done=4)
    event = plant.measure.event
    own = client_of(plant.safety)
    shown = own.get(reverse("risk:object", args=[plant.unit.object_id])).content.decode()
    for one in (plant.unit.object.name, plant.unit.name, event.name, plant.measure.text):
        assert one in shown
    # From the measure the way leads to the task that checks it, and from each check to the score.
    task = plant.file.check_tasks.get()
    assert (task.measure_id, task.measure.event.unit_id) == (plant.measure.pk, plant.unit.pk)
    told = own.get(reverse("hazards:check_task", args=[task.pk])).content.decode()
    assert plant.measure.text in told
    assert plant.measure not in uncovered_measures(actor=plant.safety)
    assert week.counts["done"] == task.dues.filter(done_at__isnull=False).count() == 4
    assert "83.3" in own.get(reverse("hazards:running_week", args=[week.pk])).content.decode()


@pytest.mark.clause("S5-3.2c")
def test_each_enterprise_has_a_score_of_how_it_does_its_duty_and_the_worst_are_found() -> None:
    district = make_district()
    diligent = make_plant(district)
    other = replace(
        district, enterprise=district.other_enterprise, enterprise_org=district.other_enterprise_org
    )  # fmt: skip
    idle = make_plant(other)
    work(diligent, days=5, done=6)
    work(idle, days=5, done=0)
    services.keep_weeks(now=FROZEN)
    good, poor = week_of(diligent), week_of(idle)
    assert good.e is not None
    assert poor.e is not None
    assert (good.e > poor.e, good.task_share, poor.task_share) == (True, Decimal("100.0"), Decimal("0.0"))
    office = client_of(district.officer)
    everybody = office.get(reverse("hazards:running")).content.decode()
    assert district.enterprise_org.name in everybody
    assert district.other_enterprise_org.name in everybody
    worst = office.get(reverse("hazards:running"), {"grade": poor.grade}).content.decode()
    assert district.other_enterprise_org.name in worst
    assert district.enterprise_org.name not in worst


def test_the_clock_counts_on_monday_freezes_on_tuesday_and_catches_up() -> None:
    plant = make_plant(make_district())
    work(plant, days=5, done=5)
    assert services.keep_weeks(now=local(MONDAY + timedelta(days=7), time(1, 15))) == 0
    assert services.keep_weeks(now=COUNTED) == 1
    assert (week_of(plant).frozen_at, week_of(plant).counts["done"]) == (None, 5)
    assert services.keep_weeks(now=COUNTED + timedelta(hours=1)) == 0
    late = week_of(plant).file.check_tasks.get().dues.order_by("due_at")[5]
    # Made on Sunday where there was no signal, told on Monday: it counts while the week is not frozen.
    spec = CheckSpec(status=0, at=late.opens_at + timedelta(hours=9), sent_at=COUNTED)
    record_check(actor=plant.worker, due=late, spec=spec, now=COUNTED + timedelta(hours=2))
    assert services.keep_weeks(now=FROZEN) >= 1
    assert (week_of(plant).counts["done"], week_of(plant).frozen_at) == (6, FROZEN)
    assert services.keep_weeks(now=FROZEN + timedelta(hours=1)) == 0
    before = week_of(plant)
    services.score_week(monday=MONDAY, now=FROZEN + timedelta(days=1), freeze=True)
    assert week_of(plant).counted_at == before.counted_at


def test_the_week_of_an_enterprise_that_closed_after_it_was_counted_freezes_too() -> None:
    plant = make_plant(make_district())
    work(plant, days=5, done=5)
    assert services.keep_weeks(now=COUNTED) == 1
    type(plant.file).objects.filter(pk=plant.file.pk).update(life="closed")
    assert services.keep_weeks(now=FROZEN) == 1
    assert week_of(plant).frozen_at == FROZEN
    assert services.keep_weeks(now=FROZEN + timedelta(hours=1)) == 0


def test_dangers_that_are_due_count_until_they_are_accepted() -> None:
    district = make_district()
    plant = make_plant(district)
    work(plant, days=5, done=6)
    row = make_finding(district.enterprise, plant.file)
    type(row).objects.filter(pk=row.pk).update(deadline=MONDAY + timedelta(days=3))
    services.keep_weeks(now=FROZEN)
    week = week_of(plant)
    assert (week.counts["due"], week.counts["accepted"], week.counts["registered_4w"]) == (1, 0, 1)
    assert (week.e, week.grade, week.danger_share) == (Decimal("50.0"), "poor", Decimal("0.0"))
    due = client_of(district.enterprise).get(f"{reverse('hazards:running_week', args=[week.pk])}?tab=dangers")
    assert row.name in due.content.decode()


@pytest.mark.usefixtures("at_frozen")
def test_an_objection_that_is_upheld_corrects_the_count_and_both_stay() -> None:
    district, _plant, week = scored()
    client = client_of(district.enterprise)
    url = reverse("hazards:appeal_new", args=[week.pk])
    refused = client.post(url, {"about": "done", "claimed": "7", "text": "七项都做了"})
    assert refused.status_code == 422
    assert "七项都做了" in refused.content.decode()
    sent = client.post(url, {"about": "done", "claimed": "6", "text": "两项在纸上记录，附照片"})
    assert sent.status_code == 303, sent.content.decode()
    row = RunningAppeal.objects.get()
    with pytest.raises(Conflict):
        services.appeal(actor=district.enterprise, week=week, about="done", claimed=5, text="再报", now=FROZEN)
    with pytest.raises(NotPermitted):
        services.judge_appeal(actor=district.enterprise, row=row, upheld=True, text="属实", value=6, now=FROZEN)
    office = client_of(make_actor(row.owner_org, "department.officer"))
    page = reverse("hazards:running_appeal", args=[row.pk])
    assert office.post(page, {"act": "uphold", "value": "9", "text": "核查"}).status_code == 422
    done = office.post(page, {"act": "uphold", "value": "5", "text": "一项属实"})
    assert done.status_code == 303, done.content.decode()
    week.refresh_from_db()
    assert (week.counts["done"], week.corrections, week.e, week.grade) == (4, {"done": 5}, Decimal("91.6"), "excellent")
    assert "5（原为4，经异议更正）" in client.get(reverse("hazards:running_week", args=[week.pk])).content.decode()
    late = FROZEN + timedelta(days=40)
    with pytest.raises(Invalid):
        services.appeal(actor=district.enterprise, week=week, about="planned", claimed=5, text="迟", now=late)


def test_an_objection_that_is_upheld_sets_the_change_of_its_week_and_of_the_next_anew() -> None:
    district = make_district()
    plant = make_plant(district)
    work(plant, days=19, done=8)
    weeks = [MONDAY + timedelta(days=7 * number) for number in range(3)]
    for monday in weeks:
        services.keep_weeks(now=FROZEN + (monday - MONDAY))
    e = {one: week_of(plant, one).e for one in weeks}
    second = week_of(plant, weeks[1])
    services.appeal(actor=district.enterprise, week=second, about="done", claimed=second.counts["planned"],
                    text="都做了", now=FROZEN + timedelta(days=14))  # fmt: skip
    row = RunningAppeal.objects.get()
    office = make_actor(row.owner_org, "department.officer")
    services.judge_appeal(actor=office, row=row, upheld=True, text="属实", value=None,
                          now=FROZEN + timedelta(days=14))  # fmt: skip
    new = week_of(plant, weeks[1])
    assert new.e > e[weeks[1]]
    assert new.change == new.e - e[weeks[0]]
    assert week_of(plant, weeks[2]).change == e[weeks[2]] - new.e


def test_what_a_week_calls_for_is_owed_once_and_hidden_from_the_enterprise_until_it_is_done() -> None:
    district = make_district()
    plant = make_plant(district)
    work(plant, days=19, done=1)
    for number in range(3):
        services.keep_weeks(now=FROZEN + timedelta(days=7 * number))
    weeks = RunningWeek.objects.filter(file=plant.file).order_by("monday")
    # The first has one record; the others have none at all, which is a veto and as grave as three poor weeks.
    assert [(one.grade, one.is_vetoed) for one in weeks] == [("poor", False), ("poor", True), ("poor", True)]
    assert [one.code for one in RunningAction.objects.order_by("created_at")] == ["REMIND", "VISIT", "VISIT"]
    row = RunningAction.objects.filter(code="VISIT").earliest("created_at")
    assert row.status == "DUE"
    page = reverse("hazards:running_action", args=[row.pk])
    assert client_of(district.enterprise).get(page).status_code == 404
    office = client_of(make_actor(row.owner_org, "department.officer"))
    assert office.post(page, {"act": "record", "text": "现场核查，已约谈"}).status_code == 303
    assert client_of(district.enterprise).get(page).status_code == 200


def test_two_poor_weeks_call_for_an_interview_with_records_anybody_can_draw_again() -> None:
    district = make_district()
    plant = make_plant(district)
    work(plant, days=12, done=1)
    row = make_finding(district.enterprise, plant.file)
    type(row).objects.filter(pk=row.pk).update(deadline=MONDAY)
    task = plant.file.check_tasks.get()
    due = task.dues.order_by("due_at")[7]
    record_check(actor=plant.worker, due=due, spec=CheckSpec(status=0), now=due.opens_at + timedelta(hours=9))
    for number in range(2):
        services.keep_weeks(now=FROZEN + timedelta(days=7 * number))
    assert [one.code for one in RunningAction.objects.order_by("created_at")] == ["REMIND", "INTERVIEW"]
    interview = RunningAction.objects.get(code="INTERVIEW")
    assert len(interview.sample) == 1
    assert interview.sample == services._draw(interview.week)


def test_a_major_hazard_without_a_chain_and_what_a_regulator_found_make_a_week_nought() -> None:
    district = make_district()
    plant = make_plant(district)
    work(plant, days=5, done=6)
    Unit.objects.create(file=plant.file, code="Z1", name="示例罐区", kind="storage", legal_grade=2,
                        legal_at=NOW - timedelta(days=90), created_at=NOW)  # fmt: skip
    services.keep_weeks(now=COUNTED)
    week = week_of(plant)
    assert ([one["code"] for one in week.vetoes], week.e, week.is_vetoed) == (["V1"], Decimal(0), True)
    office = make_actor(plant.file.supervisor, "department.officer")
    client = client_of(office)
    url = reverse("hazards:veto_new", args=[plant.file.pk])
    assert client.post(url, {"monday": "2026-09-08", "reason": "瞒报"}).status_code == 422
    services.enter_veto(actor=office, file=plant.file, monday=MONDAY, reason="瞒报重大隐患", now=COUNTED)
    assert [one["code"] for one in week_of(plant).vetoes] == ["V1", "V4"]
    with pytest.raises(NotPermitted):
        services.enter_veto(actor=district.enterprise, file=plant.file, monday=MONDAY, reason="x", now=COUNTED)
    services.keep_weeks(now=FROZEN)
    with pytest.raises(Invalid):
        services.enter_veto(actor=office, file=plant.file, monday=MONDAY, reason="再记", now=FROZEN)
    services.appeal(actor=district.enterprise, week=week_of(plant), about="V4", claimed=None, text="已登记",
                    now=FROZEN)  # fmt: skip
    row = RunningAppeal.objects.get()
    services.judge_appeal(actor=office, row=row, upheld=True, text="查明已登记", value=None, now=FROZEN)
    assert [one["code"] for one in week_of(plant).standing_vetoes] == ["V1"]


@pytest.mark.usefixtures("at_counted")
def test_a_fact_that_was_none_is_taken_back_with_a_reason_until_the_week_is_sealed() -> None:
    district = make_district()
    plant = make_plant(district)
    work(plant, days=5, done=6)
    services.keep_weeks(now=COUNTED)
    before = week_of(plant).e
    office = client_of(make_actor(plant.file.supervisor, "department.officer"))
    type(plant.file.enterprise).objects.filter(pk=plant.file.enterprise_id).update(name="示例A&B化工")
    form = office.get(reverse("hazards:veto_new", args=[plant.file.pk])).content.decode()
    assert "?q=%E7%A4%BA%E4%BE%8BA%26B%E5%8C%96%E5%B7%A5" in form
    made = office.post(reverse("hazards:veto_new", args=[plant.file.pk]), {"monday": "2026-09-07", "reason": "瞒报"})
    assert made.status_code == 303
    page = made["Location"]
    assert week_of(plant).is_vetoed
    assert page in office.get(reverse("hazards:running_week", args=[week_of(plant).pk])).content.decode()
    assert page in office.get(reverse("hazards:running_vetoes")).content.decode()
    for stranger in (district.enterprise, district.other_enterprise):
        assert client_of(stranger).get(page).status_code == 404
        assert "瞒报" not in client_of(stranger).get(reverse("hazards:running_vetoes")).content.decode()
    assert office.post(page, {"act": "cancel", "reason": ""}).status_code == 422
    assert office.post(page, {"act": "cancel", "reason": "查明已登记"}).status_code == 303
    assert (week_of(plant).is_vetoed, week_of(plant).e) == (False, before)
    assert "查明已登记" in office.get(page).content.decode()
    assert office.post(page, {"act": "cancel", "reason": "再次"}).status_code == 409
    again = services.enter_veto(actor=make_actor(plant.file.supervisor, "department.officer"), file=plant.file,
                                monday=MONDAY, reason="瞒报", now=COUNTED)  # fmt: skip
    services.keep_weeks(now=FROZEN)
    sealed = reverse("hazards:running_veto", args=[again.pk])
    assert "?act=cancel" not in office.get(sealed).content.decode()
    late = office.post(sealed, {"act": "cancel", "reason": "太迟"})
    assert late.status_code == 422
    assert "该周的结果已封存" in late.content.decode()
    assert week_of(plant).is_vetoed


def test_a_stopped_hazard_is_no_veto_and_the_district_sets_its_own_points() -> None:
    district, plant, week = scored()
    office = client_of(district.director)
    given = {**week.figures, "from_date": "2026-09-14", "reason": "按本市规定"}
    wrong = client_of(district.director).post(reverse("hazards:running_rule_new"), {**given, "good": "95"})
    assert wrong.status_code in {403, 422}
    rules = make_actor(plant.file.supervisor, "department.head")
    with pytest.raises(Invalid) as refused:
        services.set_rules(actor=rules, figures={**week.figures, "good": 95}, reason="x",
                           from_date=date(2026, 9, 14), now=NOW)  # fmt: skip
    assert "excellent" in refused.value.fields
    services.set_rules(actor=rules, figures={**week.figures, "excellent": 83, "good": 80}, reason="按本市规定",
                       from_date=date(2026, 9, 14), now=NOW)  # fmt: skip
    assert queries.parameters_on(MONDAY).excellent == 90
    assert queries.parameters_on(date(2026, 9, 14)).excellent == 83
    assert client_of(rules).get(reverse("hazards:running_rules")).status_code == 200
    assert office.get(reverse("hazards:running_towns")).status_code == 200
