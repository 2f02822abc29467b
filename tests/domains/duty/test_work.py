"""From assigned to done: what the unit does and what the office answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.duty.factories import make_assignment, make_task
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file
from tests.support.work import do_long_work

from quancheng.domains.duty.models import Assignment, Instalment, Task
from quancheng.domains.duty.services import work
from quancheng.domains.duty.services.tasks import Milestone, Window, complete_when_closed, open_window
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.events.models import Event
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db

TEXT = "已完成检查并形成报告。"


def done(actor: Actor) -> ProgressSpec:
    return ProgressSpec(percent=100, text=TEXT, evidence=[make_file(actor)])


@pytest.fixture
def district() -> District:
    return make_district()


def submit(district: District, assignment: Assignment) -> None:
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    work.report_progress(
        actor=district.department, assignment=assignment, spec=done(district.department), submit=True, now=NOW
    )


def deliver_all() -> None:
    for event in Event.objects.filter(kind__startswith="duty.assignment."):
        complete_when_closed(event, NOW)


def test_a_dated_task_goes_from_assigned_to_done_and_closes_the_whole(district: District) -> None:
    assignment = make_assignment(district)
    submit(district, assignment)
    assert assignment.status == "SUBMITTED"
    work.verify(actor=district.officer, assignment=assignment, opinion="属实", now=NOW)
    assert (assignment.status, assignment.progress, assignment.closed_at) == ("DONE", 100, NOW)
    deliver_all()
    assert Task.objects.get(pk=assignment.task_id).status == "DONE"
    acts = JournalEntry.objects.filter(subject_id=assignment.pk).order_by("seq").values_list("act", flat=True)
    assert list(acts) == [
        "duty.assignment.enter",
        "duty.assignment.accept",
        "duty.assignment.submit",
        "duty.assignment.verify",
    ]


def test_each_state_leaves_one_open_item_with_whoever_owes_it(district: District) -> None:
    assignment = make_assignment(district)

    def open_item() -> tuple[str, str]:
        item = WorkItem.objects.get(subject_id=assignment.pk, done_at__isnull=True)
        return item.owner_org.name, item.duty

    assert open_item() == ("示例区应急管理局", "duty.tasks.accept")
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    assert open_item() == ("示例区应急管理局", "duty.tasks.work")
    work.report_progress(
        actor=district.department, assignment=assignment, spec=done(district.department), submit=True, now=NOW
    )
    assert open_item() == ("示例区安全生产委员会办公室", "duty.tasks.verify")
    work.verify(actor=district.officer, assignment=assignment, opinion="", now=NOW)
    assert not WorkItem.objects.filter(subject_id=assignment.pk, done_at__isnull=True).exists()


def test_submitting_without_evidence_is_refused_and_with_it_accepted(district: District) -> None:
    assignment = make_assignment(district)
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    bare = ProgressSpec(percent=100, text=TEXT)
    with pytest.raises(Invalid) as refusal:
        work.report_progress(actor=district.department, assignment=assignment, spec=bare, submit=True, now=NOW)
    assert "evidence" in refusal.value.fields
    work.report_progress(
        actor=district.department, assignment=assignment, spec=done(district.department), submit=True, now=NOW
    )
    assert assignment.status == "SUBMITTED"


def test_another_unit_can_neither_see_nor_accept_it(district: District) -> None:
    assignment = make_assignment(district)
    for stranger in (district.town, district.enterprise):
        assert not Assignment.objects.visible_to(stranger).exists()
        assert not Task.objects.visible_to(stranger).exists()
        with pytest.raises(NotPermitted):
            work.accept(actor=stranger, assignment=assignment, now=NOW)
    assignment.refresh_from_db()
    assert assignment.status == "ASSIGNED"


def test_who_submitted_for_his_unit_cannot_verify_as_the_office(district: District) -> None:
    assignment = make_assignment(district, leads=[(district.office_org, "区安委办")])
    work.accept(actor=district.officer, assignment=assignment, now=NOW)
    work.report_progress(
        actor=district.officer, assignment=assignment, spec=done(district.officer), submit=True, now=NOW
    )
    with pytest.raises(NotPermitted) as refusal:
        work.verify(actor=district.officer, assignment=assignment, opinion="", now=NOW)
    assert refusal.value.code == "four_eyes"
    work.verify(actor=district.director, assignment=assignment, opinion="", now=NOW)
    assert assignment.status == "DONE"


def test_the_second_of_two_is_told_who_was_faster(district: District) -> None:
    assignment = make_assignment(district)
    seen_by_the_other = Assignment.objects.get(pk=assignment.pk)
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    with pytest.raises(StaleState) as refusal:
        work.accept(actor=district.department_head, assignment=seen_by_the_other, now=NOW)
    assert district.department.name in str(refusal.value)
    assert "办理中" in str(refusal.value)


def test_a_colleague_cannot_act_on_what_another_has_taken_but_the_chief_can(district: District) -> None:
    colleague = make_actor(district.department_org, "department.officer")
    assignment = make_assignment(district)
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    with pytest.raises(NotPermitted) as refusal:
        work.report_progress(actor=colleague, assignment=assignment, spec=done(colleague), now=NOW)
    assert refusal.value.code == "taken_by_colleague"
    work.report_progress(
        actor=district.department_head, assignment=assignment, spec=done(district.department_head), now=NOW
    )
    assert assignment.progress == 100


def test_continuing_work_runs_from_review_to_review_and_ends_only_with_a_reason(district: District) -> None:
    assignment = make_assignment(district, kind="continuing", due_date=None, review_date=date(2026, 12, 31))
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    assert assignment.status == "CONTINUING"
    item = WorkItem.objects.get(subject_id=assignment.pk, done_at__isnull=True)
    assert (item.due_at, item.review_at.date()) == (None, date(2026, 12, 31))
    later = date(2027, 12, 31)
    work.renew(actor=district.officer, assignment=assignment, review_date=later, reason="继续推进", now=NOW)
    item.refresh_from_db()
    assert item.review_at.date() == later
    with pytest.raises(Invalid):
        work.close_by_office(actor=district.officer, assignment=assignment, name="end", reason=" ", now=NOW)
    work.close_by_office(actor=district.officer, assignment=assignment, name="end", reason="机制已建立", now=NOW)
    assert assignment.status == "DONE"


def test_the_dated_part_of_a_continuing_task_is_verified_and_then_carries_on(district: District) -> None:
    assignment = make_assignment(district, kind="dated_then_continuing", review_date=date(2027, 9, 30))
    submit(district, assignment)
    work.verify(actor=district.officer, assignment=assignment, opinion="", now=NOW)
    assert (assignment.status, assignment.review_date) == ("CONTINUING", date(2027, 9, 30))


def test_recurring_work_cannot_be_submitted_before_its_periods_are_closed(district: District) -> None:
    assignment = make_assignment(
        district,
        kind="recurring",
        milestones=[Milestone("2026-09", "9月", date(2026, 9, 20)), Milestone("2026-10", "10月", date(2026, 10, 20))],
    )
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    with pytest.raises(StaleState, match="2"):
        work.report_progress(
            actor=district.department, assignment=assignment, spec=done(district.department), submit=True, now=NOW
        )
    for instalment in assignment.instalments.all():
        work.submit_instalment(
            actor=district.department,
            instalment=instalment,
            text="已报",
            evidence=[make_file(district.department)],
            now=NOW,
        )
        work.answer_instalment(actor=district.officer, instalment=instalment, accept=True, reason="", now=NOW)
    work.report_progress(
        actor=district.department, assignment=assignment, spec=done(district.department), submit=True, now=NOW
    )
    assert assignment.status == "SUBMITTED"


def test_granting_an_extension_moves_the_deadline_of_row_and_item(district: District) -> None:
    assignment = make_assignment(district)
    work.accept(actor=district.department, assignment=assignment, now=NOW)
    wanted = date(2026, 11, 15)
    extension = work.ask_extension(
        actor=district.department, assignment=assignment, to_date=wanted, reason="专家到位较晚", now=NOW
    )
    with pytest.raises(Invalid):
        work.ask_extension(actor=district.department, assignment=assignment, to_date=wanted, reason="再次", now=NOW)
    work.answer_extension(actor=district.officer, extension=extension, grant=True, reason="", now=NOW)
    assignment.refresh_from_db()
    assert (assignment.due_date, assignment.first_due_date) == (wanted, date(2026, 10, 31))
    item = WorkItem.objects.get(subject_id=assignment.pk, done_at__isnull=True)
    assert item.due_at.date() == wanted


def test_a_deadline_before_the_start_is_refused_beside_its_field(district: District) -> None:
    with pytest.raises(Invalid) as refusal:
        make_task(district, due_date=date(2026, 8, 31))
    assert list(refusal.value.fields) == ["due_date"]
    assert make_task(district, due_date=date(2026, 9, 1)).due_date == date(2026, 9, 1)


def test_the_same_request_sent_twice_acts_once(district: District) -> None:
    from quancheng.kernel.ids import uuid7

    assignment = make_assignment(district)
    request = uuid7()
    work.accept(actor=district.department, assignment=assignment, now=NOW, client_id=request)
    again = Assignment.objects.get(pk=assignment.pk)
    work.accept(actor=district.department, assignment=again, now=NOW + timedelta(seconds=5), client_id=request)
    assert again.status == "IN_PROGRESS"
    assert JournalEntry.objects.filter(act="duty.assignment.accept").count() == 1


def test_a_key_period_opened_late_demands_nothing_of_the_days_that_passed(district: District) -> None:
    rule = {"rrules": ["FREQ=DAILY", "FREQ=WEEKLY"]}
    task = make_task(district, kind="event", due_date=None, review_date=date(2026, 12, 31), rule=rule)
    given: dict[str, Any] = {"actor": district.officer, "task": task, "now": NOW}
    made = open_window(**given, window=Window("汛期", date(2026, 8, 30), date(2026, 9, 9)))
    assert sorted((one.key, one.due_date) for one in made) == [
        ("d20260908", date(2026, 9, 8)), ("d20260909", date(2026, 9, 9)), ("w20260909", date(2026, 9, 9)),
    ]  # fmt: skip


def test_a_key_period_of_very_many_days_is_laid_out_in_the_background(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quancheng.domains.duty.services.tasks.WAITED_FOR", 3)
    rule = {"rrules": ["FREQ=DAILY"]}
    task = make_task(district, kind="event", due_date=None, review_date=date(2026, 12, 31), rule=rule)
    client, url = client_of(district.officer), reverse("duty:task", args=[task.pk])
    given = {"act": "open_window", "label": "汛期", "first": "2099-08-01", "last": "2099-08-04"}
    refused = client.post(url, {**given, "last": "2099-07-01"})
    assert (refused.status_code, LongWork.objects.count()) == (422, 0)
    answer = client.post(url, given)
    owed = Instalment.objects.filter(assignment__task=task)
    assert (answer["Location"], owed.count()) == (LongWork.objects.get().get_absolute_url(), 0)
    done = do_long_work()
    assert (done.state, done.message, done.done, done.link) == ("done", "共布置4期。", 4, url)
    assert owed.count() == 4
