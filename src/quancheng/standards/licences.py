"""Licences and permits (证照): which kinds there are, who needs them, who issues them, how long they last."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from quancheng.standards.enterprise_classes import DATA, holds, known_class
from quancheng.standards.wording import Text

#: Days before expiry on which the holder is reminded [D].
REMINDER_DAYS = (120, 90, 60, 30, 7)

#: Ways of trade (经营方式) that an operating licence may name.
WAYS_OF_TRADE: dict[str, Text] = {
    "with_storage": Text("带储存设施经营", "with storage"),
    "petrol_station": Text("加油站", "petrol station"),
    "storage_trade": Text("仓储经营", "storage trade"),
    "paper_only": Text("不带储存设施经营(票据式)", "without storage (on paper)"),
    "chain_or_store": Text("门店或连锁", "store or chain"),
}

#: What stands printed on an operating licence [V].
PRINTED_FIELDS: dict[str, Text] = {
    "name": Text("企业名称", "name"),
    "registered_address": Text("注册地址", "registered address"),
    "trading_address": Text("经营地址", "trading address"),
    "storage_address": Text("储存地址", "storage address"),
    "legal_representative": Text("法定代表人", "legal representative"),
    "way_of_trade": Text("经营方式", "way of trade"),
    "scope": Text("许可范围", "licensed scope"),
    "issued_on": Text("发证日期", "issue date"),
    "valid_until": Text("有效期", "validity"),
    "number": Text("证号", "number"),
    "issuer": Text("发证机关", "issuer"),
    "renewals": Text("延续记录", "renewals"),
}

#: What a trader on paper must keep to [G]: each is checked by the platform or on the spot.
PAPER_TRADE_RULES: tuple[Text, ...] = (
    Text("经营场所不存放危险化学品实物", "No hazardous goods at the premises"),
    Text(
        "每笔销售写明供应方、承运方、购买方及其证照",
        "Each sale shows supplier, carrier and buyer with their licences",
    ),
    Text("系统库存为零", "The stock in the system is nil"),
    Text("购进与销售逐笔对应", "Purchases and sales are linked one to one"),
    Text("经营场所地址与许可地址一致", "The premises are at the licensed address"),
    Text("办公场所经消防检查", "The office has had its fire check"),
)


@dataclass(frozen=True, slots=True)
class LicenceKind:
    """One kind of licence for some classes of enterprise.

    ``years`` is its validity (None: for one purchase, or without end), with a mark of its own; ``renewal_days``
    before expiry renewal is due (None: no rule known); ``decision_days`` the office decides in; ``change_working_days``
    within which a change of name or head (for registration also products, telephone, new hazards) is reported.
    ``needs`` and ``unless`` are facts of :data:`~quancheng.standards.enterprise_classes.FACTS`.
    """

    code: str
    name: Text
    basis: str
    classes: tuple[str, ...]
    needs: str
    unless: str
    years: int | None
    years_mark: str
    office: Text
    renewal_days: int | None
    renewal_mark: str
    decision_days: int | None
    change_working_days: int | None
    mark: str
    note: Text


@dataclass(frozen=True, slots=True)
class Due:
    """A licence that an enterprise needs; with doubts it is to be settled whether."""

    kind: LicenceKind
    doubts: tuple[Text, ...]


@cache
def licence_kinds() -> tuple[LicenceKind, ...]:
    """All kinds in their order; one code may stand more than once, for different classes or issuing offices."""
    with (DATA / "licences.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_kind(row) for row in csv.DictReader(file))


def due_for(enterprise_class: str, facts: Mapping[str, bool | None] | None = None) -> tuple[Due, ...]:
    """The licences that an enterprise of a class needs, given what is known of it.

    A fact not told leaves the licences that turn on it in, each with a doubt; where two rows of one code differ by
    such a fact (issuing office, validity) both are told. ValueError for an unknown class or fact.
    """
    known_class(enterprise_class)
    due = []
    for kind in licence_kinds():
        wanted, doubts = holds(kind.needs, kind.unless, facts or {})
        if wanted and enterprise_class in kind.classes:
            due.append(Due(kind, doubts))
    return tuple(due)


def status(expires_on: date, *, on: date, renewal_days: int = 90) -> str:
    """``valid``, ``due`` from the day on which renewal should be asked for, ``expired`` after the last day. What an
    office decides (suspended, revoked, cancelled) is not computed."""
    if on > expires_on:
        return "expired"
    return "due" if on >= expires_on - timedelta(days=renewal_days) else "valid"


def reminder_due(expires_on: date, *, on: date, reminders: Iterable[int] = REMINDER_DAYS) -> int | None:
    """The reminder that a day asks for: the smallest of ``reminders`` (days before expiry) already reached; None when
    none is, or after expiry."""
    left = (expires_on - on).days
    if left < 0:
        return None
    return min((days for days in reminders if left <= days), default=None)


def _kind(row: dict[str, str]) -> LicenceKind:
    def number(column: str) -> int | None:
        return int(row[column]) if row[column] else None

    return LicenceKind(
        code=row["code"],
        name=Text(row["zh"], row["en"]),
        basis=row["basis"],
        classes=tuple(row["classes"].split("|")),
        needs=row["needs"],
        unless=row["unless"],
        years=number("years"),
        years_mark=row["years_mark"],
        office=Text(row["office"], row["office_en"]),
        renewal_days=number("renewal_days"),
        renewal_mark=row["renewal_mark"],
        decision_days=number("decision_days"),
        change_working_days=number("change_working_days"),
        mark=row["mark"],
        note=Text(row["note"], row["note_en"]),
    )
