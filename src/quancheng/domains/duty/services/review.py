"""A plan from its import to its commit: registered with its drafts, corrected, split, merged, confirmed, committed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.duty.drafts import draft_of_report, draft_of_task, faults_of, parse_date, title_of
from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.domains.duty.services.drafts import save_draft, touch
from quancheng.domains.duty.services.linking import relink
from quancheng.domains.duty.services.parents import link_cited
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.people.matching import Matcher
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.services import add_alias

_CODES = 0x504C414E
PARSER_VERSION = "1"
#: Fields of a draft that a reviewer may change.
EDITABLE = (
    "title", "text", "kind", "start_date", "due_date", "review_date", "rule", "deadline_phrase", "strive",
    "milestones", "targets", "level1", "level2", "persons", "leading_official", "campaign",
)  # fmt: skip


def register_plan(
    *,
    actor: Actor,
    lines: Sequence[str],
    parsed: Mapping[str, Any],
    source_name: str,
    source_sha256: str,
    now: datetime,
    kind: str = "key_points",
    title: str = "",
    client_id: uuid.UUID | None = None,
) -> Plan:
    """Enter a parsed document with one draft per task and report duty, its units matched.

    :param parsed: the parser's JSON object.
    :raises Invalid: no line of text, or no organisation to own it.
    """
    actor.require("duty.plans.import")
    if actor.organisation_id is None or not any(line.strip() for line in lines):
        raise Invalid(_("文件中没有可读取的文字。"))
    meta = parsed["meta"]
    plan = Plan(
        owner_org_id=actor.organisation_id,
        title=clean(title or meta["title"] or source_name)[:200],
        kind=kind,
        issuer=meta["issuer"] or "",
        number=meta["number"] or "",
        document_date=parse_date(meta["date"]),
        period_from=parse_date(meta["period"]["from"]),
        period_to=parse_date(meta["period"]["to"]),
        addressees=[name[:200] for name in meta["addressees"]],
        copies=[name[:200] for name in meta["copies"]],
        openness=(meta["openness"] or "")[:40],
        source_name=source_name[:200],
        source_sha256=source_sha256,
        lines=list(lines),
        parsed=dict(parsed),
        parser_version=PARSER_VERSION,
        imported_by_id=actor.user_id,
        imported_at=now,
    )
    with transaction.atomic():
        plan.code = _next_code(now)
        facts = {"title": plan.title, "number": plan.number, "sha256": source_sha256, "tasks": len(parsed["tasks"])}
        stored = enter(actor=actor, row=plan, now=now, facts=facts, client_id=client_id)
        if stored.pk != plan.pk:
            return stored
        matcher = Matcher.load(speaker=plan.owner_org)
        drafts = [draft_of_task(plan, task, number, matcher, now) for number, task in enumerate(parsed["tasks"], 1)]
        drafts += [
            draft_of_report(plan, report, len(drafts) + number, matcher, now)
            for number, report in enumerate(parsed["reports"], 1)
        ]
        DraftTask.objects.bulk_create(drafts)
        relink(plan=plan)
        for cited in meta.get("parents", ()):
            link_cited(actor=actor, plan=plan, cited=cited)
    return plan


def _next_code(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CODES])
    prefix = f"{now:%Y}-"
    last = Plan.objects.filter(code__startswith=prefix).order_by("-code").values_list("code", flat=True).first()
    return f"{prefix}{(int(last.removeprefix(prefix)) if last else 0) + 1:03}"


def correct_plan(*, actor: Actor, plan: Plan, fields: Mapping[str, Any], version: int, now: datetime) -> Plan:
    """Correct what was read from the head of the document; the document itself stays as it came.

    :raises StaleState: somebody changed the review since this version was shown.
    """
    actor.require("duty.plans.review")
    allowed = {"title", "issuer", "number", "document_date", "period_from", "period_to", "openness", "kind",
               "addressees", "copies"}  # fmt: skip
    changes = {name: value for name, value in fields.items() if name in allowed}
    if not clean(str(changes.get("title", plan.title))):
        raise Invalid(fields={"title": _("请填写标题。")})
    first, last = changes.get("period_from", plan.period_from), changes.get("period_to", plan.period_to)
    if first and last and last < first:
        raise Invalid(fields={"period_to": _("计划截止不能早于起始。")})
    with transaction.atomic():
        touch(actor, plan, version=version, now=now, **changes)
        journal.record(
            actor=actor, act="duty.plan.correct", subject_type="duty.plan", subject_id=plan.pk,
            org_id=plan.owner_org_id, facts=changes, now=now,
        )  # fmt: skip
    return plan


def correct_draft(
    *, actor: Actor, draft: DraftTask, fields: Mapping[str, Any], version: int, now: datetime, confirm: bool = True
) -> DraftTask:
    """Correct a draft (and confirm it, unless told otherwise).

    :raises StaleState: somebody else changed the draft since this version was shown.
    :raises Invalid: what was given cannot become a task; by field.
    """
    actor.require("duty.plans.review")
    content = {**draft.content, **{name: value for name, value in fields.items() if name in EDITABLE}}
    faults = faults_of(content, fields.get("units", draft.units), is_report=draft.is_report)
    faults = {name: text for name, text in faults.items() if name in fields or (name == "leads" and "units" in fields)}
    if faults:
        raise Invalid(fields=faults)
    changes: dict[str, Any] = {"content": content}
    if "units" in fields:
        changes["units"] = fields["units"]
    if confirm:
        changes |= {"confirmed_by_id": actor.user_id, "confirmed_at": now}
    save_draft(actor, draft, version=version, now=now, act="correct", **changes)
    return draft


def match_unit(
    *,
    actor: Actor,
    draft: DraftTask,
    index: int,
    organisations: Sequence[Organisation],
    learn: bool,
    version: int,
    now: datetime,
) -> DraftTask:
    """Say which organisations a printed name stands for; ``learn`` keeps it as an alias where it is one."""
    actor.require("duty.plans.review")
    if not 0 <= index < len(draft.units):
        raise NotFound
    if not organisations:
        raise Invalid(fields={"organisations": _("请选择单位。")})
    units = [dict(unit) for unit in draft.units]
    printed = units[index]["name"]
    units[index] |= {
        "organisations": [str(org.pk) for org in organisations],
        "group": None,
        "reason": _("审核人员指定"),
        "sure": True,
    }
    with transaction.atomic():
        save_draft(actor, draft, version=version, now=now, act="match", units=units)
        if learn and len(organisations) == 1:
            add_alias(actor=actor, organisation=organisations[0], name=printed, now=now, origin="review")
            _spread_match(draft.plan, printed, organisations[0])
    return draft


def _spread_match(plan: Plan, printed: str, organisation: Organisation) -> None:
    """The same printed name elsewhere in the same plan stands for the same organisation, where it is still open."""
    for other in DraftTask.objects.select_for_update().filter(plan=plan, dropped=False):
        changed = False
        for unit in other.units:
            if unit["name"] == printed and not unit["sure"]:
                unit |= {"organisations": [str(organisation.pk)], "group": None, "reason": _("同名单位已指定"),
                         "sure": True}  # fmt: skip
                changed = True
        if changed:
            DraftTask.objects.filter(pk=other.pk).update(units=other.units, version=F("version") + 1)


def split_draft(*, actor: Actor, draft: DraftTask, at: int, version: int, now: datetime) -> tuple[DraftTask, DraftTask]:
    """Split a draft's text at a character (0 < at < length): both halves keep units and deadline.

    :raises Invalid: nothing would be left on one side.
    """
    actor.require("duty.plans.review")
    text = str(draft.content["text"])
    head, tail = text[:at].strip(), text[at:].strip()
    if not head or not tail:
        raise Invalid(fields={"at": _("请把光标放在要拆分的位置，前后都要有文字。")})
    following = DraftTask.objects.filter(plan=draft.plan, order__gt=draft.order).order_by("order").first()
    with transaction.atomic():
        save_draft(
            actor, draft, version=version, now=now, act="split",
            content={**draft.content, "text": head, "title": title_of(head)},
        )  # fmt: skip
        second = DraftTask.objects.create(
            plan=draft.plan,
            order=(draft.order + following.order) / 2 if following else draft.order + 1,
            is_report=draft.is_report,
            content={**draft.content, "text": tail, "title": title_of(tail), "targets": [], "number": ""},
            units=draft.units,
            made_from=[draft.pk],
            updated_at=now,
        )
        relink(plan=draft.plan)
    return draft, second


def merge_drafts(*, actor: Actor, drafts: Sequence[DraftTask], now: datetime) -> DraftTask:
    """Merge drafts of one plan into the first: texts in order, units and targets together.

    :raises Invalid: fewer than two, of several plans, or reports with tasks.
    """
    actor.require("duty.plans.review")
    ordered = sorted(drafts, key=lambda one: one.order)
    if len(ordered) < 2 or len({one.plan_id for one in ordered}) > 1 or len({one.is_report for one in ordered}) > 1:
        raise Invalid(_("请选择同一计划中的两条以上任务再合并。"))
    first, rest = ordered[0], ordered[1:]
    units = list(first.units)
    for other in rest:
        units += [unit for unit in other.units if unit["name"] not in {known["name"] for known in units}]
    content = {
        **first.content,
        "text": "\n".join(str(one.content["text"]) for one in ordered),
        "targets": [target for one in ordered for target in one.content.get("targets", [])],
        "end_line": max(one.content.get("end_line") or 0 for one in ordered),
    }
    with transaction.atomic():
        save_draft(
            actor, first, version=first.version, now=now, act="merge", content=content, units=units,
            made_from=[one.pk for one in rest],
        )  # fmt: skip
        for other in rest:
            save_draft(
                actor, other, version=other.version, now=now, act="drop", dropped=True,
                drop_reason=_("已并入第 %(number)s 条") % {"number": first.content.get("number") or int(first.order)},
            )  # fmt: skip
        relink(plan=first.plan)
    return first


def drop_draft(*, actor: Actor, draft: DraftTask, reason: str, version: int, now: datetime) -> DraftTask:
    """Take a draft out of the commit, with the reason; it can be restored until then."""
    actor.require("duty.plans.review")
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明不作为任务的原因。")})
    with transaction.atomic():
        save_draft(actor, draft, version=version, now=now, act="drop", dropped=True, drop_reason=clean(reason)[:200])
        relink(plan=draft.plan)
    return draft


def restore_draft(*, actor: Actor, draft: DraftTask, version: int, now: datetime) -> DraftTask:
    actor.require("duty.plans.review")
    with transaction.atomic():
        save_draft(actor, draft, version=version, now=now, act="restore", dropped=False, drop_reason="")
        relink(plan=draft.plan)
    return draft


def add_draft(*, actor: Actor, plan: Plan, text: str, line: int | None, now: datetime) -> DraftTask:
    """Add a task that the parser missed, from a line of the source or typed."""
    actor.require("duty.plans.review")
    text = text.strip()
    if not text:
        raise Invalid(fields={"text": _("请填写任务内容。")})
    before = DraftTask.objects.filter(plan=plan, content__line__lte=line).order_by("-order").first() if line else None
    last = DraftTask.objects.filter(plan=plan).order_by("-order").first()
    order = before.order + 0.5 if before else (last.order + 1 if last else 1.0)
    task: dict[str, Any] = {
        "id": f"A{uuid7().hex[-6:]}", "number": "", "line": line, "end_line": line, "title": title_of(text),
        "text": text, "body": text, "path": [], "lead_units": [], "support_units": [], "persons": [],
        "leading_official": "", "deadline": {"kind": "none", "phrase": "", "date": None, "rule": None},
        "deadlines": [], "targets": [], "confidence": 1.0, "doubts": [],
    }  # fmt: skip
    with transaction.atomic():
        touch(actor, plan, version=None, now=now)
        draft = draft_of_task(plan, task, order, Matcher(), now)
        draft.original = {}
        draft.save(force_insert=True)
        relink(plan=plan)
    return draft


def discard_plan(*, actor: Actor, plan: Plan, reason: str, now: datetime) -> Plan:
    """Throw a review away, with the reason; nothing of it becomes a task."""
    return move(actor=actor, row=plan, name="discard", now=now, given={"reason": clean(reason)})
