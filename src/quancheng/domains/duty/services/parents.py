"""A plan's parents (上级文件) and which of its tasks carry out which of theirs (承接上级任务)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import Plan, PlanLink, Task, TaskLink
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.names import clean

REVIEW = "duty.plans.review"
_LOCK = 0x50415245
_CITED = re.compile(r"(?P<title>.+)（(?P<number>[^（）]*〔\d{4}〕[^（）]*)）")


def link_parent(*, actor: Actor, plan: Plan, parent: Plan, now: datetime) -> PlanLink:
    """Link a plan to a parent plan in the house; what was cited under the parent's number becomes that link.

    :raises Invalid: to itself, or in a circle. :raises Conflict: it is a parent already.
    """
    _require(actor, plan)
    with transaction.atomic():
        _lock_parents()
        _lock(plan)
        if plan.pk in _upwards(parent):
            raise Invalid(fields={"parent": _("不能以本计划或其下级计划为上级。")})
        if plan.parents.filter(parent=parent).exists():
            raise Conflict(_("该文件已是本计划的上级文件。"))
        cited = plan.parents.filter(parent__isnull=True, number=parent.number).exclude(number="").first()
        link = cited or PlanLink(plan=plan)
        link.parent, link.title, link.number, link.issuer = parent, parent.title, parent.number, parent.issuer
        link.save()
        _record(actor, plan, "link", now, {"parent": parent.pk})
    return link


def link_cited(*, actor: Actor, plan: Plan, cited: str) -> PlanLink:
    """Enter a parent as a document cites it, 《title》（number）: the plan in the house that it names, or its text."""
    found = _CITED.fullmatch(cited)
    title, number = (found["title"], found["number"]) if found else (cited, "")
    named = Q(number=number) if number else Q(title=title)
    known = Plan.objects.visible_to(actor).filter(named).exclude(pk=plan.pk).order_by("-imported_at", "pk").first()
    return PlanLink.objects.create(
        plan=plan, parent=known, title=title[:200], number=number[:60], issuer=known.issuer if known else ""
    )


def cite_parent(*, actor: Actor, plan: Plan, title: str, number: str, issuer: str, now: datetime) -> PlanLink:
    """Name a parent that is not in the house: by title, number and issuer.

    :raises Invalid: no title. :raises Conflict: cited already.
    """
    _require(actor, plan)
    words = {"title": clean(title)[:200], "number": clean(number)[:60], "issuer": clean(issuer)[:120]}
    if not words["title"]:
        raise Invalid(fields={"title": _("请填写上级文件的标题，或选择系统内的计划文件。")})
    with transaction.atomic():
        _lock(plan)
        same = {"number": words["number"]} if words["number"] else {"title": words["title"]}
        if plan.parents.filter(**same).exists():
            raise Conflict(_("该文件已是本计划的上级文件。"))
        link = PlanLink.objects.create(plan=plan, **words)
        _record(actor, plan, "cite", now, words)
    return link


def drop_parent(*, actor: Actor, link: PlanLink, now: datetime) -> None:
    """Take a parent off again.

    :raises Conflict: tasks of the plan still carry out tasks of it.
    """
    plan = link.plan
    _require(actor, plan)
    with transaction.atomic():
        _lock(plan)
        if link.parent_id and TaskLink.objects.filter(child__plan=plan, parent__plan=link.parent_id).exists():
            raise Conflict(_("本计划的任务还承接着该文件的任务，请先取消承接。"))
        _record(actor, plan, "unlink", now, {"title": link.title, "number": link.number, "parent": link.parent_id})
        link.delete()


def carry_out(*, actor: Actor, plan: Plan, parent: Task, children: Sequence[Task], now: datetime) -> list[TaskLink]:
    """Say which tasks of a plan carry out a task of one of its parents; what was said before is replaced.

    :raises Invalid: the task belongs to no parent of the plan, or a child to another plan.
    """
    _require(actor, plan)
    with transaction.atomic():
        _lock(plan)
        if parent.plan_id is None or not plan.parents.filter(parent=parent.plan_id).exists():
            raise Invalid(fields={"parent": _("该任务不属于本计划的上级文件。")})
        if any(child.plan_id != plan.pk for child in children):
            raise Invalid(fields={"children": _("请选择本计划的任务。")})
        wanted = {child.pk for child in children}
        before = TaskLink.objects.filter(child__plan=plan, parent=parent)
        before.exclude(child__in=wanted).delete()
        known = set(before.values_list("child_id", flat=True))
        made = [
            TaskLink(child_id=pk, parent=parent, linked_by_id=actor.user_id, linked_at=now)
            for pk in sorted(wanted - known)
        ]
        TaskLink.objects.bulk_create(made)
        _record(actor, plan, "carry", now, {"parent": parent.pk, "children": sorted(wanted)})
    return made


def _upwards(plan: Plan) -> set[uuid.UUID]:
    """A plan and all above it."""
    seen, frontier = {plan.pk}, [plan.pk]
    while frontier:
        up = PlanLink.objects.filter(plan_id__in=frontier, parent__isnull=False).values_list("parent_id", flat=True)
        frontier = [pk for pk in up if pk not in seen]
        seen.update(frontier)
    return seen


def _require(actor: Actor, plan: Plan) -> None:
    actor.require(REVIEW)
    if plan.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该计划由其他单位管理。"), code="other_organisation")


def _lock_parents() -> None:
    """A circle may run over any number of plans: whoever closes one link of it waits for the others' links."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _lock(plan: Plan) -> None:
    Plan.objects.select_for_update(no_key=True).only("pk").get(pk=plan.pk)


def _record(actor: Actor, plan: Plan, act: str, now: datetime, facts: Mapping[str, object]) -> None:
    journal.record(
        actor=actor, act=f"duty.plan.{act}", subject_type=plan.row_type(), subject_id=plan.pk,
        org_id=plan.owner_org_id, facts=facts, now=now,
    )  # fmt: skip
