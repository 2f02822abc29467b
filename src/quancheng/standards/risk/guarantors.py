"""The three responsible persons of a major hazard (重大危险源安全包保责任人): duties, lists of tasks, rhythm, sign
board.

Source: 应急厅〔2021〕12号. That there are lists of 9, 9 and 10 tasks is verified; the wording of the items is ours [D]
and to be replaced by the official list before ``taskNum`` is uploaded. Duties and rhythm are general knowledge [G].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from functools import cache

from quancheng.standards.risk.basis import choice, table, text_of
from quancheng.standards.wording import Text

#: The persons, in the order of ``workType`` 1 to 3 of the exchange format.
ROLES: dict[str, Text] = {
    "main": Text("主要负责人", "Main responsible person"),
    "technical": Text("技术负责人", "Technical responsible person"),
    "operation": Text("操作负责人", "Operation responsible person"),
}
#: ``workType`` of a task that belongs to none of them.
DAILY_WORK_TYPE = 0
#: What the sign board (公示牌) at the hazard shows [G].
SIGN_BOARD: tuple[Text, ...] = (
    Text("重大危险源名称", "Name of the hazard"),
    Text("级别", "Level"),
    Text("R值", "R value"),
    Text("涉及的危险化学品", "Chemicals"),
    Text("三名包保责任人的姓名、职务", "The three names with posts"),
    Text("联系电话", "Telephone numbers"),
    Text("职责", "Duties"),
    Text("举报电话", "Telephone for complaints"),
)
#: By when the daily promise (安全承诺公告) is made in some provinces [V].
PROMISE_BY = time(10, 0)


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a person, in short."""

    role: str
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a person's list. It is done every ``every`` of ``unit`` (``day``, ``month``, ``year``), as
    :class:`~quancheng.standards.risk.check_cycles.Cycle` has them.
    """

    role: str
    number: int
    text: Text
    every: int
    unit: str
    mark: str

    @property
    def code(self) -> str:
        """``technical-3``."""
        return f"{self.role}-{self.number}"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a person checks at least: ``times`` every ``every`` of ``unit``. ``needs`` is ``high_risk`` or
    ``other`` where it turns on the trade.
    """

    role: str
    code: str
    text: Text
    times: int
    every: int
    unit: str
    needs: str
    mark: str


def work_type(role: str) -> int:
    """1 to 3, as the exchange format has it. BadInput for no role."""
    return list(ROLES).index(choice("role", role, ROLES)) + 1


@cache
def _duties() -> tuple[Duty, ...]:
    return tuple(Duty(row["role"], text_of(row), row["mark"]) for row in table("guarantor_duties"))


@cache
def _tasks() -> tuple[Task, ...]:
    return tuple(
        Task(row["role"], int(row["number"]), text_of(row), int(row["every"]), row["unit"], row["mark"])
        for row in table("guarantor_tasks")
    )


@cache
def _rhythms() -> tuple[Rhythm, ...]:
    return tuple(
        Rhythm(
            row["role"],
            row["code"],
            text_of(row),
            int(row["times"]),
            int(row["every"]),
            row["unit"],
            row["needs"],
            row["mark"],
        )
        for row in table("guarantor_rhythms")
    )


def duties(role: str) -> tuple[Duty, ...]:
    """The duties of a person. BadInput for no role."""
    choice("role", role, ROLES)
    return tuple(one for one in _duties() if one.role == role)


def tasks(role: str = "") -> tuple[Task, ...]:
    """The tasks of a person, or all. BadInput for no role."""
    if role:
        choice("role", role, ROLES)
    return tuple(one for one in _tasks() if role in ("", one.role))


def rhythms(role: str, *, is_high_risk: bool) -> tuple[Rhythm, ...]:
    """How often a person of a trade checks at least. BadInput for no role."""
    choice("role", role, ROLES)
    skipped = "other" if is_high_risk else "high_risk"
    return tuple(one for one in _rhythms() if one.role == role and one.needs != skipped)
