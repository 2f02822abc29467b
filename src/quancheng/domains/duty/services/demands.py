"""Reports that an office demands beside those a plan document spells out (报告要求), entered one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import Plan, Report, ReportDuty
from quancheng.domains.duty.models.reports import ReportKind
from quancheng.domains.duty.services.reports import GENERATOR
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.services import RuleSpec, create_rule, end_rule, generate_rule

ACCEPT = "duty.reports.accept"
_LEAD_DAYS = 30
#: Kinds that can be demanded, and the figures that each asks for.
FIGURES: dict[str, tuple[str, ...]] = {
    ReportKind.MONTHLY: ("day",),
    ReportKind.QUARTERLY: ("day",),
    ReportKind.HALF_YEARLY: ("day",),
    ReportKind.YEARLY: ("month", "day"),
    ReportKind.ONCE: ("on",),
}


@dataclass(frozen=True, slots=True)
class DemandSpec:
    """What is demanded of whom, how often, until when. ``on`` is the day of a single report."""

    title: str
    kind: str
    orgs: Sequence[Organisation]
    last_date: date
    text: str = ""
    day: int | None = None
    month: int | None = None
    on: date | None = None
    needs_approval: bool = False


def missing_figures(spec: DemandSpec) -> list[str]:
    """Which figures the kind asks for and the spec lacks; ``kind`` where it cannot be demanded this way."""
    if spec.kind not in FIGURES:
        return ["kind"]
    return [name for name in FIGURES[spec.kind] if getattr(spec, name) is None]


def demand_report(*, actor: Actor, plan: Plan, spec: DemandSpec, now: datetime) -> ReportDuty:
    """Lay down one report under a running plan of one's own organisation; reports whose time has come arise at once.

    :raises Invalid: something is missing, no unit, or its last day has passed; by field.
    :raises NotPermitted: the plan is another organisation's.
    """
    actor.require(ACCEPT)
    if plan.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该计划由其他单位下达。"), code="other_organisation")
    today = Calendar().local_date(now)
    faults: dict[str, Any] = {name: _("请填写此项。") for name in missing_figures(spec)}
    if not clean(spec.title):
        faults["title"] = _("请填写此项。")
    if not spec.orgs:
        faults["orgs"] = _("请选择报送单位。")
    if spec.last_date < today:
        faults["last_date"] = _("截止日期不能早于今天。")
    if faults:
        raise Invalid(fields=faults)
    recurrence, figures = _recurrence(spec, today)
    duty = ReportDuty(
        owner_org_id=plan.owner_org_id,
        plan=plan,
        kind=spec.kind,
        title=clean(spec.title)[:200],
        text=spec.text.strip() or clean(spec.title),
        needs_approval=spec.needs_approval,
        created_at=now,
        updated_at=now,
    )
    rule = RuleSpec(
        code=f"duty.report.{duty.pk}",
        name=duty.title,
        generator=GENERATOR,
        recurrence=recurrence,
        figures=figures,
        first_day=today,
        last_day=spec.last_date,
        organisations=[org.pk for org in spec.orgs],
        lead_days=None if recurrence == "monthly" else _LEAD_DAYS,
        data={"duty": str(duty.pk)},
    )
    with transaction.atomic():
        duty.rule = create_rule(actor=actor, spec=rule, now=now, owner=duty.owner_org_id)
        duty.save(force_insert=True)
        for org in spec.orgs:
            share(actor=actor, row=duty, to_org=org.pk, why="lead", now=now)
        units = sorted(str(org.pk) for org in spec.orgs)
        _record(actor, "open", duty, now, {"plan": plan.pk, "kind": spec.kind, "units": units})
        generate_rule(rule_id=duty.rule.pk, now=now)
    return duty


def withdraw_demand(*, actor: Actor, duty: ReportDuty, reason: str, now: datetime) -> None:
    """Demand it no more: what is open is cancelled with the reason, nothing arises again.

    :raises Conflict: a unit has reported already.
    """
    actor.require(ACCEPT)
    if duty.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该报告要求由其他单位设置。"), code="other_organisation")
    with transaction.atomic():
        reports = list(Report.objects.visible_to(actor).filter(duty=duty).order_by("pk"))
        if any(report.status not in ("DUE", "CANCELLED") for report in reports):
            raise Conflict(_("“%(title)s”已有单位报送。") % {"title": duty.title})
        if duty.rule is not None:
            end_rule(actor=actor, rule=duty.rule, last_day=Calendar().local_date(now), now=now)
        for report in reports:
            if report.status == "DUE":
                move(actor=actor, row=report, name="cancel", now=now, given={"reason": reason})
        _record(actor, "withdraw", duty, now, {"reason": reason})


def _recurrence(spec: DemandSpec, today: date) -> tuple[str, dict[str, Any]]:
    day = spec.day or 1
    if spec.kind == ReportKind.MONTHLY:
        return "monthly", {"day": day}
    if spec.kind == ReportKind.QUARTERLY:
        return "quarterly", {"day": day, "months": [3, 6, 9, 12]}
    if spec.kind == ReportKind.HALF_YEARLY:
        anchor = f"{today.year}-06"
        return "every_months", {"months": 6, "anchor": anchor, "day": day}
    if spec.kind == ReportKind.YEARLY:
        return "yearly", {"month": spec.month, "day": day}
    return "dates", {"dates": [str(spec.on)]}


def _record(actor: Actor, what: str, duty: ReportDuty, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=f"duty.report_duty.{what}", subject_type=duty.row_type(), subject_id=duty.pk,
        org_id=duty.owner_org_id, facts=facts, now=now,
    )  # fmt: skip
