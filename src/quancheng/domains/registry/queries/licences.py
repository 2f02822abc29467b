"""Reads of licences: lists, the matrix of one enterprise, the calendar of expiries, what contradicts the facts."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import (
    Chemical,
    Enterprise,
    Holding,
    Licence,
    LicenceExit,
    LicenceItem,
    LicenceRenewal,
    LicenceRule,
)
from quancheng.domains.registry.models.licences import IN_FORCE, LicenceQuerySet, LicenceState
from quancheng.domains.registry.queries.enterprises import Finding, shown
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards import licences as standard
from quancheng.standards.licences import LicenceKind
from quancheng.standards.wording import Text as TwoTongued

#: Kinds without which nobody may go on in the trade: who lets one lapse is led through the exit. [D]
EXIT_KINDS = frozenset(
    {"SAFETY_PRODUCTION", "SAFETY_USE", "OPERATING", "ROAD_TRANSPORT", "FIREWORKS_WHOLESALE", "FIREWORKS_RETAIL",
     "HAZARDOUS_WASTE"}
)  # fmt: skip
#: Kinds whose scope says which chemicals may be there.
SCOPE_KINDS = ("SAFETY_PRODUCTION", "SAFETY_USE", "OPERATING")
#: Where the law gives no lead time renewal is taken as due so many days before expiry. [D]
RENEWAL_DAYS = 90
#: Months shown in the calendar of expiries.
MONTHS_AHEAD = 12
#: Worst first, as lists and calendar show it.
_GRAVITY = (
    LicenceState.REVOKED, LicenceState.EXPIRED, LicenceState.SUSPENDED, LicenceState.DUE, LicenceState.CANCELLED,
    LicenceState.VALID, LicenceState.REPLACED,
)  # fmt: skip


# Kinds and rules -------------------------------------------------------------------------------------------------


def kinds() -> dict[str, LicenceKind]:
    """The kinds of licences by code, each once, in the standard's order."""
    found: dict[str, LicenceKind] = {}
    for one in standard.licence_kinds():
        found.setdefault(one.code, one)
    return found


@dataclass(frozen=True, slots=True)
class Rule:
    """How expiry of a kind is warned of; ``is_own`` where the district set it."""

    kind: str
    warn_days: tuple[int, ...]
    renewal_days: int
    exits: bool
    is_own: bool = False


def rules() -> dict[str, Rule]:
    """The rule of each kind, in one query: the district's, else the standard's."""
    own = {one.kind: one for one in LicenceRule.objects.all()}
    found = {}
    for code, kind in kinds().items():
        if (rule := own.get(code)) is not None:
            found[code] = Rule(code, tuple(rule.warn_days), rule.renewal_days, rule.exits, is_own=True)
        else:
            lead = kind.renewal_days if kind.renewal_days is not None else RENEWAL_DAYS
            found[code] = Rule(code, standard.REMINDER_DAYS, lead, code in EXIT_KINDS)
    return found


# Lists -----------------------------------------------------------------------------------------------------------


def list_licences(*, actor: Actor, on: date) -> LicenceQuerySet:
    """Licences that the actor may see with their state on a day, the soonest expiry first."""
    return (
        Licence.objects.visible_to(actor)
        .with_state(on=on)
        .select_related("enterprise", "area", "file")
        .order_by("valid_to", "pk")
    )


