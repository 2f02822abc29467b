"""What may not lie together and what is too much, place by place: judged from rows that were read, and the list of it.

One place is a facility. Stocks of one bay, cylinder store, laboratory or tank are held against each other by
``standards.segregation``; quantities against the licence, the design, what fire protection was accepted for, and the
limits of ``standards.storage_limits``. Nothing here writes.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Basis, FacilityKind, UnitKind
from quancheng.domains.registry.models import (
    Chemical,
    Enterprise,
    Facility,
    Holding,
    LimitSetting,
    StorageFinding,
    Unit,
    WorkshopLimit,
)
from quancheng.domains.registry.models.storage import FIRE_ACCEPTED, StorageKind
from quancheng.domains.registry.queries.derived import HIGHLY_TOXIC
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.queries.storage_places import STORING
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.words import told
from quancheng.standards import ghs
from quancheng.standards.segregation import Good, Level, Pair, pairs, storage_way
from quancheng.standards.segregation.stocks import StockGood, stock_good
from quancheng.standards.storage_limits import StorageLimit, storage_limits
from quancheng.standards.wording import Text, weakest

#: Places in which several stocks lie together. A reactor's do by design, a dispenser's and a pipe's never touch.
SHARED_PLACES = (FacilityKind.BAY, FacilityKind.CYLINDERS, FacilityKind.LABORATORY, FacilityKind.TANK)
#: From here on a pair is a finding; below it a passage between them is enough, and the page says so.
FINDING_LEVEL = Level.SEPARATE
#: Stocks of one place that are held against each other; more would be no place of one kind any more.
MOST_STOCKS = 1000
#: Names told of one side of a rule.
MOST_NAMES = 6

_SEGREGATED = Text(
    "GB 15603-2022 分区分类储存；化工和危险化学品重大隐患判定标准第20项",
    "GB 15603-2022, keeping by nature and class; rules on major dangers of hazardous chemicals, item 20",
)
_LICENSED = Text(
    "《危险化学品安全管理条例》第24条；重大隐患判定标准第20项（超量储存）",
    "Regulations on Hazardous Chemicals, art. 24; rules on major dangers, item 20 (storing more than allowed)",
)
_DESIGNED = Text(
    "《危险化学品安全管理条例》第24条；GB 18218-2018 第4.2条设计最大量",
    "Regulations on Hazardous Chemicals, art. 24; GB 18218-2018, 4.2, design maximum",
)
_ABOVE = Text("实际存量超过该量", "More is there than that quantity")
_BEYOND_WORKSHOP = Text("合计超过该车间的暂存限量", "Together more than may lie in this workshop")
_BEYOND_FIRE = Text("合计超过该设施消防验收核定的储存量", "Together more than fire protection was accepted for")
_FIRE = Text("消防设计审查验收确定的储存量", "The quantity for which fire protection was accepted")


@dataclass(frozen=True, slots=True)
class Stock:
    """What is or shall be in a place, with or without a row of its own."""

    place: Facility
    chemical: Chemical
    product: str = ""
    mixture_classes: tuple[str, ...] = ()
    density: Decimal | None = None
    licensed_t: Decimal | None = None
    design_t: Decimal | None = None
    present_t: Decimal | None = None
    holding_id: uuid.UUID | None = None

    @property
    def name(self) -> str:
        return self.product or self.chemical.name

    @property
    def is_there(self) -> bool:
        return bool(self.present_t)

    @property
    def may_be_there(self) -> bool:
        """By design or licence, or since nobody said that it is not."""
        told = (self.design_t, self.licensed_t, self.present_t)
        return any(told) or all(one is None for one in told)

    @property
    def known(self) -> StockGood:
        one = self.chemical
        return stock_good(
            one.name, un=one.un_no, hazard_classes=one.hazard_classes, mixture_classes=self.mixture_classes,
            english=one.english, is_highly_toxic=HIGHLY_TOXIC in one.lists,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, as the judgement says it; see :class:`StorageFinding` for the columns.

    :ivar chemicals: names; of a rule those of one side, then those of the other, joined.
    :ivar holdings: ids of the stocks it is about.
    :ivar present: names of all goods of a rule where both lie there; ``goods``: by design too. Nothing is cut.
    """

    kind: str
    rule: str
    basis: str
    chemicals: tuple[str, ...]
    reason: Text
    clause: Text
    mark: str
    facility: Facility | None = None
    unit: Unit | None = None
    holdings: frozenset[uuid.UUID] = frozenset()
    level: Level = Level.BLOCK
    figure: Decimal | None = None
    limit: Decimal | None = None
    measure: str = ""
    subject: str = ""
    present: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()

    @property
    def place(self) -> Facility | Unit | None:
        """The facility or the workshop; None of the whole enterprise."""
        return self.facility or self.unit

    @property
    def key(self) -> str:
        place = "file" if self.place is None else self.place.pk
        return f"{place}:{self.kind}:{self.subject or self.rule}"

    @property
    def way(self) -> Text | None:
        """How the two are to be kept apart."""
        return storage_way(self.level) if self.kind == StorageKind.INCOMPATIBLE else None


