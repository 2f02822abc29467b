"""Pages of the audit of permits: the list of audits, one with what every rule said, violations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import Kind, OutsidePermit, Permit, PermitAudit, PermitViolation, Severity
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.services import auditing, spot
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.standards.wording import Text as Sentence


def severity_mark(code: str) -> Any:
    """The word says it, the tone repeats it."""
    if not code:
        return marks.badge(_("未发现问题"), "done")
    return marks.badge(Severity(code).label, "active" if code in ("C", "M") else "plain")


def permit_link(row: Permit) -> Any:
    return format_html('<a href="{}">{}</a>', reverse("permits:permit", args=[row.pk]), row)


def rules_offered(actor: Actor) -> list[tuple[str, str]]:
    return [(one.code, f"{one.code} {said(one.text)}") for one in queries.rules()]


def verdict_rows(row: PermitAudit | OutsidePermit, outcome: str) -> list[dict[str, Any]]:
    """What rules said of one permit, as the page lists it."""
    return [
        {
            **one, "text": said(Sentence(*one["text"])), "value": said(Sentence(*one["value"])),
            "limit": said(Sentence(*one["limit"])), "mark_of": severity_mark(one["severity"]),
        }
        for one in row.verdicts if one["outcome"] == outcome
    ]  # fmt: skip


class AuditList(ListPage):
    """Permits as the audit found them (作业票审计)."""

    code = "permits.audits"
    title = gettext_lazy("作业票审计")
    columns = (
        Column("permit", gettext_lazy("作业票"), value=lambda row: str(row.permit), link=True, card="title",
               width="wide"),
        Column("kind", gettext_lazy("作业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("score", gettext_lazy("审计得分"), numeric=True, sort="score", card="meta"),
        Column("worst", gettext_lazy("最严重问题"), value=lambda row: Severity(row.worst).label if row.worst else "",
               render=lambda row: severity_mark(row.worst), card="meta"),
        Column("failed", gettext_lazy("不合格规则"), value=lambda row: _("、").join(row.failed), width="wide"),
        Column("no_data", gettext_lazy("无数据项"), value=lambda row: row.no_data_count, numeric=True,
               sort="no_data_count", shown=False),
        Column("work_at", gettext_lazy("作业开始时间"), sort="work_at", card="meta"),
        Column("audited_at", gettext_lazy("审计时间"), sort="audited_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、内容、企业"), pinned=True,
               fields=("permit__number", "permit__content", "enterprise__name")),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="worst", label=gettext_lazy("最严重问题"), choices=Severity.choices, field="worst", multiple=True,
               pinned=True),
        Flag(name="failing", label=gettext_lazy("只看有问题的"), condition=lambda actor: ~Q(failed=[]), pinned=True),
        Choice(name="rule", label=gettext_lazy("不合格规则"), choices=rules_offered,
               narrows=lambda code: Q(failed__contains=[code])),
        Dates(name="work", label=gettext_lazy("作业开始时间"), field="work_at", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有审计结果")
    empty_hint = gettext_lazy("作业票签发、开始、关闭时和每天夜间自动审计。")

    def queryset(self, actor: Actor) -> QuerySet[PermitAudit]:
        return queries.list_audits(actor=actor)

    def url_of(self, row: PermitAudit) -> str:
        return reverse("permits:audit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [
            (gettext_lazy("审计统计"), reverse("permits:audit_statistics")),
            (gettext_lazy("审计规则"), reverse("permits:audit_rules")),
        ]


class AuditPage(ObjectPage[PermitAudit]):
    """One run over one permit: what failed, what nobody knows, what passed."""

    back = (gettext_lazy("作业票审计"), lambda: reverse("permits:audits"))
    own_acts: ClassVar = {"again": gettext_lazy("重新审计"), "spot": gettext_lazy("列入抽查")}

    def get_row(self, actor: Actor, **kwargs: Any) -> PermitAudit:
        return queries.get_audit(actor=actor, audit_id=kwargs["pk"])

    def head(self, row: PermitAudit, actor: Actor) -> ObjectHead:
        found = [severity_mark(row.worst)]
        if not row.is_newest:
            found.append(marks.badge(_("已有更新的审计"), "quiet"))
        return ObjectHead(title=row.permit.content, code=row.permit.number, subtitle=enterprise_of(row), marks=found)

    def facts(self, row: PermitAudit, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("作业票"), value=permit_link(row.permit)),
            Fact(label=_("审计得分"), value=row.score),
            Fact(label=_("作业类别"), value=row.get_kind_display()),
            Fact(label=_("审计时机"), value=row.get_moment_display()),
            Fact(label=_("作业开始时间"), value=row.work_at),
            Fact(label=_("审计时间"), value=row.audited_at),
            Fact(label=_("最近核对时间"), value=row.confirmed_at),
            Fact(label=_("得分说明"), value=_score_said(row), wide=True),
        ]

    def tabs(self, row: PermitAudit, actor: Actor) -> Sequence[Tab]:
        failed, unknown = verdict_rows(row, "FAIL"), verdict_rows(row, "NO_DATA")
        table = "permits/_verdicts.html"
        return [
            Tab("failed", _("不合格"), template=table, count=len(failed), context=lambda: {"verdicts": failed}),
            Tab("unknown", _("无数据"), template=table, count=len(unknown), context=lambda: {"verdicts": unknown}),
            Tab("passed", _("合格"), template="permits/_passed.html", count=len(row.passed),
                context=lambda: {"rules": [one for one in queries.all_rules(Calendar().local_date(row.work_at))
                                           if one.code in row.passed]}),
            Tab("findings", _("问题闭环"), template="permits/_audit_findings.html",
                context=lambda: {"findings": [(one, severity_mark(one.severity)) for one in
                                              queries.findings_of(row.permit, actor=actor)]}),
            Tab("runs", _("历次审计"), template="permits/_audit_runs.html",
                context=lambda: {"runs": [(one, severity_mark(one.worst)) for one in queries.runs_of(row.permit)]}),
        ]  # fmt: skip

    def actions(self, row: PermitAudit, actor: Actor) -> Sequence[Action]:
        if not (row.is_newest and actor.has(queries.AUDIT)):
            return ()
        found = [Action(name="again", label=_("重新审计"))]
        if row.permit.status in RUNNING and actor.supervises:
            found.append(Action(name="spot", label=_("列入抽查")))
        return found

    def perform(
        self, *, actor: Actor, row: PermitAudit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "again":
            auditing.audit_by_hand(actor=actor, permit=row.permit, now=now)
        elif name == "spot":
            spot.choose(actor=actor, permit=row.permit, now=now)
        else:
            raise NotFound

    def history(self, row: PermitAudit, actor: Actor) -> Sequence[HistoryLine]:
        return [
            HistoryLine(at=one.audited_at, who=_("系统"), what=_("审计，得%(score)s分") % {"score": one.score},
                        note=_("、").join(one.failed))
            for one in queries.runs_of(row.permit)
        ]  # fmt: skip


def _score_said(row: PermitAudit) -> str:
    """The sum, so that everybody can check."""
    points = [(one["code"], one["points"]) for one in row.verdicts if one["points"]]
    if not points:
        return _("100分，没有扣分。")
    told = _("、").join(f"{code} −{number}" for code, number in points)
    return _("100分减去：%(points)s，最低0分。") % {"points": told}


#: A person, or a contractor, who came up before within the year.
_AGAIN = Q(by_person__gt=1, person__isnull=False) | (Q(by_contractor__gt=1) & ~Q(contractor=""))


class ViolationList(ListPage):
    """Violations on permits, with how often each person, contractor and rule came up within a year (违章记录)."""

    code = "permits.violations"
    title = gettext_lazy("作业违章记录")
    columns = (
        Column("text", gettext_lazy("违章情形"), value=lambda row: finding_text(row), link=True, card="title",
               width="wide"),
        Column("severity", gettext_lazy("严重程度"), value=lambda row: row.get_severity_display(),
               render=lambda row: severity_mark(row.severity), sort="severity", card="meta"),
        Column("permit", gettext_lazy("作业票"), value=lambda row: str(row.permit), card="meta", width="wide"),
        Column("person", gettext_lazy("违章人员"), value=lambda row: row.person.name if row.person else "",
               card="meta"),
        Column("by_person", gettext_lazy("该人一年内次数"), numeric=True,
               value=lambda row: row.by_person if row.person_id else None),
        Column("contractor", gettext_lazy("承包商"), sort="contractor", card="meta"),
        Column("by_contractor", gettext_lazy("该承包商一年内次数"), numeric=True,
               value=lambda row: row.by_contractor if row.contractor else None),
        Column("by_rule", gettext_lazy("同类违章一年内次数"), numeric=True),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("at", gettext_lazy("发现时间"), sort="at", card="meta"),
        Column("note", gettext_lazy("处理情况"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("人员、承包商、企业、编号"), pinned=True,
               fields=("person__name", "contractor", "enterprise__name", "permit__number")),
        Choice(name="severity", label=gettext_lazy("严重程度"), choices=Severity.choices, field="severity",
               multiple=True, pinned=True),
        Flag(name="again", label=gettext_lazy("只看重复违章"), pinned=True, condition=lambda actor: _AGAIN),
        Choice(name="rule", label=gettext_lazy("规则"), choices=rules_offered, field="rule"),
        Dates(name="found", label=gettext_lazy("发现时间"), field="at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有违章记录")
    empty_hint = gettext_lazy("审计和检查发现的严重、较大问题自动记入，按人员、承包商累计。")

    def queryset(self, actor: Actor) -> QuerySet[PermitViolation]:
        return queries.list_violations(actor=actor)

    def url_of(self, row: PermitViolation) -> str:
        return reverse("permits:finding", args=[row.finding_id]) if row.finding_id else ""


def finding_text(row: Any) -> str:
    """A finding, or the violation of one, in the reader's language; an inspector's words stand as he wrote them."""
    finding = getattr(row, "finding", None) or row
    pair = getattr(finding, "evidence", {}).get("text")
    if not pair:
        return str(row)
    return f"{finding.rule} {said(Sentence(*pair))}".strip()


