"""What may not stand in a published case: names of people, and by what an enterprise that is not named is known.

The names are kept with the case as keyed digests, so that they are looked for when the permit is long gone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from quancheng.domains.permits.models import (
    AuditFinding,
    FieldRecord,
    GasTest,
    GuardianCheck,
    HandOver,
    IsolationLink,
    Permit,
    PermitAnalysis,
    PermitBriefing,
    PermitMeasure,
    PermitObserver,
    PermitPerson,
    PermitSignature,
    PermitSiteCheck,
    PermitViolation,
    PermitWarning,
    PersonalLock,
    SimopsConflict,
    WorkAlarm,
    WorkFiling,
)
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.canonical import keyed_digest
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.vault import keys

#: Where a permit names people, by the field that leads to it.
_PEOPLE: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (Permit, "pk", ("requester__name", "emergency_by")),
    (PermitPerson, "permit", ("person__name", "sealed_name")),
    (PermitSignature, "permit", ("name", "user__name")),
    (PermitMeasure, "permit", ("confirmed_name", "confirmed_by__name")),
    (GasTest, "permit", ("analyst",)),
    (PermitAnalysis, "permit", ("by_user__name",)),
    (PermitBriefing, "permit", ("briefer",)),
    (PermitSiteCheck, "permit", ("by_name", "by_user__name")),
    (PermitWarning, "permit", ("by_name", "by_user__name")),
    (FieldRecord, "permit", ("by_name", "by_user__name")),
    (GuardianCheck, "permit", ("by_user__name",)),
    (HandOver, "permit", ("by_name", "by_user__name")),
    (PermitObserver, "permit", ("name", "assigned_by")),
    (PersonalLock, "permit", ("person__name", "hung_by", "taken_by", "witness__name")),
    (IsolationLink, "permit", (
        "linked_by", "point__owner", "point__key_holder", "point__planned_by", "point__applied_by__name",
        "point__applied_person__name", "point__verified_person__name", "point__removed_person__name",
    )),
    (SimopsConflict, "permit", ("coordinator", "decided_by")),
    (WorkAlarm, "permit", ("handler",)),
    (WorkFiling, "permit", ("leader", "phoned_to")),
)  # fmt: skip
_BLANK = re.compile(r"[\s·•‧]+")
#: What separates several names in one field.
_BETWEEN = re.compile(r"[、,;/|()\[\]：:]+|(?<=[(])代")
#: What stands in a field for names and names nobody.
_TITLES = frozenset({
    "作业人", "作业人员", "监护人", "监护人员", "负责人", "作业负责人", "班长", "当班班长", "值班长", "操作工",
})  # fmt: skip
#: Shorter than this nothing is a name.
_LEAST = 2

Digests = Collection[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Hidden:
    """Words that may not stand in a case, as they are looked for, and digests of those that were kept with it."""

    people: frozenset[str] = frozenset()
    firm: frozenset[str] = frozenset()
    kept: Mapping[str, Digests] = field(default_factory=dict)

    def names_person(self, text: str) -> bool:
        return self._has(text, self.people, "people")

    def names_firm(self, text: str) -> bool:
        return self._has(text, self.firm, "firm")

    def _has(self, text: str, words: Iterable[str], name: str) -> bool:
        read = plain(text)
        if any(one in read for one in words):
            return True
        kept = {(int(length), digest) for length, digest in self.kept.get(name, ())}
        key = keys.digest_key() if kept else b""
        return any(
            (length, keyed_digest(key, read[at : at + length])) in kept
            for length in {one for one, _digest in kept}
            for at in range(len(read) - length + 1)
        )

    def to_keep(self) -> dict[str, Any]:
        """Digests of all words, those that were kept before among them."""
        key = keys.digest_key()
        found: dict[str, Any] = {}
        for name, words in (("people", self.people), ("firm", self.firm)):
            before = {(int(length), digest) for length, digest in self.kept.get(name, ())}
            found[name] = sorted(before | {(len(one), keyed_digest(key, one)) for one in words})
        return found


def plain(text: str) -> str:
    """As words are compared: one form, small letters, nothing blank between."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", text)).casefold()


def hidden_in(finding: AuditFinding | None, file: Enterprise, kept: Mapping[str, Digests]) -> Hidden:
    """Of a case of this finding; of one whose permit is gone what was kept, and the enterprise's names."""
    people: set[str] = set()
    firm = _names_of(file)
    if finding is not None:
        people, others = _people_on(finding), _firms_on(finding)
        firm |= others
    return Hidden(frozenset(people), frozenset(firm), kept)


def _people_on(finding: AuditFinding) -> set[str]:
    """Everybody who stands on the permit of a finding, did something with it, or whose violation it is."""
    told: set[Any] = set()
    for model, way, names in _PEOPLE:
        for row in model._default_manager.filter(**{way: finding.permit_id}).values_list(*names):
            told.update(row)
    for listed in PermitAnalysis.objects.filter(permit=finding.permit_id).values_list("participants", flat=True):
        told.update(listed)
    told.update(PermitViolation.objects.filter(finding=finding.pk).values_list("person__name", flat=True))
    # The house's own moves are nobody's.
    subjects = ((Permit.row_type(), finding.permit_id), (AuditFinding.row_type(), finding.pk))
    for kind, key in subjects:
        moves = MoveRecord.objects.filter(subject_type=kind, subject_id=key, user__isnull=False)
        told.update(moves.values_list("actor_name", flat=True))
    return _words(told)


def _firms_on(finding: AuditFinding) -> set[str]:
    """The permit's number, and who works by it: the unit, contractors and who sent them, third parties."""
    permit = finding.permit
    told: set[Any] = {permit.number, permit.work_unit}
    told.update(PermitPerson.objects.filter(permit=permit).values_list("person__employer_name", flat=True))
    told.update(PermitViolation.objects.filter(finding=finding.pk).values_list("contractor", flat=True))
    told.update(PermitObserver.objects.filter(permit=permit).values_list("org_name", flat=True))
    return {one for one in (plain(each or "") for each in told) if len(one) >= _LEAST}


def _names_of(file: Enterprise) -> set[str]:
    org = file.enterprise
    if org is None:
        return set()
    told = [org.name, org.short_name, org.credit_code, *org.aliases.values_list("name", flat=True)]
    return {one for one in (plain(each or "") for each in told) if len(one) >= _LEAST}


def _words(told: Iterable[Any]) -> set[str]:
    """Single names of what fields tell; several may stand in one."""
    found: set[str] = set()
    for one in told:
        found.update(_BETWEEN.split(plain(str(one or ""))))
    return {one for one in found if len(one) >= _LEAST} - _TITLES
