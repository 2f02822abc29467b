"""The objective tree of a plan (目标树): overall idea and goals, the headings that carry them, tasks, lights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quancheng.domains.duty.models import ChartLink, Plan, PlanSection, Task
from quancheng.domains.duty.plans.serving import likeness
from quancheng.domains.duty.queries.rollup import Rolled, roll_up, worst
from quancheng.domains.duty.queries.tasks import list_tasks
from quancheng.kernel.access.actor import Actor

#: Headings under these themes say what shall be reached.
_AIMS = ("goal", "context")
#: A clause of the overall idea may name a heading of the work from this likeness on; the likest does.
_NAMED = 0.2


@dataclass(slots=True)
class Strand:
    """One clause of the overall idea, with the headings of the work that seem to carry it.

    :ivar likeness: of the words of clause and heading, 0 to 1; no document says that they belong together.
    """

    text: str
    nodes: list[Node]
    likeness: float

    @property
    def percent(self) -> int:
        return round(self.likeness * 100)

    @property
    def light(self) -> str:
        return worst(node.light for node in self.nodes)

    @property
    def done(self) -> int:
        return sum(node.done for node in self.nodes)

    @property
    def total(self) -> int:
        return sum(node.total for node in self.nodes)


@dataclass(slots=True)
class Node:
    """A heading with what is below. ``light`` is the worst; ``done`` and ``total`` count tasks that have units."""

    title: str
    line: int
    level: int
    is_aim: bool
    texts: list[str] = field(default_factory=list)
    #: Numbers that a goal states, as printed.
    targets: list[str] = field(default_factory=list)
    strands: list[Strand] = field(default_factory=list)
    tasks: list[tuple[Task, Rolled]] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def rolled(self) -> list[Rolled]:
        return [rolled for node in self.walk() for _task, rolled in node.tasks]

    @property
    def light(self) -> str:
        return worst(one.light for one in self.rolled)

    @property
    def done(self) -> int:
        return sum(one.is_done for one in self.rolled if one.is_own)

    @property
    def total(self) -> int:
        return sum(one.is_own for one in self.rolled)


def build_tree(*, actor: Actor, plan: Plan, now: datetime) -> list[Node]:
    """The tree of a plan that the caller was given, with the tasks that the actor may see. Six queries.

    A task of the chart stands under the first task of the text that it serves, one that serves none under its annex.
    """
    tasks = list(list_tasks(actor=actor).filter(plan=plan).order_by("order", "pk"))
    rolled = roll_up(actor=actor, tasks=[task.pk for task in tasks], now=now)
    lines: dict[object, int] = dict(PlanSection.objects.filter(plan=plan).order_by("order").values_list("pk", "line"))
    nodes = [_node(section) for section in plan.parsed.get("sections", ())]
    by_line = {node.line: node for root in nodes for node in root.walk()}
    home = {task.pk: lines.get(task.section_id) for task in tasks}
    links = ChartLink.objects.filter(task__plan=plan).order_by("serves__order", "pk").values_list("task", "serves")
    for task_id, served in reversed(list(links)):
        if home.get(served) is not None:
            home[task_id] = home[served]
    loose = Node("", 0, 0, is_aim=False)
    for task in tasks:
        by_line.get(home[task.pk] or -1, loose).tasks.append((task, rolled[task.pk]))
    _say(by_line, plan.parsed.get("passages", ()))
    for root in nodes:
        _strands(root)
    found = [node for node in (_pruned(root) for root in nodes) if node is not None]
    return [*found, loose] if loose.tasks else found


def _node(section: Mapping[str, Any]) -> Node:
    mark = str(section["mark"])
    return Node(
        f"{mark}{section['title']}",
        section["line"],
        section["level"],
        is_aim=section["kind"] in _AIMS,
        children=[_node(child) for child in section["children"]],
    )


def _say(by_line: Mapping[int, Node], passages: Sequence[Mapping[str, Any]]) -> None:
    """Put what a goal or an overall idea says under its heading."""
    starts = sorted(by_line)
    for passage in passages:
        above = [line for line in starts if line <= passage["line"]]
        if passage["why"] in _AIMS and above and by_line[above[-1]].is_aim:
            node = by_line[above[-1]]
            node.texts.append(str(passage["text"]))
            node.targets += [str(one["phrase"]) for one in passage.get("targets", ())]


def _strands(root: Node) -> None:
    """Under each overall idea, the clauses that name a heading of the same part's work."""
    work = [
        child
        for node in root.walk()
        if not node.is_aim
        for child in node.children
        if child.level == 2 and not child.is_aim and child.total
    ]
    for node in root.walk():
        if not node.is_aim:
            continue
        for clause in re.split(r"[，。；、]|以及|和(?=[\u4e00-\u9fff]{4})", "".join(node.texts)):
            found = [(likeness(clause, one.title), one) for one in work]
            best = max((score for score, _one in found), default=0.0)
            if best >= _NAMED:
                node.strands.append(Strand(clause, [one for score, one in found if score == best], best))


def _pruned(node: Node) -> Node | None:
    """The node without branches that say and hold nothing."""
    node.children = [child for child in (_pruned(child) for child in node.children) if child is not None]
    return node if node.children or node.tasks or node.texts else None
