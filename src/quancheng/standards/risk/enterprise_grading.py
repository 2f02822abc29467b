"""Grading of enterprises that produce hazardous chemicals or trade with storage (安全风险评估诊断分级), by 100 points.

Source: 应急〔2018〕19号 [V]. The guide floors an item at 0 and is silent on a cap: the raw score is kept and at most
100 is shown [D]. A case of R1 to R4 overrides the score. A grading counts three years and is made anew at once by a
trigger.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from quancheng.standards.risk.basis import whole
from quancheng.standards.risk.points import Answer, Item, load, score
from quancheng.standards.risk.verdict import GradingResult, conclude
from quancheng.standards.wording import Text

SCHEME = "guide19"
#: Accidents that contradict the bonus for none in five years.
_ACCIDENTS = ("I1b", "I1c", "I1d")


@cache
def items() -> tuple[Item, ...]:
    """All items in order. A4a of the guide stands as two, for fire class A and B."""
    return load("enterprise_grading")


def grade(
    *,
    answers: Mapping[str, Answer],
    red_flags: Mapping[str, Answer] | None = None,
    forced: Mapping[str, Answer] | None = None,
    self_explosive: bool | None = None,
    on: date,
) -> GradingResult:
    """The grading of an enterprise on a day. ``answers`` are by the code of an item, ``red_flags`` by R1 to R4,
    ``forced`` by the code of a case that forces a colour; a count of 0 says that a case does not hold. What is not
    answered takes nothing away and is a doubt, so an empty answer gives 100.

    ``self_explosive``: whether it has self-explosive chemicals (epoxides, peroxides, azo, nitro compounds), which only
    the provincial authority assesses.

    :raises BadInput: as :func:`~quancheng.standards.risk.points.score` and
        :func:`~quancheng.standards.risk.verdict.conclude`.
    """
    scored = score(items(), answers)
    doubts: list[Text] = []
    if self_explosive:
        doubts.append(
            Text(
                "涉及爆炸危险性化学品，由省级应急管理部门组织评估",
                "Self-explosive chemicals: the provincial authority assesses it",
            )
        )
    elif self_explosive is None:
        doubts.append(Text("未填写是否涉及爆炸危险性化学品", "Not told whether it has self-explosive chemicals"))
    if _holds(answers, "I1e") and any(_holds(answers, code) for code in _ACCIDENTS):
        doubts.append(
            Text(
                "既填写了三年内发生事故，又填写了五年内无事故",
                "An accident within 3 years and none within 5 were both told",
            )
        )
    if (answer := answers.get("I1a")) and answer.choice and _holds(forced or {}, "NO_STANDARD"):
        doubts.append(
            Text(
                "既填写了标准化等级，又填写了没有有效等级", "A standardization grade and the lack of one were both told"
            )
        )
    return conclude(
        SCHEME,
        scored,
        red_answers=red_flags or {},
        forced_answers=forced or {},
        on=on,
        doubts=tuple(doubts),
    )


def accident_answers(
    *,
    severe_3y: int,
    larger_3y: int,
    fatal_3y: int,
    fatal_1y: int,
    notable_3y: int,
    any_5y: bool,
    source: str = "registry",
    day: date | None = None,
    who: str = "",
) -> tuple[dict[str, Answer], Answer]:
    """Answers to I1b to I1e, and that to R4, from counts of accidents: severe or worse (重大以上), larger (较大),
    general with deaths (``fatal``) within three years and one, ``notable`` with social effect and nobody hurt, any
    within five.

    :raises BadInput: a negative count, or more fatal ones within one year than within three.
    """
    for name, value in (
        ("severe_3y", severe_3y),
        ("larger_3y", larger_3y),
        ("fatal_3y", fatal_3y),
        ("notable_3y", notable_3y),
    ):
        whole(name, value)
    whole("fatal_1y", fatal_1y, high=fatal_3y)

    def answer(holds: bool) -> Answer:
        return Answer(count=int(holds), source=source, day=day, who=who)

    happened = bool(severe_3y or larger_3y or fatal_3y or notable_3y)
    found = {
        "I1b": answer(larger_3y > 0),
        "I1c": answer(fatal_3y > 0),
        "I1d": answer(notable_3y > 0),
        "I1e": answer(not any_5y and not happened),
    }
    return found, answer(severe_3y > 0 or larger_3y > 1 or fatal_1y > 1)


def _holds(answers: Mapping[str, Answer], code: str) -> bool:
    return code in answers and answers[code].count > 0
