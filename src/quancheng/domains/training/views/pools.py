"""Pages of the pool: members, assignments with what was found, the diagnosis report."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.registry.views.words import link_to
from quancheng.domains.training.forms import pools as forms
from quancheng.domains.training.forms.contractors import line_choices
from quancheng.domains.training.loops.assignment import ASSIGNMENT
from quancheng.domains.training.models import (
    Assignment,
    DiagnosisFinding,
    DiagnosisPart,
    MemberKind,
    PoolMember,
    Purpose,
    RuleGroup,
)
from quancheng.domains.training.queries import pools as queries
from quancheng.domains.training.queries.outside_rules import lines_of, names_of
from quancheng.domains.training.queries.pools import ANSWER, ASSIGN, KEEP, VIEW
from quancheng.domains.training.services.pools import assignments, members
from quancheng.domains.training.views.violations import ReasonForm
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.papers.render.blocks import Block, Heading, KeyValues, Paragraph, Table
from quancheng.kernel.papers.render.paper import ReportDoc
from quancheng.kernel.papers.render.pdf import render_report_pdf
from quancheng.kernel.papers.render.word import render_report_docx
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.vault import services as vault

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
}  # fmt: skip


def field_choices(actor: Actor) -> list[tuple[str, str]]:
    return line_choices(RuleGroup.FIELD)


def _fields(row: PoolMember) -> str:
    names = names_of(RuleGroup.FIELD)
    return listed(names.get(one, one) for one in row.fields)


def state_mark(row: PoolMember) -> Any:
    today = timezone.localdate()
    if row.excluded_at is not None:
        return marks.badge(_("已移出"), "quiet")
    if row.term_to < today:
        return marks.badge(_("聘期已满"), "active")
    return marks.badge(_("在聘"), "done")


class MemberList(ListPage):
    """The pool (专家库、机构库)."""

    code = "training.pool"
    title = gettext_lazy("专家和机构库")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("姓名（机构名称）"), link=True, sort="pinyin", card="title", width="wide"),
        Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("unit_name", gettext_lazy("所在单位"), sort="unit_name", card="meta"),
        Column("title", gettext_lazy("职称、职务")),
        Column("letter", gettext_lazy("聘书编号"), sort="letter"),
        Column("term_to", gettext_lazy("聘期止"), sort="term_to", card="meta"),
        Column("certificate_to", gettext_lazy("证书（资质）有效期止"), sort="certificate_to"),
        Column("state", gettext_lazy("状态"), render=state_mark, card="meta",
               value=lambda row: _("已移出") if row.excluded_at else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、机构、单位"), fields=("name", "unit_name", "letter"), pinned=True,
               pinyin=("pinyin",)),
        Choice(name="kind", label=gettext_lazy("类别"), choices=MemberKind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="field", label=gettext_lazy("专业领域"), choices=field_choices, pinned=True,
               narrows=lambda code: Q(fields__contains=[code])),
        Flag(name="engaged", label=gettext_lazy("只看在聘的"),
             condition=lambda actor: Q(excluded_at__isnull=True, term_to__gte=timezone.localdate())),
    )  # fmt: skip
    empty_title = gettext_lazy("专家和机构库为空")

    def queryset(self, actor: Actor) -> QuerySet[PoolMember]:
        return queries.list_members(actor=actor)

    def url_of(self, row: PoolMember) -> str:
        return reverse("training:pool_member", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.has(KEEP):
            found.append((gettext_lazy("聘任"), reverse("training:pool_new")))
        if actor.has(ASSIGN):
            found.append((gettext_lazy("随机抽取派遣"), reverse("training:pool_draw")))
        return found


class NewMember(CreatePage):
    title = gettext_lazy("聘任")
    duty = KEEP
    form = forms.MemberForm
    back = "training:pool"
    button = gettext_lazy("聘任")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = members.engage_member(actor=actor, known=given, now=now, client_id=client_id)
        return reverse("training:pool_member", args=[row.pk])


class MemberPage(ObjectPage[PoolMember]):
    """One member."""

    back = (gettext_lazy("专家和机构库"), lambda: reverse("training:pool"))
    own_acts: ClassVar = {
        "change": gettext_lazy("修改、续聘"), "interest": gettext_lazy("申报利害关系"),
        "appraise": gettext_lazy("年度考核"), "exclude": gettext_lazy("移出"),
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> PoolMember:
        return queries.get_member(actor=actor, member_id=kwargs["pk"])

    def head(self, row: PoolMember, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.letter, subtitle=row.get_kind_display(), marks=[state_mark(row)])

    def facts(self, row: PoolMember, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("所在单位"), value=f"{row.unit_name} {row.unit_code}".strip()),
            Fact(label=_("职称、职务"), value=row.title),
            Fact(label=_("专业领域"), value=_fields(row)),
            Fact(label=_("聘任单位"), value=row.owner_org.label),
            Fact(label=_("聘期"), value=f"{row.term_from} – {row.term_to}"),
            Fact(label=_("证书（资质）编号"), value=row.certificate),
            Fact(label=_("证书（资质）有效期止"), value=row.certificate_to),
            Fact(label=_("资质业务范围"), value=row.scope, wide=True),
        ]
        if queries.sees_record(actor, row):
            facts.append(Fact(label=_("联系电话"), value=vault.masked(vault.PHONE, row.phone) if row.phone else ""))
            facts.append(Fact(label=_("移出原因"), value=row.excluded_reason))
        return facts

    def tabs(self, row: PoolMember, actor: Actor) -> Sequence[Tab]:
        if not queries.sees_record(actor, row):
            return ()
        year = timezone.localdate().year
        return [
            Tab(name="duty", label=_("履职记录"), template="training/_pool_duty.html",
                context=lambda: {"assignments": queries.assignments_of(row, actor=actor),
                                 "duty": queries.duty_of(row, year), "year": year}),
            Tab(name="appraisals", label=_("年度考核"), template="training/_pool_appraisals.html",
                context=lambda: {"appraisals": queries.appraisals_of(row)}),
            Tab(name="interests", label=_("利害关系"), template="training/_pool_interests.html",
                context=lambda: {"interests": queries.interests_of(row)}),
        ]  # fmt: skip

    def actions(self, row: PoolMember, actor: Actor) -> Sequence[Action]:
        found: list[Action] = []
        mine = row.owner_org_id == actor.organisation_id
        if actor.has(ASSIGN) and mine and row.excluded_at is None:
            found.append(Action(name="assign", label=_("派遣"), primary=True,
                                url=reverse("training:pool_assign", args=[row.pk])))  # fmt: skip
        if actor.has(KEEP) and mine:
            found += [
                Action(name="change", label=_("修改、续聘"), asks=True),
                Action(name="interest", label=_("申报利害关系"), asks=True),
                Action(name="appraise", label=_("年度考核"), asks=True),
            ]
            if row.excluded_at is None:
                found.append(Action(name="exclude", label=_("移出"), asks=True))
        return found

    def form_for(
        self, action: Action, row: PoolMember, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            return forms.MemberChangeForm(data, files, initial=forms.known_of(row))
        if action.name == "interest":
            form = forms.InterestForm(data, files)
            form.fields["file"].queryset = list_enterprises(actor=actor)  # type: ignore[attr-defined]
            return form
        if action.name == "appraise":
            return forms.AppraisalForm(data, files, initial={"year": timezone.localdate().year})
        return ReasonForm(data, files)

    def perform(
        self, *, actor: Actor, row: PoolMember, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            members.change_member(actor=actor, row=row, version=given["version"], known=given, now=now)
        elif name == "interest":
            members.declare_interest(actor=actor, member=row, now=now, client_id=client_id, **given)
        elif name == "appraise":
            members.appraise(actor=actor, member=row, now=now, **given)
        elif name == "exclude":
            members.exclude_member(actor=actor, row=row, reason=given["reason"], now=now)
        else:
            raise NotFound


class _Send(CreatePage):
    """Members are sent to an enterprise that the actor supervises."""

    duty = ASSIGN

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["file"].queryset = list_enterprises(actor=actor)  # type: ignore[attr-defined]
        return form


class Assign(_Send):
    title = gettext_lazy("派遣")
    form = forms.AssignForm
    button = gettext_lazy("派遣")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.member = queries.get_member(actor=actor, member_id=kwargs["pk"])
        self.lead = self.member.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:pool_member", args=[self.member.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = assignments.assign_member(actor=actor, member=self.member, now=now, client_id=client_id, **given)
        return reverse("training:assignment", args=[row.pk])


class Draw(_Send):
    title = gettext_lazy("随机抽取派遣")
    lead = gettext_lazy("从在聘、专业相符且无须回避的成员中抽取；种子和候选名单留存，可重新验证。")
    form = forms.DrawForm
    back = "training:pool"
    button = gettext_lazy("抽取")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        rows = assignments.draw_members(actor=actor, now=now, client_id=client_id, **given)
        return reverse("training:assignment", args=[rows[0].pk]) if len(rows) == 1 else reverse("training:assignments")


class AssignmentList(ListPage):
    """Assignments (派遣)."""

    code = "training.assignments"
    title = gettext_lazy("专家和机构派遣")
    duty = VIEW
    columns = (
        Column("member", gettext_lazy("姓名（机构名称）"), value=lambda row: row.member.name, link=True, card="title",
               sort="member__pinyin"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="meta", width="wide"),
        Column("purpose", gettext_lazy("任务"), value=lambda row: row.get_purpose_display(), sort="purpose",
               card="meta"),
        Column("visit_date", gettext_lazy("到场日期"), sort="visit_date", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("finding_count", gettext_lazy("发现问题数"), numeric=True, sort="finding_count"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、机构、企业"), fields=("member__name", "enterprise__name"),
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ASSIGNMENT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="purpose", label=gettext_lazy("任务"), choices=Purpose.choices, field="purpose"),
        Dates(name="day", label=gettext_lazy("到场日期"), field="visit_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("没有派遣")

    def queryset(self, actor: Actor) -> QuerySet[Assignment]:
        return queries.list_assignments(actor=actor)

    def url_of(self, row: Assignment) -> str:
        return reverse("training:assignment", args=[row.pk])


class AssignmentPage(ObjectPage[Assignment]):
    """One assignment with what was found."""

    back = (gettext_lazy("专家和机构派遣"), lambda: reverse("training:assignments"))
    forms: ClassVar = {"finish": forms.FinishForm, "score": forms.ScoreForm, "pay": forms.PayForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Assignment:
        return queries.get_assignment(actor=actor, assignment_id=kwargs["pk"])

    def head(self, row: Assignment, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.member.name, subtitle=row.get_purpose_display())

    def facts(self, row: Assignment, actor: Actor) -> Sequence[Fact]:
        names = names_of(RuleGroup.FIELD)
        facts = [
            Fact(label=_("企业"), value=row.enterprise.name if row.enterprise else ""),
            Fact(label=_("派遣单位"), value=row.owner_org.label),
            Fact(label=_("专业领域"), value=names.get(row.field, row.field)),
            Fact(label=_("到场日期"), value=row.visit_date),
            Fact(label=_("履职情况"), value=row.report, wide=True),
            Fact(label=_("工作小时"), value=row.hours),
        ]
        if actor.supervises:
            facts[0] = Fact(label=_("企业"), value=link_to(row.file))
        if row.seed:
            draw = _("从%(count)s名候选人中抽取，种子%(seed)s") % {"count": row.drawn_from, "seed": row.seed}
            facts.append(Fact(label=_("随机抽取"), value=draw, wide=True))
        if queries.sees_record(actor, row.member):
            facts += [
                Fact(label=_("评分"), value=row.score), Fact(label=_("评价意见"), value=row.opinion, wide=True),
                Fact(label=_("劳务费（元）"), value=row.fee_yuan), Fact(label=_("其他费用（元）"), value=row.cost_yuan),
            ]  # fmt: skip
        return facts

    def history(self, row: Assignment, actor: Actor) -> Sequence[HistoryLine]:
        silent = () if queries.sees_record(actor, row.member) else ("score", "pay")
        return loopview.history_of(row, silent=silent)

    def tabs(self, row: Assignment, actor: Actor) -> Sequence[Tab]:
        found = queries.findings_of(row)
        return [
            Tab(name="findings", label=_("诊断问题"), count=len(found), template="training/_diagnosis.html",
                context=lambda: {"parts": _by_part(found)}),
        ]  # fmt: skip

    def actions(self, row: Assignment, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        near = actor.organisation_id == row.owner_org_id or row.member.user_id == actor.user_id
        if actor.has(ANSWER) and near and row.status in ("ACCEPTED", "DONE"):
            url = reverse("training:assignment_finding", args=[row.pk])
            found.append(Action(name="finding", label=_("登记问题"), url=url))
        for ending, label in (("docx", _("诊断报告（Word）")), ("pdf", _("诊断报告（PDF）"))):
            url = reverse("training:assignment_report", args=[row.pk, ending])
            found.append(Action(name=ending, label=label, url=url))
        return found

    def perform(
        self, *, actor: Actor, row: Assignment, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        assignments.move_assignment(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


def _by_part(found: Sequence[DiagnosisFinding]) -> list[tuple[Any, list[DiagnosisFinding]]]:
    return [(part.label, [one for one in found if one.part == part.value]) for part in DiagnosisPart]


class NewFinding(CreatePage):
    title = gettext_lazy("登记问题")
    duty = ANSWER
    form = forms.FindingForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_assignment(actor=actor, assignment_id=kwargs["pk"])
        self.lead = self.row.title  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:assignment", args=[self.row.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"field": self.row.field}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        assignments.add_finding(actor=actor, row=self.row, now=now, client_id=client_id, **given)
        return self.back_url()


class DiagnosisReport(View):
    """The diagnosis as a file; its text is a paper, so Chinese only."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, ending: str) -> HttpResponse:
        row = queries.get_assignment(actor=actor_of(request), assignment_id=pk)
        if ending not in _TYPES:
            raise NotFound
        document = document_of(row)
        body = render_report_docx(document) if ending == "docx" else render_report_pdf(document)
        name = quote(f"{document.title}.{ending}")
        disposition = f"attachment; filename=\"diagnosis.{ending}\"; filename*=UTF-8''{name}"
        return HttpResponse(body, content_type=_TYPES[ending], headers={"Content-Disposition": disposition})


