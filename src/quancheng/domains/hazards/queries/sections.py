"""Sections that are asked beside whatever checklist a round has (必检部分), of the units whom they concern.

A section is a checklist of the law register, so its items are versioned and changed there, each with its mark. Whom it
concerns is told by the room that knows; nobody takes it out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from quancheng.domains.hazards.models import RoundItem, RoundSection, RoundTarget
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Edition
from quancheng.standards.wording import Text

#: Items of a section are numbered from here on, beyond those of any checklist and of any unit's risk points.
FIRST_POSITION = 8001


@dataclass(frozen=True, slots=True)
class Section:
    """A mandatory section.

    :ivar text: code of its checklist in the law register. :ivar concerned: of these files those that are asked at a
        time, each with what shows it; what no unit does is not asked.
    """

    text: str
    concerned: Callable[[Collection[uuid.UUID], datetime], Mapping[uuid.UUID, Sequence[Text]]]


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Called from an app's ``ready``, once a section."""
    _sections[section.text] = section


@dataclass(frozen=True, slots=True)
class Asked:
    """A section as it stands on a day, with the files that it concerns and why.

    :ivar is_chosen: it is the round's own checklist: its items are asked of everybody, and of these files with force.
    """

    edition: Edition
    because: Mapping[uuid.UUID, Sequence[Text]]
    is_chosen: bool = False


def sections_for(
    files: Collection[uuid.UUID], *, day: date, now: datetime, chosen: Edition | None
) -> Sequence[Asked]:
    """Sections that these files are asked by the editions of a day; one that was chosen as the checklist by that
    edition, so that nothing is asked twice."""
    found = []
    for one in _sections.values():
        because = one.concerned(files, now) if files else {}
        if because and chosen is not None and chosen.text_id == one.text:
            found.append(Asked(chosen, because, is_chosen=True))
            continue
        edition = law.in_force(one.text, on=day) if because else None
        if edition is not None and law.list_clauses(edition).exists():
            found.append(Asked(edition, because))
    return found


def mandatory(target: RoundTarget, items: Collection[RoundItem]) -> dict[uuid.UUID, list[RoundItem]]:
    """Items of a unit's part that belong to its mandatory sections, by edition. One query."""
    sections = set(RoundSection.objects.filter(target=target).values_list("edition", flat=True))
    found: dict[uuid.UUID, list[RoundItem]] = {}
    for one in items:
        # Of a round whose own checklist is the section the items are everybody's; here they have its force.
        edition = one.section_id or target.round.edition_id
        if edition is not None and edition in sections:
            found.setdefault(edition, []).append(one)
    return found


def of_section() -> Q:
    """Answers to items of mandatory sections."""
    own = RoundSection.objects.filter(target=OuterRef("target"), edition=OuterRef("target__round__edition"))
    return Q(item__section__isnull=False) | Q(Exists(own))
