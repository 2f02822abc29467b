"""Boards on the spot (公告栏、告知牌、公示牌): which an enterprise needs, and what each says now.

What a board says is plain values in Chinese, as it is printed: kept with each print and compared with what stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.kinds import BoardKind, Layer, Level
from quancheng.domains.risk.models import RiskBoard, RiskObject, RiskUnit
from quancheng.domains.risk.queries.card_facts import Facts, chemicals_at, events_of_units
from quancheng.domains.risk.queries.guarantors_of import Guarantor, guarantors_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.risk import guarantors
from quancheng.standards.risk.signs import signs_of

#: Where one complains about a major hazard or a danger, where the district set nothing. [G]
COMPLAINT_PHONE = "12350"
_LIVE = Q(ended_date__isnull=True)
#: Rows of one board; a longer list does not fit on it.
_MOST_ROWS = 24
#: Condition of the list.
IS_OUTDATED = Q(outdated_at__isnull=False)
IS_UNPRINTED = Q(edition=0)


@dataclass(frozen=True, slots=True)
class Needed:
    """A board that an enterprise needs, with who stands on it where nobody said otherwise."""

    kind: str
    name: str
    unit: RiskUnit | None = None
    place: Unit | None = None
    direct_person: str = ""


def list_boards(*, actor: Actor) -> QuerySet[RiskBoard]:
    """Boards that hang or should, of the enterprises that the actor may see."""
    return (
        RiskBoard.objects.visible_to(actor)
        .filter(_LIVE)
        .select_related("file__enterprise", "area", "unit", "place")
        .order_by(F("outdated_at").asc(nulls_last=True), "file", "kind", "name", "pk")
    )


def get_board(*, actor: Actor, board_id: uuid.UUID) -> RiskBoard:
    """Raise NotFound for absent and for out of scope alike; ended ones are read too."""
    rows = RiskBoard.objects.visible_to(actor).select_related("file__enterprise", "unit__object", "place")
    found = rows.filter(pk=board_id).first()
    if found is None:
        raise NotFound
    return found


def needed_boards(file: Enterprise) -> list[Needed]:
    """One for the enterprise, one for each risk point of larger or major risk, one for each major hazard.

    A risk point counts by its worst event, without measures or with them: measures do not take the board down.
    """
    grave = Q(events__ended_date__isnull=True) & (
        Q(events__inherent_level__lte=Level.LARGER) | Q(events__static_level__lte=Level.LARGER)
    )
    units = RiskUnit.objects.filter(_LIVE, grave, object__file=file, object__ended_date__isnull=True)
    found = [Needed(BoardKind.ENTERPRISE, file.enterprise.name)]  # type: ignore[union-attr]
    ordered = units.select_related("object").distinct().order_by("object__code", "code", "pk")
    found += [Needed(BoardKind.POINT, one.name, unit=one, direct_person=one.object.head) for one in ordered]
    places = Unit.objects.filter(file=file, ended_date__isnull=True, legal_grade__isnull=False).order_by("code")
    return found + [Needed(BoardKind.HAZARD, one.name, place=one) for one in places]


def content_of(board: RiskBoard, *, on: date) -> Facts:
    """What a board says now."""
    if board.unit is not None:
        return _point(board, board.unit)
    if board.place is not None:
        return _hazard(board, board.place, on)
    return _enterprise(board)


def _enterprise(board: RiskBoard) -> Facts:
    """The enterprise's board (安全风险公告栏): its major hazards and its graver risks, consequences, measures, who."""
    file = board.file
    objects = RiskObject.objects.filter(_LIVE, file=file)
    units = {one.pk: one for one in RiskUnit.objects.filter(_LIVE, object__in=objects).select_related("object", "post")}
    by_unit = events_of_units(list(units))
    events = [one for each in by_unit.values() for one in each]
    heads = {event["id"]: units[pk].object for pk, each in by_unit.items() for event in each}
    events.sort(key=lambda one: (one["level"] or 9, one["id"]))
    rows = [_row(one, heads[one["id"]].name, heads[one["id"]].head) for one in events[:_MOST_ROWS]]
    levels = [one["level"] for one in events if one["level"]]
    return {
        "title": "安全风险公告栏", "level": min(levels, default=None),
        "name": file.enterprise.name,  # type: ignore[union-attr]
        "counts": [[level, levels.count(level)] for level in Level.values],
        "rows": rows, "more": max(0, len(events) - _MOST_ROWS), "phone": file.emergency_phone,
        "signs": _signs(events), "persons": _persons(board), "complaint": COMPLAINT_PHONE,
    }  # fmt: skip


