"""Reports: duties laid down at a plan's commit, reports that arise by themselves, written, submitted, answered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.duty.drafts import parse_date
from quancheng.domains.duty.models import DraftTask, Pack, Plan, Report, ReportDuty, Reporter
from quancheng.domains.duty.models.reports import ReportKind
from quancheng.domains.duty.queries import pack_content as packs
from quancheng.domains.duty.queries.reports import figures_of
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.services import start_work
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.render.blocks import Heading, Paragraph
from quancheng.kernel.papers.render.word import render_report_docx
from quancheng.kernel.papers.services.drafts import DraftSpec, create_draft
from quancheng.kernel.people.matching import Matcher
from quancheng.kernel.people.models import Organisation, User
from quancheng.kernel.people.queries import list_colleagues
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import Period, periods
from quancheng.kernel.schedule.services import RuleSpec, adjust_rule, create_rule, generate_rule

GENERATOR = "duty.report"
#: The kind of long work that draws up a pack.
PACK_WORK = "duty.pack"
SECTIONS = ("progress", "results", "problems", "next_steps", "good_practice")
#: Reports that fall due more rarely than monthly can be written from this many days before.
_LEAD_DAYS = 30
_TEXT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class ReportText:
    """The sections of a report as the unit writes them."""

    progress: str = ""
    results: str = ""
    problems: str = ""
    next_steps: str = ""
    good_practice: str = ""


# Duties ----------------------------------------------------------------------------------------------------------


def open_duties(
    *, actor: Actor, plan: Plan, drafts: Sequence[DraftTask], orgs: Mapping[str, Organisation], now: datetime
) -> list[ReportDuty]:
    """Lay down what a committed plan demands as reports, from today on; what fell due before is not demanded anew.

    Called in the transaction of the commit. Reports whose time has come arise at once, the others by the clock.
    """
    matcher = Matcher.load()
    today = Calendar().local_date(now)
    made: list[ReportDuty] = []
    for number, draft in enumerate((one for one in drafts if one.is_report), 1):
        units = {pk: orgs[pk] for unit in draft.units for pk in unit["organisations"] if unit["role"] == "lead"}
        for part, (kind, recurrence, figures, last) in enumerate(recurrences_of(plan, draft.content), 1):
            if last < today or not units:
                continue
            duty = ReportDuty(
                owner_org=_receiver(matcher, draft, plan),
                plan=plan,
                draft=draft if part == 1 else None,
                kind=kind,
                title=str(draft.content["title"])[:200],
                text=str(draft.content["text"]),
                line=draft.content.get("line"),
                to_name=str(draft.content.get("to") or "")[:200],
                created_at=now,
                updated_at=now,
            )
            spec = RuleSpec(
                code=f"duty.report.{plan.code}-{number}-{part}",
                name=duty.title,
                generator=GENERATOR,
                recurrence=recurrence,
                figures=figures,
                first_day=today,
                last_day=last,
                organisations=[org.pk for org in units.values()],
                lead_days=None if recurrence == "monthly" else _LEAD_DAYS,
                data={"duty": str(duty.pk)},
            )
            duty.rule = create_rule(actor=actor, spec=spec, now=now, owner=duty.owner_org_id)
            duty.save(force_insert=True)
            for org in units.values():
                share(actor=actor, row=duty, to_org=org.pk, why="lead", now=now)
            journal.record(
                actor=actor, act="duty.report_duty.open", subject_type=duty.row_type(), subject_id=duty.pk,
                org_id=duty.owner_org_id, facts={"plan": plan.pk, "kind": kind, "units": sorted(units)}, now=now,
            )  # fmt: skip
            generate_rule(rule_id=duty.rule.pk, now=now)
            made.append(duty)
    return made


def _receiver(matcher: Matcher, draft: DraftTask, plan: Plan) -> Organisation:
    """Whom the document names, where that is one organisation of ours; else the office that issued the plan."""
    name = str(draft.content.get("to") or "")
    match = matcher.match(name) if name else None
    if match is not None and match.sure and len(match.organisations) == 1:
        found = Organisation.objects.filter(pk=match.organisations[0]).first()
        if found is not None:
            return found
    return plan.owner_org


def recurrences_of(plan: Plan, content: Mapping[str, Any]) -> list[tuple[ReportKind, str, dict[str, Any], date]]:
    """What a report draft demands as recurrences of the schedule: kind, recurrence, its figures, last day.

    Where the rule is none that the schedule knows, the single days stand for it. Empty where there is no day at all.
    """
    rrule = str((content.get("rule") or {}).get("rrule") or "")
    days = [str(day) for day in content.get("dates") or ()]
    due = parse_date(content.get("due_date"))
    if not rrule and len(days) <= 1:
        days = [due.isoformat()] if due else days
    last = plan.period_to or due or parse_date(days[-1] if days else None)
    parts = dict(part.split("=", 1) for part in rrule.split(";") if "=" in part)
    months = sorted(int(one) for one in parts.get("BYMONTH", "").split(",") if one)
    numbers = [int(one) for one in parts.get("BYMONTHDAY", "").split(",") if one]
    if last is not None and len(numbers) == 1 and "INTERVAL" not in parts:
        day = numbers[0] if numbers[0] > 0 else 31
        if parts["FREQ"] == "MONTHLY" and not months:
            return [(ReportKind.MONTHLY, "monthly", {"day": day}, last)]
        if parts["FREQ"] == "YEARLY" and len(months) == 4 and len({(one - 1) // 3 for one in months}) == 4:
            return [(ReportKind.QUARTERLY, "quarterly", {"day": day, "months": months}, last)]
        if parts["FREQ"] == "YEARLY" and len(months) == 1:
            return [(ReportKind.YEARLY, "yearly", {"month": months[0], "day": day}, last)]
    if not days:
        return []
    half = parts.get("FREQ") == "YEARLY" and len(months) == 2
    kind = ReportKind.HALF_YEARLY if half else ReportKind.OTHER
    if len(days) == 1:
        # A plan of one year names the day of its yearly summary (11月中旬报送年度总结): one date, yet a yearly report.
        words = f"{content.get('title', '')}{content.get('text', '')}"
        if "评估报告" in words:
            kind = ReportKind.FINAL
        elif "年度" in str(content.get("title", "")):
            kind = ReportKind.YEARLY
        else:
            kind = ReportKind.ONCE
    return [(kind, "dates", {"dates": sorted(set(days))[:400]}, date.fromisoformat(max(days)))]


def change_duty(*, actor: Actor, duty: ReportDuty, adjust: str, needs_approval: bool, now: datetime) -> ReportDuty:
    """Set whether a due day that is no working day moves forward, and whether units approve before they submit.

    Reports that arose already keep their due day.

    :param adjust: ``keep`` or ``previous_working``.
    """
    actor.require("duty.reports.accept")
    if duty.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该报告要求由其他单位设置。"), code="other_organisation")
    with transaction.atomic():
        if duty.rule is not None:
            adjust_rule(actor=actor, rule=duty.rule, adjust=adjust, now=now)
        ReportDuty.objects.visible_to(actor).filter(pk=duty.pk).update(needs_approval=needs_approval, updated_at=now)
        journal.record(
            actor=actor, act="duty.report_duty.change", subject_type=duty.row_type(), subject_id=duty.pk,
            org_id=duty.owner_org_id, facts={"adjust": adjust, "needs_approval": needs_approval}, now=now,
        )  # fmt: skip
    duty.refresh_from_db()
    return duty


# Reports ---------------------------------------------------------------------------------------------------------


def make_report(rule: RecurringRule, period: Period, org: Organisation, due_date: date, now: datetime) -> Report:
    """Generator of the schedule: one unit's report for one period, in its hands from now on."""
    duty = ReportDuty.objects.select_related("plan").get(pk=rule.data["duty"])
    clock = system_actor("schedule", "duty.reports.accept")
    named = Reporter.objects.filter(owner_org=org, ended_at__isnull=True).first()
    concerns = org if org.kind in ("enterprise", "agency") else None
    report = Report(
        owner_org_id=duty.owner_org_id,
        enterprise=concerns,
        area=org.area,
        links=list(org.links) if concerns else [],
        reach="party" if concerns else "chain",
        duty=duty,
        org=org,
        period=period.key,
        label=label_of(duty.kind, period),
        first_date=_first_day(rule, period, duty),
        last_date=period.due,
        due_date=due_date,
        reporter=named.user if named else None,
        created_at=now,
    )
    with transaction.atomic():
        share(actor=clock, row=report, to_org=org.pk, why="lead", now=now)
        return enter(actor=clock, row=report, now=now, facts={"duty": duty.pk, "org": org.pk, "period": period.key})


