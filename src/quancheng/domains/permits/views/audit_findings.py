"""Findings of the audit (审计问题): the list, and one from its finding to its proof."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import audits as forms
from quancheng.domains.permits.loops.audit import FINDING
from quancheng.domains.permits.models import AuditFinding, Kind, PermitPerson, Severity
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.queries.exposed import not_exposed
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services import audit_findings as services
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import finding_text, permit_link, rules_offered, severity_mark
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.standards.wording import Text as Sentence


class FindingList(ListPage):
    """What the audit and inspectors found."""

    code = "permits.findings"
    title = gettext_lazy("作业审计问题")
    columns = (
        Column("title", gettext_lazy("问题"), value=finding_text, link=True, card="title", width="wide"),
        Column("severity", gettext_lazy("严重程度"), value=lambda row: row.get_severity_display(),
               render=lambda row: severity_mark(row.severity), sort="severity", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("permit", gettext_lazy("作业票"), value=lambda row: str(row.permit), card="meta", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("found_at", gettext_lazy("发现时间"), sort="found_at", card="meta"),
        Column("answer_by", gettext_lazy("答复期限"), sort="answer_by", card="meta"),
        Column("answered_at", gettext_lazy("答复时间"), sort="answered_at", shown=False),
        Column("closed_at", gettext_lazy("闭环时间"), sort="closed_at", shown=False),
        Column("kind", gettext_lazy("作业类别"), value=lambda row: row.get_kind_display(), sort="kind", shown=False),
        Column("clause", gettext_lazy("条款"), shown=False),
        Column("source", gettext_lazy("来源"), shown=False,
               value=lambda row: _("监管抽查") if row.is_by_inspector else _("系统审计")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("问题、编号、企业"), pinned=True,
               fields=("title", "permit__number", "enterprise__name")),
        Choice(name="severity", label=gettext_lazy("严重程度"), choices=Severity.choices, field="severity",
               multiple=True, pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=FINDING.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="late", label=gettext_lazy("只看超期答复的"), pinned=True,
             condition=lambda actor: ~Q(status="DROPPED") & (Q(answered_at__gt=F("answer_by"))
             | Q(answered_at__isnull=True, closed_at__isnull=True, answer_by__lt=Now()))),
        Flag(name="open", label=gettext_lazy("只看未闭环的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Flag(name="unexposed", label=gettext_lazy("只看没有典型案例的"), condition=lambda actor: not_exposed()),
        Flag(name="inspector", label=gettext_lazy("只看监管抽查发现的"),
             condition=lambda actor: Q(is_by_inspector=True)),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="kind"),
        Choice(name="rule", label=gettext_lazy("规则"), choices=rules_offered, field="rule"),
        Dates(name="found", label=gettext_lazy("发现时间"), field="found_at", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有审计问题")

    def queryset(self, actor: Actor) -> QuerySet[AuditFinding]:
        return queries.list_findings(actor=actor)

    def url_of(self, row: AuditFinding) -> str:
        return reverse("permits:finding", args=[row.pk])


class FindingPage(ObjectPage[AuditFinding]):
    """One finding: what is wrong and what shows it, who owes what, what was done."""

    back = (gettext_lazy("作业审计问题"), lambda: reverse("permits:findings"))
    forms: ClassVar = {
        "begin": forms.TextForm, "answer": forms.AnswerForm, "close": forms.CommentForm, "return": forms.ReasonForm,
        "drop": forms.ReasonForm,
    }  # fmt: skip
    own_acts: ClassVar = {"violation": gettext_lazy("登记违章人员")}

    def get_row(self, actor: Actor, **kwargs: Any) -> AuditFinding:
        return queries.get_finding(actor=actor, finding_id=kwargs["pk"])

    def head(self, row: AuditFinding, actor: Actor) -> ObjectHead:
        found = [severity_mark(row.severity)]
        if row.is_by_inspector:
            found.append(marks.badge(_("监管抽查"), "plain"))
        return ObjectHead(title=finding_text(row), subtitle=enterprise_of(row), marks=found)

    def facts(self, row: AuditFinding, actor: Actor) -> Sequence[Fact]:
        evidence = row.evidence

        def told(name: str) -> str:
            return said(Sentence(*evidence[name])) if evidence.get(name) else ""

        violation = getattr(row, "violation", None)
        facts = [
            Fact(label=_("作业票"), value=permit_link(row.permit)),
            Fact(label=_("现状"), value=told("value")),
            Fact(label=_("要求"), value=told("limit")),
            Fact(label=_("依据"), value=row.clause),
            Fact(label=_("报警代码"), value=row.alarm),
            Fact(label=_("发现时间"), value=row.found_at),
            Fact(label=_("答复期限"), value=row.answer_by),
            Fact(label=_("情况说明"), value=row.note, wide=True),
            Fact(label=_("整改情况"), value=row.answer, wide=True),
            Fact(label=_("复查意见"), value=row.comment, wide=True),
        ]
        if violation is not None:
            facts.append(Fact(label=_("违章人员"), value=violation.person.name if violation.person else _("未指明")))
            facts.append(Fact(label=_("承包商"), value=violation.contractor))
            facts.append(Fact(label=_("处理情况"), value=violation.note))
        return facts

    def tabs(self, row: AuditFinding, actor: Actor) -> Sequence[Tab]:
        found = files_of(row)
        return [
            Tab(name="files", label=_("照片、附件"), count=len(found), template="registry/_files.html",
                context=lambda: {"files": found}),
        ]  # fmt: skip

    def actions(self, row: AuditFinding, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
        ]
        own = actor.has(WORK) and actor.organisation_id == row.permit.file_id
        office = actor.has(queries.AUDIT) and actor.organisation_id == row.owner_org_id
        may = office or (own and not row.is_closed and not queries.entered_by_office(row))
        if may and row.status != "DROPPED":
            found.append(Action(name="violation", label=_("登记违章人员"), asks=True))
        writes = actor.supervises and actor.has(queries.AUDIT)
        if writes and row.status != "DROPPED" and not getattr(row, "has_case", False):
            url = reverse("permits:exposed_case_new", args=[row.pk])
            found.append(Action(name="case", label=_("编写典型案例"), url=url))
        return found

    def form_for(
        self, action: Action, row: AuditFinding, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "violation":
            people = queries.people_to_name(row.permit)
            return forms.ViolationForm(data, people=people, initial=self._entered(row, people))
        return super().form_for(action, row, actor, data, files)

    def _entered(self, row: AuditFinding, people: QuerySet[PermitPerson]) -> dict[str, Any]:
        known = getattr(row, "violation", None)
        if known is None:
            return {}
        named = people.filter(person=known.person_id).first() if known.person_id else None
        return {"person": named.pk if named else None, "note": known.note}

    def perform(
        self, *, actor: Actor, row: AuditFinding, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "violation":
            services.record_violation(actor=actor, row=row, now=now, **given)
            return
        kept = receive_uploads(actor=actor, uploads=given.get("photos") or [], now=now)
        services.act_on_finding(
            actor=actor, row=row, name=name, text=given.get("text", ""), files=kept, now=now, client_id=client_id
        )
