"""Saving a draft in review: one conditional update of the plan and one of the draft, and the journal's entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import StaleState


def touch(actor: Actor, plan: Plan, *, version: int | None, now: datetime, **changes: Any) -> None:
    """One conditional update of the plan in review; ``version`` None asks only that it still is in review."""
    waiting = Plan.objects.visible_to(actor).filter(pk=plan.pk, status="REVIEW")
    if version is not None:
        waiting = waiting.filter(review_version=version)
    if not waiting.update(review_version=F("review_version") + 1, updated_at=now, **changes):
        plan.refresh_from_db()
        if plan.status != "REVIEW":
            raise StaleState(_("该计划已不在审核中，现为“%(state)s”。") % {"state": plan.status_label})
        raise StaleState(_("该计划的审核内容刚被他人修改，请刷新后再改。"))
    plan.refresh_from_db()


def save_draft(actor: Actor, draft: DraftTask, *, version: int, now: datetime, act: str, **changes: Any) -> None:
    with transaction.atomic():
        touch(actor, draft.plan, version=None, now=now)
        mine = DraftTask.objects.filter(pk=draft.pk, version=version)
        if not mine.update(version=F("version") + 1, updated_at=now, **changes):
            raise StaleState(_("这条任务刚被他人修改，请刷新后再改；您填写的内容仍保留在页面上。"))
        draft.refresh_from_db()
        journal.record(
            actor=actor, act=f"duty.draft.{act}", subject_type="duty.plan", subject_id=draft.plan_id,
            org_id=draft.plan.owner_org_id, facts={"draft": draft.pk, "content": draft.content}, now=now,
        )  # fmt: skip
