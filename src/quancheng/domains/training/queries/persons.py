"""Reads of persons, for whoever has the duty: personal data of people who are not asked whether they may be seen."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Model, Prefetch, Q, QuerySet

from quancheng.domains.training.models import HealthLimit, Person, PersonPost
from quancheng.domains.training.models.persons import PersonQuerySet
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.dictionaries.queries import labels_of
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.vault import services as vault

KEEP, VIEW = "training.keep", "training.view"
HEALTH_LIMITS = "training.health_limits"
#: Role in which a person's file holds his photo.
PHOTO = "photo"


def list_persons(*, actor: Actor) -> PersonQuerySet:
    """Persons that the actor may see, by name, with the posts that they hold now. Two queries.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    held = PersonPost.objects.filter(to_date__isnull=True).select_related("role").order_by("from_date", "pk")
    rows: PersonQuerySet = Person.objects.visible_to(actor).select_related("enterprise", "area")
    return rows.prefetch_related(Prefetch("posts", queryset=held, to_attr="held")).order_by("pinyin", "pk")


def get_person(*, actor: Actor, person_id: uuid.UUID) -> Person:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_persons(actor=actor).select_related("file").filter(pk=person_id).first()
    if found is None:
        raise NotFound
    return found


def find_persons(*, actor: Actor, text: str, limit: int) -> list[Person]:
    """For the search box: by name or initials, or exactly by identity number. One query; none without the duty."""
    if not actor.has(VIEW):
        return []
    rows = Person.objects.visible_to(actor).select_related("enterprise").order_by("left_date", "pinyin", "pk")
    named = Q(name__contains=text)
    if text.isascii():
        named |= Q(initials__startswith=text.lower())
    if len(text) == 18 and text.isascii():
        named |= Q(id_index=vault.blind_index(vault.RESIDENT_ID, text))
    return list(rows.filter(named)[:limit])


def persons_named(
    *, actor: Actor, file_id: uuid.UUID, indexes: Collection[str], badges: Collection[str]
) -> list[Person]:
    """Persons of a file under these blind indexes or badges, for a sheet that names them."""
    rows = Person.objects.visible_to(actor).filter(file=file_id)
    return list(rows.filter(Q(id_index__in=indexes) | Q(staff_no__in=badges)))


def persons_badged(*, actor: Actor, files: Collection[uuid.UUID], badges: Collection[str]) -> list[Person]:
    """Persons of some files under these badges, for a sheet that names people of several enterprises; one query."""
    rows = Person.objects.visible_to(actor).filter(file__in=list(files), staff_no__in=list(badges))
    return list(rows.select_related("file"))


def holders_of(role: str) -> QuerySet[PersonPost, uuid.UUID]:
    """Keys of the persons who hold a role now, for a filter of those that the actor may see."""
    return PersonPost.objects.filter(role__code=role, to_date__isnull=True).values_list("person", flat=True)


def posts_of(person: Person) -> Sequence[PersonPost]:
    """Posts of a person whom a query gave to the actor: those held now first, the newest first."""
    rows = PersonPost.objects.filter(person=person).select_related("role")
    return sorted(rows, key=lambda one: (one.to_date is not None, -one.from_date.toordinal()))


def get_post(*, person: Person, post_id: uuid.UUID) -> PersonPost:
    found = PersonPost.objects.filter(person=person, pk=post_id).select_related("role").first()
    if found is None:
        raise NotFound
    return found


def limits_of(person: Person) -> Sequence[HealthLimit]:
    """Work that health forbids or forbade, the newest first."""
    return list(HealthLimit.objects.filter(person=person).order_by("-from_date", "pk"))


def get_limit(*, person: Person, limit_id: uuid.UUID) -> HealthLimit:
    found = HealthLimit.objects.filter(person=person, pk=limit_id).first()
    if found is None:
        raise NotFound
    return found


def limits_on(person: Person, day: date) -> set[str]:
    """Codes of the limits that hold on a day."""
    return {one.limit for one in limits_of(person) if one.holds_on(day)}


def limit_names() -> dict[str, str]:
    """Codes of limits with their names in the reader's language."""
    return dict(labels_of(HEALTH_LIMITS))


def photo_of(person: Person) -> FileLink | None:
    """The newest photo that the file holds."""
    return files_of(person, role=PHOTO).order_by("-added_at", "-pk").first()


def sees_health(actor: Actor, person: Person) -> bool:
    """Limits of health are for the enterprise that must heed them; others learn of one where it bars a post."""
    return actor.is_system or (actor.organisation_id == person.file_id and actor.has(KEEP))


def may_see_files(actor: Actor, row: Model, role: str) -> bool:
    """Scope is asked elsewhere: whether the duty is there that lets somebody look at persons at all."""
    return actor.is_system or actor.has(VIEW)


def is_himself(actor: Actor, person: Person | None) -> bool:
    """Users and persons are told apart by nothing else: one of that name of his enterprise counts as himself."""
    return person is not None and person.file_id == actor.organisation_id and person.name == actor.name
