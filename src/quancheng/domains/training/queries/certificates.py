"""Reads of the catalogue of certificates, and of what people hold of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Model, QuerySet

from quancheng.domains.training.models import (
    CertificateAlias,
    CertificateGroup,
    CertificateKind,
    Person,
    PersonQualification,
)
from quancheng.domains.training.models.certificates import CertificateKindQuerySet, QualificationQuerySet
from quancheng.domains.training.queries.persons import KEEP, VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.vault import services as vault

VERIFY, RULES = "training.verify", "training.rules"
#: Kind of the vault under which numbers of certificates are sealed.
NUMBER = "certificate_no"
#: The number of a special operation: T and the identity number.
OF_IDENTITY = re.compile(r"^T\d{17}[\dX]$")
#: Roles in which a certificate holds its scan, and a picture of what the source answered.
SCAN, SNAPSHOT = "scan", "snapshot"
#: Runs that may be an identity number, of 15 characters or more, and one written in groups.
_LONG_NUMBER = re.compile(r"(?<!\d)(?:\d{14,}[\dXxＸｘ]|\d{6}[ \-]\d{8}[ \-]\d{3}[\dXxＸｘ])(?!\d)")

# The catalogue ------------------------------------------------------------------------------------------------------


def list_kinds() -> CertificateKindQuerySet:
    """All that there ever were, in their order."""
    return CertificateKind.objects.order_by("position", "code")


def get_kind(*, kind_id: uuid.UUID) -> CertificateKind:
    found = CertificateKind.objects.filter(pk=kind_id).first()
    if found is None:
        raise NotFound
    return found


def list_aliases(kind: CertificateKind | None = None) -> QuerySet[CertificateAlias]:
    """Codes of former cards: of one kind, or all."""
    rows = CertificateAlias.objects.select_related("kind").order_by("card_code")
    return rows.filter(kind=kind) if kind is not None else rows


def kind_on_card(code: str, *, issued: date) -> CertificateKind | None:
    """What a code on a card means, by the day on which it was issued; None where it means nothing any more.

    The same code means different things on cards of the former and the present catalogue.
    """
    wanted = code.strip().upper()
    former = list_aliases().filter(card_code=wanted).first()
    if former is not None and issued <= former.cards_until:
        return former.kind
    return list_kinds().on(issued).filter(card_code=wanted).first() if wanted else None


# What people hold ---------------------------------------------------------------------------------------------------


def list_qualifications(*, actor: Actor, on: date) -> QualificationQuerySet:
    """Certificates of persons that the actor may see, with their state on a day, the soonest end first.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    rows: QualificationQuerySet = PersonQualification.objects.visible_to(actor).with_state(on=on)
    return rows.select_related("person", "kind", "enterprise", "area").order_by("ends_date", "pk")


def get_qualification(*, actor: Actor, qualification_id: uuid.UUID, on: date) -> PersonQualification:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_qualifications(actor=actor, on=on).select_related(
        "person__file", "verified_by", "verified_org", "entered_by", "replaced_by"
    )
    found = rows.filter(pk=qualification_id).first()
    if found is None:
        raise NotFound
    return found


def qualifications_of(person: Person) -> Sequence[PersonQualification]:
    """Certificates of a person whom a query gave to the actor, those that stand first, the newest first."""
    rows = PersonQualification.objects.filter(person=person).select_related("kind").order_by("-valid_from", "-pk")
    return sorted(rows, key=lambda one: one.replaced_by_id is not None or one.revoked_date is not None)


def qualifications_of_many(persons: Collection[uuid.UUID]) -> dict[uuid.UUID, list[PersonQualification]]:
    """Certificates that stand of many persons whom a query gave to the actor; one query."""
    found: dict[uuid.UUID, list[PersonQualification]] = {pk: [] for pk in persons}
    rows = PersonQualification.objects.standing().filter(person__in=list(persons)).select_related("kind")
    for row in rows.order_by("-valid_from", "-pk"):
        found[row.person_id].append(row)
    return found


def cards_of(*, actor: Actor, file_id: uuid.UUID, badges: Collection[str]) -> Sequence[PersonQualification]:
    """Certificates of people of a file under these badges, revoked and replaced ones too, for a sheet that names them;
    one query."""
    actor.require(VIEW)
    rows: QuerySet[PersonQualification] = PersonQualification.objects.visible_to(actor)
    named = rows.filter(person__file=file_id, person__staff_no__in=list(badges))
    return list(named.select_related("person", "kind").order_by("valid_from", "pk"))


def holder_matches(person: Person, qualification: PersonQualification) -> bool | None:
    """Whether a certificate is this person's, as far as it tells; for permits of special work too. No query.

    A number of a special operation that is made of an identity number is held against the person's. Any other tells
    nothing of its holder: then it is the second person's word, which falls as soon as name or identity is changed.
    None where nobody can say: not verified, or a sealed number that cannot be opened.
    """
    try:
        number = vault.reveal(NUMBER, qualification.number)
        if qualification.kind.group == CertificateGroup.SPECIAL_OPERATION and OF_IDENTITY.match(number):
            return number[1:] == vault.normalise(vault.RESIDENT_ID, vault.reveal(vault.RESIDENT_ID, person.resident_id))
    except vault.Unreadable:
        return None
    return True if qualification.verified_at is not None else None


def without_numbers(text: str) -> str:
    """Words that somebody pasted, with all that may be an identity number masked: long runs of other numbers too."""
    return _LONG_NUMBER.sub(lambda found: f"{found[0][:6]}********{found[0][-4 if len(found[0]) > 15 else -3:]}", text)


def may_see_scans(actor: Actor, row: PersonQualification) -> bool:
    """A card has the identity number printed on it, and so has what a platform answers: they are for whoever entered
    that number, and for whoever compares the entry with them."""
    is_keeper = actor.organisation_id == row.person.file_id and actor.has(KEEP)
    return actor.is_system or is_keeper or (actor.has(VIEW) and actor.has(VERIFY))


def may_see_files(actor: Actor, row: Model, role: str) -> bool:
    """As of a person's files; scans and pictures besides as :func:`may_see_scans` says."""
    if isinstance(row, PersonQualification) and role in (SCAN, SNAPSHOT):
        return may_see_scans(actor, row)
    return actor.is_system or actor.has(VIEW)


def masked_number(row: PersonQualification) -> str:
    """A number as everybody may see it: what is long enough to be made of an identity number is masked."""
    number = vault.reveal(NUMBER, row.number)
    return f"{number[:7]}********{number[-4:]}" if len(number) >= 15 else number


def whole_number(row: PersonQualification) -> str:
    """A number as it stands on the card, for a paper that must bear it. Whoever prints one says so in the journal."""
    return vault.reveal(NUMBER, row.number)
