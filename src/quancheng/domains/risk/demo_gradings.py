"""Gradings of the demo's enterprises in every state, and plans that they call for.

Everything is invented; everything is entered by the people of the demo through the services.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Grading, Policy
from quancheng.domains.risk.queries.grading_facts import scheme_for
from quancheng.domains.risk.services import gradings, policies, regrading
from quancheng.kernel.access.actor import Actor

#: Assessed so long ago that the three years end in some weeks.
_LONG_AGO = 3 * 365 - 45
_EXPERT = "东海示例安全技术服务有限公司"
#: Of those without an account, as many are graded by the office.
_BY_OFFICE = 4


def load(desk: Desk, own: Sequence[uuid.UUID]) -> None:
    """One forced to orange, one red by a direct rule with its plan, one whose time ends, and rounds under way."""
    known = Enterprise.objects.filter(pk__in=own, supervisor__actor_code="EMB").select_related("enterprise")
    files = {own.index(file.pk) + 1: file for file in known if scheme_for(file) is not None}
    rounds: list[tuple[int, Enterprise]] = sorted(files.items(), key=lambda one: one[0])
    steps = (_orange, _red, _ending, _submitted, _returned, _draft)
    for step, (number, file) in zip(steps, rounds, strict=False):
        step(desk, desk.actor(f"enterprise{number}"), file)
    others = Enterprise.objects.filter(
        life="operating", merged_into__isnull=True, supervisor__actor_code="EMB", kind__in=("petrol_station", "depot")
    ).exclude(pk__in=own)
    for file in others.select_related("enterprise").order_by("pinyin", "pk")[:_BY_OFFICE]:
        row = _filled(desk, desk.actor("emb"), file, 200)
        row = gradings.submit_grading(actor=desk.actor("emb"), row=row, reason="企业没有账号", now=desk.ago(190))
        gradings.publish_grading(actor=desk.actor("emb.head"), row=row, text="", now=desk.ago(180))


def _filled(desk: Desk, who: Actor, file: Enterprise, days: int, *, assessed: int = 0, **values: str) -> Grading:
    row = gradings.begin_grading(actor=who, file=file, cause="first", text="", now=desk.ago(days))
    return _fill(desk, who, row, days, assessed or days, values)


def _fill(desk: Desk, who: Actor, row: Grading, days: int, assessed: int, values: Mapping[str, str]) -> Grading:
    told = {
        question.code: values.get(question.code, "" if question.kind == "choice" else "0")
        for question, _known in gradings.asked(row, desk.date_in(-days))
    }
    return gradings.fill_grading(
        actor=who, row=row, values=told, comments={}, assessed_by=_EXPERT,
        assessed_date=desk.today - timedelta(days=assessed), evidence=[desk.paper(who, "评估报告", desk.ago(days))],
        now=desk.ago(days, hour=3),
    )  # fmt: skip


def _published(desk: Desk, row: Grading, who: Actor, days: int) -> Grading:
    row = gradings.submit_grading(actor=who, row=row, reason="", now=desk.ago(days))
    return gradings.publish_grading(actor=desk.actor("emb"), row=row, text="", now=desk.ago(days - 10))


def _orange(desk: Desk, who: Actor, file: Enterprise) -> None:
    _published(desk, _filled(desk, who, file, 150, NO_STANDARD="1", B1a="1"), who, 140)


def _red(desk: Desk, who: Actor, file: Enterprise) -> None:
    """Red by a direct rule; its plan was written and waits for the office."""
    _published(desk, _filled(desk, who, file, 90, R3="1", R4="1", G1b="1"), who, 80)
    row = Policy.objects.exclude(status="ENDED").filter(file=file).first()
    if row is not None:
        measures = [
            ("特种作业人员全部持证上岗，无证人员离岗培训", "人力资源部长", desk.date_in(30)),
            ("修订特殊作业管理制度并逐级考核", "安全总监", desk.date_in(45)),
            ("罐区紧急切断装置改造", "设备部长", desk.date_in(120)),
        ]
        policies.submit_policy(
            actor=who, row=row, goal="一年内消除红色原因，降为黄色", measures=measures, evidence=[], now=desk.ago(50)
        )


def _ending(desk: Desk, who: Actor, file: Enterprise) -> None:
    _published(desk, _filled(desk, who, file, 300, assessed=_LONG_AGO), who, 290)
    regrading.look_at_file(file.pk, now=desk.ago(5))


def _submitted(desk: Desk, who: Actor, file: Enterprise) -> None:
    gradings.submit_grading(actor=who, row=_filled(desk, who, file, 20, B1a="1"), reason="", now=desk.ago(6))


def _returned(desk: Desk, who: Actor, file: Enterprise) -> None:
    row = gradings.submit_grading(actor=who, row=_filled(desk, who, file, 30), reason="", now=desk.ago(20))
    row = gradings.correct_grading(
        actor=desk.actor("emb"), row=row, code="NO_STANDARD", value="0", reason="已查验标准化证书", now=desk.ago(12)
    )
    gradings.answer_grading(actor=desk.actor("emb"), row=row, name="return", reason="请补充评估报告", now=desk.ago(10))


def _draft(desk: Desk, who: Actor, file: Enterprise) -> None:
    gradings.begin_grading(actor=who, file=file, cause="first", text="", now=desk.ago(4))
