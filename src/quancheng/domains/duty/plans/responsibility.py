"""Responsibility as printed: tails in brackets, labelled lines, and role words; one reading for all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from quancheng.domains.duty.plans.lines import Piece, bracket_groups
from quancheng.domains.duty.plans.marks import labels_in
from quancheng.domains.duty.plans.model import Doubt
from quancheng.domains.duty.plans.people import is_name_list, names_in
from quancheng.domains.duty.plans.units import assign_roles, is_official, looks_like_unit, split_names

_ROLE = re.compile(r"(?:牵头|配合|负责|分工|按职责|落实|参与)")
_DUE_CLAUSE = re.compile(r"(?:完成|前|底|长期坚持|持续推进|常态化推进|全年|年内|长期|持续)$")
_TIME = re.compile(r"\d{4}年|[\d一二三四五六七八九十]月|年底|年内|季度|长期|持续|常态化|每[年月季周日]|全年|半年")


@dataclass(slots=True)
class Responsibility:
    """Units, persons and time limit named together; ``due`` are pieces of text holding time phrases."""

    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    leader: str = ""
    due: list[Piece] = field(default_factory=list)
    target: list[Piece] = field(default_factory=list)
    doubts: tuple[Doubt, ...] = ()
    line: int = 0

    def __bool__(self) -> bool:
        return bool(self.lead or self.support or self.persons or self.leader or self.due or self.target)

    @property
    def names_somebody(self) -> bool:
        return bool(self.lead or self.support or self.persons or self.leader)

    def merged(self, other: Responsibility) -> Responsibility:
        """Both together: 责任单位 on one line, 配合单位 or 完成时限 on the next."""
        return Responsibility(
            tuple(dict.fromkeys((*self.lead, *other.lead))),
            tuple(dict.fromkeys((*self.support, *other.support))),
            tuple(dict.fromkeys((*self.persons, *other.persons))),
            self.leader or other.leader,
            [*self.due, *other.due],
            [*self.target, *other.target],
            tuple(dict.fromkeys((*self.doubts, *other.doubts))),
            self.line or other.line,
        )


def read_labels(piece: Piece) -> Responsibility:
    """Read labelled values (责任单位：…；配合单位：…；完成时限：…) of a canonical text without outer brackets."""
    text = piece.text
    labels = labels_in(text)
    roles = [label.role for label in labels]
    result = Responsibility(line=piece.line)
    lead: list[str] = []
    duty: list[str] = []
    support: list[str] = []
    doubts: list[Doubt] = []
    for label in labels:
        value = piece.cut(label.start, label.end)
        words = (
            value.text.strip("（）。；， ")
            if value.text.count("（") != value.text.count("）")
            else value.text.strip("。；， ")
        )
        if label.role in ("lead", "duty", "support"):
            if label.role == "duty" and is_name_list(value.printed) and not looks_like_unit(words):
                result.persons += tuple(names_in(value.printed))
                continue
            units = assign_roles(words, default="support" if label.role == "support" else "lead")
            clause_due = _due_in(value)
            if clause_due:
                units = assign_roles(
                    words[: value.text.find(clause_due.text)].strip("，；、。"),
                    default="support" if label.role == "support" else "lead",
                )
                result.due.append(clause_due)
            {"lead": lead, "duty": duty, "support": support}[label.role].extend(units.lead)
            support.extend(units.support)
            doubts += units.doubts
        elif label.role == "leader":
            result.leader = "、".join(names_in(value.printed)) or value.printed.strip("。；）")
        elif label.role == "person":
            if any(is_official(name) for name in split_names(words)):
                duty.extend(assign_roles(words).lead)
            else:
                result.persons += tuple(names_in(value.printed) or split_names(words))
        elif label.role == "due":
            result.due.append(value)
        elif label.role == "target":
            result.target.append(value)
    if lead and "lead" in roles:
        support = [*duty, *support]
        result.lead = tuple(dict.fromkeys(lead))
    else:
        result.lead = tuple(dict.fromkeys([*lead, *duty]))
    result.support = tuple(name for name in dict.fromkeys(support) if name not in result.lead)
    result.doubts = tuple(dict.fromkeys(doubts))
    return result


def _due_in(value: Piece) -> Piece | None:
    """The time clause behind a list of units: 区应急局、区公安分局，2024年6月底前."""
    for match in re.finditer(r"[，；](?P<c>[^，；。]{2,30})", value.text):
        clause = match["c"]
        if _TIME.search(clause) and not any(looks_like_unit(name) for name in split_names(clause)):
            return value.cut(match.start("c"), match.end("c"))
    return None


def read_bracket(piece: Piece) -> Responsibility | None:
    """Read the inside of a bracket at the end of a sentence; None where it names no responsibility."""
    text = piece.text
    found = labels_in(text)
    if (
        found
        and found[0].at <= 1
        and any(label.role in ("lead", "duty", "support", "person", "leader", "due") for label in found)
    ):
        return read_labels(piece)
    if found and found[0].at > 1 and any(label.role in ("due", "support") for label in found):
        units = assign_roles(text[: found[0].at].strip("，；、。"))
        if units and all(looks_like_unit(name) for name in (*units.lead, *units.support)):
            rest = read_labels(piece.cut(found[0].at))
            return Responsibility(units.lead, units.support, doubts=units.doubts, line=piece.line).merged(rest)
    if text.startswith(("以下", "含", "包括", "注", "详见", "附", "见", "除", "不含", "如")) or len(text) > 320:
        return None
    clauses, due = [], []
    start = 0
    for end in [*[match.start() for match in re.finditer(r"[，；]", text)], len(text)]:
        clause = text[start:end]
        if (
            _TIME.search(clause)
            and (_DUE_CLAUSE.search(clause) or re.search(r"前|底|月|长期|持续|每", clause))
            and not _ROLE.search(clause)
        ):
            due.append(piece.cut(start, end))
        elif clause:
            clauses.append(clause)
        start = end + 1
    joined = "，".join(clauses)
    if not joined:
        return Responsibility(due=due, line=piece.line) if due and re.search(r"完成|前$|长期|持续推进", text) else None
    has_role = bool(
        re.search(r"(?:牵头|配合|负责|落实|参与|协助|分工)(?:。)?$|牵头[，、；]|配合[，、；]|（牵头", joined)
    )
    names = split_names(re.sub(r"(?:牵头|配合|负责|参与)", "", joined))
    if not has_role and not (
        names
        and all(is_official(name) or (re.match(r"各", name) and looks_like_unit(name)) for name in names)
        and any(is_official(name) for name in names)
    ):
        return None
    units = assign_roles(joined)
    if not units or not any(looks_like_unit(name) or len(name) <= 10 for name in units.lead or units.support):
        return None
    if not any(looks_like_unit(name) for name in (*units.lead, *units.support)) and not re.search(
        r"按职责|分工负责|牵头", joined
    ):
        return None
    return Responsibility(units.lead, units.support, due=due, doubts=units.doubts, line=piece.line)


@dataclass(frozen=True, slots=True)
class Tail:
    """A responsibility bracket in a text: where it opens, where it closes, what it says."""

    start: int
    end: int
    responsibility: Responsibility


def tails_in(piece: Piece) -> list[Tail]:
    """Responsibility brackets of a canonical text, in printed order, and labels printed without a bracket."""
    tails: list[Tail] = []
    if "（" not in piece.text and "：" not in piece.text:
        return tails
    for start, end in bracket_groups(piece.text):
        before = piece.text[start - 1] if start else "。"
        after = piece.text[end] if end < len(piece.text) else "。"
        closed = piece.text[end - 1] == "）"
        inner = piece.cut(start + 1, end - 1 if closed else end)
        if not inner.text:
            continue
        labelled = bool(labels_in(inner.text)[:1]) and labels_in(inner.text)[0].at <= 1
        if not labelled and after not in "。；，、！）" and before not in "。；！":
            continue
        read = read_bracket(inner)
        if read:
            tails.append(Tail(start, end, read))
    if not tails:
        labels = [label for label in labels_in(piece.text) if label.role in ("lead", "duty", "support")]
        if labels and (labels[0].at == 0 or piece.text[labels[0].at - 1] in "。；！"):
            tails.append(Tail(labels[0].at, len(piece.text), read_labels(piece.cut(labels[0].at))))
    return tails
