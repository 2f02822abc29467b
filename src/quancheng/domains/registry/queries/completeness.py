"""Reads of how complete files are: measured for many at once, and as it was last kept."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, Func, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import translation

from quancheng.domains.registry.kinds import FacilityKind, Kind, Life
from quancheng.domains.registry.models import (
    CompletenessRule,
    Contact,
    Enterprise,
    EnvironmentRecord,
    Facility,
    Holding,
    Lease,
    Licence,
    LicenceItem,
    MajorHazard,
    PostHolder,
    Product,
    SafetyExpense,
    Unit,
)
from quancheng.domains.registry.models.licences import IN_FORCE
from quancheng.domains.registry.queries import derived, enterprises, licences, posts
from quancheng.domains.registry.queries.derived import TwoKeyOneMajor
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.standards import completeness as standard
from quancheng.standards.completeness import Line, Rule

#: Pieces named that lack a datum; the others are counted.
MOST_NAMED = 5
#: A safety data sheet is looked through after so many years. [D]
SHEET_YEARS = 5
#: Until this day of the year last year's safety expenses are enough. [D]
EXPENSE_MONTH = 4
_PLANT = (FacilityKind.EQUIPMENT, FacilityKind.REACTOR)
_DESIGNED = (FacilityKind.TANK, FacilityKind.BAY, FacilityKind.CYLINDERS, *_PLANT)
_PROTECTED = (FacilityKind.TANK, FacilityKind.BAY, FacilityKind.CYLINDERS)


# Rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetRule:
    """A rule as this district has it; ``is_own`` where it was set here."""

    rule: Rule
    weight: int
    is_asked: bool
    is_own: bool = False


def set_rules() -> dict[str, SetRule]:
    """Every rule by code, as the district set it, else as shipped. One query."""
    own = {one.code: one for one in CompletenessRule.objects.all()}
    found = {}
    for code, rule in standard.rules_by_code().items():
        mine = own.get(code)
        found[code] = SetRule(rule, rule.weight, True) if mine is None else SetRule(
            rule, mine.weight, mine.is_asked, is_own=True
        )  # fmt: skip
    return found


# One file's rows -------------------------------------------------------------------------------------------------


@dataclass
class Rows:
    """What stands of one file today."""

    file: Enterprise
    on: date
    marks: TwoKeyOneMajor
    facts: Mapping[str, bool | None]
    contacts: list[Contact] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    facilities: list[Facility] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    licences: list[Licence] = field(default_factory=list)
    holders: list[PostHolder] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    hazards: list[MajorHazard] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    environments: list[EnvironmentRecord] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        """Its classes, the main one first."""
        return list(dict.fromkeys([self.file.kind, *self.file.more_kinds]))

    @cached_property
    def post_rows(self) -> list[posts.PostRow]:
        """Its posts by law and who holds them."""
        return posts.post_rows(self.file, holders=self.holders, on=self.on, marks=self.marks, facts=self.facts)

    def of_kind(self, kinds: Iterable[str]) -> list[Facility]:
        """Facilities of these kinds."""
        wanted = set(kinds)
        return [one for one in self.facilities if one.kind in wanted]


def read_rows(pks: Sequence[uuid.UUID], *, on: date) -> dict[uuid.UUID, Rows]:
    """What stands of many files, in as many queries as of one: some eighteen."""
    files = list(Enterprise.objects.filter(pk__in=pks).select_related("enterprise", "area").order_by("pk"))
    ids = [one.pk for one in files]
    marks = derived.two_key_one_major_of(ids)
    facts = derived.facts_of_many(files, marks)
    found = {one.pk: Rows(one, on, marks[one.pk], facts[one.pk]) for one in files}
    here = Q(file__in=ids)
    scope = Exists(LicenceItem.objects.filter(licence=OuterRef("pk")))
    issued = Max("sheets__revision_date", filter=Q(sheets__issued_at__isnull=False))
    parts: list[tuple[str, QuerySet[Any]]] = [
        ("contacts", Contact.objects.filter(here, left_date__isnull=True)),
        ("leases", Lease.objects.filter(here).exclude(to_date__lt=on)),
        ("units", Unit.objects.filter(here, ended_date__isnull=True).order_by("code", "pk")),
        ("holdings", Holding.objects.filter(here, ended_date__isnull=True, facility__decommissioned_date__isnull=True)
         .select_related("facility__unit", "chemical").order_by("facility__code", "chemical__pinyin", "pk")),
        ("licences", Licence.objects.standing().filter(here).with_state(on=on).annotate(has_items=scope)
         .order_by("-valid_to", "-pk")),
        ("environments", EnvironmentRecord.objects.filter(here).select_related("unit").order_by("created_at", "pk")),
        ("holders", PostHolder.objects.filter(here, left_date__isnull=True).order_by("post", "created_at", "pk")),
        ("products", Product.objects.filter(here, ended_date__isnull=True).annotate(sheet_date=issued)
         .order_by("name", "pk")),
    ]  # fmt: skip
    for name, rows in parts:
        for row in rows:
            getattr(found[row.file_id], name).append(row)
    running = Facility.objects.filter(
        unit__file__in=ids, decommissioned_date__isnull=True, unit__ended_date__isnull=True
    )
    for facility in running.select_related("unit").order_by("code", "pk"):
        found[facility.unit.file_id].facilities.append(facility)
    hazards = MajorHazard.objects.filter(unit__file__in=ids).exclude(status="DELISTED").select_related("unit")
    for hazard in hazards.order_by("code"):
        found[hazard.unit.file_id].hazards.append(hazard)
    for pk, year in SafetyExpense.objects.filter(here).values_list("file_id", "year"):
        found[pk].years.append(year)
    return found


# Measuring -------------------------------------------------------------------------------------------------------

#: How much of a datum is there, of how much, and names of what lacks it.
Count3 = tuple[int, int, tuple[str, ...]]


def lines_of(rows: Rows, *, rules: Mapping[str, SetRule]) -> list[Line]:
    """What a file must hold and how much of it is there, line by line; what there is nothing of to ask is left out."""
    found = []
    for rule in standard.rules_for(rows.kinds, _only_known(rows.facts)):
        mine = rules[rule.code]
        if not mine.is_asked:
            continue
        have, of, missing = _COUNTS[rule.code](rows)
        if of:
            found.append(Line(rule.code, mine.weight, have, of, missing))
    return found


def _only_known(facts: Mapping[str, bool | None]) -> dict[str, bool | None]:
    return {name: value for name, value in facts.items() if value is not None}


def _is(value: object) -> Count3:
    return (0 if value in (None, "", []) else 1, 1, ())


def _each(pieces: Sequence[Any], has: Callable[[Any], bool], name: Callable[[Any], str]) -> Count3:
    lacking = [one for one in pieces if not has(one)]
    return len(pieces) - len(lacking), len(pieces), tuple(name(one) for one in lacking[:MOST_NAMED])


def _role(role: str) -> Callable[[Rows], Count3]:
    return lambda rows: _is([one for one in rows.contacts if one.role == role])


def _code(row: Any) -> str:
    return str(row.code)


def _name(row: Any) -> str:
    return str(row.name)


def _place(row: Holding) -> str:
    return f"{row.facility.code} {row.chemical.name}"


def _has_design(row: Holding) -> bool:
    by_volume = row.facility.volume_m3 is not None and (row.density or row.chemical.density) is not None
    return row.design_t is not None or by_volume


def _facts_told(rows: Rows) -> Count3:
    asked = [fact for fact in standard.facts_asked(rows.kinds) if fact in derived.TOLD]
    return _each(asked, lambda fact: rows.facts.get(fact) is not None, str)


def _licences(rows: Rows) -> Count3:
    matrix = licences.matrix_of(rows.file, licences=rows.licences, facts=rows.facts)
    due = [row for row in matrix if row.is_due and not row.doubts]
    lacking = tuple(row.kind.code for row in due if row.is_gap)
    return len(due) - len(lacking), len(due), lacking


def _in_force(rows: Rows) -> list[Licence]:
    return [one for one in rows.licences if one.state in IN_FORCE]  # type: ignore[attr-defined]


def _posts(rows: Rows) -> Count3:
    due = [row for row in rows.post_rows if row.requirement is not None and not row.requirement.doubts]
    whole = sum(row.requirement.count for row in due if row.requirement is not None)
    return whole - sum(row.lacking for row in due), whole, tuple(row.post.code for row in due if row.lacking)


def _expense(rows: Rows) -> Count3:
    year = rows.on.year if rows.on.month >= EXPENSE_MONTH else rows.on.year - 1
    return (1 if any(one >= year for one in rows.years) else 0, 1, ())


def _fresh(rows: Rows) -> Count3:
    last = rows.on - timedelta(days=round(SHEET_YEARS * 365.25))
    issued = [one for one in rows.products if one.sheet_date is not None]  # type: ignore[attr-defined]
    return _each(issued, lambda one: one.sheet_date >= last, _name)


def _environment(rows: Rows) -> Count3:
    """Assessed, with a plan on file, and not overdue for review; each of its units that has a record of its own too."""
    if not rows.environments:
        return 0, 1, ()
    return _each(
        rows.environments,
        lambda one: bool(one.grade and one.plan_no) and (one.review_date is None or one.review_date >= rows.on),
        lambda one: str(one.unit.code) if one.unit else "",
    )


_COUNTS: dict[str, Callable[[Rows], Count3]] = {
    "CREDIT_CODE": lambda rows: _is(rows.file.enterprise.credit_code if rows.file.enterprise else ""),
    "REGISTERED_ADDRESS": lambda rows: _is(rows.file.registered_address),
    "ADDRESS": lambda rows: _is(rows.file.address),
    "AREA": lambda rows: _is(rows.file.area_id),
    "POINT": lambda rows: _is(rows.file.lon),
    "BOUNDARY": lambda rows: _is(rows.file.boundary),
    "EMERGENCY_PHONE": lambda rows: _is(rows.file.emergency_phone),
    "STAFF": lambda rows: _is(rows.file.staff_count),
    "SIZE": lambda rows: _is(rows.file.size),
    "INDUSTRY": lambda rows: _is(rows.file.industry),
    "EXPOSED": lambda rows: _is(rows.file.exposed_population),
    "LEGAL": _role("legal"),
    "HEAD": _role("head"),
    "CONTROLLER": _role("controller"),
    "SAFETY": _role("safety"),
    "EMERGENCY": _role("emergency"),
    # Whom it lacks is told by his capacity: a name in the score would be a second place for it.
    "PHONES": lambda rows: _each(rows.contacts, lambda one: bool(one.phone), lambda one: one.role),
    "LEASES": lambda rows: _each(rows.leases, lambda one: one.has_agreement, lambda one: one.place),
    "UNITS": lambda rows: _is(rows.units),
    "UNIT_BOUNDARY": lambda rows: _each(rows.units, lambda one: bool(one.boundary), _code),
    "FACILITIES": lambda rows: _each(
        rows.units, lambda one: any(facility.unit_id == one.pk for facility in rows.facilities), _code
    ),
    "VOLUME": lambda rows: _each(
        rows.of_kind([FacilityKind.TANK]), lambda one: one.volume_m3 is not None and one.max_fill is not None, _code
    ),
    "COMMISSIONED": lambda rows: _each(rows.facilities, lambda one: one.commissioned_date is not None, _code),
    "DESIGN": lambda rows: _each(rows.of_kind(_DESIGNED), lambda one: bool(one.design), _code),
    "PROCESSES": lambda rows: _each(rows.of_kind(_PLANT), lambda one: bool(one.processes), _code),
    "PROTECTIONS": lambda rows: _each(
        rows.of_kind(_PROTECTED), lambda one: all((one.alarm, one.shut_off, one.earthing, one.inerting)), _code
    ),
    "FOUR_SYSTEMS": lambda rows: _each(
        rows.units, lambda one: all((one.video, one.gas_detection, one.shut_off, one.platform)), _code
    ),
    "SEEPAGE": lambda rows: _each(rows.of_kind([FacilityKind.TANK]), lambda one: bool(one.seepage), _code),
    "STOCK": lambda rows: _is(rows.holdings),
    "DESIGN_QUANTITY": lambda rows: _each(rows.holdings, _has_design, _place),
    "PRESENT_QUANTITY": lambda rows: _each(rows.holdings, lambda one: one.present_t is not None, _place),
    "FACTS": _facts_told,
    "LICENCES": _licences,
    "LICENCES_VERIFIED": lambda rows: _each(
        _in_force(rows), lambda one: one.verified_at is not None, lambda one: one.kind
    ),
    "SCOPE": lambda rows: _each(
        [one for one in _in_force(rows) if one.kind in licences.SCOPE_KINDS],
        lambda one: one.has_items, lambda one: one.kind,
    ),
    "POSTS": _posts,
    "EXPENSE": _expense,
    "ENVIRONMENT": _environment,
    "PRODUCTS": lambda rows: _is(rows.products),
    "REGISTRATION": lambda rows: _each(rows.products, lambda one: bool(one.registration_no), _name),
    "LABEL": lambda rows: _each(
        rows.products, lambda one: all((one.hazard_classes, one.prevention, one.response, one.storage, one.disposal)),
        _name,
    ),
    "SHEET": lambda rows: _each(rows.products, lambda one: one.sheet_date is not None, _name),
    "SHEET_FRESH": _fresh,
    "HAZARD_FILED": lambda rows: _each(rows.hazards, lambda one: one.status != "FOUND", lambda one: str(one.unit.name)),
}  # fmt: skip


# As it was kept --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of a file's score with its rule."""

    rule: Rule
    line: Line

    @property
    def giver(self) -> str:
        """Who must give what is missing: a code of ``standards.completeness.GIVERS``."""
        return self.rule.giver


