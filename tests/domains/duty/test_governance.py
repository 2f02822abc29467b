"""The rooms of governance: lists that are missing, support, study, rules, results, proposals, vetoes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.domains.duty.factories import make_assignment, make_task
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.duty.models import Assignment, Plan, Proposal, RuleRecord, StudyRecord, SupportItem, Task, Veto
from quancheng.domains.duty.queries.governance import list_results
from quancheng.domains.duty.scores import TaskState, colour_of, result_of
from quancheng.domains.duty.services import governance as services
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.journal.models import JournalEntry

TODAY = date(2026, 7, 1)


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.mark.clause("S5-G1")
def test_a_department_files_its_lists_and_the_office_sees_whose_are_missing(district: District) -> None:
    department, office = client_of(district.department), client_of(district.director)
    url = reverse("duty:duty_lists") + "?year=2026"
    before = office.get(url).content.decode()
    assert "有 3 个单位清单不全" in before
    for kind in ("duties", "tasks"):
        given = {"year": 2026, "kind": kind, "entries": "编制监督检查计划\n组织专项检查"}
        assert department.post(reverse("duty:duty_list_new"), given).status_code == 303
    after = office.get(url).content.decode()
    assert "有 2 个单位清单不全" in after
    # Whose lists are missing stands first; the complete one last.
    assert after.index(district.town_org.name) < after.index(district.department_org.name)
    assert district.town_org.name not in department.get(url).content.decode()


@pytest.mark.clause("S2-G3a")
def test_support_for_a_unit_by_project_funds_or_service_is_recorded_and_shown_to_it(district: District) -> None:
    office = client_of(district.director)
    given = {
        "org": str(district.enterprise_org.pk),
        "kind": "funds",
        "title": "气体检测改造补助",
        "given_date": "2026-09-01",
    }
    refused = office.post(reverse("duty:support_new"), given)
    assert refused.status_code == 422
    assert "资金支持须填写金额" in refused.content.decode()
    assert office.post(reverse("duty:support_new"), {**given, "amount": "200000"}).status_code == 303
    row = SupportItem.objects.get()
    assert (row.org, row.amount) == (district.enterprise_org, Decimal("200000.00"))
    assert "气体检测改造补助" in client_of(district.enterprise).get(reverse("duty:supports")).content.decode()
    assert "气体检测改造补助" not in client_of(district.other_enterprise).get(reverse("duty:supports")).content.decode()


_STUDY = """示例区安全生产委员会办公室
关于印发YEAR年危险化学品集中治理方案的通知
各有关部门：
现将方案印发你们。
示例区安全生产委员会办公室
YEAR年1月10日

YEAR年危险化学品集中治理方案

