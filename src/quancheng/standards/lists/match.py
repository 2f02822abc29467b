"""On which lists a chemical stands, by what it is known by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from quancheng.standards.cas import read
from quancheng.standards.lists.model import Entry, entries, regulated_lists
from quancheng.standards.lists.names import (
    Content,
    anhydrous,
    base,
    content_of,
    exactly,
    normalise,
    without_content,
)
from quancheng.standards.wording import Text, weakest

#: Trade names of mixtures whose make-up differs from maker to maker: a name like these says nothing about any list.
MIXTURE_NAMES = frozenset({"天那水", "香蕉水", "信那水", "稀释剂", "稀料", "松香水", "洗板水"})

#: Why an entry matched, surest first.
HOW = ("cas", "name", "alias", "common", "hydrate", "salt", "group")

_SALT = re.compile(
    r"^(?:盐酸|硫酸|硝酸|磷酸|氢溴酸|酒石酸|马来酸|草酸|枸橼酸|柠檬酸|醋酸|乙酸)(?P<a>.+)$"
    r"|^(?P<b>.+?)(?:的)?(?:[\u4e00-\u9fff]{1,3}酸盐|[钠钾铵钙镁锂]盐?|盐)$"
)
_PURE_ENOUGH = 0.7


class Membership(NamedTuple):
    """That a chemical stands on a list: where, why, within what scope, how sure.

    ``how`` is one of :data:`HOW` and ``matched`` the number or name that matched; ``content`` is the entry's limit
    in its own words; ``mark`` is that of what matched (the number of a row may be less sure than its name).
    ``doubts`` say what a person must still settle; without any the chemical is a member.
    """

    list: str
    list_name: Text
    no: str
    name: str
    name_en: str
    subgroup: str
    how: str
    matched: str
    scope: Text | None
    content: str
    pharmaceutical: bool
    un: tuple[str, ...]
    measures: tuple[str, ...]
    mark: str
    since: date
    doubts: tuple[Text, ...]

    @property
    def is_certain(self) -> bool:
        """Whether nothing is left for a person to settle."""
        return not self.doubts


class _Index(NamedTuple):
    order: dict[Entry, int]
    by_cas: dict[str, tuple[tuple[Entry, bool], ...]]
    by_name: dict[str, tuple[tuple[Entry, str], ...]]
    groups: tuple[Entry, ...]
    any_group: re.Pattern[str]


def memberships(
    *,
    cas: str = "",
    name: str = "",
    aliases: Iterable[str] = (),
    concentration: float | Decimal | None = None,
    on: date,
) -> tuple[Membership, ...]:
    """On which lists a chemical stands on a day, by CAS number, name or other names.

    ``concentration`` is a fraction from 0 to 1 (30 % is 0.3), by mass or volume as the entry counts it; when it is
    not given, a content written in the name counts (``30%双氧水``). An entry whose content limit the chemical is
    known to miss is not told. One entry is told once, for its surest reason. CAS numbers are read as
    people type them; one with a wrong check digit matches nothing and makes a match by name doubtful. Trade names of
    mixtures (:data:`MIXTURE_NAMES`) never match. ValueError when the concentration is no fraction.
    """
    index = _index()
    number = _number(cas)
    names = tuple(text for text in (name, *aliases) if text and text.strip())
    if base(name) in MIXTURE_NAMES:
        names = ()
    content = _content(names, concentration)
    found: dict[Entry, tuple[int, str, Entry, bool]] = {}

    def note(entry: Entry, how: str, matched: str, printed: bool = True) -> None:
        rank = HOW.index(how)
        known = found.get(entry)
        if known is None or rank < known[0]:
            found[entry] = (rank, matched, entry, printed)

    for entry, printed in index.by_cas.get(number, ()):
        note(entry, "cas", number, printed)
    for text in names:
        for entry, how in _by_name(index, text):
            note(entry, how, text)
        bare = base(text)
        if index.any_group.search(bare):
            for entry in index.groups:
                if entry.pattern is not None and entry.pattern.search(bare):
                    note(entry, "group", text)
    told = []
    for rank, matched, entry, printed in sorted(found.values(), key=lambda row: index.order[row[2]]):
        if not entry.in_force(on):
            continue
        if entry.exclude is not None and any(entry.exclude.search(normalise(text)) for text in names):
            continue
        doubts = _content_doubts(entry, content)
        if doubts is None:
            continue
        how = HOW[rank]
        doubts += _doubts(entry, how, printed, number, names)
        told.append(_membership(entry, how, matched, tuple(doubts)))
    return tuple(told)


@lru_cache(maxsize=8192)
def _number(text: str) -> str:
    return read(text).number


def _by_name(index: _Index, text: str) -> Iterable[tuple[Entry, str]]:
    exact = (
        index.by_name.get(normalise(text)) or index.by_name.get(without_content(text)) or index.by_name.get(base(text))
    )
    if exact:
        return exact
    dry = anhydrous(text)
    if dry and (hydrates := index.by_name.get(dry)):
        return [(entry, "hydrate") for entry, _ in hydrates]
    salt = _SALT.match(base(text))
    if salt:
        parents = index.by_name.get(salt["a"] or salt["b"], ())
        return [(entry, "salt") for entry, _ in parents if entry.subgroup in ("第一类", "第二类")]
    return ()


def _content(names: tuple[str, ...], concentration: float | Decimal | None) -> Content | None:
    if concentration is not None:
        share = float(concentration)
        if not 0 <= share <= 1:
            raise ValueError(f"concentration is a fraction from 0 to 1 (30 % is 0.3), not {concentration}")
        return exactly(share)
    return next((told for text in names if (told := content_of(text)) is not None), None)


def _content_doubts(entry: Entry, content: Content | None) -> list[Text] | None:
    """What the content leaves open; None when it keeps the chemical off the entry."""
    if entry.any_content:
        return []
    limit = entry.content
    if limit is None:
        if content is None or content.high >= _PURE_ENOUGH:
            return []
        return [
            Text(
                "条目未写含量，指工业产品或更纯；低含量混合物按列入成分合计是否达到70%另行认定",
                "The entry tells no content and means the industrial product or purer; a weak mixture is judged by "
                "whether its listed ingredients reach 70 %",
            )
        ]
    if content is None:
        return [
            Text(
                f"条目只对含量{entry.content_words}成立，现未填写含量",
                f"The entry counts for a content of {entry.content_words} only, and no content was given",
            )
        ]
    if content.inside(limit):
        return []
    if content.meets(limit) or entry.outside_is_doubt:
        return [
            Text(
                f"所填含量不全在条目范围{entry.content_words}之内",
                f"The content given does not lie wholly within {entry.content_words}, for which the entry counts",
            )
        ]
    return None


def _doubts(entry: Entry, how: str, printed: bool, number: str, names: tuple[str, ...]) -> list[Text]:
    doubts = [entry.doubt] if entry.doubt is not None else []
    if how == "cas":
        if not printed:
            doubts.append(
                Text(
                    f"名录未印 CAS 号 {number}，按通用对应认定",
                    f"The list does not print {number}; it is the number in use",
                )
            )
        formed = entry.formed
        if entry.form is not None and not (formed and any(formed.search(normalise(text)) for text in names)):
            doubts.append(
                Text(
                    f"条目限于{entry.form.zh}，CAS 号不分形态，须核实形态",
                    f"The entry is limited to: {entry.form.en}; the CAS number does not tell the form",
                )
            )
        return doubts
    if number and entry.cas and number not in entry.cas and number not in entry.cas_also:
        doubts.append(Text("名称相符而 CAS 号不符，须核实", "The name agrees but the CAS number does not"))
    if how == "group":
        doubts.append(Text("按类别条目认定，不按 CAS 号，须核实", "Matched by a group entry, not by a CAS number"))
    elif how == "salt":
        doubts.append(
            Text(
                "第一类、第二类物质可能存在的盐类一并管制，按名称认定，须核实",
                "Salts of class 1 and 2 substances are controlled too; matched by name",
            )
        )
    elif how == "hydrate":
        doubts.append(
            Text("按无水物条目认定其水合物，须核实", "The hydrate was matched by the entry of the anhydrous form")
        )
    return doubts


@lru_cache(maxsize=8192)
def _membership(entry: Entry, how: str, matched: str, doubts: tuple[Text, ...]) -> Membership:
    return Membership(
        list=entry.list,
        list_name=regulated_lists()[entry.list].name,
        no=entry.no,
        name=entry.name,
        name_en=entry.name_en,
        subgroup=entry.subgroup,
        how=how,
        matched=matched,
        scope=entry.scope,
        content=entry.content_words,
        pharmaceutical=entry.pharmaceutical,
        un=entry.un,
        measures=entry.measures,
        mark=weakest(entry.mark, entry.cas_mark) if how == "cas" else entry.mark,
        since=entry.valid_from,
        doubts=doubts,
    )


@cache
def _index() -> _Index:
    order: dict[Entry, int] = {}
    by_cas: dict[str, list[tuple[Entry, bool]]] = {}
    by_name: dict[str, dict[Entry, tuple[Entry, str]]] = {}
    groups = []
    for code in regulated_lists():
        for entry in entries(code):
            order[entry] = len(order)
            for numbers, printed in ((entry.cas, True), (entry.cas_also, False)):
                for number in numbers:
                    by_cas.setdefault(number, []).append((entry, printed))
            if entry.pattern is not None:
                groups.append(entry)
            if entry.by_cas_only:
                continue
            told = (((entry.name, *entry.parts), "name"), (entry.aliases, "alias"), (entry.also, "common"))
            for texts, how in told:
                for text in texts:
                    for key in {normalise(text), without_content(text)}:
                        by_name.setdefault(key, {}).setdefault(entry, (entry, how))
    return _Index(
        order=order,
        by_cas={number: tuple(rows) for number, rows in by_cas.items()},
        by_name={key: tuple(rows.values()) for key, rows in by_name.items()},
        groups=tuple(groups),
        any_group=re.compile("|".join(entry.pattern.pattern for entry in groups if entry.pattern is not None)),
    )