def _first_day(rule: RecurringRule, period: Period, duty: ReportDuty) -> date:
    """A report tells of the days since the last one was due; the first of a duty, since the plan began."""
    before = periods(
        rule.recurrence, rule.figures, first=period.due - timedelta(days=800), last=period.due - timedelta(days=1)
    )
    if before:
        return before[-1].due + timedelta(days=1)
    begun = [day for day in (duty.plan.period_from, duty.plan.document_date, rule.first_day) if day is not None]
    return min(*begun, period.due)


def label_of(kind: str, period: Period) -> str:
    """How people call a period: 2026年11月, 2026年第4季度, 2026年度; else the due day.

    A quarter's report that is due in the month after it bears the name of the quarter that it tells of.
    """
    year = period.due.year
    if kind == ReportKind.MONTHLY:
        return f"{year}年{period.due.month}月"
    if kind == ReportKind.QUARTERLY:
        quarter = (period.due.month - 1) // 3 + 1
        if period.due.month in (1, 4, 7, 10):
            year, quarter = (year - 1, 4) if quarter == 1 else (year, quarter - 1)
        return f"{year}年第{quarter}季度"
    if kind == ReportKind.YEARLY:
        return f"{year}年度"
    return period.due.isoformat()


def save_report(*, actor: Actor, report: Report, text: ReportText, version: int, now: datetime) -> Report:
    """Keep what was written so far.

    :raises StaleState: submitted meanwhile, or saved by a colleague since this version was shown.
    """
    _require_writer(actor, report)
    changes = _sections(text)
    with transaction.atomic():
        won = (
            Report.objects.visible_to(actor)
            .filter(pk=report.pk, status="DUE", version=version)
            .update(**changes, version=F("version") + 1, saved_at=now, updated_at=now)
        )
        if won != 1:
            raise StaleState(_("报告已被同事保存或提交，请刷新后核对。"))
        journal.record(
            actor=actor, act="duty.report.save", subject_type=report.row_type(), subject_id=report.pk,
            org_id=report.org_id, now=now,
        )  # fmt: skip
    report.refresh_from_db()
    return report


