"""What the registers of ``training`` hold of the people of permits: their company's admission, their education."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.training.models import Employment, Person
from quancheng.domains.training.queries.contractors import Ground
from quancheng.domains.training.queries.education import EntryEducation, entry_education_of
from quancheng.domains.training.queries.entries import OF_CONTRACTORS, Entry, entry_of
from quancheng.kernel.calendar import Calendar

#: Grounds that speak of the company; C-26 asks them.
_OF_COMPANY = frozenset({"unknown", "not_admitted", "admission_over", "admission_early", "agreement"})
#: Grounds that other checks ask of the person himself: black lists, departure, certificates of his trade.
_ELSEWHERE = frozenset({"black_listed", "left", "certificate"})


@dataclass(frozen=True, slots=True)
class Education:
    """Education before work as a register holds it.

    :ivar done: the day of it; None where it is not whole. :ivar until: the last day on which it holds.
    :ivar grounds: what is missing of somebody from outside.
    """

    done: date | None
    until: date | None
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """Of people by their keys. Who has no row in ``educated`` is known to no register: what was told of him counts."""

    entries: Mapping[uuid.UUID, Entry]
    educated: Mapping[uuid.UUID, Education]

    def missing_of(self, one: PermitPerson) -> list[str]:
        """In words what keeps somebody from the work by these registers; his certificates are not among it."""
        entry, known = self.entries.get(one.person_id), self.educated.get(one.person_id)
        said = [str(each.text) for each in entry.grounds if each.code in _OF_COMPANY] if entry is not None else []
        if known is not None:
            said += [str(each.text) for each in known.grounds]
            if known.done is None and not known.grounds:
                said.append(_("三级教育未完成。"))
        return said

    def contractor_of(self, crew: Iterable[PermitPerson], permit: Permit) -> dict[str, Any] | None:
        """Facts of the companies that send the crew, the worst of each; None where nobody is sent by any.

        Who lends people to work under the enterprise's own command (劳务派遣) is no contractor.
        """
        sent = [
            self.entries[one.person_id] for one in crew
            if one.person.employment in OF_CONTRACTORS and one.person_id in self.entries
        ]  # fmt: skip
        if not sent:
            return None
        grounds = {ground.code for one in sent for ground in one.grounds}
        houses = [one.standing for one in sent if one.standing is not None]
        ends = [one.admission.valid_to for one in houses if one.admission is not None and one.admission.valid_to]
        wanted = "confined_space" if permit.kind == "CS" else ""
        if permit.kind == "HW" and "S" in (permit.level, permit.base, permit.effective):
            wanted = "special_hot_work"
        facts: dict[str, Any] = {
            "is_admitted": not grounds & (_OF_COMPANY - {"agreement"}),
            "agreement_signed": len(houses) == len(sent) and "agreement" not in grounds,
            "is_blacklisted": any(one.is_black_listed for one in houses),
            "is_restricted": bool(wanted) and any(wanted in one.restricted for one in houses),
        }
        return {**facts, "admitted_to": min(ends).isoformat()} if ends else facts


def registered_of(permits: Collection[Permit], people: Mapping[uuid.UUID, Collection[PermitPerson]]) -> Registered:
    """Of everybody on permits, by the enterprise of each, as it stands on the last day of the work. A number of
    queries that grows with the enterprises and days alone."""
    days = Calendar()
    groups: dict[tuple[uuid.UUID, date], dict[uuid.UUID, Person]] = defaultdict(dict)
    last: dict[uuid.UUID, date] = {}
    for permit in permits:
        day = days.local_date(permit.window_end)
        for one in people[permit.pk]:
            # Who is on several is asked for the last of their days.
            last[one.person_id] = max(day, last.get(one.person_id, day))
    for permit in permits:
        for one in people[permit.pk]:
            groups[permit.file_id, last[one.person_id]][one.person_id] = one.person
    entries: dict[uuid.UUID, Entry] = {}
    educated: dict[uuid.UUID, Education] = {}
    for (_file, day), persons in groups.items():
        outside = [one for one in persons.values() if one.employment != Employment.OWN]
        own = [one for one in persons.values() if one.employment == Employment.OWN]
        for key, entry in (entry_of(outside, day) if outside else {}).items():
            entries[key] = entry
            educated[key] = _of_entry(entry)
        for key, found in (entry_education_of(own, day) if own else {}).items():
            if found.is_owed and _is_kept(found):
                educated[key] = Education(found.done if found.holds_on(day) else None, found.until or date.max)
    return Registered(entries, educated)


def _of_entry(entry: Entry) -> Education:
    missing = tuple(one for one in entry.grounds if one.code not in _OF_COMPANY | _ELSEWHERE)
    taught = entry.steps.get("training")
    return Education(taught.done_date if taught is not None and not missing else None, entry.valid_to, missing)


def _is_kept(found: EntryEducation) -> bool:
    """Whether the register speaks of him at all: an enterprise that has begun to keep it is held to it."""
    return found.done is not None or any(had > 0 for _level, _needed, had in found.levels)
