"""Reads of plans, their drafts in review, and receipts."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from quancheng.domains.duty.models import DraftTask, OutsideReceipt, Plan, PlanSection, Receipt
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def plan_texts(path: str) -> tuple[str, str]:
    """What no list shows of a plan and each row would carry: the document's text and its parsing, for ``defer``."""
    return f"{path}__lines", f"{path}__parsed"


def list_plans(*, actor: Actor) -> QuerySet[Plan]:
    """Plans that the actor may see, the newest first, with counts of tasks and of those closed."""
    return (
        Plan.objects.visible_to(actor)
        .defer("lines", "parsed")
        .select_related("owner_org")
        .annotate(
            task_count=Count("tasks", distinct=True),
            closed_count=Count("tasks", Q(tasks__status__in=("DONE", "CANCELLED")), distinct=True),
        )
        .order_by("-imported_at", "pk")
    )


def list_plan_choices(*, actor: Actor) -> list[tuple[str, str]]:
    """The newest 200 plans under way or closed, as a filter offers them: identifier and title. One cheap query."""
    plans = Plan.objects.visible_to(actor).exclude(status="REVIEW").order_by("-imported_at", "pk")
    return [(str(pk), title) for pk, title in plans.values_list("pk", "title")[:200]]


def get_plan(*, actor: Actor, plan_id: uuid.UUID) -> Plan:
    """Raise NotFound for absent and for out of scope alike."""
    plans = Plan.objects.visible_to(actor).select_related("owner_org", "imported_by", "superseded_by")
    found = plans.filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


def get_review(*, actor: Actor, plan_id: uuid.UUID) -> Plan:
    """A plan that the actor's own organisation reviews, or reviewed.

    :raises NotPermitted: without the duty of reviewing. :raises NotFound: absent, out of scope, or another's review.
    """
    actor.require("duty.plans.review")
    plan = get_plan(actor=actor, plan_id=plan_id)
    if plan.owner_org_id != actor.organisation_id:
        raise NotFound
    return plan


def list_drafts(*, actor: Actor, plan: Plan) -> list[DraftTask]:
    """Drafts of a plan that the actor may see, in the order of the document."""
    visible = Plan.objects.visible_to(actor).filter(pk=plan.pk)
    return list(DraftTask.objects.filter(plan__in=visible).select_related("plan").order_by("order", "pk"))


def get_draft(*, actor: Actor, draft_id: uuid.UUID) -> DraftTask:
    visible = Plan.objects.visible_to(actor)
    found = DraftTask.objects.filter(pk=draft_id, plan__in=visible).select_related("plan").first()
    if found is None:
        raise NotFound
    return found


def list_sections(*, plan: Plan) -> list[PlanSection]:
    """The objective tree of a plan that the caller was given, in order."""
    return list(plan.sections.order_by("order"))


def list_receipts(*, actor: Actor, plan: Plan | None = None) -> QuerySet[Receipt]:
    """Receipts that the actor may see: all of a plan's for its office, one's own for an addressee."""
    found = Receipt.objects.visible_to(actor).select_related("plan", "org").defer(*plan_texts("plan"))
    found = found.order_by("org__pinyin", "pk")
    return found if plan is None else found.filter(plan=plan)


def get_receipt(*, actor: Actor, receipt_id: uuid.UUID) -> Receipt:
    found = list_receipts(actor=actor).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound
    return found


def list_own_receipts(*, actor: Actor, since: datetime | None = None) -> QuerySet[Receipt]:
    found = list_receipts(actor=actor).filter(org=actor.organisation_id)
    return found if since is None else found.filter(status_at__gte=since)


def list_outside_receipts(*, actor: Actor) -> QuerySet[OutsideReceipt]:
    """Receipts of addressees without an account, main addressees first."""
    found = OutsideReceipt.objects.visible_to(actor).select_related("plan", "owner_org").defer(*plan_texts("plan"))
    return found.order_by("-capacity", "pk")


def get_outside_receipt(*, actor: Actor, receipt_id: uuid.UUID) -> OutsideReceipt:
    found = list_outside_receipts(actor=actor).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound
    return found