def submit_report(
    *,
    actor: Actor,
    report: Report,
    text: ReportText,
    now: datetime,
    evidence: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> Report:
    """Hand a report in, or up to one's own head where the duty demands it; the house's figures stand from submission.

    :param evidence: files that go with it; those of an earlier submission stay.

    :raises Invalid: nothing written about progress, or too much in a section.
    """
    _require_writer(actor, report)
    changes: dict[str, Any] = {**_sections(text), "saved_at": now}
    if not changes["progress"]:
        raise Invalid(fields={"progress": _("请填写工作进展。")})
    given: dict[str, Any] = {name: changes[name] for name in SECTIONS}
    if evidence:
        given["evidence"] = [str(one) for one in evidence]
    name = "send_up" if report.duty.needs_approval else "submit"
    if name == "submit":
        changes |= _handed_in(actor, report, now)
    with transaction.atomic():
        move(actor=actor, row=report, name=name, now=now, given=given, changes=changes, client_id=client_id)
        attach_files(actor=actor, row=report, file_ids=list(evidence), now=now)
    return report


def answer_report(
    *,
    actor: Actor,
    report: Report,
    name: str,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Report:
    """``approve`` or ``send_back`` inside the unit; ``accept``, ``return`` or ``cancel`` by the receiver.

    A report that is returned keeps the day it was first handed in, and whether that was late.
    """
    given: dict[str, Any] = {"reason": clean(reason)[:2000]}
    changes: dict[str, Any] = {}
    if name == "approve":
        changes = _handed_in(actor, report, now)
    elif name in ("accept", "cancel"):
        changes = {"closed_at": now}
    elif name == "return":
        changes = {"returned_count": report.returned_count + 1}
    elif name != "send_back":
        raise Invalid(_("没有这个操作。"))
    return move(actor=actor, row=report, name=name, now=now, given=given, changes=changes, client_id=client_id)


def _handed_in(actor: Actor, report: Report, now: datetime) -> dict[str, Any]:
    late = Calendar().local_date(now) > report.due_date
    return {
        "figures": asdict(figures_of(actor=actor, report=report, now=now)),
        "submitted_at": report.submitted_at or now,
        "is_late": report.is_late if report.submitted_at else late,
    }


def _require_writer(actor: Actor, report: Report) -> None:
    actor.require("duty.reports.write")
    if report.org_id != actor.organisation_id:
        raise NotPermitted(_("该报告由其他单位填报。"), code="other_organisation")


def _sections(text: ReportText) -> dict[str, str]:
    found = {name: str(getattr(text, name)).strip() for name in SECTIONS}
    words = {"limit": _TEXT_LIMIT}
    wrong = {
        name: _("内容过长，请控制在 %(limit)s 字以内。") % words
        for name, value in found.items()
        if len(value) > _TEXT_LIMIT
    }
    if wrong:
        raise Invalid(fields=wrong)
    return found


# Documents -------------------------------------------------------------------------------------------------------


def merge_reports(*, actor: Actor, duty: ReportDuty, period: str, label: str, now: datetime) -> bytes:
    """The district's report of a period as a Word document; that it was drawn up stands in the journal."""
    actor.require("duty.reports.accept")
    document = render_report_docx(packs.merged(actor=actor, duty=duty, period=period, label=label, now=now))
    with transaction.atomic():
        journal.record(
            actor=actor, act="duty.report_duty.merge", subject_type=duty.row_type(), subject_id=duty.pk,
            org_id=duty.owner_org_id, facts={"period": period}, now=now,
        )  # fmt: skip
    return document


def make_pack(*, actor: Actor, plans: Sequence[Plan], first: date, last: date, now: datetime, title: str = "") -> Pack:
    """Draw up a situation pack on some plans and days, and freeze what it says.

    :raises Invalid: no plan, or days in the wrong order.
    """
    organisation_id = _check_pack(actor, plans, first, last)
    blocks = packs.situation(actor=actor, plans=plans, first=first, last=last, now=now)
    name = clean(title) or (plans[0].title + ("等" if len(plans) > 1 else ""))
    pack = Pack(
        owner_org_id=organisation_id,
        reach="own",
        title=f"关于{name[:150]}落实情况的通报",
        plans=[plan.pk for plan in plans],
        first_date=first,
        last_date=last,
        content=packs.frozen(blocks),
        made_by_id=actor.user_id,
        made_at=now,
    )
    with transaction.atomic():
        pack.save(force_insert=True)
        journal.record(
            actor=actor, act="duty.pack.make", subject_type=pack.row_type(), subject_id=pack.pk,
            org_id=pack.owner_org_id, facts={"plans": pack.plans, "first": first, "last": last}, now=now,
        )  # fmt: skip
    return pack


def ask_for_pack(
    *,
    actor: Actor,
    plans: Sequence[Plan],
    first: date,
    last: date,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> LongWork:
    """The same in the background, on plans of so many assignments that nobody should wait for it."""
    _check_pack(actor, plans, first, last)
    return start_work(
        actor=actor,
        kind=PACK_WORK,
        title=_("情况通报：%(first)s 至 %(last)s") % {"first": first, "last": last},
        params={"plans": [plan.pk for plan in plans], "first": first, "last": last},
        now=now,
        client_id=client_id,
    )


def _check_pack(actor: Actor, plans: Sequence[Plan], first: date, last: date) -> uuid.UUID:
    """Whose pack it will be."""
    actor.require("duty.packs.make")
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    wrong: dict[str, str] = {}
    if not plans:
        wrong["plans"] = _("请至少选择一份计划文件。")
    if last < first:
        wrong["last_date"] = _("截止日期不能早于起始日期。")
    if wrong:
        raise Invalid(fields=wrong)
    return actor.organisation_id


def draft_summary(
    *, actor: Actor, duty: ReportDuty, period: str, label: str, to: Sequence[Organisation], now: datetime
) -> Paper:
    """Draft the district's report of a period to those above it as a letter; checking and signing it is a person's act.

    :raises Invalid: nobody named, or too long for a letter.
    :raises NotPermitted: reports or papers are not the actor's.
    """
    actor.require("duty.reports.accept")
    if duty.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该报告要求由其他单位设置。"), code="other_organisation")
    if not to:
        raise Invalid(fields={"to": _("请选择单位。")})
    document = packs.merged(actor=actor, duty=duty, period=period, label=label, now=now)
    numerals = iter("一二三四五六七八九")
    body = "\n".join(
        f"{next(numerals)}、{block.text}" if isinstance(block, Heading) else block.text
        for block in document.blocks
        if isinstance(block, Heading | Paragraph)
    )
    spec = DraftSpec(
        template="letter", title=document.title, body=body, addressees=[org.pk for org in to],
        about_type=duty.row_type(), about_id=duty.pk,
    )  # fmt: skip
    return create_draft(actor=actor, spec=spec, now=now)


# Reporters -------------------------------------------------------------------------------------------------------


def may_name_for(actor: Actor, org: Organisation) -> bool:
    """One's own organisation; or any of the district, for the office that receives the reports."""
    if org.pk == actor.organisation_id:
        return True
    return actor.has("duty.reports.accept") and actor.supervises and actor.general and actor.whole_district


def name_reporter(*, actor: Actor, user: User, now: datetime, org: Organisation | None = None) -> Reporter:
    """Name who writes an organisation's reports; the former one ends in the same moment.

    :param org: one's own where none is given; see :func:`may_name_for`.
    :raises Invalid: not of the organisation, or without the duty to write reports.
    :raises NotPermitted: another organisation's.
    """
    organisation_id = org.pk if org is not None else actor.organisation_id
    actor.require("duty.reporters.name" if organisation_id == actor.organisation_id else "duty.reports.accept")
    if organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    if org is not None and not may_name_for(actor, org):
        raise NotPermitted(code="other_organisation")
    able = {one.user_id for one in list_colleagues(organisation_id=organisation_id, duty="duty.reports.write")}
    if user.pk not in able:
        raise Invalid(fields={"user": _("请选择本单位负有填报职责的人员。")})
    with transaction.atomic():
        owner = Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)
        current = Reporter.objects.filter(owner_org=owner, ended_at__isnull=True).first()
        if current is not None and current.user_id == user.pk:
            return current
        if current is not None:
            Reporter.objects.filter(pk=current.pk).update(ended_at=now)
        named = Reporter(
            owner_org=owner, area=owner.area, reach="chain", user=user, named_by_id=actor.user_id, named_at=now
        )
        named.save(force_insert=True)
        Report.objects.filter(org=owner, status__in=("DUE", "APPROVAL")).update(reporter=user, updated_at=now)
        journal.record(
            actor=actor, act="duty.reporter.name", subject_type=named.row_type(), subject_id=named.pk,
            org_id=owner.pk, facts={"user": user.pk}, now=now,
        )  # fmt: skip
    return named


def end_reporter(*, actor: Actor, org: Organisation, now: datetime) -> None:
    """An organisation has no reporter by name any more. :raises NotPermitted: another organisation's."""
    actor.require("duty.reporters.name" if org.pk == actor.organisation_id else "duty.reports.accept")
    if not may_name_for(actor, org):
        raise NotPermitted(code="other_organisation")
    with transaction.atomic():
        current = Reporter.objects.filter(owner_org=org, ended_at__isnull=True).first()
        if current is None:
            return
        Reporter.objects.filter(pk=current.pk).update(ended_at=now)
        Report.objects.filter(org=org, status__in=("DUE", "APPROVAL")).update(reporter=None, updated_at=now)
        journal.record(
            actor=actor, act="duty.reporter.end", subject_type=current.row_type(), subject_id=current.pk,
            org_id=org.pk, facts={"user": current.user_id}, now=now,
        )  # fmt: skip