def _point(board: RiskBoard, unit: RiskUnit) -> Facts:
    """The board of one risk point (较大以上风险告知牌): colour, events, measures, the three who control it."""
    events = events_of_units([unit.pk]).get(unit.pk, [])
    parent = unit.object
    return {
        "title": "安全风险告知牌", "name": f"{parent.name} {unit.name}", "level": unit.present_level,
        "rows": [_row(one, unit.name, board.direct_person or parent.head) for one in events[:_MOST_ROWS]],
        "more": max(0, len(events) - _MOST_ROWS),
        "department": parent.department, "phone": board.file.emergency_phone, "signs": _signs(events),
        "persons": _persons(board), "complaint": COMPLAINT_PHONE,
    }  # fmt: skip


def _hazard(board: RiskBoard, place: Unit, on: date) -> Facts:
    """The sign board of a major hazard (公示牌): name, level, R, chemicals, three names, duties, complaints."""
    known = {one.role: one for one in guarantors_of(place.pk, on)}
    people = []
    for role, word in guarantors.ROLES.items():
        one = known.get(role, Guarantor(role, "", "", ""))
        duties = [duty.text.zh for duty in guarantors.duties(role)]
        people.append({"role": word.zh, "name": one.name, "post": one.post, "phone": one.phone, "duties": duties})
    r = place.legal_r
    return {
        "title": "重大危险源安全包保责任公示牌", "name": place.name, "grade": place.legal_grade,
        "r": "" if r is None else f"{r.quantize(r.__class__('0.01')):f}",
        "chemicals": [one["name"] for one in chemicals_at([place.pk])], "people": people,
        "phone": board.file.emergency_phone, "complaint": COMPLAINT_PHONE,
    }  # fmt: skip


def _row(event: Mapping[str, Any], place: str, person: str) -> Facts:
    return {
        "place": place, "event": event["name"], "level": event["level"],
        "accident": event["accident_name"]["zh"] if event["accident_name"] else "",
        "consequence": event["consequence"], "person": person,
        "layer": Layer(event["layer"]).name if event["layer"] else "",
        "measures": [one["text"] for one in event["measures"] if one["category"] != "4"],
        "emergency": [one["text"] for one in event["measures"] if one["category"] == "4"],
    }  # fmt: skip


def _signs(events: Sequence[Mapping[str, Any]]) -> list[str]:
    return [one.name.zh for one in signs_of(event["accident"] for event in events)]


def _persons(board: RiskBoard) -> list[list[str]]:
    """Who controls the risk: the deputy head in charge, the head of the department, the direct person."""
    return [["分管负责人", board.leader], ["部门负责人", board.department_head], ["直接责任人", board.direct_person]]


_NAMES = {
    "name": ("名称已变化", "name changed"), "level": ("风险等级已变化", "level changed"),
    "grade": ("重大危险源级别已变化", "grade changed"), "r": ("R值已变化", "R changed"),
    "chemicals": ("危险化学品已变化", "chemicals changed"),
    "people": ("包保责任人已变化", "responsible persons changed"),
    "persons": ("管控责任人已变化", "persons changed"), "phone": ("应急电话已变化", "emergency line changed"),
    "complaint": ("举报电话已变化", "complaint line changed"),
    "rows": ("风险或管控措施已变化", "risks or measures changed"),
    "signs": ("安全标志已变化", "signs changed"), "counts": ("各级风险数量已变化", "counts changed"),
    "department": ("责任部门已变化", "department changed"),
    "more": ("风险或管控措施已变化", "risks or measures changed"),
}  # fmt: skip


def board_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a printed board says otherwise than it should now, a sentence each in both languages."""
    found: dict[str, dict[str, str]] = {}
    for key, (zh, en) in _NAMES.items():
        if before.get(key) != now.get(key):
            found.setdefault(zh, {"zh": zh, "en": en})
    return list(found.values())
