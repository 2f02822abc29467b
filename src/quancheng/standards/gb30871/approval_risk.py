"""Who approves by the risk of a job (按风险提级审批): points of what makes it graver move the approver up [D].

Table B.1 is the floor: nobody below it ever approves, whatever the score. The power supply unit, which is replaced by
nobody, stays. Points and bounds are the enterprise's own (:mod:`.parameters`); a bound of 0 is off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871.basis import table
from quancheng.standards.gb30871.parameters import Parameters
from quancheng.standards.gb30871.roles import at_least
from quancheng.standards.wording import Text

#: The approver of each rung by kind; what is not named here is of the last.
_DEPARTMENT = {"HW": "SAFETY_DEPT", "CS": "SAFETY_DEPT"}
_LEADER = {"WH": "PLANT_DIRECTOR", "LF": "PLANT_DIRECTOR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFacts:
    """What the score of one job turns on. ``colour`` and ``unit_colour`` RED, ORANGE or anything else; ``met`` how much
    other work it meets."""

    kind: str
    level: str = ""
    is_odd_hours: bool = False
    is_contractor: bool = False
    colour: str = ""
    unit_colour: str = ""
    open_alarms: int = 0
    met: int = 0
    is_new_crew: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a score."""

    code: str
    points: int
    text: Text


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a job with what gave points, in order."""

    points: int
    reasons: tuple[Reason, ...]


@cache
def _classes() -> dict[tuple[str, str], str]:
    return {(row["kind"], row["level"]): row["class"] for row in table("approval_risk")}


def approval_score(facts: RiskFacts, figures: Parameters) -> Score:
    """The score of a job by the enterprise's points. No line weighs less than nothing, so that nothing lowers it."""
    colours = {facts.colour, facts.unit_colour}
    grade = _classes().get((facts.kind, facts.level), "")
    lines = (
        ("HIGH", grade == "high", figures.risk_high, 1, Text("高风险类别和级别", "kind and level of high risk")),
        ("MIDDLE", grade == "middle", figures.risk_middle, 1,
         Text("较高风险类别和级别", "kind and level of middle risk")),
        ("ODD_HOURS", facts.is_odd_hours, figures.risk_odd_hours, 1,
         Text("夜间、休息日或节假日作业", "at night or on a day off")),
        ("CONTRACTOR", facts.is_contractor, figures.risk_contractor, 1, Text("承包商作业", "contractors' work")),
        ("RED", "RED" in colours, figures.risk_red, 1, Text("企业或单元为红色", "the enterprise or unit is red")),
        ("ORANGE", "ORANGE" in colours and "RED" not in colours, figures.risk_orange, 1,
         Text("企业或单元为橙色", "the enterprise or unit is orange")),
        ("ALARM", facts.open_alarms > 0, figures.risk_alarm, facts.open_alarms,
         Text(f"未处置报警{facts.open_alarms}个", f"{facts.open_alarms} open alarms")),
        ("MET", facts.met > 0, figures.risk_met, facts.met,
         Text(f"交叉作业{facts.met}处", f"{facts.met} conflicts with other work")),
        ("NEW_CREW", facts.is_new_crew, figures.risk_new_crew, 1,
         Text("班组首次在本企业作业", "the crew works there for the first time")),
    )  # fmt: skip
    reasons = tuple(
        Reason(code, int(each) * number, text) for code, holds, each, number, text in lines if holds and each > 0
    )
    return Score(sum(one.points for one in reasons), reasons)


def approver_by_risk(kind: str, demanded: str, score: int, figures: Parameters) -> str:
    """The role that approves: that of table B.1, or a higher one from the score on which the enterprise set.

    :param demanded: the approver of table B.1; never a lower one comes out. BadInput for a role that is none.
    """
    wanted = ""
    if 0 < figures.risk_leader_from <= score:
        wanted = _LEADER.get(kind, "RESP_LEADER")
    elif 0 < figures.risk_department_from <= score:
        wanted = _DEPARTMENT.get(kind, "SPECIALIST_DEPT")
    return at_least(wanted, demanded)
