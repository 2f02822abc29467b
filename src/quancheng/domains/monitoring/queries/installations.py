"""Major hazards in which no key process runs (重大危险源监测监控和自动化), as tank farms: who runs them, what must be
measured with limits, which systems they must have, how far their automation is, and what does not conform (S4-C3.3.1c).

The same as of key processes, by what ``standards.signals`` asks of a major hazard in place of a process. What nothing
in the house tells is left to people to check: it is shown as such and is no gap.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Prefetch, Q, QuerySet

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries.coverage import due_at, of_hazards
from quancheng.domains.monitoring.queries.key_processes import ProcessPlace, Subject, ready, runs_of
from quancheng.domains.registry.kinds import Fitted, State
from quancheng.domains.registry.models import Facility, Holding
from quancheng.domains.registry.queries.derived import HIGHLY_TOXIC
from quancheng.domains.training.queries.operators import HAZARD
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards import ghs
from quancheng.standards.lists.processes import key_processes
from quancheng.standards.signals import gb50493
from quancheng.standards.signals.installations import LARGE_VOLUME_M3, LIMITED, Asked, asked_of
from quancheng.standards.signals.tags import Due
from quancheng.standards.wording import Text

SUBJECT = Subject(HAZARD, Text("重大危险源监测监控和自动化", "Monitoring and automation of a major hazard"))
#: States of what is asked for.
MET, GAP, OPEN = "met", "gap", "open"
#: What no tag tells of that which must be monitored, and the trait by which it is asked for instead.
_NO_TAGS = {"video": "watched", "entry": "guarded"}
#: Categories of acute toxicity by inhalation of a toxic gas [D].
_TOXIC = {"1", "2", "3"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that must be measured: tags in use that tell it, and those of them without any limit."""

    due: Due
    tags: Sequence[Tag]
    bare: Sequence[Tag]

    @property
    def is_limited(self) -> bool:
        """Whether a tag tells it that has a limit, or it needs none."""
        return len(self.tags) > len(self.bare)


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing beside the parameters that is asked for. ``state``: ``met``, ``gap``, or ``open``: for people to check.
    """

    asked: Asked
    state: str


@dataclass(frozen=True, slots=True)
class InstallationPlace(ProcessPlace):
    """A facility of a major hazard, on a day. ``lacking`` and ``watched`` are parameters of
    ``standards.signals.tags``; ``systems`` codes of what is asked for and is not there. ``is_known``: it is told
    what it holds and of which hazard classes all of that is, from which follows what is asked.
    """

    parameters: Sequence[Parameter] = ()
    duties: Sequence[Duty] = ()
    is_known: bool = True

    def own_reasons(self) -> Sequence[tuple[str, object]]:
        """Beside those of a process ``contents``: nobody told what it holds, or how hazardous that is."""
        # Named, not super(): a dataclass with slots is another class than the one that is written here.
        return (*ProcessPlace.own_reasons(self), ("contents", not self.is_known))


def list_facilities(*, actor: Actor, on: date) -> QuerySet[Facility]:
    """Facilities of major hazards without a key process that the actor may see, ready for :func:`place_of`.

    Four queries for any number of rows.
    """
    without = ~Q(processes__overlap=list(key_processes()))
    beside = Facility.objects.filter(of_hazards() & without, unit__file=OuterRef("unit__file"))
    held = Holding.objects.filter(ended_date__isnull=True).select_related("chemical").order_by("pk")
    rows = ready(
        Facility.objects.filter(of_hazards() & without), actor=actor, on=on,
        beside=beside.exclude(unit=OuterRef("unit")),
    )  # fmt: skip
    return rows.prefetch_related(Prefetch("holdings", queryset=held, to_attr="held"))


def get_place(*, actor: Actor, facility_id: uuid.UUID, on: date) -> InstallationPlace:
    """Raise NotFound for absent, out of scope, and for a facility that is none of these."""
    found = list_facilities(actor=actor, on=on).filter(pk=facility_id).first()
    if found is None:
        raise NotFound
    return place_of(found, on=on)


def place_of(facility: Facility, *, on: date) -> InstallationPlace:
    """How a facility that :func:`list_facilities` gave stands; no query."""
    held: Sequence[Holding] = facility.held  # type: ignore[attr-defined]
    tags: Sequence[Tag] = facility.live_tags  # type: ignore[attr-defined]
    _kind, dues = due_at(facility, [(one.chemical.cas, _classes(one)) for one in held])
    parameters = [_parameter(due, tags) for due in dues if due.parameter not in _NO_TAGS]
    traits = {trait for one in held for trait in _traits(one)}
    traits |= {_NO_TAGS[due.parameter] for due in dues if due.parameter in _NO_TAGS}
    # A tank of which nobody told the volume may be one.
    if facility.volume_m3 is None or facility.volume_m3 > LARGE_VOLUME_M3:
        traits.add("large_volume")
    grade = facility.unit.legal_grade or 4
    asked = asked_of(facility.kind, grade=grade, traits=traits, on=on)
    duties = [Duty(one, _STATES[one.code](facility, tags)) for one in asked]
    bare = [tag for one in parameters for tag in one.bare]
    return InstallationPlace(
        facility, on, runs_of(facility, [SUBJECT]),
        facility.told,  # type: ignore[attr-defined]
        [tag for one in parameters for tag in one.tags if tag.is_seen],  # type: ignore[attr-defined]
        [one.due.parameter for one in parameters if one.is_limited],
        [tag for tag in bare if tag.is_seen],  # type: ignore[attr-defined]
        [one.due.parameter for one in parameters if not one.tags],
        [one.asked.code for one in duties if one.state == GAP], bool(bare),
        facility.elsewhere,  # type: ignore[attr-defined]
        parameters, duties, bool(held) and all(_is_placed(one) for one in held),
    )  # fmt: skip


def not_conforming(*, actor: Actor, on: date) -> Q:
    """Facilities that do not conform, as a condition; judged row by row, since no column says it."""
    rows = list_facilities(actor=actor, on=on)
    return Q(pk__in=[one.pk for one in rows if not place_of(one, on=on).conforms])


def _parameter(due: Due, tags: Sequence[Tag]) -> Parameter:
    mine = [tag for tag in tags if tag.parameter == due.parameter]
    bare = [tag for tag in mine if due.parameter in LIMITED and all(limit is None for limit in tag.limits)]
    return Parameter(due, mine, bare)


def _classes(holding: Holding) -> tuple[str, ...]:
    return tuple(holding.hazard_classes or holding.chemical.hazard_classes)


def _is_placed(holding: Holding) -> bool:
    """Whether enough is told of a chemical to say what it asks for: its classes, and its state where that decides."""
    chemical, classes = holding.chemical, _classes(holding)
    keys = {one.key for one in ghs.parse("；".join(classes)).hazards}
    if not classes or chemical.state or "pressure_gas" in keys:
        return bool(classes)
    decides = keys & {"flammable_gas", "acute_inhalation"} or chemical.cas in gb50493.gases()
    return not decides and HIGHLY_TOXIC not in chemical.lists


def _traits(holding: Holding) -> set[str]:
    """What of ``standards.signals.installations.TRAITS`` a chemical is. Kept under pressure it counts as liquefied
    where nobody said how, so that nothing is left out. [D]
    """
    chemical, classes = holding.chemical, _classes(holding)
    known = {(one.key, one.category) for one in ghs.parse("；".join(classes)).hazards}
    pressed = {category for key, category in known if key == "pressure_gas"}
    found: set[str] = set()
    if pressed or chemical.state == State.GAS:
        if chemical.cas in gb50493.gases() or any(key == "acute_inhalation" and one in _TOXIC for key, one in known):
            found.add("toxic_gas")
        if any(key == "flammable_gas" for key, _category in known):
            found.add("flammable_gas")
        if pressed - {"compressed", "dissolved"}:
            found.add("liquefied_gas")
    if HIGHLY_TOXIC in chemical.lists:
        found.add("highly_toxic")
        if chemical.state == State.LIQUID:
            found.add("highly_toxic_liquid")
    return found


How = Callable[[Facility, Sequence[Tag]], str]


def _fitted(*names: str) -> How:
    """Met where one of these is fitted at the facility, or ``unit.…`` at its unit. The law knows no "does not apply":
    where the enterprise says so, somebody must look.
    """

    def state(facility: Facility, tags: Sequence[Tag]) -> str:
        told = {
            getattr(facility.unit, name.removeprefix("unit.")) if name.startswith("unit.") else getattr(facility, name)
            for name in names
        }
        if Fitted.YES in told:
            return MET
        return OPEN if Fitted.NOT_NEEDED in told else GAP

    return state


def _treatment(facility: Facility, tags: Sequence[Tag]) -> str:
    """A tag of the absorber shows that there is one; without it somebody must look."""
    return MET if any(tag.parameter == "absorber" for tag in tags) else OPEN


def _level_points(facility: Facility, tags: Sequence[Tag]) -> str:
    levels = [tag for tag in tags if tag.parameter == "level"]
    if any(tag.h is not None and tag.l is not None for tag in levels):
        return MET
    return OPEN if facility.volume_m3 is None else GAP


def _by_people(facility: Facility, tags: Sequence[Tag]) -> str:
    return OPEN


#: How each thing that is asked for stands.
_STATES: dict[str, How] = {
    "automation": _fitted("dcs"), "emergency_stop": _fitted("esd"), "shut_off": _fitted("shut_off", "unit.shut_off"),
    "safety_system": _fitted("sis"), "leak_treatment": _treatment, "video": _fitted("unit.video"),
    "level_points": _level_points, "records": _by_people, "entry": _by_people,
}  # fmt: skip