def kept_lines(file: Enterprise) -> list[Kept]:
    """The lines of a file as they were last kept, in the order of the rules: gaps come first, the heaviest first.

    A place without licence has nobody who keeps its file: what is missing the town gives.
    """
    rules = standard.rules_by_code()
    found = []
    for raw in getattr(file, "score_lines", None) or []:
        rule = rules.get(raw["code"])
        if rule is None:
            continue
        if file.kind == "unlicensed" and rule.giver == "enterprise":
            rule = replace(rule, giver="town")
        line = Line(raw["code"], raw["weight"], raw["have"], raw["of"], tuple(raw["missing"]))
        found.append(Kept(rule, line))
    return sorted(found, key=lambda one: one.line.points - one.line.weight)


# The district ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """How many files of a class or a town are complete.

    :ivar key: code of the class, path of the area. :ivar average: mean score, whole per cent; None where none is
        measured. :ivar complete: files that lack nothing.
    """

    key: str
    files: int
    complete: int
    average: int | None
    low: int

    @property
    def percent(self) -> int:
        """Complete files of all, whole per cent rounded down."""
        return 100 * self.complete // self.files if self.files else 0


#: Below this a file counts as thin. [D]
LOW = 60


@dataclass(frozen=True, slots=True)
class Coverage:
    """Completeness across what an actor may see: all together, by class, by town, and what is missing most often.

    :ivar towns: names of the towns by path.
    """

    whole: Share
    by_kind: tuple[Share, ...]
    by_town: tuple[Share, ...]
    gaps: tuple[tuple[Rule, int], ...]
    towns: Mapping[str, str]


_FIGURES: dict[str, Any] = {
    "files": Count("pk"),
    "complete": Count("pk", filter=Q(completeness__score=100)),
    "low": Count("pk", filter=Q(completeness__score__lt=LOW)),
    "measured": Count("completeness__score"),
    "points": Coalesce(Sum("completeness__score"), 0),
}


def coverage(*, actor: Actor, kind: str = "", area: str = "") -> Coverage:
    """How complete the files are that the actor may see; closed enterprises do not count. Three queries.

    :param kind: only this class. :param area: only below this path.
    """
    rows = enterprises.seen(actor=actor).exclude(life=Life.CLOSED).order_by()
    if kind:
        rows = rows.filter(kind=kind)
    if area:
        rows = rows.filter(area__path__startswith=area)
    towns = town_names()
    kinds: dict[str, Counter[str]] = {code: Counter() for code in Kind.values}
    places: dict[str, Counter[str]] = {}
    whole: Counter[str] = Counter()
    counted: Any = rows.values("kind", "area__path").annotate(**_FIGURES)
    for one in counted:
        figures = Counter({name: one[name] for name in _FIGURES})
        town = next((path for path in towns if (one["area__path"] or "").startswith(path)), "")
        kinds[one["kind"]] += figures
        places.setdefault(town, Counter()).update(figures)
        whole += figures
    return Coverage(
        whole=_share("", whole),
        by_kind=tuple(_share(code, figures) for code, figures in kinds.items() if figures["files"]),
        by_town=tuple(_share(path, places[path]) for path in (*towns, "") if path in places),
        gaps=_common_gaps(rows),
        towns=towns,
    )


def town_names() -> dict[str, str]:
    """Towns and streets that stand: path to name, by pinyin."""
    rows = Area.objects.filter(level="street", valid_to__isnull=True).order_by("pinyin", "pk")
    return dict(rows.values_list("path", "name"))


def town_choices(actor: Actor) -> list[tuple[str, str]]:
    """The same for filters of lists."""
    return list(town_names().items())


def gap_choices(actor: Actor) -> list[tuple[str, str]]:
    """What a file may lack, for filters of lists: code and name in the reader's language."""
    language = translation.get_language() or "zh"
    return [(code, rule.name.in_language(language)) for code, rule in standard.rules_by_code().items()]


def _common_gaps(rows: QuerySet[Enterprise]) -> tuple[tuple[Rule, int], ...]:
    """What is missing, in how many files, the most frequent first."""
    known = standard.rules_by_code()
    lacking = rows.filter(completeness__isnull=False).annotate(gap=Func(F("completeness__gaps"), function="unnest"))
    counted = lacking.values_list("gap").annotate(number=Count("pk"))
    found = [(known[code], number) for code, number in counted if code in known]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0].code)))


def _share(key: str, figures: Counter[str]) -> Share:
    measured = figures["measured"]
    return Share(
        key=key, files=figures["files"], complete=figures["complete"], low=figures["low"],
        average=figures["points"] // measured if measured else None,
    )  # fmt: skip
