"""From a parsed document through review to its commit in one act."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connections
from tests.factories import NOW, District, house_actor, make_district, make_org

from quancheng.domains.duty.models import DraftTask, Plan, Receipt, Task
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services import review
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.domains.duty.services.receipts import receive
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.people.models import OrganisationAlias
from quancheng.kernel.people.services import create_group
from quancheng.kernel.work.models import WorkItem

TEXT = """示例区安全生产委员会办公室
关于印发2026年危险化学品安全监管工作要点的通知
示安办〔2026〕7号

区应急局，各街道办事处：
现将《2026年危险化学品安全监管工作要点》印发你们，请认真抓好落实。

示例区安全生产委员会办公室
2026年3月10日
（此件公开发布）

2026年危险化学品安全监管工作要点

一、重点任务

重点任务1：开展专项检查，对全部14座加油站开展检查。
责任单位：区应急局
完成时限：2026年10月底前

重点任务2：健全机制。
责任单位：区应急局、各街道办事处
完成时限：2026年6月底前并持续推进

重点任务3：推进信息共享。
责任单位：区大数据中心
完成时限：持续推进
"""


@pytest.fixture
def district(db: None) -> District:
    return dress(make_district())


def dress(district: District) -> District:
    create_group(actor=house_actor(), name="各街道办事处", aliases=["各街道"], kinds=["town"], now=NOW)
    return district


def register(district: District, text: str = TEXT) -> Plan:
    return review.register_plan(
        actor=district.director,
        lines=text.split("\n"),
        parsed=parse_plan(text).to_json(),
        source_name="要点.txt",
        source_sha256="0" * 64,
        now=NOW,
    )


def draft(plan: Plan, word: str) -> DraftTask:
    return next(one for one in plan.drafts.all() if word in one.content["text"])


def settle(district: District, plan: Plan) -> None:
    """Answer what is doubtful: name the unknown unit and confirm the rest."""
    unknown = draft(plan, "信息共享")
    org = make_org("示例区大数据发展中心")
    review.match_unit(
        actor=district.director, draft=unknown, index=0, organisations=[org], learn=True, version=unknown.version,
        now=NOW,
    )  # fmt: skip
    for one in plan.drafts.all():
        review.correct_draft(actor=district.director, draft=one, fields={}, version=one.version, now=NOW)


def test_an_imported_document_waits_for_review_with_its_head_read_and_its_units_matched(district: District) -> None:
    plan = register(district)
    assert (plan.status, plan.number, plan.issuer) == ("REVIEW", "示安办〔2026〕7号", "示例区安全生产委员会办公室")
    assert plan.document_date == date(2026, 3, 10)
    assert plan.lines == TEXT.split("\n")
    assert [one.content["line"] for one in plan.drafts.order_by("order")] == [16, 20, 24]
    towns = draft(plan, "健全机制").units
    assert [(unit["name"], len(unit["organisations"]), unit["sure"]) for unit in towns] == [
        ("区应急局", 1, True),
        ("各街道办事处", 2, True),
    ]
    unknown = draft(plan, "信息共享").units[0]
    assert (unit_state := (unknown["organisations"], unknown["sure"])) == ([], False), unit_state
    assert WorkItem.objects.get(subject_id=plan.pk).duty == "duty.plans.review"


def test_a_commit_with_open_doubts_is_refused_naming_each_and_changes_nothing(district: District) -> None:
    plan = register(district)
    with pytest.raises(Invalid) as refusal:
        commit_plan(actor=district.director, plan=plan, now=NOW)
    assert f"draft-{draft(plan, '信息共享').pk}" in refusal.value.fields
    plan.refresh_from_db()
    assert plan.status == "REVIEW"
    assert not Task.objects.exists()


def test_a_commit_makes_every_task_with_its_units_dates_targets_and_receipts(district: District) -> None:
    plan = register(district)
    settle(district, plan)
    commit_plan(actor=district.director, plan=plan, now=NOW)
    assert plan.status == "RUNNING"
    tasks = list(Task.objects.filter(plan=plan).order_by("order"))
    assert [task.kind for task in tasks] == ["dated", "dated_then_continuing", "continuing"]
    assert [task.due_date for task in tasks] == [date(2026, 10, 31), date(2026, 6, 30), None]
    assert tasks[2].review_date == date(2026, 12, 31)
    assert {one.org.name for one in tasks[1].assignments.all()} == {
        "示例区应急管理局", "甲街道办事处", "乙街道办事处",
    }  # fmt: skip
    target = tasks[0].targets.get()
    assert (target.value, target.unit) == (14, "座")
    assert {receipt.org.name for receipt in plan.receipts.all()} == {
        "示例区应急管理局", "甲街道办事处", "乙街道办事处",
    }  # fmt: skip


def test_an_addressee_receives_the_plan_once_and_a_stranger_never_sees_it(district: District) -> None:
    plan = register(district)
    settle(district, plan)
    commit_plan(actor=district.director, plan=plan, now=NOW)
    receipt = Receipt.objects.visible_to(district.town).get()
    receive(actor=district.town, receipt=receipt, now=NOW)
    assert (receipt.status, receipt.received_at) == ("RECEIVED", NOW)
    assert Plan.objects.visible_to(district.town).get() == plan
    assert not Plan.objects.visible_to(district.enterprise).exists()
    with pytest.raises(NotPermitted):
        receive(actor=district.enterprise, receipt=plan.receipts.exclude(pk=receipt.pk).first(), now=NOW)


def test_a_confirmed_match_is_learnt_as_an_alias_and_serves_the_next_plan(district: District) -> None:
    plan = register(district)
    settle(district, plan)
    assert OrganisationAlias.objects.get(name="区大数据中心").origin == "review"
    again = register(district)
    assert draft(again, "信息共享").units[0]["sure"]


def test_of_two_who_edit_the_same_draft_the_second_is_told_and_nothing_is_lost(district: District) -> None:
    plan = register(district)
    first = draft(plan, "专项检查")
    second = DraftTask.objects.get(pk=first.pk)
    review.correct_draft(
        actor=district.director, draft=first, fields={"title": "甲的标题"}, version=first.version, now=NOW
    )
    with pytest.raises(StaleState):
        review.correct_draft(
            actor=district.director, draft=second, fields={"title": "乙的标题"}, version=second.version, now=NOW
        )
    second.refresh_from_db()
    assert second.content["title"] == "甲的标题"


def test_of_two_who_commit_the_same_review_one_wins_and_tasks_are_made_once(transactional_db: None) -> None:
    district = dress(make_district())
    plan = register(district)
    settle(district, plan)
    outcomes: list[str] = []

    def commit() -> None:
        try:
            commit_plan(actor=district.director, plan=Plan.objects.get(pk=plan.pk), now=NOW)
            outcomes.append("won")
        except StaleState:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=commit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "won"]
    assert Task.objects.filter(plan=plan).count() == 3


def test_splitting_and_merging_keep_every_word_and_unit(district: District) -> None:
    plan = register(district)
    one = draft(plan, "专项检查")
    text = one.content["text"]
    head, tail = review.split_draft(actor=district.director, draft=one, at=13, version=one.version, now=NOW)
    assert head.content["text"] + tail.content["text"] == text
    assert head.order < tail.order < draft(plan, "健全机制").order
    assert tail.units == head.units
    merged = review.merge_drafts(actor=district.director, drafts=[tail, head], now=NOW)
    assert merged.content["text"].replace("\n", "") == text
    tail.refresh_from_db()
    assert tail.dropped


def test_a_deadline_before_the_plan_begins_is_refused_beside_its_field(district: District) -> None:
    plan = register(district)
    one = draft(plan, "专项检查")
    with pytest.raises(Invalid) as refusal:
        review.correct_draft(
            actor=district.director, draft=one, fields={"due_date": "2025-01-01"}, version=one.version, now=NOW
        )
    assert list(refusal.value.fields) == ["due_date"]
    review.correct_draft(
        actor=district.director, draft=one, fields={"due_date": "2026-11-01"}, version=one.version, now=NOW
    )
    assert one.content["due_date"] == "2026-11-01"


def test_a_dropped_draft_needs_a_reason_and_does_not_become_a_task(district: District) -> None:
    plan = register(district)
    one = draft(plan, "健全机制")
    with pytest.raises(Invalid):
        review.drop_draft(actor=district.director, draft=one, reason=" ", version=one.version, now=NOW)
    review.drop_draft(actor=district.director, draft=one, reason="属上级任务", version=one.version, now=NOW)
    settle_rest = [other for other in plan.drafts.all() if not other.dropped]
    assert len(settle_rest) == 2
