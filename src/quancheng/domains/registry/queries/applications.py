"""Reads of applications to be registered."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import F, Q, QuerySet

from quancheng.domains.registry.models import Application, Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Organisation


def list_applications(*, actor: Actor) -> QuerySet[Application]:
    """Applications that the actor may see, those that wait first."""
    return (
        Application.objects.visible_to(actor)
        .select_related("owner_org", "area")
        .order_by(F("closed_at").desc(nulls_first=True), "created_at", "pk")
    )


def get_application(*, actor: Actor, application_id: uuid.UUID) -> Application:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_applications(actor=actor).filter(pk=application_id).first()
    if found is None:
        raise NotFound
    return found


def same_enterprise(application: Application) -> list[tuple[Organisation, bool]]:
    """Organisations under its code or name, and whether each has a file: for the office that answers it."""
    found = list(
        Organisation.objects.filter(Q(credit_code=application.credit_code) | Q(name=application.name)).order_by("pk")
    )
    filed = set(Enterprise.objects.filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))
    return [(one, one.pk in filed) for one in found]


def other_applications(application: Application) -> int:
    """How many other applications wait under its code."""
    same = Application.objects.filter(credit_code=application.credit_code, status="APPLIED")
    return same.exclude(pk=application.pk).count()


def streets() -> QuerySet[Area]:
    """The streets among which an applicant chooses; nothing but names that are public."""
    return Area.objects.filter(valid_to__isnull=True, level="street").order_by("path")


def answered_before(before: datetime) -> QuerySet[Application]:
    """Applications answered before a moment: for retention."""
    return Application.objects.filter(closed_at__lt=before)