@dataclass(slots=True)
class Judged:
    """The judgement of one or several places: what is wrong, what wants care, what could not be decided."""

    faults: list[Fault] = field(default_factory=list)
    cares: list[Fault] = field(default_factory=list)
    doubts: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it stands in the district; ``is_own`` where it was set there."""

    standard: StorageLimit
    limit_m3: Decimal
    is_on: bool = True
    source: str = ""
    is_own: bool = False


def limits(settings: Iterable[LimitSetting] | None = None) -> dict[str, Limit]:
    """Each limit as the district set it, else as it ships. One query, none where the settings are given."""
    own = {one.code: one for one in (LimitSetting.objects.all() if settings is None else settings)}
    found = {}
    for code, standard in storage_limits().items():
        if (one := own.get(code)) is not None:
            found[code] = Limit(standard, one.limit_m3, one.is_on, one.source, is_own=True)
        else:
            found[code] = Limit(standard, standard.limit_m3)
    return found


def stock_of(holding: Holding, place: Facility | None = None) -> Stock:
    """A row as the judgement takes it; with its facility and chemical read."""
    return Stock(
        place=place or holding.facility, chemical=holding.chemical, product=holding.product,
        mixture_classes=tuple(holding.hazard_classes), density=holding.density, licensed_t=holding.licensed_t,
        design_t=holding.design_t, present_t=holding.present_t, holding_id=holding.pk,
    )  # fmt: skip


# Judging ---------------------------------------------------------------------------------------------------------


def judge(stocks: Iterable[Stock], *, enterprise_kind: str, set_limits: Mapping[str, Limit]) -> Judged:
    """Judge every place that the stocks name; a decommissioned one holds nothing. No query.

    :param set_limits: of :func:`limits`; those for the whole enterprise are judged by :func:`judge_whole`.
    """
    by_place: dict[uuid.UUID, list[Stock]] = defaultdict(list)
    for one in stocks:
        if one.place.decommissioned_date is None:
            by_place[one.place.pk].append(one)
    found = Judged()
    for here in by_place.values():
        place = here[0].place
        if place.kind in SHARED_PLACES:
            _judge_pairs(place, here, found)
        for one in here:
            _judge_quantity(place, one, found)
        _judge_fire(place, here, found)
        for limit in set_limits.values():
            standard = limit.standard
            if limit.is_on and not standard.is_whole and standard.holds_for(enterprise_kind):
                _judge_limit(place, here, limit, found)
    return found


def workshop_limit(unit: Unit) -> WorkshopLimit | None:
    """How much may lie in a workshop at once; one query, none of a storage unit."""
    return WorkshopLimit.objects.filter(unit=unit).first() if unit.kind == UnitKind.PRODUCTION else None


def judge_workshop(unit: Unit, stocks: Iterable[Stock], limit: WorkshopLimit | None) -> list[Fault]:
    """Hold what lies in the stores of a workshop against its limit of temporary storage (暂存限量). No query.

    :param stocks: of the whole unit.
    """
    if limit is None or unit.kind != UnitKind.PRODUCTION:
        return []
    here = [
        one for one in stocks
        if one.is_there and one.place.kind in STORING and one.place.decommissioned_date is None
    ]  # fmt: skip
    total = sum((one.present_t or Decimal(0) for one in here), Decimal(0))
    if total <= limit.limit_t:
        return []
    clause = Text(f"企业登记的依据：{limit.source}", f"As entered by the enterprise: {limit.source}")
    return [
        Fault(
            kind=StorageKind.OVER_TEMPORARY, rule="", basis=Basis.PRESENT, reason=_BEYOND_WORKSHOP, clause=clause,
            chemicals=tuple(dict.fromkeys(one.name for one in here))[:MOST_NAMES], mark="D", unit=unit, figure=total,
            holdings=frozenset(one.holding_id for one in here if one.holding_id), limit=limit.limit_t, measure="t",
        )
    ]  # fmt: skip


def judge_whole(facilities: Iterable[tuple[Facility, Sequence[str]]], *, enterprise_kind: str, limit: Limit) -> Judged:
    """Judge a limit over the whole enterprise.

    :param facilities: those in service, each with the CAS numbers of what it is designed for.
    """
    found, standard = Judged(), limit.standard
    if not limit.is_on or not standard.is_whole or not standard.holds_for(enterprise_kind):
        return found
    total, unknown = Decimal(0), []
    for one, numbers in facilities:
        if one.kind not in standard.facility_kinds:
            continue
        if one.volume_m3 is None:
            unknown.append(one.code)
            continue
        is_half = bool(numbers) and all(number in standard.half_cas for number in numbers)
        total += one.volume_m3 / 2 if is_half else one.volume_m3
    if unknown:
        names = "、".join(unknown[:MOST_NAMES])
        found.doubts.append(
            Text(
                f"{names}：未填容积，没有计入“{standard.name.zh}”。",
                f"{', '.join(unknown[:MOST_NAMES])}: no volume is given, so nothing of it counts for "
                f"“{standard.name.en}”.",
            )
        )
    if total > limit.limit_m3:
        fault = _over_limit(None, limit, total, ())
        if standard.note is None or limit.is_own:
            found.faults.append(fault)
        else:
            why = Text(f"{standard.name.zh}（{standard.note.zh}）", f"{standard.name.en} ({standard.note.en})")
            found.cares.append(replace(fault, reason=why))
    return found


@lru_cache(maxsize=65536)
def _pair(first: Good, second: Good) -> Pair:
    return pairs((first, second))[0]


def _judge_pairs(place: Facility, here: Sequence[Stock], found: Judged) -> None:
    known = [(one, one.known) for one in here if one.may_be_there][:MOST_STOCKS]
    seen: set[Text] = set()
    for _stock, kept in known:
        seen.update(kept.doubts)
    found.doubts += sorted(seen)
    goods = [(one, kept.good) for one, kept in known if kept.good is not None]
    # By rule and by whether both are there: what lies on either side.
    sides: dict[tuple[str, bool], list[tuple[Stock, Stock]]] = defaultdict(list)
    told_of: dict[str, tuple[Level, Text, str]] = {}
    for (one, first), (other, second) in combinations(goods, 2):
        if one.chemical.pk == other.chemical.pk:
            continue
        judged = _pair(first, second)
        is_there = one.is_there and other.is_there
        for reason in judged.reasons:
            if reason.level > Level.ALLOWED:
                sides[reason.source, is_there].append((one, other))
                if reason.source not in told_of or told_of[reason.source][0] < reason.level:
                    told_of[reason.source] = (reason.level, reason.text, reason.mark)
    for source, (level, text, mark) in told_of.items():
        present, designed = sides.get((source, True), []), sides.get((source, False), [])
        couples = present or designed
        fault = Fault(
            kind=StorageKind.INCOMPATIBLE, rule=source, basis=Basis.PRESENT if present else Basis.LEGAL,
            chemicals=_sides(couples), reason=text, clause=_SEGREGATED, mark=weakest(mark, "G"), facility=place,
            holdings=frozenset(one.holding_id for couple in couples for one in couple if one.holding_id), level=level,
            present=_names(present), goods=_names([*present, *designed]),
        )  # fmt: skip
        (found.faults if level >= FINDING_LEVEL else found.cares).append(fault)


def _names(couples: Iterable[tuple[Stock, Stock]]) -> frozenset[str]:
    return frozenset(one.name for couple in couples for one in couple)


def _sides(couples: Sequence[tuple[Stock, Stock]]) -> tuple[str, ...]:
    """Each stock with the names of those it may not stand beside, the one with the most first."""
    beside: dict[str, dict[str, None]] = defaultdict(dict)
    for one, other in couples:
        beside[one.name][other.name] = None
        beside[other.name][one.name] = None
    told: list[str] = []
    done: set[tuple[str, str]] = set()
    for name, others in sorted(beside.items(), key=lambda item: (-len(item[1]), item[0])):
        left = [other for other in others if (other, name) not in done]
        done |= {(name, other) for other in left}
        if left:
            shown = "、".join(sorted(left)[:MOST_NAMES]) + ("…" if len(left) > MOST_NAMES else "")
            told.append(f"{name} × {shown}"[:320])
    return tuple(told[: 2 * MOST_NAMES])


def _judge_quantity(place: Facility, one: Stock, found: Judged) -> None:
    present = one.present_t or Decimal(0)
    for kind, limit, clause, mark in (
        (StorageKind.OVER_LICENCE, one.licensed_t, _LICENSED, "V~"),
        (StorageKind.OVER_DESIGN, one.design_t, _DESIGNED, "V~"),
    ):
        if limit is not None and present > limit:
            found.faults.append(
                Fault(
                    kind=kind, rule="", basis=Basis.PRESENT, chemicals=(one.name,), clause=clause, mark=mark,
                    reason=_ABOVE, facility=place, figure=present,
                    holdings=frozenset({one.holding_id} if one.holding_id else ()), limit=limit, measure="t",
                    subject=str(one.holding_id or one.chemical.pk),
                )
            )  # fmt: skip


def _judge_fire(place: Facility, here: Sequence[Stock], found: Judged) -> None:
    """Present and designed sums against what the fire protection of the place was accepted for."""
    limit = place.fire_limit_t
    if limit is None:
        return
    present = sum((one.present_t or Decimal(0) for one in here), Decimal(0))
    designed = sum((one.design_t or one.present_t or Decimal(0) for one in here), Decimal(0))
    figure, basis = (present, Basis.PRESENT) if present > limit else (designed, Basis.LEGAL)
    if figure > limit:
        found.faults.append(
            Fault(
                kind=StorageKind.OVER_FIRE, rule=FIRE_ACCEPTED, basis=basis,
                chemicals=tuple(dict.fromkeys(one.name for one in here))[:MOST_NAMES],
                reason=_BEYOND_FIRE,
                clause=_FIRE, mark="G", facility=place, figure=figure, limit=limit, measure="t",
                holdings=frozenset(one.holding_id for one in here if one.holding_id),
            )
        )  # fmt: skip


def _judge_limit(place: Facility, here: Sequence[Stock], limit: Limit, found: Judged) -> None:
    standard = limit.standard
    if place.kind not in standard.facility_kinds:
        return
    total, counted, unknown = Decimal(0), [], []
    for one in here:
        if not one.is_there or not _is_of(one, standard.hazard):
            continue
        density = one.density or one.chemical.density
        if density is None or one.present_t is None:
            unknown.append(one.name)
            continue
        total += one.present_t / density
        counted.append(one)
    if unknown:
        names = "、".join(unknown[:MOST_NAMES])
        found.doubts.append(
            Text(
                f"{place.code} {names}：没有密度，没有计入“{standard.name.zh}”。",
                f"{place.code} {', '.join(unknown[:MOST_NAMES])}: no density is known, so it does not count for "
                f"“{standard.name.en}”.",
            )
        )
    if total > limit.limit_m3:
        found.faults.append(_over_limit(place, limit, total.quantize(Decimal("0.000001")), counted))


def _is_of(one: Stock, hazard: str) -> bool:
    if not hazard:
        return True
    classes = one.mixture_classes or tuple(one.chemical.hazard_classes)
    return any(told.key == hazard for told in ghs.parse("；".join(classes)).hazards)


def _over_limit(place: Facility | None, limit: Limit, figure: Decimal, counted: Sequence[Stock]) -> Fault:
    standard = limit.standard
    clause = standard.clause
    if limit.is_own:
        clause = Text(f"本区设置：{limit.source}", f"Set by the district: {limit.source}")
    return Fault(
        kind=StorageKind.OVER_FIRE, rule=standard.code, clause=clause, reason=standard.name, facility=place,
        basis=Basis.LEGAL if standard.measure == "capacity" else Basis.PRESENT,
        chemicals=tuple(dict.fromkeys(one.name for one in counted))[:MOST_NAMES],
        mark="D" if limit.is_own else standard.mark, figure=figure, limit=limit.limit_m3, measure="m³",
        holdings=frozenset(one.holding_id for one in counted if one.holding_id),
    )  # fmt: skip


def whole_limits(enterprise_kind: str, set_limits: Mapping[str, Limit]) -> list[Limit]:
    """Limits over the whole enterprise that a class has."""
    return [one for one in set_limits.values() if one.standard.is_whole and one.standard.holds_for(enterprise_kind)]


def facilities_with_cas(file_id: uuid.UUID) -> list[tuple[Facility, Sequence[str]]]:
    """Facilities in service of a file that a query gave, each with the CAS numbers of what it holds; two queries."""
    rows = list(Facility.objects.filter(unit__file=file_id, decommissioned_date__isnull=True).order_by("code", "pk"))
    numbers: dict[uuid.UUID, list[str]] = defaultdict(list)
    held = Holding.objects.filter(file=file_id, ended_date__isnull=True)
    for place, cas in held.values_list("facility_id", "chemical__cas"):
        numbers[place].append(cas)
    return [(one, numbers.get(one.pk, ())) for one in rows]


def judge_file(
    file: Enterprise, holdings: Sequence[Holding], *, set_limits: Mapping[str, Limit], facilities: Iterable[Facility]
) -> Judged:
    """Everything of one file that a query gave. No query.

    :param facilities: those in service.
    """
    found = judge(map(stock_of, holdings), enterprise_kind=file.kind, set_limits=set_limits)
    whole = whole_limits(file.kind, set_limits)
    if whole:
        numbers: dict[uuid.UUID, list[str]] = defaultdict(list)
        for one in holdings:
            numbers[one.facility_id].append(one.chemical.cas)
        rows = [(one, numbers.get(one.pk, ())) for one in facilities]
        for limit in whole:
            more = judge_whole(rows, enterprise_kind=file.kind, limit=limit)
            found.faults += more.faults
            found.cares += more.cares
            found.doubts += more.doubts
    return found


def held_in(place: Facility) -> list[Holding]:
    """What a facility that a query gave holds, with its chemicals. One query."""
    return list(Holding.objects.filter(facility=place, ended_date__isnull=True).select_related("chemical"))


def warnings_for(place: Facility, stock: Stock, beside: Iterable[Holding]) -> list[Fault]:
    """What would be wrong with a stock in a place, beside what lies there; what is wrong without it is left out.

    :param beside: with chemical, those of the place that stand. One query, of a workshop with a limit three.
    """
    known = limits()
    kind = place.unit.file.kind
    here = [stock_of(one, place) for one in beside if one.pk != stock.holding_id]
    own = [stock_of(one, place) for one in beside if one.pk == stock.holding_id]
    before = {one.key: one for one in judge([*here, *own], enterprise_kind=kind, set_limits=known).faults}
    after = judge([*here, stock], enterprise_kind=kind, set_limits=known).faults
    if (limit := workshop_limit(place.unit)) is not None:
        rows = Holding.objects.filter(facility__unit=place.unit, ended_date__isnull=True)
        whole = [stock_of(one) for one in rows.select_related("facility", "chemical")]
        before |= {one.key: one for one in judge_workshop(place.unit, whole, limit)}
        others = [one for one in whole if stock.holding_id is None or one.holding_id != stock.holding_id]
        after += judge_workshop(place.unit, [*others, stock], limit)
    return [one for one in after if is_more(one, before.get(one.key))]


def is_more(after: Fault, before: Fault | None) -> bool:
    """Whether a fault is new, or graver than it was."""
    if before is None:
        return True
    if after.figure is not None and before.figure is not None:
        return after.figure > before.figure
    return not (after.present <= before.present and after.goods <= before.goods)


def faults_with(place: Facility, holding: Holding) -> list[Fault]:
    """What is stored wrongly in a facility on account of one of its stocks. Two queries."""
    stocks = [stock_of(one, place) for one in held_in(place)]
    judged = judge(stocks, enterprise_kind=place.unit.file.kind, set_limits=limits())
    return [one for one in judged.faults if holding.pk in one.holdings]


def concerns(fault: Fault, stock: Stock) -> bool:
    """Whether a fault names a stock."""
    if fault.kind == StorageKind.OVER_FIRE and not fault.chemicals:
        return True
    return stock.name in (fault.goods or fault.chemicals)


# In words --------------------------------------------------------------------------------------------------------


def measured(value: Decimal | None, measure: str) -> str:
    """``65 t``; empty for nothing."""
    return "" if value is None else f"{shown(value)} {measure}"


def sentence(fault: Fault) -> str:
    """A fault of a place as one sentence, for findings and warnings."""
    place = "" if fault.place is None else f"{fault.place.code} "
    why = told(fault.reason)
    if fault.kind == StorageKind.INCOMPATIBLE:
        names = {"place": place, "names": "；".join(fault.chemicals), "why": why}
        if fault.basis == Basis.PRESENT:
            return _("%(place)s不能同存：%(names)s（%(why)s）") % names
        return _("%(place)s按设计或许可不能同存：%(names)s（%(why)s）") % names
    return _("%(place)s%(names)s %(why)s：%(figure)s，限 %(limit)s") % {
        "place": place, "names": "、".join(fault.chemicals), "why": why,
        "figure": measured(fault.figure, fault.measure), "limit": measured(fault.limit, fault.measure),
    }  # fmt: skip


# The list --------------------------------------------------------------------------------------------------------


def list_findings(*, actor: Actor) -> QuerySet[StorageFinding]:
    """What is stored wrongly where the actor may see it: what stands first, the newest first."""
    return (
        StorageFinding.objects.visible_to(actor)
        .select_related("file", "enterprise", "area", "supervisor", "facility", "facility__unit", "unit")
        .annotate(told=Func(F("chemicals"), Value(" "), function="array_to_string", output_field=TextField()))
        .order_by(F("gone_at").desc(nulls_first=True), "-found_at", "pk")
    )


def still_standing() -> Q:
    """The condition of findings whose cause is not gone, and that no office let stand."""
    return Q(gone_at__isnull=True) & ~Q(status="ACCEPTED")


def get_finding(*, actor: Actor, finding_id: uuid.UUID) -> StorageFinding:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_findings(actor=actor).filter(pk=finding_id).first()
    if found is None:
        raise NotFound
    return found


def standing_of(facility: Facility) -> dict[str, StorageFinding]:
    """The findings that stand in a facility that a query gave, by key."""
    rows = StorageFinding.objects.filter(facility=facility, gone_at__isnull=True)
    return {one.key: one for one in rows}
