"""Key supervised processes (重点监管工艺): automation, control parameters with their limits, what does not conform."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.registry.kinds import Fitted
from quancheng.domains.registry.models import Facility
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.kernel.access.actor import Actor
from quancheng.standards.lists.processes import KeyProcess, key_processes

#: Kinds of tags that a watched parameter asks for, by a word in its name [D]; what no word names is not judged.
_WORDS = {"温": "temperature", "压力": "pressure", "流量": "flow", "搅拌": "speed", "液位": "level", "氧含量": "oxygen"}
#: What must be fitted (自动化控制、紧急停车、安全仪表系统), by the names of the registry.
SYSTEMS = ("dcs", "esd", "sis")


@dataclass(frozen=True, slots=True)
class ProcessPlace:
    """A facility in which key processes run. ``watched``: kinds of tags with a limit; ``bare``: without any;
    ``lacking``: kinds that its processes ask for and no tag with a limit tells; ``systems`` that are not in use.
    """

    facility: Facility
    processes: Sequence[KeyProcess]
    watched: Sequence[str]
    bare: Sequence[Tag]
    lacking: Sequence[str]
    systems: Sequence[str]

    @property
    def conforms(self) -> bool:
        return not (self.lacking or self.bare or self.systems)


def asked_kinds(process: KeyProcess) -> list[str]:
    """Kinds of tags that the watched parameters of a process ask for."""
    return [kind for word, kind in _WORDS.items() if any(word in one for one in process.parameters)]


def process_places(*, actor: Actor, town: str = "") -> list[ProcessPlace]:
    """Facilities with key processes that the actor may see, those that do not conform first. Two queries."""
    known, files = key_processes(), seen(actor=actor)
    if town:
        files = files.filter(area__path__startswith=town)
    rows = Facility.objects.filter(
        processes__overlap=list(known), decommissioned_date__isnull=True, unit__ended_date__isnull=True,
        unit__file__in=files.order_by().values("pk"),
    )  # fmt: skip
    facilities = list(rows.select_related("unit__file__enterprise").order_by("unit__file__pinyin", "code", "pk"))
    tags: dict[uuid.UUID, list[Tag]] = defaultdict(list)
    live = Tag.objects.visible_to(actor).filter(Q(facility__in=[one.pk for one in facilities]), status=TagStatus.LIVE)
    for tag in live.order_by("code", "pk"):
        if tag.facility_id is not None:
            tags[tag.facility_id].append(tag)
    found = [_place(one, [known[code] for code in one.processes if code in known], tags[one.pk]) for one in facilities]
    return sorted(found, key=lambda one: one.conforms)


def _place(facility: Facility, processes: Sequence[KeyProcess], tags: Sequence[Tag]) -> ProcessPlace:
    asked = list(dict.fromkeys(kind for one in processes for kind in asked_kinds(one)))
    limited = {tag.kind for tag in tags if any(limit is not None for limit in tag.limits)}
    bare = [tag for tag in tags if tag.kind in asked and all(limit is None for limit in tag.limits)]
    systems = [name for name in SYSTEMS if getattr(facility, name) not in (Fitted.YES, Fitted.NOT_NEEDED)]
    return ProcessPlace(
        facility, processes, [kind for kind in asked if kind in limited], bare,
        [kind for kind in asked if kind not in limited], systems,
    )  # fmt: skip
