"""What follows from the registry's rows and is never typed: two key points and one major (两重点一重大), and the facts
on which the duties of a class turn.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise, Facility, Holding, Licence, ToldFact, Unit

#: Code of the list of key regulated chemicals in ``standards.lists``.
KEY_CHEMICALS = "KEY_CHEMICAL"
HIGHLY_TOXIC, EXPLOSIVE_PRECURSORS = "HIGHLY_TOXIC", "EXPLOSIVE_PRECURSOR"
#: Facts that no row shows: somebody must tell them.
TOLD = ("key_user", "uses_above_limit", "imports", "produces_hazardous", "makes_listed_product", "collects_waste_only")
#: Licences that make a highly toxic purchase licence needless.
HAZARDOUS_LICENCES = ("SAFETY_PRODUCTION", "SAFETY_USE", "OPERATING")
#: A facility whose processes were looked at and that runs none of the key ones.
_NO_PROCESS = "none"


@dataclass(frozen=True, slots=True)
class TwoKeyOneMajor:
    """Which of the three an enterprise has.

    :ivar chemicals: names of key regulated chemicals that it holds, by pinyin.
    :ivar processes: codes of key regulated processes that its facilities run, P01 to P18.
    :ivar hazards: number of units that are a major hazard by the legal calculation.
    :ivar grade: the gravest legal grade, 1 to 4; None without a major hazard.
    """

    chemicals: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    hazards: int = 0
    grade: int | None = None

    @property
    def holds(self) -> bool:
        """Whether it has any of the three."""
        return bool(self.chemicals or self.processes or self.hazards)


@dataclass
class _Sum:
    chemicals: dict[str, None] = field(default_factory=dict)
    processes: set[str] = field(default_factory=set)
    grades: list[int] = field(default_factory=list)

    def result(self) -> TwoKeyOneMajor:
        return TwoKeyOneMajor(
            tuple(self.chemicals), tuple(sorted(self.processes)), len(self.grades), min(self.grades, default=None)
        )


def two_key_one_major(
    file: Enterprise, *, holdings: Iterable[Holding] | None = None, units: Iterable[Unit] | None = None,
    processes: Iterable[str] | None = None,
) -> TwoKeyOneMajor:  # fmt: skip
    """What one enterprise has of two key points and one major. Three queries, none where everything is given.

    :param holdings: those that stand, with facility and chemical. :param units: all of them.
    :param processes: codes that facilities in service name.
    """
    if holdings is None or units is None or processes is None:
        return two_key_one_major_of([file.pk])[file.pk]
    found = _Sum()
    named = {
        one.chemical.name: one.chemical.pinyin
        for one in holdings
        if KEY_CHEMICALS in one.chemical.lists and one.facility.decommissioned_date is None
    }
    found.chemicals = dict.fromkeys(sorted(named, key=lambda name: named[name]))
    found.processes = set(processes) - {_NO_PROCESS}
    found.grades = [one.legal_grade for one in units if one.legal_grade is not None and one.ended_date is None]
    return found.result()


def two_key_one_major_of(files: Iterable[uuid.UUID] | None = None) -> Mapping[uuid.UUID, TwoKeyOneMajor]:
    """The same for many at once, in three queries; ``None`` for every enterprise, then only those that have any.

    Decommissioned facilities, ended holdings and ended units count as nothing.
    """
    wanted = None if files is None else list(files)
    found: dict[uuid.UUID, _Sum] = {pk: _Sum() for pk in wanted or ()}
    holdings = Holding.objects.filter(
        ended_date__isnull=True, facility__decommissioned_date__isnull=True, chemical__lists__contains=[KEY_CHEMICALS]
    )
    facilities = running_facilities()
    units = Unit.objects.filter(legal_grade__isnull=False, ended_date__isnull=True)
    if wanted is not None:
        holdings, units = holdings.filter(file__in=wanted), units.filter(file__in=wanted)
        facilities = facilities.filter(unit__file__in=wanted)
    for pk, name in holdings.order_by("chemical__pinyin").values_list("file_id", "chemical__name"):
        found.setdefault(pk, _Sum()).chemicals[name] = None
    for pk, codes in facilities.values_list("unit__file_id", "processes"):
        if named := set(codes) - {_NO_PROCESS}:
            found.setdefault(pk, _Sum()).processes |= named
    for pk, grade in units.values_list("file_id", "legal_grade"):
        if grade is not None:
            found.setdefault(pk, _Sum()).grades.append(grade)
    return {pk: one.result() for pk, one in found.items()}


def with_two_key_one_major(rows: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
    """Files with ``has_chemical``, ``has_process`` and ``has_hazard``, for lists: as :func:`two_key_one_major`."""
    held = Holding.objects.filter(
        file=OuterRef("pk"), ended_date__isnull=True, facility__decommissioned_date__isnull=True,
        chemical__lists__contains=[KEY_CHEMICALS],
    )  # fmt: skip
    runs = running_facilities().filter(unit__file=OuterRef("pk")).exclude(processes=[_NO_PROCESS])
    units = Unit.objects.filter(file=OuterRef("pk"), legal_grade__isnull=False, ended_date__isnull=True)
    return rows.annotate(has_chemical=Exists(held), has_process=Exists(runs), has_hazard=Exists(units))


def running_facilities() -> QuerySet[Facility]:
    """Facilities in service of which somebody said which key processes they run, or that they run none."""
    return Facility.objects.filter(
        decommissioned_date__isnull=True, unit__ended_date__isnull=True, processes__len__gt=0
    )


def facts_of(
    file: Enterprise, marks: TwoKeyOneMajor, *, told: Mapping[str, bool], holdings: Iterable[Holding],
    licences: Iterable[Licence],
) -> dict[str, bool | None]:  # fmt: skip
    """The facts of ``standards.enterprise_classes.FACTS`` as far as they are known of a file; None: nobody told.

    :param holdings: those that stand, with their chemicals. :param licences: with their items and chemicals.
    """
    lists = [set(one.chemical.lists) for one in holdings]
    rights = [
        one
        for one in licences
        if one.kind in HAZARDOUS_LICENCES and one.replaced_by_id is None and not one.decision
    ]  # fmt: skip
    sold = [set(item.chemical.lists) for one in rights if one.kind == "OPERATING" for item in one.items.all()]
    return _facts(
        file, told, marks, toxic=any(HIGHLY_TOXIC in one for one in lists) if lists else None, licensed=bool(rights),
        sells=any(one & {HIGHLY_TOXIC, EXPLOSIVE_PRECURSORS} for one in sold) if sold else None,
    )  # fmt: skip


def _facts(
    file: Enterprise, told: Mapping[str, bool], marks: TwoKeyOneMajor, *, toxic: bool | None, licensed: bool,
    sells: bool | None,
) -> dict[str, bool | None]:  # fmt: skip
    """Only what somebody entered can show what is not there: an empty file leaves it open.

    :param toxic: whether it holds highly toxic chemicals; None where it holds nothing.
    """
    stores = toxic is not None or file.kind == Kind.PETROL_STATION
    return {
        **{fact: told.get(fact) for fact in TOLD},
        "major_hazard": marks.hazards > 0,
        "two_key_one_major": marks.holds,
        "has_hazardous_licence": licensed,
        "loads_or_stores_hazardous": True if stores else None,
        "buys_highly_toxic": toxic,
        "sells_highly_toxic_or_precursor": sells,
    }


def facts_of_many(
    files: Iterable[Enterprise], marks: Mapping[uuid.UUID, TwoKeyOneMajor]
) -> dict[uuid.UUID, dict[str, bool | None]]:
    """:func:`facts_of` for many, in three queries."""
    rows = list(files)
    pks = [one.pk for one in rows]
    told: dict[uuid.UUID, dict[str, bool]] = {pk: {} for pk in pks}
    for pk, fact, holds in ToldFact.objects.filter(file__in=pks).values_list("file_id", "fact", "holds"):
        told[pk][fact] = holds
    holding: dict[uuid.UUID, bool] = dict(
        Holding.objects.filter(file__in=pks, ended_date__isnull=True)
        .order_by()
        .values("file_id")
        .annotate(toxic=BoolOr(Q(chemical__lists__contains=[HIGHLY_TOXIC])))
        .values_list("file_id", "toxic")
    )
    licensed: set[uuid.UUID] = set()
    scopes: dict[uuid.UUID, bool] = {}
    watched = BoolOr(Q(items__chemical__lists__overlap=[HIGHLY_TOXIC, EXPLOSIVE_PRECURSORS]))
    standing = Licence.objects.standing().filter(file__in=pks, decision="", kind__in=HAZARDOUS_LICENCES).order_by()
    for pk, kind, sells in (
        standing.values("file_id", "kind").annotate(sells=watched).values_list("file_id", "kind", "sells")
    ):
        licensed.add(pk)
        if kind == "OPERATING" and sells is not None:
            scopes[pk] = sells
    return {
        row.pk: _facts(
            row, told[row.pk], marks.get(row.pk) or TwoKeyOneMajor(), toxic=holding.get(row.pk),
            licensed=row.pk in licensed, sells=scopes.get(row.pk),
        )
        for row in rows
    }  # fmt: skip
