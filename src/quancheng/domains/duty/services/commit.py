"""Committing a reviewed plan: in one act its drafts become tasks, and its addressees owe their receipts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.drafts import doubts_of, faults_of, parse_date
from quancheng.domains.duty.models import ChartLink, DraftTask, Plan, PlanSection, Task
from quancheng.domains.duty.services.campaigns import plan_campaign
from quancheng.domains.duty.services.receipts import send_plan
from quancheng.domains.duty.services.reports import open_duties
from quancheng.domains.duty.services.tasks import Milestone, TargetSpec, TaskSpec, issue_task
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.errors import Invalid
from quancheng.kernel.loops.services import move
from quancheng.kernel.people.models import Organisation


def commit_plan(*, actor: Actor, plan: Plan, now: datetime, client_id: uuid.UUID | None = None) -> Plan:
    """Turn a reviewed plan into tasks, all or none. Of two who commit at once one wins and the other is told.

    :raises Invalid: drafts that are doubtful and unconfirmed, or cannot become tasks; ``fields`` maps
        ``draft-<id>`` to the reason.
    :raises StaleState: no longer in review.
    """
    with transaction.atomic():
        move(actor=actor, row=plan, name="commit", now=now, changes={"committed_at": now}, client_id=client_id)
        if plan.tasks.exists():
            return plan
        drafts = list(DraftTask.objects.select_for_update().filter(plan=plan, dropped=False).order_by("order", "pk"))
        _count_carriers(drafts)
        _refuse_unready(drafts)
        sections = _make_sections(plan)
        orgs = _load_organisations(drafts)
        tasks = [draft for draft in drafts if not draft.is_report]
        width = max(2, len(str(len(tasks))))
        issued: dict[str, Task] = {}
        for number, draft in enumerate(tasks, 1):
            spec = _spec(plan, draft, f"{plan.code}-{number:0{width}}", number, sections, orgs)
            issued[str(draft.pk)] = issue_task(actor=actor, spec=spec, now=now)
        _link(actor, tasks, issued, now)
        for draft in tasks:
            if draft.content.get("campaign"):
                plan_campaign(actor=actor, task=issued[str(draft.pk)], now=now)
        open_duties(actor=actor, plan=plan, drafts=drafts, orgs=orgs, now=now)
        send_plan(actor=actor, plan=plan, now=now)
    return plan


def _count_carriers(drafts: Sequence[DraftTask]) -> None:
    """Say of each task which rows carry it out by what the rows themselves say they serve.

    ``carried_by`` as kept is what the review shows; a save that was under way may have written an older one back.
    """
    carriers: dict[str, list[str]] = {}
    for draft in drafts:
        if not draft.is_report:
            for link in draft.content.get("serves", ()):
                carriers.setdefault(link["draft"], []).append(str(draft.pk))
    for draft in drafts:
        draft.content["carried_by"] = carriers.get(str(draft.pk), [])


def _refuse_unready(drafts: Sequence[DraftTask]) -> None:
    fields: dict[str, str] = {}
    for draft in drafts:
        reasons = [*faults_of(draft.content, draft.units, is_report=draft.is_report).values(), *doubts_of(draft)]
        if reasons:
            fields[f"draft-{draft.pk}"] = "；".join(dict.fromkeys(reasons))
    if fields:
        message = _("还有 %(count)s 条任务需要确认或补充，暂不能下达。") % {"count": len(fields)}
        raise Invalid(message, fields=fields, code="review_unfinished")
    if not any(not draft.is_report for draft in drafts):
        raise Invalid(_("没有可以下达的任务。"), code="nothing_to_commit")


def _link(actor: Actor, drafts: Sequence[DraftTask], issued: Mapping[str, Task], now: datetime) -> None:
    """Keep which tasks of the text each row of the chart serves; its units see what they carry out."""
    links = [
        ChartLink(
            task=issued[str(draft.pk)],
            serves=issued[link["draft"]],
            passage=str(link["passage"]),
            reason=str(link["reason"])[:300],
        )
        for draft in drafts
        for link in draft.content.get("serves", ())
        if link["draft"] in issued
    ]
    ChartLink.objects.bulk_create(links)
    for link in links:
        for org_id in link.task.assignments.order_by("pk").values_list("org_id", flat=True):
            share(actor=actor, row=link.serves, to_org=org_id, why="lead", now=now)


def _make_sections(plan: Plan) -> dict[int, PlanSection]:
    """The tree of headings as rows; returns them by the source line of each heading."""
    by_line: dict[int, PlanSection] = {}
    rows: list[PlanSection] = []

    def add(sections: Sequence[Mapping[str, Any]], parent: PlanSection | None) -> None:
        for section in sections:
            row = PlanSection(
                plan=plan,
                parent=parent,
                order=len(rows),
                level=section["level"],
                mark=str(section["mark"])[:20],
                title=str(section["title"])[:500],
                line=section["line"],
            )
            rows.append(row)
            by_line[section["line"]] = row
            add(section["children"], row)

    add(plan.parsed.get("sections", ()), None)
    PlanSection.objects.bulk_create(rows)
    return by_line


def _load_organisations(drafts: Sequence[DraftTask]) -> dict[str, Organisation]:
    wanted = {pk for draft in drafts for unit in draft.units for pk in unit["organisations"]}
    return {str(org.pk): org for org in Organisation.objects.filter(pk__in=wanted).select_related("area")}


def _spec(
    plan: Plan,
    draft: DraftTask,
    code: str,
    number: int,
    sections: Mapping[int, PlanSection],
    orgs: Mapping[str, Organisation],
) -> TaskSpec:
    content = draft.content
    line = content.get("line")
    above = [start for start in sections if line and start <= line]

    def units(role: str) -> list[tuple[Organisation, str]]:
        return [
            (orgs[pk], str(unit["name"])[:200])
            for unit in draft.units
            if unit["role"] == role
            for pk in unit["organisations"]
        ]

    start = parse_date(content["start_date"])
    if start is None:
        raise Invalid(fields={f"draft-{draft.pk}": _("请填写起始日期。")})
    return TaskSpec(
        title=str(content["title"]),
        text=str(content["text"]),
        kind=content["kind"],
        start_date=start,
        code=code,
        leads=units("lead"),
        supports=units("support"),
        due_date=parse_date(content.get("due_date")),
        review_date=parse_date(content.get("review_date")),
        rule=content.get("rule") or {},
        deadline_phrase=str(content.get("deadline_phrase") or "")[:300],
        strive=bool(content.get("strive")),
        milestones=[
            Milestone(one["key"], str(one["label"])[:120], date_, bool(one.get("strive")))
            for one in content.get("milestones", ())
            if (date_ := parse_date(one["due_date"])) is not None
        ],
        targets=[
            TargetSpec(
                indicator=str(one["indicator"])[:200],
                phrase=str(one["phrase"])[:200],
                value=Decimal(str(one["value"])),
                op=one["op"],
                unit=str(one["unit"])[:20],
                strive=bool(one.get("strive")),
            )
            for one in content.get("targets", ())
        ],
        plan=plan,
        section=sections[max(above)] if above else None,
        order=number,
        line=line,
        level1=str(content.get("level1") or "")[:500],
        level2=str(content.get("level2") or "")[:500],
        persons=str(content.get("persons") or "")[:300],
        leading_official=str(content.get("leading_official") or "")[:120],
        in_chart=bool(content.get("row")),
        is_carried=bool(content.get("carried_by")),
    )
