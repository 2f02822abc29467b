"""Pages of filings of work (作业报备): the list, one filing, filing a permit, filing by hand, lead times."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import audits as audit_forms
from quancheng.domains.permits.forms import filings as forms
from quancheng.domains.permits.loops.filing import FILING
from quancheng.domains.permits.loops.permit import PERMIT
from quancheng.domains.permits.models import FilingClassCode, Kind, WorkFiling
from quancheng.domains.permits.queries import filings as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.permits import REQUEST, get_permit, list_permits
from quancheng.domains.permits.services import filings as services
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import permit_link
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_own_file
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.standards.gb30871.audit.filing import DOUBTS, RECEIVERS, filing_classes
from quancheng.standards.gb30871.kinds import levels

#: What every page of filing says.
NO_APPROVAL = gettext_lazy("报备是信息告知，不是审批；作业安全责任由企业承担，报备不代替作业票审批。")


def doubts_said(row: WorkFiling) -> str:
    return _("；").join(said(DOUBTS[code]) for code in row.doubts if code in DOUBTS)


def level_said(row: WorkFiling) -> str:
    found = levels(row.kind).get(row.level) if row.kind and row.level else None
    return said(found.name) if found else ""


def _doubts_mark(row: WorkFiling) -> Any:
    return marks.badge(doubts_said(row), "active") if row.doubts else ""


class FilingList(ListPage):
    """Work told to the regulator."""

    code = "permits.filings"
    title = gettext_lazy("作业报备")
    columns = (
        Column("title", gettext_lazy("作业内容"), value=lambda row: row.title, link=True, card="title", width="wide"),
        Column("code", gettext_lazy("报备类别"), value=lambda row: row.get_code_display(), sort="code", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("starts_at", gettext_lazy("作业开始时间"), sort="starts_at", card="meta"),
        Column("due_at", gettext_lazy("报备期限"), sort="due_at", shown=False),
        Column("submitted_at", gettext_lazy("报备时间"), sort="submitted_at"),
        Column("doubts", gettext_lazy("不一致"), value=doubts_said, render=_doubts_mark, width="wide"),
        Column("work_unit", gettext_lazy("作业单位"), shown=False),
        Column("place", gettext_lazy("作业地点和部位"), shown=False, width="wide"),
        Column("people_count", gettext_lazy("作业人数"), numeric=True, shown=False),
        Column("leader", gettext_lazy("现场带班负责人"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、地点、企业"), pinned=True,
               fields=("content", "place", "enterprise__name", "work_unit")),
        Choice(name="code", label=gettext_lazy("报备类别"), choices=FilingClassCode.choices, field="code",
               multiple=True, pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=FILING.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="late", label=gettext_lazy("只看超时报备的"), pinned=True,
             condition=lambda actor: queries.is_late()),
        Flag(name="differs", label=gettext_lazy("只看不一致的"), pinned=True,
             condition=lambda actor: queries.differs()),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="kind"),
        Dates(name="starts", label=gettext_lazy("作业开始时间"), field="starts_at", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有报备")
    empty_hint = NO_APPROVAL

    def queryset(self, actor: Actor) -> QuerySet[WorkFiling]:
        return queries.list_filings(actor=actor)

    def url_of(self, row: WorkFiling) -> str:
        return reverse("permits:filing", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.has(REQUEST):
            found.append((gettext_lazy("手工报备"), reverse("permits:filing_new")))
        if actor.has(RULES):
            found.append((gettext_lazy("报备提前时间"), reverse("permits:filing_lead")))
            found.append((gettext_lazy("预约规则"), reverse("permits:booking_rule")))
        return found


class FilingPage(ObjectPage[WorkFiling]):
    """One filing: what was told, whether it came in time, what the permit says otherwise."""

    back = (gettext_lazy("作业报备"), lambda: reverse("permits:filings"))
    forms: ClassVar = {
        "return": audit_forms.ReasonForm, "question": audit_forms.ReasonForm, "answer": audit_forms.TextForm,
        "withdraw": audit_forms.ReasonForm,
    }  # fmt: skip
    own_acts: ClassVar = {"link": gettext_lazy("关联作业票")}

    def get_row(self, actor: Actor, **kwargs: Any) -> WorkFiling:
        return queries.get_filing(actor=actor, filing_id=kwargs["pk"])

    def head(self, row: WorkFiling, actor: Actor) -> ObjectHead:
        shown = [marks.badge(said(DOUBTS[code]), "active") for code in row.doubts if code in DOUBTS]
        return ObjectHead(title=row.title, subtitle=enterprise_of(row), marks=shown)

    def facts(self, row: WorkFiling, actor: Actor) -> Sequence[Fact]:
        receivers = filing_classes()[row.code].receivers
        return [
            Fact(label=_("说明"), value=NO_APPROVAL, wide=True),
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("报备类别"), value=row.get_code_display()),
            Fact(label=_("接收方"), value=listed([said(RECEIVERS[code]) for code in receivers])),
            Fact(label=_("作业票"), value=permit_link(row.permit) if row.permit else None),
            Fact(label=_("作业类别"), value=row.get_kind_display()),
            Fact(label=_("作业级别"), value=level_said(row)),
            Fact(label=_("作业内容"), value=row.content, wide=True),
            Fact(label=_("作业地点和部位"), value=row.place),
            Fact(label=_("申请单位"), value=row.apply_unit),
            Fact(label=_("作业单位"), value=row.work_unit),
            Fact(label=_("承包商作业"), value=_("是") if row.is_contractor else _("否")),
            Fact(label=_("作业人数"), value=row.people_count),
            Fact(label=_("现场带班负责人"), value=row.leader),
            Fact(label=_("现场摄像头"), value=row.cameras),
            Fact(label=_("作业开始时间"), value=row.starts_at),
            Fact(label=_("作业结束时间"), value=row.ends_at),
            Fact(label=_("电话报告时间"), value=row.phoned_at),
            Fact(label=_("电话接报人"), value=row.phoned_to),
            Fact(label=_("报备期限"), value=row.due_at),
            Fact(label=_("报备时间"), value=row.submitted_at),
            Fact(label=_("监管意见"), value=row.question, wide=True),
            Fact(label=_("企业说明"), value=row.answer, wide=True),
        ]

    def tabs(self, row: WorkFiling, actor: Actor) -> Sequence[Tab]:
        held = files_of(row)
        return [
            Tab("files", _("方案、附件"), template="registry/_files.html", count=len(held),
                context=lambda: {"files": held}),
        ]  # fmt: skip

    def actions(self, row: WorkFiling, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
        ]
        own = actor.has(REQUEST) and actor.organisation_id == row.file_id
        if own and row.permit_id is None and not row.is_closed and row.code != queries.SHUTDOWN:
            found.append(Action(name="link", label=_("关联作业票"), asks=True))
        return found

    def form_for(
        self, action: Action, row: WorkFiling, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "link":
            permits = list_permits(actor=actor).filter(file=row.file_id).exclude(status__in=PERMIT.finals)
            return forms.LinkForm(data, permits=permits.filter(kind=row.kind) if row.kind else permits)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: WorkFiling, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "link":
            services.link_permit(actor=actor, row=row, permit=given["permit"], now=now)
            return
        text = given.get("text", "")
        services.act_on_filing(actor=actor, row=row, name=name, text=text, now=now, client_id=client_id)


class FilePermit(CreatePage):
    """A permit filed in one act."""

    title = gettext_lazy("报备作业")
    lead = NO_APPROVAL
    duty = REQUEST
    form = forms.PermitFilingForm
    button = gettext_lazy("提交报备")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = get_permit(actor=actor, permit_id=kwargs["pk"])
        if self.permit.file_id != actor.organisation_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        is_phoned = queries.class_of_permit(self.permit) == queries.EMERGENCY
        return forms.PermitFilingForm(*args, is_phoned=is_phoned, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.file_permit(actor=actor, permit=self.permit, now=now, client_id=client_id, **given)
        return reverse("permits:filing", args=[made.pk])


class NewFiling(CreatePage):
    """A job filed by hand: a shutdown, an emergency repair, or one whose permit comes later."""

    title = gettext_lazy("手工报备")
    lead = NO_APPROVAL
    duty = REQUEST
    form = forms.FilingForm
    back = "permits:filings"
    button = gettext_lazy("提交报备")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
        told = services.Told(**{name: value for name, value in given.items() if name != "papers"}, files=tuple(kept))
        file = get_own_file(actor=actor)
        made = services.file_by_hand(actor=actor, file=file, told=told, now=now, client_id=client_id)
        return reverse("permits:filing", args=[made.pk])


class SetLead(CreatePage):
    """Hours of lead of a class; below, how they stand."""

    title = gettext_lazy("报备提前时间")
    lead = gettext_lazy("提前时间为默认值，由本区按规定设置；已报备的期限不变。")
    duty = RULES
    form = forms.LeadForm
    template = "permits/filing_lead.html"
    back = "permits:filings"
    button = gettext_lazy("保存设置")

    @property
    def standing(self) -> list[tuple[str, int, str]]:
        now_set, classes = queries.leads(), filing_classes()
        return [
            (f"{code} {said(one.name)}", now_set[code], said(one.jobs)) for code, one in classes.items()
        ]  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_lead(actor=actor, now=now, client_id=client_id, **given)
        return reverse("permits:filing_lead")
