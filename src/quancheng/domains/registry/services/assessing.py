"""Grades follow what is entered: each affected unit is assessed once, at the end of the act's transaction.

Two results stand side by side. The *legal* one counts the design maximum and changes with facilities, design and
licence alone; it calls for filings, and never falls by itself. The *present* one counts what is there and warns. Live
levels of sensors never enter either.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from django.db import transaction

from quancheng.domains.registry.kinds import PLACE_OF, Basis, FacilityKind
from quancheng.domains.registry.models import Assessment, Enterprise, HazardCheck, Holding, MajorHazard, Unit
from quancheng.domains.registry.services.completeness import follow_files
from quancheng.domains.registry.services.storage import look_at_storage
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.numbering.codes import next_code
from quancheng.standards import gb18218
from quancheng.standards.gb18218 import Stock

#: Days within which a major hazard is to be filed after it was found (重大危险源监督管理暂行规定, art. 23) [G].
FILING_DAYS = 15
Answer = TypeVar("Answer")
_REACTING = (FacilityKind.EQUIPMENT, FacilityKind.REACTOR)


@dataclass
class Pending:
    """Units to be assessed when the act ends."""

    units: set[uuid.UUID] = field(default_factory=set)
    #: Files whose completeness is measured anew.
    files: set[uuid.UUID] = field(default_factory=set)
    may_fall: bool = False
    #: Answers that the act was given already; see :func:`asked_once`.
    told: dict[Hashable, Any] = field(default_factory=dict)

    def add(self, unit_id: uuid.UUID) -> None:
        self.units.add(unit_id)


_pending: ContextVar[Pending | None] = ContextVar("registry_pending", default=None)


@contextmanager
def assessing(*, actor: Actor, now: datetime, because: str, may_fall: bool = False) -> Iterator[Pending]:
    """One transaction, at whose end each unit that was added is assessed once; within another it joins that one.

    :param because: the act, kept with the assessment.
    :param may_fall: a record or decision lets the legal grade fall.
    """
    outer = _pending.get()
    if outer is not None:
        outer.may_fall = outer.may_fall or may_fall
        yield outer
        return
    mine = Pending(may_fall=may_fall)
    token = _pending.set(mine)
    try:
        with transaction.atomic():
            yield mine
            for unit in _locked(mine.units):
                assess_unit(actor=actor, unit=unit, now=now, because=because, may_fall=mine.may_fall)
                mine.files.add(unit.file_id)
            follow_files(mine.files, now=now)
    finally:
        _pending.reset(token)


def touch(file_id: uuid.UUID, *, now: datetime) -> None:
    """A file changed: what follows from it is seen to at the end of the act, or at once where no act waits for its
    end. In the caller's transaction, after its writes."""
    outer = _pending.get()
    if outer is not None:
        outer.files.add(file_id)
    else:
        follow_files([file_id], now=now)


