"""The smallest valid rows of 风险."""

from __future__ import annotations

from typing import Any

from tests.factories import NOW, District

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Grading, Measure, Post, RiskAssessment, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.services import assessing, gradings, posts, risks
from quancheng.kernel.access.actor import Actor


def make_post(actor: Actor, file: Enterprise, **known: Any) -> Post:
    given = {"name": "班长", "layer": "team", "department": "储运部", "is_key": False, **known}
    return posts.enter_post(actor=actor, file=file, known=given, now=NOW)


def make_object(actor: Actor, file: Enterprise, **known: Any) -> RiskObject:
    given = {
        "code": "O1", "name": "示例罐区", "kind": "storage", "place": None, "department": "储运部", "head": "示例甲",
        **known,
    }  # fmt: skip
    return risks.enter_object(actor=actor, file=file, known=given, now=NOW)


def make_unit(actor: Actor, parent: RiskObject, **known: Any) -> RiskUnit:
    return risks.enter_unit(actor=actor, parent=parent, known={"code": "U1", "name": "示例储罐", **known}, now=NOW)


def make_event(actor: Actor, unit: RiskUnit, **known: Any) -> RiskEvent:
    return risks.enter_event(actor=actor, unit=unit, known={"name": "储罐超液位溢料引发火灾", **known}, now=NOW)


def make_measure(actor: Actor, event: RiskEvent, **known: Any) -> Measure:
    given = {
        "mode": "2", "text": "高液位报警有效", "category": "1", "subcategory": "1-4", "check_text": "试验报警有声光",
        **known,
    }  # fmt: skip
    return risks.enter_measure(actor=actor, event=event, known=given, now=NOW)


def make_assessment(
    actor: Actor, event: RiskEvent, likelihood: int, severity: int, *, stage: str = "inherent", **facts: Any
) -> RiskAssessment:
    return assessing.assess(
        actor=actor, event=event, stage=stage, method="LS",
        values={"likelihood": likelihood, "severity": severity}, facts=facts, assessed_by="示例评估组", day=NOW.date(),
        text="", now=NOW,
    )  # fmt: skip


def make_grading(actor: Actor, file: Enterprise, **known: Any) -> Grading:
    given = {"cause": "first", "text": "", **known}
    return gradings.begin_grading(actor=actor, file=file, now=NOW, **given)


def fill_and_submit(district: District, row: Grading, *, by: Actor | None = None, **values: Any) -> Grading:
    """All that is asked answered with no, but for what is given, and handed in."""
    who = by or district.enterprise
    told = {
        question.code: values.get(question.code, "" if question.kind == "choice" else "0")
        for question, _known in gradings.asked(row, NOW.date())
    }
    gradings.fill_grading(
        actor=who, row=row, values=told, comments={}, assessed_by="示例评估机构", assessed_date=NOW.date(),
        evidence=[], now=NOW,
    )  # fmt: skip
    return gradings.submit_grading(actor=who, row=row, reason="代填", now=NOW)