一、重点任务
重点任务1：组织学习安全生产重要论述。
责任单位：区应急局
完成时限：YEAR年2月底前完成，并长期坚持
"""


@pytest.mark.clause("S5-T1")
def test_a_unit_records_its_study_with_evidence(district: District) -> None:
    """The study that a plan orders is a task with a dated and a continuing part; a unit records it with evidence."""
    year = timezone.localdate().year + 1
    office = client_of(district.director)
    text = _STUDY.replace("YEAR", str(year))
    assert office.post(reverse("duty:import"), {"text": text, "kind": "campaign"}).status_code == 303
    plan = Plan.objects.get()
    review = reverse("duty:review", args=[plan.pk])
    seen = [f"{one.pk}:{one.version}" for one in plan.drafts.all()]
    assert office.post(review, {"act": "confirm_all", "seen": seen}).status_code in (303, 422)
    assert office.post(review, {"act": "commit"}).status_code == 303
    task = Task.objects.get()
    assert (task.kind, task.due_date.month, task.review_date) == (
        "dated_then_continuing", 2, date(year, 12, 31)
    )  # fmt: skip
    client = client_of(district.department)
    given = {"topic": "安全生产重要论述", "held_date": "2026-09-01", "attendees": "全体干部", "material": "读本"}
    assert client.post(reverse("duty:study_new"), given).status_code == 422
    evidence = SimpleUploadedFile("签到表.txt", b"names")
    answer = client.post(reverse("duty:study_new"), {**given, "evidence": evidence})
    assert answer.status_code == 303
    assert "签到表.txt" in client.get(answer["Location"]).content.decode()
    assert StudyRecord.objects.get().owner_org == district.department_org
    assert "安全生产重要论述" in client_of(district.director).get(reverse("duty:studies")).content.decode()


@pytest.mark.clause("S4-A2.3.4")
def test_a_rule_is_kept_with_the_task_that_it_grew_out_of(district: District) -> None:
    task = make_task(district, title="三年行动总结")
    client = client_of(district.director)
    given = {"title": "重大隐患挂牌督办办法", "in_force_from": "2026-10-01", "text": "分级挂牌，限期摘牌。"}
    assert client.post(reverse("duty:rule_new"), given).status_code == 422
    answer = client.post(reverse("duty:rule_new"), {**given, "task": str(task.pk)})
    assert answer.status_code == 303
    assert RuleRecord.objects.get().task == task
    assert reverse("duty:task", args=[task.pk]) in client.get(answer["Location"]).content.decode()


@pytest.mark.clause("S5-G3d")
def test_what_a_unit_completed_in_time_makes_its_score_of_the_year(district: District) -> None:
    """A unit's score of a year follows from its tasks: one done in time counts whole, one long overdue nothing."""
    year = timezone.localdate().year - 1
    then = datetime(year, 1, 10, 2, tzinfo=UTC)
    days: dict[str, Any] = {"start_date": date(year, 1, 10), "due_date": date(year, 6, 30), "now": then}
    lead = [(district.town_org, "甲街道")]
    done = make_assignment(district, title="按期", leads=lead, **days)
    make_assignment(district, title="久拖", leads=lead, **days)
    Assignment.objects.filter(pk=done.pk).update(
        status="DONE", progress=100, closed_at=datetime(year, 6, 15, 2, tzinfo=UTC)
    )
    make_assignment(district, title="不相关", leads=[(district.department_org, "")], **days)
    page = client_of(district.director).get(reverse("duty:results") + f"?year={year}")
    line = next(one for one in page.context["lines"] if one.org == district.town_org)
    assert (line.result.done, line.result.colours["green"], line.result.colours["red"]) == (1, 1, 1)
    assert line.result.score == Decimal("50.0")
    assert "50.0" in page.content.decode()


@pytest.mark.clause("S4-A2.4.3c")
def test_a_veto_overrides_the_score_of_the_year_in_which_the_accident_happened(district: District) -> None:
    make_assignment(district, leads=[(district.town_org, "甲街道")], due_date=date(2026, 12, 20))
    client = client_of(district.director)
    year = reverse("duty:results") + "?year=2026"
    assert "一票否决</span>" not in client.get(year).content.decode().split("<tbody>")[1]
    given = {"org": str(district.town_org.pk), "event_date": "2026-05-01", "reason": "一般生产安全事故"}
    answer = client.post(reverse("duty:veto_new"), given)
    assert answer.status_code == 303
    line = next(line for line in list_results(actor=district.director, year=2026, now=NOW) if line.result.is_vetoed)
    assert (line.org, line.result.score) == (district.town_org, Decimal("0.0"))
    assert "一票否决</span>" in client.get(year).content.decode().split("<tbody>")[1]
    assert not any(line.result.is_vetoed for line in list_results(actor=district.director, year=2025, now=NOW))
    assert client.post(reverse("duty:veto_new"), given).status_code == 409
    assert client.post(answer["Location"], {"act": "lift", "reason": "认定有误"}).status_code == 303
    assert not any(line.result.is_vetoed for line in list_results(actor=district.director, year=2026, now=NOW))
    row = Veto.objects.get()
    said = JournalEntry.objects.filter(subject_id=row.pk).values_list("act", flat=True)
    assert set(said) == {"duty.veto.enter", "duty.veto.lift"}


@pytest.mark.clause("S4-A2.4.3b")
def test_the_rules_propose_and_a_person_decides(district: District) -> None:
    """Much red is proposed for key supervision, much late for a talk, good work for a reward; a person adopts."""
    for number in range(3):
        given: dict[str, Any] = {"title": f"已办{number}", "due_date": date(2026, 9, 10)}
        late = make_assignment(district, **given, leads=[(district.other_town_org, "")])
        good = make_assignment(district, **given)
        for one, day in ((late, 15), (good, 9)):
            Assignment.objects.filter(pk=one.pk).update(status="DONE", closed_at=datetime(2026, 9, day, 4, tzinfo=UTC))
    for number in range(3):
        make_assignment(district, title=f"迟了{number}", leads=[(district.town_org, "")], due_date=date(2026, 9, 10))
    client = client_of(district.director)
    url = reverse("duty:results") + "?year=2026"
    for _again in range(2):
        assert client.post(url).status_code == 303
    assert dict(Proposal.objects.values_list("kind", "org")) == {
        "key": district.town_org.pk, "talk": district.other_town_org.pk, "reward": district.department_org.pk,
    }  # fmt: skip
    proposal = Proposal.objects.get(kind="key")
    assert (proposal.org, proposal.status) == (district.town_org, "PROPOSED")
    assert proposal.facts["colours"]["red"] == 3
    page = reverse("duty:proposal", args=[proposal.pk])
    assert client.post(page, {"act": "adopt", "reason": ""}).status_code == 422
    assert client.post(page, {"act": "adopt", "reason": "列入重点监管"}).status_code == 303
    proposal.refresh_from_db()
    assert proposal.status == "ADOPTED"
    # What was decided is not proposed again in the year.
    client.post(url)
    assert Proposal.objects.count() == 3