def asked_once(question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """What a whole act may be told once, since it is one decision: a sheet of twenty thousand lines asks of each of its
    enterprises who may write there, and of each chemical whether it is prohibited, once and not line by line. Outside
    of an act it is asked each time.
    """
    outer = _pending.get()
    if outer is None:
        return ask()
    if question not in outer.told:
        outer.told[question] = ask()
    found: Answer = outer.told[question]
    return found


def assess_unit(*, actor: Actor, unit: Unit, now: datetime, because: str, may_fall: bool) -> None:
    """Calculate both results of a locked unit, keep what changed, and call for a filing where the law does; then hold
    what lies there against the rules of storage.

    In the caller's transaction.
    """
    holdings = _holdings_of(unit)
    for basis in (Basis.LEGAL, Basis.PRESENT):
        given, ours = _input(unit, holdings, basis, now)
        result = gb18218.assess(given)
        made = _kept(actor, unit, basis, given, result, ours, now, because, may_fall)
        if made is not None and basis == Basis.LEGAL and not made.is_held:
            _call_for_filing(actor, unit, made, now)
    look_at_storage(unit=unit, holdings=holdings, now=now)


class Held(Protocol):
    """What a calculation reads of a holding: the row itself, or the facts of many read at once."""

    @property
    def facility(self) -> Any: ...
    @property
    def chemical(self) -> Any: ...
    @property
    def hazard_classes(self) -> Sequence[str]: ...
    @property
    def concentration(self) -> Decimal | None: ...
    @property
    def density(self) -> Decimal | None: ...
    @property
    def design_t(self) -> Decimal | None: ...
    @property
    def licensed_t(self) -> Decimal | None: ...
    @property
    def present_t(self) -> Decimal | None: ...


def _locked(units: set[uuid.UUID]) -> Sequence[Unit]:
    """Units first, then their files: a changed legal grade is written into the file too, by a trigger."""
    found = list(
        Unit.objects.select_for_update(of=("self",), no_key=True)
        .select_related("file", "file__owner_org")
        .filter(pk__in=units)
        .order_by("pk")
    )
    files = {unit.file_id for unit in found}
    if len(files) > 1:
        # Two sheets about the same enterprises take them in one order.
        list(Enterprise.objects.select_for_update(no_key=True).filter(pk__in=files).order_by("pk").values_list("pk"))
    return found


def _holdings_of(unit: Unit) -> list[Holding]:
    return list(
        Holding.objects.filter(facility__unit=unit, ended_date__isnull=True)
        .select_related("facility", "chemical")
        .order_by("facility__code", "chemical__name", "pk")
    )


def _input(
    unit: Unit, holdings: Sequence[Holding], basis: str, now: datetime
) -> tuple[gb18218.Unit, list[dict[str, str]]]:
    """What the standard is asked, and what was to be assumed before it could be."""
    ours: list[dict[str, str]] = []
    stocks = []
    today = Calendar().local_date(now)
    for holding in holdings:
        quantity = quantity_in(holding, basis, ours)
        if quantity is not None:
            stocks.append(stock_of(holding, quantity, today))
    given = gb18218.Unit(
        kind=unit.kind, stocks=tuple(stocks), exposed_population=unit.file.exposed_population, exclusion=unit.exclusion,
        exclusion_reason=unit.exclusion_reason, boundary=unit.boundary,
        valve_tags=tuple(unit.boundary_note.split()) if unit.boundary == "valves" else (),
    )  # fmt: skip
    return given, ours


def stock_of(holding: Held, quantity: Mapping[str, Any], today: date) -> Stock:
    """What the standard is told of a stock; the quantity as :func:`quantity_in` gave it."""
    facility, chemical = holding.facility, holding.chemical
    gone = facility.decommissioned_date is not None and facility.decommissioned_date <= today
    reacts = facility.kind in _REACTING
    own = tuple(holding.hazard_classes)
    return Stock(
        name=chemical.name, cas=chemical.cas, hazard_classes=own or tuple(chemical.hazard_classes),
        pure_hazard_classes=tuple(chemical.hazard_classes) if own else (), concentration=holding.concentration,
        grade=chemical.gb18218_item, state=chemical.state, boiling_point_c=chemical.boiling_point_c,
        operating_temp_c=facility.temp_c, operating_pressure_mpa=facility.pressure_mpa,
        key_process=_key_process(facility.processes, reacts),
        near_explosive_range=facility.near_explosive_range if reacts else bool(facility.near_explosive_range),
        out_of_service=gone, decommissioning_record=facility.decommission_record if gone else "",
        place=PLACE_OF[facility.kind], **quantity,
    )  # fmt: skip


def quantity_in(holding: Held, basis: str, ours: list[dict[str, str]]) -> dict[str, Any] | None:
    """The tonnes that count, or volume and density from which they follow; None where nothing is known.

    :param ours: takes what was to be assumed.
    """
    name = holding.chemical.name
    if basis == Basis.PRESENT:
        return None if holding.present_t is None else {"quantity_t": holding.present_t}
    if holding.design_t is not None:
        return {"quantity_t": holding.design_t}
    density = holding.density or holding.chemical.density
    facility = holding.facility
    if facility.volume_m3 is not None and density is not None:
        return {"volume_m3": facility.volume_m3, "max_fill": facility.max_fill, "density_t_per_m3": density}
    instead, zh, en = holding.licensed_t, "许可量", "the licensed quantity"
    if instead is None:
        instead, zh, en = holding.present_t, "实际存量", "the present stock"
    place = f"{facility.code} {name}"
    if instead is None:
        said = f"{place}: no design maximum, volume or licensed quantity is given; it was not counted."
        ours.append({"zh": f"{place}：未填设计最大量、容积或许可量，未计入。", "en": said})
        return None
    ours.append({"zh": f"{place}：未填设计最大量，暂按{zh}计。",
                 "en": f"{place}: no design maximum is given; {en} was counted meanwhile."})  # fmt: skip
    return {"quantity_t": instead}


def _key_process(codes: Sequence[str], reacts: bool) -> bool | None:
    """Nobody says of a tank that it is no process; of a reactor somebody must."""
    if codes:
        return codes[0] != "none"
    return None if reacts else False


def _kept(
    actor: Actor, unit: Unit, basis: str, given: gb18218.Unit, result: gb18218.Result, ours: list[dict[str, str]],
    now: datetime, because: str, may_fall: bool,
) -> Assessment | None:  # fmt: skip
    """The calculation as a row, and the unit's own columns; None where nothing changed since the last one."""
    s, r = stored(result.s), stored(result.r)
    is_held = basis == Basis.LEGAL and not may_fall and _falls(unit.legal_grade, result.grade)
    inputs = _plain(given)
    doubts = [*ours, *({"zh": one.text("zh"), "en": one.text("en")} for one in result.doubts)]
    last = Assessment.objects.filter(unit=unit, basis=basis).order_by("-at", "-pk").first()
    same = last is not None and (last.inputs, last.doubts, last.is_held) == (inputs, doubts, is_held)
    if same and last is not None and last.table_version == result.table_version:
        return None
    made = Assessment.objects.create(
        unit=unit, basis=basis, at=now, because=because, by_name=actor.name[:60], edition=result.edition,
        table_version=result.table_version, s=s, r=r, alpha=result.alpha, grade=result.grade,
        is_major=result.is_major_hazard, is_held=is_held, inputs=inputs, steps=_steps(result), doubts=doubts,
    )  # fmt: skip
    if not is_held:
        columns = {f"{basis}_s": s, f"{basis}_r": r, f"{basis}_grade": result.grade, f"{basis}_at": now}
        Unit.objects.filter(pk=unit.pk).update(**columns)
        for name, value in columns.items():
            setattr(unit, name, value)
    return made


def _falls(before: int | None, after: int | None) -> bool:
    """Whether a grade is less grave than before: 1 is the gravest, none the least."""
    return before is not None and (after is None or after > before)


def _call_for_filing(actor: Actor, unit: Unit, made: Assessment, now: datetime) -> None:
    """Open the file of a major hazard, or open it again where the grade rose: the enterprise owes a filing."""
    if not made.is_major or made.grade is None or made.r is None:
        return
    today = Calendar().local_date(now)
    due = today + timedelta(days=FILING_DAYS)
    standing = MajorHazard.objects.filter(unit=unit).exclude(status="DELISTED").first()
    house = system_actor("registry", "registry.hazards.file")
    if standing is None:
        hazard = MajorHazard(
            **unit.file.row_scope(),
            code=next_code(MajorHazard, "W", now=now), unit=unit, supervisor_id=unit.file.supervisor_id,
            grade=made.grade, r=made.r, found_date=today, due_date=due, created_at=now,
        )  # fmt: skip
        facts = {"unit": unit.pk, "grade": made.grade, "r": made.r, "assessment": made.pk}
        enter(actor=house, row=hazard, now=now, facts=facts)
        _call_for_check(house, hazard, now)
        return
    filed = standing.filed_grade or standing.grade
    if standing.status == "FOUND":
        MajorHazard.objects.filter(pk=standing.pk).update(grade=made.grade, r=made.r, updated_at=now)
    elif made.grade < filed:
        changes = {"grade": made.grade, "r": made.r, "found_date": today, "due_date": due}
        move(actor=house, row=standing, name="raise", now=now, given={"assessment": str(made.pk)}, changes=changes)
        _call_for_check(house, standing, now)


def _call_for_check(house: Actor, hazard: MajorHazard, now: datetime) -> None:
    """The supervising office owes a look at the place, beside the enterprise's filing."""
    if HazardCheck.objects.filter(hazard=hazard, status="OPEN").exists():
        return
    check = HazardCheck(
        **hazard.scope_columns(owner=hazard.supervisor_id, reach="party"), hazard=hazard, grade=hazard.grade,
        created_at=now,
    )  # fmt: skip
    enter(actor=house, row=check, now=now, facts={"hazard": hazard.pk, "grade": hazard.grade})


def stored(value: Decimal | None) -> Decimal | None:
    """As the tables keep it: ten decimals."""
    return None if value is None else value.quantize(Decimal("0.0000000001"))


def _steps(result: gb18218.Result) -> list[dict[str, Any]]:
    """The terms and the sums as a person would write them, in both languages; numbers as text, none rounded."""
    terms: list[dict[str, Any]] = [
        {
            "name": one.name, "cas": one.cas, "q_t": _text(one.q_t), "Q_t": _text(one.threshold_t),
            "ratio": None if one.ratio is None else _text(_decimal(one.ratio)), "beta": _text(one.beta),
            "symbol": one.symbol, "item": one.item, "clause": {"zh": one.clause.zh, "en": one.clause.en},
            "why": {language: " ".join(note.text(language) for note in one.why) for language in ("zh", "en")},
        }
        for one in result.steps
    ]  # fmt: skip
    sums = {language: [note.text(language) for note in result.why] for language in ("zh", "en")}
    return [*terms, {"sums": sums}]


def _decimal(ratio: Any) -> Decimal:
    return (Decimal(ratio.numerator) / Decimal(ratio.denominator)).quantize(Decimal("0.0000000001"))


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _plain(given: gb18218.Unit) -> dict[str, Any]:
    """The input as JSON, empty values left out."""

    def of(row: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in row.__dataclass_fields__:
            value = getattr(row, name)
            if name == "stocks":
                value = [of(one) for one in value]
            elif isinstance(value, Decimal):
                value = _text(value)
            elif isinstance(value, tuple):
                value = list(value)
            if value not in (None, "", [], False):
                found[name] = value
        return found

    return of(given)
