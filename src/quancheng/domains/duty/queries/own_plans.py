"""Reads of plans that units make themselves, and what they lack."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import OwnPlan, OwnPlanItem, PlanCall
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound


def list_own_plans(*, actor: Actor) -> QuerySet[OwnPlan]:
    """Units' own plans that the actor may see, the next due first."""
    return (
        OwnPlan.objects.visible_to(actor)
        .select_related("call", "org", "owner_org")
        .prefetch_related(Prefetch("items", queryset=OwnPlanItem.objects.order_by("order")))
        .order_by("due_date", "org__pinyin", "pk")
    )


def get_own_plan(*, actor: Actor, plan_id: uuid.UUID) -> OwnPlan:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_own_plans(actor=actor).filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


def late_q(*, now: datetime) -> Q:
    """Handed in after the day, or past it and not handed in."""
    return Q(is_late=True) | Q(status="DUE", submitted_at__isnull=True, due_date__lt=Calendar().local_date(now))


def list_calls(*, actor: Actor) -> QuerySet[PlanCall]:
    """Demands that the actor may see, the latest first, with how many plans are in."""
    return (
        PlanCall.objects.visible_to(actor)
        .select_related("owner_org")
        .annotate(
            plan_count=Count("plans", ~Q(plans__status="CANCELLED")),
            handed_count=Count("plans", Q(plans__status__in=("SUBMITTED", "ACCEPTED"))),
        )
        .order_by("-created_at", "pk")
    )


def gaps_of(plan: OwnPlan) -> list[str]:
    """What a plan lacks against its demand, in sentences: topics without a task; tasks without time, measure, person.

    Empty where it is complete.
    """
    items = sorted(plan.items.all(), key=lambda item: item.order)
    covered = {item.topic for item in items}
    found = [_("没有任务对应“%(topic)s”") % {"topic": topic} for topic in plan.call.topics if topic not in covered]
    for number, item in enumerate(items, 1):
        lacks = [
            label
            for label, value in (
                (_("对应内容"), item.topic),
                (_("措施"), item.measure),
                (_("责任人"), item.person),
                (_("完成时间"), item.due_date),
            )
            if not value
        ]
        if lacks:
            found.append(_("第 %(number)s 项缺%(lacks)s") % {"number": number, "lacks": "、".join(lacks)})
        elif item.due_date and not plan.call.period_from <= item.due_date <= plan.call.period_to:
            found.append(_("第 %(number)s 项完成时间不在计划期间内") % {"number": number})
    return found
