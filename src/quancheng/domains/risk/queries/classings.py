"""Reads of class labels of enterprises (企业分类整治) and their progress."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import Classing
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

LIVE = ("CLASSED", "OPEN", "REPORTED")


def list_classings(*, actor: Actor) -> QuerySet[Classing]:
    """Labels that the actor may see, open ones first, by their term."""
    rows = Classing.objects.visible_to(actor).select_related("file__enterprise", "area")
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("due_date").asc(nulls_last=True), "pk")


def get_classing(*, actor: Actor, classing_id: uuid.UUID) -> Classing:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Classing.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    found = rows.filter(pk=classing_id).first()
    if found is None:
        raise NotFound
    return found


def list_enterprises(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises at work that the actor may see, with the newest label that was not replaced, if any; those without
    one come first.
    """
    newest = Classing.objects.filter(file=OuterRef("pk")).exclude(status="REPLACED").order_by("-created_at", "-pk")
    told = {
        f"class_{name}": Subquery(newest.values(column)[:1])
        for name, column in (
            ("id", "pk"), ("kind", "kind"), ("status", "status"), ("percent", "percent"), ("due", "due_date"),
        )
    }  # fmt: skip
    rows = seen(actor=actor).filter(life__in=("operating", "trial", "stopped", "exiting"))
    return (
        rows.select_related("enterprise", "area")
        .annotate(**told)
        .order_by(F("class_due").asc(nulls_first=True), F("class_kind").asc(nulls_first=True), "pinyin", "pk")
    )


def is_late(on: date) -> Q:
    """An enterprise whose rectification is past its term."""
    return Q(class_status="OPEN", class_due__lt=on)


def classings_of(file: Enterprise) -> Sequence[Classing]:
    """Labels of a file that the caller got through its own query, the newest first."""
    return list(Classing.objects.filter(file=file).order_by("-created_at", "-pk")[:50])
