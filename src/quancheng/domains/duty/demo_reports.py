"""The demo's past reports: a year of them, most on time, some late, one returned, one unit without a reporter."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from quancheng.domains.duty.models import Report, ReportDuty
from quancheng.domains.duty.queries.reports import prefill_of
from quancheng.domains.duty.services.reports import ReportText, answer_report, name_reporter, submit_report
from quancheng.kernel.people.models import Organisation, User
from quancheng.kernel.schedule.services import generate_rule

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor

_PROGRESS = ("按计划推进各项任务，已开展现场检查和隐患整改复查。", "完成动员部署，正在逐项落实。")
_GOOD = ("建立“一企一档”，整改销号当场拍照留痕。", "", "")


def play(
    *, office: Actor, worker_of: Callable[[uuid.UUID], Actor | None], chance: Random, born_at: datetime, now: datetime
) -> None:
    """Let every report arise in its time and hand in what fell due before today."""
    _name_reporters(worker_of, born_at + timedelta(days=30))
    returned = False
    for duty in ReportDuty.objects.select_related("rule", "plan").order_by("pk"):
        if duty.rule is None:
            continue
        begin = datetime.combine(duty.rule.first_day, now.timetz())
        for day in range(0, (now - begin).days + 1, 14):
            generate_rule(rule_id=duty.rule.pk, now=begin + timedelta(days=day))
        generate_rule(rule_id=duty.rule.pk, now=now)
        due = Report.objects.filter(duty=duty, status="DUE", due_date__lt=now.date()).select_related("duty", "org")
        for report in due.order_by("due_date", "org__pinyin"):
            who = worker_of(report.org_id)
            last = datetime.combine(report.due_date, now.timetz())
            if who is None or (now - last < timedelta(days=40) and chance.random() < 0.08):
                continue
            at = last + timedelta(days=3 if chance.random() < 0.06 else -chance.randint(1, 4))
            if at > now - timedelta(days=2):
                continue
            found = prefill_of(actor=who, report=report)
            text = ReportText(
                progress=found["progress"] or chance.choice(_PROGRESS),
                results=found["results"],
                problems=found["problems"],
                next_steps=found["next_steps"] or "按计划继续推进。",
                good_practice=chance.choice(_GOOD),
            )
            submit_report(actor=who, report=report, text=text, now=at)
            if who.user_id == office.user_id or report.owner_org_id != office.organisation_id:
                continue
            name = "accept" if returned else "return"
            reason = "" if returned else "请补充存在问题和整改情况。"
            answer_report(actor=office, report=report, name=name, reason=reason, now=at + timedelta(days=1))
            returned = True


def _name_reporters(worker_of: Callable[[uuid.UUID], Actor | None], at: datetime) -> None:
    """Every unit that owes reports names somebody, but the last."""
    owing = Organisation.objects.filter(pk__in=Report.objects.values("org_id")).by_name()
    for org in list(owing)[:-1]:
        who = worker_of(org.pk)
        if who is not None and who.user_id is not None and who.has("duty.reporters.name"):
            name_reporter(actor=who, user=User.objects.get(pk=who.user_id), now=at)