def document_of(row: Assignment) -> ReportDoc:
    """What was found, design and operation apart, with advice."""
    found = queries.findings_of(row)
    names = {one.code: one.name for one in lines_of(RuleGroup.FIELD, used=False)}
    enterprise = row.enterprise.name if row.enterprise else ""
    blocks: list[Block] = [
        KeyValues(pairs=(
            ("企业", enterprise), ("派遣单位", row.owner_org.name), ("专家（机构）", row.member.name),
            ("专业领域", names.get(row.field, row.field)), ("到场日期", row.visit_date.isoformat()),
            ("发现问题", f"{len(found)}项"),
        )),
        Heading(1, "总体情况"), Paragraph(row.report or "尚未登记履职情况。"),
    ]  # fmt: skip
    for part, label in (("design", "设计方面的问题"), ("operation", "运行方面的问题")):
        blocks.append(Heading(1, label))
        mine = [one for one in found if one.part == part]
        if not mine:
            blocks.append(Paragraph("未发现问题。"))
            continue
        blocks.append(Table(
            headings=("专业", "部位", "问题", "依据", "建议"), widths=(1, 1.2, 3, 1.6, 3),
            rows=tuple(
                (names.get(one.field, one.field), one.place, f"{'（疑似重大隐患）' if one.is_major else ''}{one.text}",
                 one.basis, one.advice) for one in mine
            ),
        ))  # fmt: skip
    return ReportDoc(
        title="诊断报告", subtitle=enterprise, blocks=tuple(blocks), prepared_by=row.owner_org.name,
        date=row.visit_date, cover=False,
    )  # fmt: skip

