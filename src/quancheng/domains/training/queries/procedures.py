"""Reads of procedures and rules, and of who acknowledged them (S1-5e, S5-T7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.training.models import DocumentReading, Person, PersonPost, RuleDocument
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Role in which a document holds its text.
TEXT = "text"


def list_documents(*, actor: Actor) -> QuerySet[RuleDocument]:
    """Documents that the actor may see, those in force first, with whom each concerns and who of them read it.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    rows = RuleDocument.objects.visible_to(actor).select_related("file__enterprise", "role", "enterprise")

    def count(people: QuerySet[Person]) -> Coalesce:
        number = people.order_by().values("file").annotate(number=Count("pk", distinct=True)).values("number")
        return Coalesce(Subquery(number, output_field=IntegerField()), 0)

    here = Person.objects.at_work().filter(file=OuterRef("file"))  # scope: of documents that the actor may see
    posted = PersonPost.objects.filter(role=OuterRef(OuterRef("role")), to_date__isnull=True).values("person")
    concerned = here.filter(Q(pk__in=posted))
    read = DocumentReading.objects.filter(document=OuterRef(OuterRef("pk"))).values("person")
    everybody, holders = count(here), count(concerned)
    all_read, holders_read = count(here.filter(pk__in=read)), count(concerned.filter(pk__in=read))
    counted = rows.annotate(everybody=everybody, holders=holders, all_read=all_read, holders_read=holders_read)
    return counted.order_by(F("ended_date").desc(nulls_first=True), "kind", "title", "pk")


def in_force_on(day: date) -> Q:
    """Documents that are not ended on a day; one whose next edition is for a later day is in force until then."""
    coming = RuleDocument.objects.filter(replaces=OuterRef("pk"), in_force_date__gt=day)
    return Q(ended_date__isnull=True) | Q(ended_date__gt=day) | Q(Exists(coming))


def is_in_force(document: RuleDocument, day: date) -> bool:
    """The same of one document. One query at most."""
    if document.ended_date is None or document.ended_date > day:
        return True
    return RuleDocument.objects.filter(replaces=document, in_force_date__gt=day).exists()


def get_document(*, actor: Actor, document_id: uuid.UUID) -> RuleDocument:
    found = list_documents(actor=actor).filter(pk=document_id).first()
    if found is None:
        raise NotFound
    return found


def concerned_by(document: RuleDocument) -> QuerySet[Person]:
    """People at work whom a document concerns: who holds its post, or everybody; by name."""
    rows = Person.objects.at_work().filter(file=document.file_id)  # scope: of a document that the actor may see
    if document.role_id is not None:
        posts = PersonPost.objects.filter(role=document.role_id, to_date__isnull=True)
        rows = rows.filter(pk__in=posts.values("person"))
    return rows.order_by("pinyin", "pk")


def unread_by(document: RuleDocument) -> QuerySet[Person]:
    """Those who have not acknowledged it."""
    read = DocumentReading.objects.filter(document=document).values("person")
    return concerned_by(document).exclude(pk__in=read)


def readings_of(document: RuleDocument) -> Sequence[DocumentReading]:
    """Who acknowledged an edition, the newest first."""
    rows = DocumentReading.objects.filter(document=document).select_related("person")
    return list(rows.order_by("-read_date", "person__pinyin", "pk"))
