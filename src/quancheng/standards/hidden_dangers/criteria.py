"""Criteria for major hidden dangers (重大事故隐患判定标准): eight families, each with its editions.

Chemical units (CH), fireworks (FW), trade enterprises (GM), fire (FIRE), city gas (GAS), special equipment (SE) and
schools (EDU) are criteria; the list on oil and gas storage (OG) has priority issues (重点问题), by which nothing is
judged. An ``x`` in a code says that the item's number in the text is not verified.

Source: the documents named in the editions; the wording is ours and shortened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers.data import EVERY, both, day, many, rows, words
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Family:
    """One set of criteria.

    :ivar text_code: its code in the law register.
    :ivar classes: classes of enterprises that it is about; ``*`` alone for all.
    :ivar is_criteria: False for the list of priority issues.
    """

    code: str
    text_code: str
    name: Text
    issuer: str
    authority: Text
    classes: frozenset[str]
    is_criteria: bool

    def is_for(self, enterprise_class: str) -> bool:
        """Whether it is about a class of enterprises."""
        return EVERY in self.classes or enterprise_class in self.classes


@dataclass(frozen=True, slots=True)
class Edition:
    """A family's text as it stood from ``starts`` to ``ends`` (both counted; None: unknown, or still in force)."""

    family: str
    number: str
    adopted: date | None
    starts: date | None
    ends: date | None
    mark: str
    dates_mark: str
    note: Text

    def stands_on(self, on: date) -> bool:
        """In force on a day; never without a known first day."""
        return self.starts is not None and self.starts <= on and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, or one element of the fire rules.

    :ivar kind: ``direct``; ``element``, which counts only together with others; ``priority``, no criterion.
    :ivar trade: trade of which it alone speaks; empty for any.
    :ivar tags: campaign tags (四涉一有限): dust, ammonia, molten, gas, confined.
    :ivar evidence: what typically proves it.
    :ivar basis: legal bases, cited in Chinese.
    :ivar methods: ways to check it.
    :ivar words: further words by which people speak of it, for the search alone.
    :ivar rules: rules by which data of the house may hint at it by itself.
    :ivar mark: of the wording; ``more_mark`` of evidence, basis and method.
    """

    code: str
    family: str
    edition: str
    article: str
    item: str
    kind: str
    trade: str
    tags: tuple[str, ...]
    text: Text
    evidence: Text
    basis: str
    methods: tuple[str, ...]
    words: tuple[str, ...]
    rules: tuple[str, ...]
    mark: str
    more_mark: str

    @property
    def is_criterion(self) -> bool:
        """Whether anything is judged by it."""
        return self.kind != "priority"

    @property
    def authority(self) -> Text:
        """Who is competent (主管部门); empty for a family that does not ship."""
        known = families().get(self.family)
        return known.authority if known else Text("", "")


@dataclass(frozen=True, slots=True)
class Standing:
    """A criterion on a day; with a caveat where an older edition stands in for that in force."""

    criterion: Criterion
    caveat: Text | None = None


@cache
def families() -> dict[str, Family]:
    """All families by code, in their order."""
    return {
        row["code"]: Family(
            row["code"], row["text_code"], both(row), row["issuer"], both(row, "authority", "authority_en"),
            frozenset(many(row["classes"])), row["text_kind"] == "criteria",
        )
        for row in rows("hidden_danger_families")
    }  # fmt: skip


@cache
def _editions() -> dict[str, tuple[Edition, ...]]:
    found: dict[str, list[Edition]] = {code: [] for code in families()}
    for row in rows("hidden_danger_editions"):
        found[row["family"]].append(
            Edition(
                row["family"], row["number"], day(row["adopted"]), day(row["starts"]), day(row["ends"]), row["mark"],
                row["dates_mark"], both(row, "note", "note_en"),
            )
        )  # fmt: skip
    return {code: tuple(those) for code, those in found.items()}


def editions(family: str) -> tuple[Edition, ...]:
    """Editions of a family, the oldest first. ValueError for an unknown one."""
    if family not in families():
        raise ValueError(f"no family of criteria {family!r}; there are {', '.join(families())}")
    return _editions()[family]


def edition_on(family: str, on: date) -> Edition | None:
    """The edition in force on a day; None where we know of none."""
    return next((one for one in reversed(editions(family)) if one.stands_on(on)), None)


@cache
def criteria() -> dict[str, Criterion]:
    """All criteria that ship, of every edition, by code, in their order."""
    return {row["code"]: _criterion(row) for row in rows("hidden_danger_criteria")}


def criteria_on(on: date, family: str | None = None) -> tuple[Standing, ...]:
    """The criteria of a day, of one family or of all.

    Where the edition in force has no wording here, that of the edition before stands in, each with a caveat; where
    no edition was in force yet, there are none.
    """
    found: list[Standing] = []
    for code in families() if family is None else (family,):
        present = edition_on(code, on)
        if present is None:
            continue
        worded, caveat = _worded(code, present), None
        if worded is not None and worded.number != present.number:
            caveat = Text(
                f"现行版本{present.number}的条文尚未录入，此处为{worded.number}的条文，须核对",
                f"{present.number} is in force but its wording is not entered; this is {worded.number}, to be checked",
            )
        found += [
            Standing(one, caveat)
            for one in criteria().values()
            if worded is not None and one.family == code and one.edition == worded.number
        ]
    return tuple(found)


def known_criterion(code: str) -> Criterion:
    """The criterion of a code. ValueError for an unknown one."""
    found = criteria().get(code)
    if found is None:
        raise ValueError(f"no criterion {code!r}")
    return found


def trades() -> dict[str, Text]:
    """Trades (工贸行业) of the criteria for trade enterprises; commerce has no article of its own."""
    return words("trade")


def tags() -> dict[str, Text]:
    """Campaign tags (四涉一有限)."""
    return words("tag")


def methods() -> dict[str, Text]:
    """Ways to check (检查方法)."""
    return words("method")


def rules() -> dict[str, Text]:
    """Rules by which data of the house may hint at a criterion (自动提示规则)."""
    return words("rule")


def kinds() -> dict[str, Text]:
    """What a row is: direct criterion, comprehensive element, priority issue."""
    return words("kind")


def applicable(enterprise_class: str) -> tuple[Family, ...]:
    """The families that are about a class of enterprises. ValueError for an unknown class.

    Source: criteria for trade enterprises, art. 2: chemicals, fire, gas and special equipment inside one follow their
    own criteria.
    """
    if enterprise_class not in enterprise_classes():
        raise ValueError(f"no enterprise class {enterprise_class!r}; there are {', '.join(enterprise_classes())}")
    return tuple(one for one in families().values() if one.is_for(enterprise_class))


def _worded(family: str, present: Edition) -> Edition | None:
    """The newest edition with wording, not newer than the one in force."""
    known = {one.edition for one in criteria().values() if one.family == family}
    those = editions(family)
    until = those[: those.index(present) + 1]
    return next((one for one in reversed(until) if one.number in known), None)


def _criterion(row: dict[str, str]) -> Criterion:
    return Criterion(
        code=row["code"],
        family=row["family"],
        edition=row["edition"],
        article=row["article"],
        item=row["item"],
        kind=row["kind"],
        trade=row["trade"],
        tags=many(row["tags"]),
        text=both(row),
        evidence=both(row, "evidence", "evidence_en"),
        basis=row["basis"],
        methods=many(row["methods"]),
        words=many(row["words"]),
        rules=many(row["rules"]),
        mark=row["mark"],
        more_mark=row["more_mark"],
    )
