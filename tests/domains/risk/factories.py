"""The smallest valid rows of 风险."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.factories import NOW, District
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import (
    Analysis,
    AnalysisRow,
    EnvironmentalFacility,
    Grading,
    LopaScenario,
    Measure,
    Post,
    Reaction,
    RiskAssessment,
    RiskEvent,
    RiskObject,
    RiskUnit,
    StartStop,
)
from quancheng.domains.risk.services import (
    analyses,
    assessing,
    environmental,
    gradings,
    lopa,
    posts,
    reactions,
    risks,
    start_stops,
)
from quancheng.kernel.access.actor import Actor
from quancheng.standards.risk import start_stop as standard


@replayed
def make_post(actor: Actor, file: Enterprise, **known: Any) -> Post:
    given = {"name": "班长", "layer": "team", "department": "储运部", "is_key": False, **known}
    return posts.enter_post(actor=actor, file=file, known=given, now=NOW)


@replayed
def make_object(actor: Actor, file: Enterprise, **known: Any) -> RiskObject:
    given = {
        "code": "O1", "name": "示例罐区", "kind": "storage", "place": None, "department": "储运部", "head": "示例甲",
        **known,
    }  # fmt: skip
    return risks.enter_object(actor=actor, file=file, known=given, now=NOW)


@replayed
def make_unit(actor: Actor, parent: RiskObject, **known: Any) -> RiskUnit:
    return risks.enter_unit(actor=actor, parent=parent, known={"code": "U1", "name": "示例储罐", **known}, now=NOW)


@replayed
def make_event(actor: Actor, unit: RiskUnit, **known: Any) -> RiskEvent:
    return risks.enter_event(actor=actor, unit=unit, known={"name": "储罐超液位溢料引发火灾", **known}, now=NOW)


@replayed
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


@replayed
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


#: A row of each method that has nothing wrong, by the five-by-five matrix.
ROWS: dict[str, dict[str, Any]] = {
    "JHA": {
        "step_no": 1, "step_name": "连接卸料软管", "hazard": "软管老化泄漏", "hazard_class": "21",
        "main_consequence": "08", "measures_engineering": "软管每半年试压\n拉断阀完好", "measures_ppe": "戴防护手套",
        "f_likelihood": "2", "f_severity": "4", "control_level": "team",
    },
    "SCL": {
        "item_no": 1, "check_item": "安全阀", "standard_requirement": "每年校验一次", "basis": "TSG 21",
        "deviation": "超期未校验", "consequence": "超压泄漏", "measures_management": "到期前一个月报检",
        "f_likelihood": "2", "f_severity": "4", "control_level": "team",
    },
    "HAZOP": {
        "node_no": "1", "node_desc": "V-101进料", "design_intent": "以20 m³/h进料", "drawing_no": "P-101",
        "parameter": "level", "guide_word": "MORE", "cause": "液位计失灵", "consequence": "溢料着火",
        "safeguards": "高高液位联锁切断", "f_likelihood": "2", "f_severity": "5", "is_ipl": True,
        "suggestion": "增设独立高液位开关", "r_likelihood": "1", "r_severity": "5", "responsible": "设备部长",
        "due_on": "2026-12-31",
    },
}  # fmt: skip
HEADS = {
    "JHA": {"number": "JHA-01", "department": "储运部", "post": "装卸岗", "activity": "槽车卸料"},
    "SCL": {"equipment": "V-101", "medium": "甲醇", "design_parameters": "常压", "operating_parameters": "25℃"},
    "HAZOP": {"scope": "V-101罐区", "basis": "P&ID P-101"},
}


@replayed
def make_analysis(actor: Actor, unit: RiskUnit, method: str = "JHA", **known: Any) -> Analysis:
    given = {"title": "卸料作业分析", "team": "甲、乙", "leader": "甲", "analysed_date": NOW.date(), **known}
    rating = given.pop("rating", "LS")
    return analyses.begin_analysis(
        actor=actor, unit=unit, method=method, rating=rating, known=given, head=HEADS[method], now=NOW
    )


@replayed
def make_row(actor: Actor, analysis: Analysis, **values: Any) -> AnalysisRow:
    return analyses.save_row(actor=actor, analysis=analysis, values={**ROWS[analysis.method], **values}, now=NOW)


def in_force(actor: Actor, reviewer: Actor, analysis: Analysis) -> Analysis:
    """Submitted by one person and approved by another."""
    analyses.submit_analysis(actor=actor, row=analysis, now=NOW)
    return analyses.approve_analysis(actor=reviewer, row=analysis, text="", now=NOW)


@replayed
def make_lopa(actor: Actor, unit: RiskUnit, **known: Any) -> LopaScenario:
    given = {
        "name": "液位计失灵致溢料着火", "initiating": "BPCS_LOOP", "initiating_text": "", "initiating_parts": "LT-101",
        "conditions": [("点火概率", Decimal("0.5"))],
        "layers": [("高高液位联锁", "SIL1", Decimal("0.01"), ("LT-102", "XV-101")), ("围堰", "BUND", None, ())],
        "tolerable": Decimal("0.00001"), "tolerable_basis": "企业标准", "day": NOW.date(), "assessed_by": "甲", **known,
    }  # fmt: skip
    return lopa.enter_lopa(actor=actor, unit=unit, known=given, now=NOW)


@replayed
def make_reaction(actor: Actor, file: Enterprise, **known: Any) -> Reaction:
    given = {
        "title": "氯化反应", "facility": None, "process": "", "tp": Decimal(80), "mtsr": Decimal(150),
        "mtt": Decimal(110), "td24": Decimal(200), "assessed_by": "示例评估机构", "assessed_date": NOW.date(),
        "report_no": "R-1", **known,
    }  # fmt: skip
    return reactions.enter_reaction(actor=actor, file=file, known=given, evidence=[], now=NOW)


@replayed
def make_start_stop(actor: Actor, file: Enterprise, **known: Any) -> StartStop:
    """A draft; ``units`` or ``facilities`` are given by the test."""
    given = {
        "kind": "after_overhaul", "title": "一号装置开车", "units": [], "facilities": [],
        "planned_from": NOW + timedelta(hours=3), "planned_to": NOW + timedelta(days=2), "actual_from": None,
        "leader": "示例甲", "analysis": None, "risks": "升温过快", "measures": "按速率升温，专人监护", **known,
    }  # fmt: skip
    return start_stops.enter_start_stop(actor=actor, file=file, known=given, evidence=[], now=NOW)


def confirmed(actor: Actor, row: StartStop) -> StartStop:
    """Every condition of a draft met."""
    answers = {one.code: "yes" for one in standard.conditions(row.kind)}
    return start_stops.confirm_conditions(actor=actor, row=row, answers=answers, texts={}, now=NOW)


@replayed
def make_environmental(actor: Actor, file: Enterprise, **known: Any) -> EnvironmentalFacility:
    given = {
        "title": "一号RTO", "kind": "rto", "facility": None, "place": "罐区北侧", "media": "甲醇", "in_use_date": None,
        **known,
    }  # fmt: skip
    return environmental.enter_facility(actor=actor, file=file, known=given, now=NOW)