def test_nobody_without_supervision_proposes_or_vetoes(district: District) -> None:
    with pytest.raises(NotPermitted):
        services.propose(actor=district.department, year=2026, now=NOW)
    with pytest.raises(NotPermitted):
        services.veto(
            actor=district.department, org=district.town_org, event_date=date(2026, 5, 1), reason="事故", now=NOW
        )


def test_a_veto_in_the_future_or_without_reason_is_refused_and_the_same_accident_counts_once(
    district: District,
) -> None:
    given: dict[str, Any] = {"actor": district.director, "org": district.town_org, "now": NOW}
    with pytest.raises(Invalid) as refused:
        services.veto(**given, event_date=date(2026, 9, 9), reason=" ")
    assert set(refused.value.fields) == {"event_date", "reason"}
    services.veto(**given, event_date=date(2026, 9, 1), reason="事故")
    with pytest.raises(Conflict):
        services.veto(**given, event_date=date(2026, 9, 1), reason="事故")


def test_a_town_ranks_only_what_lies_in_its_own_area(district: District) -> None:
    make_assignment(district, leads=[(district.other_town_org, "乙街道")])
    make_assignment(district, leads=[(district.town_org, "甲街道")])
    head = make_actor(district.town_org, "town.head")
    assert [line.org for line in list_results(actor=head, year=2026, now=NOW)] == [district.town_org]


def test_the_ranking_asks_for_no_year_that_is_none(district: District) -> None:
    assert client_of(district.director).get(reverse("duty:results") + "?year=soon").status_code == 422


def state(**given: Any) -> TaskState:
    fields: dict[str, Any] = {"start": date(2026, 1, 1), "due": date(2026, 12, 27), "progress": 0, **given}
    return TaskState(**fields)


@pytest.mark.parametrize(
    ("task", "colour"),
    [
        (state(progress=60), "green"),
        (state(progress=45), "blue"),
        (state(progress=39), "yellow"),
        (state(progress=20), "orange"),
        (state(progress=60, is_silent=True), "yellow"),
        (state(due=date(2026, 6, 30), progress=99), "orange"),
        (state(due=date(2026, 6, 16), progress=99), "orange"),
        (state(due=date(2026, 6, 15), progress=99), "red"),
        (state(due=date(2026, 6, 15), closed=date(2026, 6, 15), progress=100), "green"),
        (state(due=date(2026, 6, 15), closed=date(2026, 6, 16), progress=100), "orange"),
        (state(due=None), "green"),
        (state(due=None, is_silent=True), "yellow"),
    ],
)
def test_the_five_colours(task: TaskState, colour: str) -> None:
    assert colour_of(task, today=TODAY) == colour


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 5)), max_size=20), st.booleans())
def test_a_score_lies_between_nothing_and_a_hundred_and_a_veto_leaves_nothing(
    tasks: list[tuple[int, int]], is_vetoed: bool
) -> None:
    states = [state(progress=progress, weight=Decimal(weight)) for progress, weight in tasks]
    result = result_of(states, today=TODAY, is_vetoed=is_vetoed)
    assert sum(result.colours.values()) == len(tasks)
    if is_vetoed:
        assert result.score == 0
    elif tasks:
        assert result.score is not None
        assert 0 <= result.score <= 100
    else:
        assert result.score is None


def test_an_entry_of_too_many_characters_is_refused_and_not_cut(district: District) -> None:
    department, long = client_of(district.department), "责" * 501
    given = {"year": 2026, "kind": "duties", "entries": long}
    refused = department.post(reverse("duty:duty_list_new"), given)
    assert refused.status_code == 422
    assert refused.context["form"].errors["entries"] == ["每项不超过 500 字。"]
    assert long in refused.content.decode()
    assert department.post(reverse("duty:duty_list_new"), {**given, "entries": long[1:]}).status_code == 303