def get_licence(*, actor: Actor, licence_id: uuid.UUID, on: date) -> Licence:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        list_licences(actor=actor, on=on)
        .select_related("file__enterprise", "file__supervisor", "verified_by", "replaced_by")
        .filter(pk=licence_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def items_of(licence: Licence) -> list[LicenceItem]:
    """The chemicals of its scope."""
    return list(licence.items.select_related("chemical").order_by("chemical__pinyin", "pk"))


def get_renewal(*, actor: Actor, renewal_id: uuid.UUID) -> LicenceRenewal:
    """Raise NotFound for absent and for out of scope alike."""
    rows = LicenceRenewal.objects.visible_to(actor).select_related("licence", "enterprise", "owner_org")
    found = rows.filter(pk=renewal_id).first()
    if found is None:
        raise NotFound
    return found


def list_exits(*, actor: Actor) -> QuerySet[LicenceExit]:
    """Exits that the actor may see, open ones first."""
    return (
        LicenceExit.objects.visible_to(actor)
        .select_related("enterprise", "area", "owner_org", "licence")
        .order_by("-closed_at", "code")
    )


def get_exit(*, actor: Actor, exit_id: uuid.UUID) -> LicenceExit:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_exits(actor=actor).select_related("file", "file__enterprise").filter(pk=exit_id).first()
    if found is None:
        raise NotFound
    return found


# The calendar ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """Licences that run out in one month; ``first`` is its first day, None for those that have run out."""

    first: date | None
    licences: tuple[Licence, ...]


def expiry_calendar(*, actor: Actor, on: date, kind: str = "", most: int = 500) -> list[Month]:
    """What has run out without renewal, then month by month what will within a year; gravest first in each.

    :param most: rows shown at most.
    """
    last = on + timedelta(days=31 * MONTHS_AHEAD)
    rows = list_licences(actor=actor, on=on).standing().filter(valid_to__isnull=False, valid_to__lte=last)
    if kind:
        rows = rows.filter(kind=kind)
    late: list[Licence] = []
    months: dict[date, list[Licence]] = {}
    for row in rows[:most]:
        if row.valid_to is not None and row.valid_to < on:
            late.append(row)
        elif row.valid_to is not None:
            months.setdefault(row.valid_to.replace(day=1), []).append(row)
    known = rules()
    found = [Month(None, tuple(late))] if late else []
    for first in sorted(months):
        ordered = sorted(months[first], key=lambda row: (gravity(row.state), not known[row.kind].exits, row.valid_to))  # type: ignore[attr-defined]
        found.append(Month(first, tuple(ordered)))
    return found


def gravity(state: str) -> int:
    """Place of a state in the order of gravity, 0 the gravest."""
    return _GRAVITY.index(LicenceState(state))


# The matrix of one enterprise ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One kind of licence in an enterprise's matrix.

    :ivar is_due: its class needs it; with ``doubts`` it is to be settled whether.
    :ivar licence: the best one that stands; None where there is none.
    :ivar state: one of :class:`LicenceState`, or ``missing``.
    """

    kind: LicenceKind
    is_due: bool
    doubts: tuple[TwoTongued, ...]
    licence: Licence | None
    state: str

    @property
    def is_gap(self) -> bool:
        """Needed for sure, and none in force."""
        return self.is_due and not self.doubts and self.state not in IN_FORCE


def licences_of(file: Enterprise, *, on: date) -> list[Licence]:
    """All licences of a file with state and scope, the newest first. Two queries."""
    items = Prefetch("items", queryset=LicenceItem.objects.select_related("chemical"))
    rows = file.licences.with_state(on=on).prefetch_related(items).order_by("-valid_to", "-pk")
    return list(rows)


def matrix_of(
    file: Enterprise, *, licences: Sequence[Licence], facts: Mapping[str, bool | None]
) -> list[MatrixRow]:
    """Which licences the classes of an enterprise need, which of them it has, and what it has besides.

    :param licences: as :func:`licences_of` gave them.
    :param facts: as :func:`~.derived.facts_of` gave them.
    """
    due: dict[str, tuple[LicenceKind, tuple[TwoTongued, ...]]] = {}
    for kind in dict.fromkeys([file.kind, *file.more_kinds]):
        for one in standard.due_for(kind, facts):
            known = due.get(one.kind.code)
            if known is None or (known[1] and not one.doubts):
                due[one.kind.code] = (one.kind, one.doubts)
    best: dict[str, Licence] = {}
    for row in licences:
        if row.state == LicenceState.REPLACED:  # type: ignore[attr-defined]
            continue
        before = best.get(row.kind)
        if before is None or gravity(row.state) > gravity(before.state):  # type: ignore[attr-defined]
            best[row.kind] = row
    rows = [
        MatrixRow(kind, True, doubts, best.get(code), best[code].state if code in best else "missing")  # type: ignore[attr-defined]
        for code, (kind, doubts) in due.items()
    ]
    known_kinds = kinds()
    rows += [
        MatrixRow(known_kinds[code], False, (), row, row.state)  # type: ignore[attr-defined]
        for code, row in best.items()
        if code not in due and code in known_kinds
    ]
    return rows


# Scope against reality -------------------------------------------------------------------------------------------


def licence_findings(
    file: Enterprise, *, holdings: Sequence[Holding], licences: Sequence[Licence], matrix: Sequence[MatrixRow],
    name_of: Mapping[str, str],
) -> list[Finding]:  # fmt: skip
    """What licences and facts contradict in: none in force, out of scope, above the quantity, paper trade with goods,
    addresses and codes that differ (S3-5.3a, S3-5.3c).

    :param name_of: kinds in the reader's language, by code.
    """
    found = [_gap_finding(row, name_of) for row in matrix if row.is_gap]
    in_force = [row for row in licences if row.state in IN_FORCE]  # type: ignore[attr-defined]
    found += _scope_findings(holdings, [row for row in in_force if row.kind in SCOPE_KINDS], name_of)
    if file.kind == Kind.TRADER_PAPER or _trades_on_paper(file, in_force):
        for one in holdings:
            if one.present_t:
                sentence = _("%(place)s：票据经营企业不得存放实物，现有存量 %(present)s 吨。") % {
                    "place": f"{one.facility.code} {one.chemical.name}", "present": shown(one.present_t)
                }  # fmt: skip
                found.append(Finding("paper_stock", sentence, "registry:holding", one.pk))
    for row in in_force:
        found += _printed_findings(file, row, name_of[row.kind])
    return found


def _gap_finding(row: MatrixRow, name_of: Mapping[str, str]) -> Finding:
    name = name_of[row.kind.code]
    if row.licence is None:
        return Finding("licence_missing", _("没有登记%(name)s。") % {"name": name})
    said = {
        LicenceState.EXPIRED: _("%(name)s已于 %(day)s 到期。"),
        LicenceState.SUSPENDED: _("%(name)s已被暂扣。"),
        LicenceState.REVOKED: _("%(name)s已被吊销。"),
        LicenceState.CANCELLED: _("%(name)s已注销。"),
    }[LicenceState(row.state)] % {"name": name, "day": row.licence.valid_to}
    return Finding(f"licence_{row.state}", said, "registry:licence", row.licence.pk)


def _scope_findings(
    holdings: Sequence[Holding], licences: Sequence[Licence], name_of: Mapping[str, str]
) -> list[Finding]:
    """Each chemical in stock stands in the scope of a licence in force, and is there in no greater quantity.

    Nothing is said where no licence in force names chemicals: then there is nothing to compare with.
    """
    items = [item for row in licences for item in row.items.all()]
    if not items:
        return []
    first = next(row for row in licences if list(row.items.all()))
    stocks: dict[uuid.UUID, list[Holding]] = {}
    for one in holdings:
        stocks.setdefault(one.chemical_id, []).append(one)
    found = []
    for rows in stocks.values():
        chemical = rows[0].chemical
        licensed = [item for item in items if same_chemical(item.chemical, chemical)]
        present = sum((one.present_t or Decimal(0) for one in rows), Decimal(0))
        if not licensed:
            sentence = _("%(chemical)s不在%(licence)s的许可范围内。") % {
                "chemical": chemical.name, "licence": name_of[first.kind]
            }  # fmt: skip
            found.append(Finding("over_scope", sentence, "registry:licence", first.pk))
            continue
        limits = [item.permitted_t for item in licensed]
        limit = None if any(one is None for one in limits) else max(one for one in limits if one is not None)
        if limit is not None and present > limit:
            sentence = _("%(chemical)s：存量合计 %(present)s 吨，超过证照许可量 %(limit)s 吨。") % {
                "chemical": chemical.name, "present": shown(present), "limit": shown(limit)
            }  # fmt: skip
            found.append(Finding("over_permitted", sentence, "registry:licence", licensed[0].licence_id))
    return found


def same_chemical(licensed: Chemical, held: Chemical) -> bool:
    """Whether a licensed chemical is the one held: the same row, CAS number, or catalogue number."""
    if licensed.pk == held.pk:
        return True
    return any(
        getattr(licensed, name) and getattr(licensed, name) == getattr(held, name) for name in ("cas", "catalogue_no")
    )


def _trades_on_paper(file: Enterprise, in_force: Iterable[Licence]) -> bool:
    """Its operating licences in force are all without storage, and no other right to keep goods stands beside them."""
    rights = [row for row in in_force if row.kind in SCOPE_KINDS]
    return bool(rights) and all(row.kind == "OPERATING" and row.way_of_trade == "paper_only" for row in rights)


def _printed_findings(file: Enterprise, row: Licence, name: str) -> list[Finding]:
    organisation = file.enterprise
    pairs = [
        ("licence_address", row.trading_address, file.address,
         _("%(name)s所载经营地址“%(printed)s”与实际经营地址“%(real)s”不一致。")),
        ("licence_registered", row.registered_address, file.registered_address,
         _("%(name)s所载注册地址“%(printed)s”与注册地址“%(real)s”不一致。")),
        ("licence_holder", row.holder_name, organisation.name if organisation else "",
         _("%(name)s所载企业名称“%(printed)s”与企业名称“%(real)s”不一致。")),
        ("licence_code", row.holder_code or (row.number if row.kind == "BUSINESS" else ""),
         (organisation.credit_code or "") if organisation else "",
         _("%(name)s所载统一社会信用代码 %(printed)s 与企业代码 %(real)s 不一致。")),
    ]  # fmt: skip
    return [
        Finding(code, said % {"name": name, "printed": printed, "real": real}, "registry:licence", row.pk)
        for code, printed, real, said in pairs
        if printed and real and not _agree(printed, real, is_address=code in ("licence_address", "licence_registered"))
    ]


def _agree(printed: str, real: str, *, is_address: bool) -> bool:
    """Of addresses one may begin with a province or city that the other leaves out."""
    one, other = _plain(printed), _plain(real)
    return one == other or (is_address and (one.endswith(other) or other.endswith(one)))


def _plain(text: str) -> str:
    """A name or address without blanks, width and brackets, so that only what differs in substance differs."""
    return re.sub(r"[\s()\[\],.\-—－、，。·]", "", unicodedata.normalize("NFKC", text)).casefold()
