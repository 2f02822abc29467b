"""Key supervised processes (重点监管工艺): certificates and education of operators, control parameters with limits,
automation, and what of it does not conform (S1-4e). Of major hazards without one: ``queries.installations``.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from quancheng.domains.monitoring.models import FINISHED, AutomationRetrofit, Tag, TagStatus
from quancheng.domains.registry.kinds import Fitted
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.training.queries.operators import Operator, operators_from, operators_json
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.lists.processes import KeyProcess, key_processes
from quancheng.standards.wording import Text

#: Kinds of tags that a watched parameter asks for, by a word in its name [D]; what no word names is not judged.
_WORDS = {"温": "temperature", "压力": "pressure", "流量": "flow", "搅拌": "speed", "液位": "level", "氧含量": "oxygen"}
#: What must be fitted (自动化控制、紧急停车、安全仪表系统), by the names of the registry.
SYSTEMS = ("dcs", "esd", "sis")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run in place of a process: a major hazard (重大危险源). ``code`` stands where that of a process does."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Run:
    """One process, or a major hazard, in one facility: who runs it in the enterprise as a whole, and what was told
    last of its automation.
    """

    process: KeyProcess | Subject
    operators: Sequence[Operator]
    retrofit: AutomationRetrofit | None

    @property
    def is_specific(self) -> bool:
        """Whether a certificate of this process is asked of who runs it; else nothing here says that he may."""
        return any(one.is_asked for one in self.operators)

    @property
    def schooled(self) -> int:
        """Operators who have the education that is asked of them and are not ordered off the job."""
        return sum(not one.lacks_schooling and one.may for one in self.operators)

    @property
    def holding(self) -> int:
        """Operators whose certificate is asked for and counts, and whom no order takes off the job."""
        return sum(one.is_asked and not (one.lacks or one.is_barred) for one in self.operators)

    def reasons(self, today: date) -> list[str]:
        """Codes of what does not conform."""
        found = []
        if not self.operators:
            found.append("no_operators")
        elif not self.is_specific and isinstance(self.process, KeyProcess):
            found.append("unspecific_operators")
        elif any(one.is_asked and one.lacks for one in self.operators):
            found.append("certificates")
        if any(one.lacks_schooling for one in self.operators):
            found.append("education")
        if any(one.is_barred for one in self.operators):
            found.append("barred_operators")
        if any(one.bars for one in self.operators):
            found.append("unfit_operators")
        if self.retrofit is None:
            found.append("retrofit_untold")
        elif self.retrofit.state not in FINISHED:
            late = self.retrofit.finish_date is not None and self.retrofit.finish_date < today
            found.append("retrofit_late" if late else "retrofit_open")
        return found


@dataclass(frozen=True, slots=True)
class ProcessPlace:
    """A facility in which key processes run, on a day. ``watched``: kinds of tags with a limit; ``bare``: without any;
    ``lacking``: kinds that its processes ask for and no tag with a limit tells; ``systems`` that are not in use;
    ``told``: all that was told of its automation, the newest first; ``is_bare``: a tag has no limit, whether or not the
    actor sees that tag; ``elsewhere``: its processes run in another unit of the enterprise too, and nobody said who of
    the operators is where.
    """

    facility: Facility
    day: date
    runs: Sequence[Run]
    told: Sequence[AutomationRetrofit]
    tags: Sequence[Tag]
    watched: Sequence[str]
    bare: Sequence[Tag]
    lacking: Sequence[str]
    systems: Sequence[str]
    is_bare: bool = False
    elsewhere: bool = False

    @property
    def reasons(self) -> list[str]:
        """Codes of what does not conform, each once: ``no_operators``, ``certificates``, ``unspecific_operators``,
        ``education``, ``barred_operators``, ``unfit_operators``, ``shared_operators``, ``parameters``, ``limits``,
        ``systems``, ``retrofit_untold``, ``retrofit_open``, ``retrofit_late``.
        """
        found = [code for run in self.runs for code in run.reasons(self.day)]
        return list(dict.fromkeys([*found, *(code for code, what in self.own_reasons() if what)]))

    def own_reasons(self) -> Sequence[tuple[str, object]]:
        """What may not conform beside who runs it and how far its automation is: codes, and whether each holds."""
        return (("shared_operators", self.elsewhere), ("parameters", self.lacking), ("limits", self.is_bare),
                ("systems", self.systems))  # fmt: skip

    @property
    def conforms(self) -> bool:
        return not self.reasons


def asked_kinds(process: KeyProcess) -> list[str]:
    """Kinds of tags that the watched parameters of a process ask for."""
    return [kind for word, kind in _WORDS.items() if any(word in one for one in process.parameters)]


def list_facilities(*, actor: Actor, on: date) -> QuerySet[Facility]:
    """Facilities in service with key processes that the actor may see, ready for :func:`place_of`, by enterprise.

    Three queries for any number of rows.
    """
    beside = Facility.objects.filter(
        unit__file=OuterRef("unit__file"), processes__overlap=OuterRef("processes"), decommissioned_date__isnull=True,
        unit__ended_date__isnull=True,
    ).exclude(unit=OuterRef("unit"))  # fmt: skip
    rows = Facility.objects.filter(
        processes__overlap=list(key_processes()), decommissioned_date__isnull=True, unit__ended_date__isnull=True
    )
    return ready(rows, actor=actor, on=on, beside=beside)


def ready(rows: QuerySet[Facility], *, actor: Actor, on: date, beside: QuerySet[Facility]) -> QuerySet[Facility]:
    """Facilities of files that the actor may see with operators, tags in use and what was told, by enterprise.

    :param beside: facilities of the same kind in another unit of the enterprise; refers to the row.
    """
    # A share of the file is none of its tags: what is lacking is judged by all of them, those seen are named.
    seen_tags = Tag.objects.visible_to(actor).filter(pk=OuterRef("pk")).order_by()
    live: QuerySet[Tag] = Tag.objects.filter(status=TagStatus.LIVE).annotate(is_seen=Exists(seen_tags))
    live = live.order_by("code", "pk")
    told = AutomationRetrofit.objects.order_by("-told_at", "-pk")
    rows = rows.filter(unit__file__in=seen(actor=actor).order_by().values("pk"))
    return (
        rows.select_related("unit__file__enterprise", "unit__file__area")
        .annotate(
            operators=operators_json(actor=actor, file=OuterRef("unit__file"), on=on), elsewhere=Exists(beside)
        )
        .prefetch_related(
            Prefetch("tags", queryset=live, to_attr="live_tags"), Prefetch("retrofits", queryset=told, to_attr="told")
        )
        .order_by("unit__file__pinyin", "code", "pk")
    )


def get_place(*, actor: Actor, facility_id: uuid.UUID, on: date) -> ProcessPlace:
    """Raise NotFound for absent, out of scope, and for a facility in which none of them runs."""
    found = list_facilities(actor=actor, on=on).filter(pk=facility_id).first()
    if found is None:
        raise NotFound
    return place_of(found, on=on)


def place_of(facility: Facility, *, on: date) -> ProcessPlace:
    """How a facility that :func:`list_facilities` gave stands; no query."""
    known = key_processes()
    processes = [known[code] for code in facility.processes if code in known]
    tags: list[Tag] = facility.live_tags  # type: ignore[attr-defined]
    asked = list(dict.fromkeys(kind for one in processes for kind in asked_kinds(one)))
    limited = {tag.kind for tag in tags if any(limit is not None for limit in tag.limits)}
    bare = [tag for tag in tags if tag.kind in asked and all(limit is None for limit in tag.limits)]
    systems = [name for name in SYSTEMS if getattr(facility, name) not in (Fitted.YES, Fitted.NOT_NEEDED)]
    return ProcessPlace(
        facility, on, runs_of(facility, processes),
        facility.told,  # type: ignore[attr-defined]
        [tag for tag in tags if tag.kind in asked and tag.is_seen],  # type: ignore[attr-defined]
        [kind for kind in asked if kind in limited],
        [tag for tag in bare if tag.is_seen],  # type: ignore[attr-defined]
        [kind for kind in asked if kind not in limited], systems, bool(bare),
        facility.elsewhere,  # type: ignore[attr-defined]
    )  # fmt: skip


def runs_of(facility: Facility, subjects: Sequence[KeyProcess | Subject]) -> list[Run]:
    """Who runs each in a facility that :func:`ready` gave, and what was told last; no query."""
    operators = operators_from(facility.operators)  # type: ignore[attr-defined]
    newest: dict[str, AutomationRetrofit] = {}
    for row in facility.told:  # type: ignore[attr-defined]
        newest.setdefault(row.process, row)
    return [Run(one, operators[one.code], newest.get(one.code)) for one in subjects]


def not_conforming(*, actor: Actor, on: date) -> Q:
    """Facilities that do not conform, as a condition; judged row by row, since no column says it."""
    rows = list_facilities(actor=actor, on=on)
    return Q(pk__in=[one.pk for one in rows if not place_of(one, on=on).conforms])


def visible_retrofit(actor: Actor, pk: uuid.UUID) -> AutomationRetrofit | None:
    """What was told of a facility that the actor may see; for the files that it holds."""
    files: QuerySet[Enterprise] = Enterprise.objects.visible_to(actor)
    return AutomationRetrofit.objects.filter(pk=pk, facility__unit__file__in=files.order_by().values("pk")).first()
