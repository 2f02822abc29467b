"""Sections that are asked beside whatever checklist a round has (必检部分), of the units whom they concern.

A section is a checklist of the law register, so its items are versioned and changed there, each with its mark. Whom it
concerns is told by the room that knows; nobody takes it out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from quancheng.domains.hazards.models import RoundItem
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
    """A section as it stands on a day, with the files that it concerns and why."""

    edition: Edition
    because: Mapping[uuid.UUID, Sequence[Text]]


def sections_for(
    files: Collection[uuid.UUID], *, day: date, now: datetime, chosen: Edition | None
) -> Sequence[Asked]:
    """Sections that these files are asked by the editions of a day; none twice where it was chosen as the checklist."""
    found = []
    for one in _sections.values():
        if chosen is not None and chosen.text_id == one.text:
            continue
        because = one.concerned(files, now) if files else {}
        edition = law.in_force(one.text, on=day) if because else None
        if edition is not None and law.list_clauses(edition).exists():
            found.append(Asked(edition, because))
    return found


def mandatory(items: Collection[RoundItem]) -> dict[uuid.UUID, list[RoundItem]]:
    """Items of sections, by the edition that they are of."""
    found: dict[uuid.UUID, list[RoundItem]] = {}
    for one in items:
        if one.section_id is not None:
            found.setdefault(one.section_id, []).append(one)
    return found
