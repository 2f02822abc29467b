"""Acts on the plan library: one plan takes the place of another."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import Plan
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState


def supersede(*, actor: Actor, plan: Plan, successor: Plan, now: datetime) -> Plan:
    """Say that another plan of the same office took this one's place (替代); its tasks go on until they are closed.

    :raises Invalid: another office's, itself, in review, or one that this plan took the place of.
    :raises StaleState: it has a successor already.
    """
    actor.require("duty.plans.review")
    if plan.owner_org_id != actor.organisation_id or successor.owner_org_id != plan.owner_org_id:
        raise Invalid(fields={"plan": _("只能在本单位的文件之间替代。")})
    if plan.status not in ("RUNNING", "CLOSED") or successor.status not in ("RUNNING", "CLOSED"):
        raise Invalid(fields={"plan": _("审核中或已作废的文件不能替代或被替代。")})
    with transaction.atomic():
        pair = Plan.objects.select_for_update(no_key=True).filter(pk__in=(plan.pk, successor.pk)).order_by("pk")
        list(pair.values_list("pk", flat=True))
        if plan.pk in _after(successor.pk):
            raise Invalid(fields={"plan": _("所选文件是本文件，或已被本文件替代。")})
        if (
            not Plan.objects.visible_to(actor)
            .filter(pk=plan.pk, superseded_by__isnull=True)
            .update(superseded_by=successor, updated_at=now)
        ):
            raise StaleState(_("该文件已被替代。"))
        journal.record(
            actor=actor, act="duty.plan.supersede", subject_type="duty.plan", subject_id=plan.pk,
            org_id=plan.owner_org_id, facts={"successor": successor.pk}, now=now,
        )  # fmt: skip
    plan.refresh_from_db()
    return plan


def _after(plan_id: uuid.UUID) -> set[uuid.UUID]:
    """A plan and all that took its place, one after the other."""
    found: set[uuid.UUID] = set()
    following: uuid.UUID | None = plan_id
    while following is not None and following not in found:
        found.add(following)
        following = Plan.objects.filter(pk=following).values_list("superseded_by", flat=True).first()
    return found
