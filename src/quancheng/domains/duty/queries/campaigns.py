"""Reads of campaigns and of how far they reach."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from quancheng.domains.duty.models import Campaign, CampaignAnswer, CampaignUnit, Problem, Task
from quancheng.domains.duty.queries.plans import plan_texts
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

_REACHED = ("SUBMITTED", "DONE")


def list_campaigns(*, actor: Actor) -> QuerySet[Campaign]:
    """Campaigns that the actor may see, the latest first, with units counted and those reached."""
    return (
        Campaign.objects.visible_to(actor)
        .select_related("owner_org", "plan", "task")
        .defer(*plan_texts("plan"))
        .annotate(
            unit_count=Count("units", ~Q(units__status="RELEASED"), distinct=True),
            round_open=Coalesce(Max("units__round"), 0),
            reached_count=Count("units", Q(units__status__in=_REACHED), distinct=True),
        )
        .order_by("-period_from", "pk")
    )


def get_campaign(*, actor: Actor, campaign_id: uuid.UUID) -> Campaign:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_campaigns(actor=actor).filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    return found


def list_units(*, actor: Actor, campaign: Campaign) -> QuerySet[CampaignUnit]:
    """Units of a campaign that the actor may see, with how many of their answers found something."""
    return (
        CampaignUnit.objects.visible_to(actor)
        .filter(campaign=campaign)
        .select_related("org", "checker", "campaign")
        .annotate(
            answer_count=Count("answers", distinct=True),
            wrong_count=Count("answers", Q(answers__answer="no"), distinct=True),
        )
        .order_by("round", "org__pinyin", "pk")
    )


def get_unit(*, actor: Actor, unit_id: uuid.UUID) -> CampaignUnit:
    """Raise NotFound for absent and for out of scope alike."""
    found = (
        CampaignUnit.objects.visible_to(actor)
        .select_related("campaign", "org__area", "checker", "owner_org")
        .prefetch_related(
            Prefetch("answers", queryset=CampaignAnswer.objects.select_related("item").order_by("item__order"))
        )
        .filter(pk=unit_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def list_campaign_tasks(*, actor: Actor, campaign: Campaign) -> QuerySet[Task]:
    """Tasks issued under a campaign that the actor may see."""
    return Task.objects.visible_to(actor).filter(origin="campaign", origin_id=campaign.pk).order_by("order", "pk")


def list_campaign_problems(*, actor: Actor, campaign: Campaign) -> QuerySet[Problem]:
    """Problems that a campaign put on the list, as far as the actor may see them."""
    units = CampaignUnit.objects.filter(campaign=campaign).values("pk")
    found = Problem.objects.visible_to(actor).filter(origin_id__in=units)
    return found.select_related("unit", "org").order_by("code")


def round_of(campaign: Campaign) -> int:
    """The round that is open, 0 before the start."""
    return campaign.units.aggregate(last=Max("round"))["last"] or 0


def figures_of(campaign: Campaign) -> dict[str, Any]:
    """Coverage and findings of a campaign that the caller was given: counts, and the rate in whole percent.

    Coverage (覆盖率) is the share of units, without those released, whose answers are in; of several rounds each has
    its own as well. One query, two where there are rounds.
    """
    units = campaign.units.exclude(status="RELEASED")
    found = units.aggregate(
        units=Count("pk", distinct=True),
        reached=Count("pk", Q(status__in=_REACHED), distinct=True),
        answer_count=Count("answers"),
        wrong=Count("answers", Q(answers__answer="no")),
    )
    figures: dict[str, Any] = {
        **_coverage(found["units"], found["reached"]),
        "answers": found["answer_count"],
        "wrong": found["wrong"],
    }
    if campaign.rounds > 1:
        counted = units.values("round").annotate(whole=Count("pk"), reached=Count("pk", Q(status__in=_REACHED)))
        figures["rounds"] = [
            {"round": one["round"], **_coverage(one["whole"], one["reached"])} for one in counted.order_by("round")
        ]
    return figures


def _coverage(whole: int, reached: int) -> dict[str, int]:
    return {"units": whole, "reached": reached, "coverage": 100 * reached // whole if whole else 0}
