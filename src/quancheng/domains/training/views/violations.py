"""Pages of violations, incidents with people from outside, and the black list."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.queries.enterprises import own_file, required_file
from quancheng.domains.registry.views.words import link_to
from quancheng.domains.training.forms import violations as forms
from quancheng.domains.training.loops.blacklist import BLACK_LIST
from quancheng.domains.training.models import (
    BlackListing,
    ContractorIncident,
    ContractorViolation,
    Employment,
    IncidentType,
    ListLevel,
    ListReason,
    RuleGroup,
)
from quancheng.domains.training.queries import blacklist as queries
from quancheng.domains.training.queries import contractors, outside_rules
from quancheng.domains.training.queries.blacklist import VIEW
from quancheng.domains.training.queries.persons import get_person
from quancheng.domains.training.services.contractors import blacklist, violations
from quancheng.domains.training.services.contractors.blacklist import PROPOSE
from quancheng.domains.training.services.contractors.violations import RECORD
from quancheng.domains.training.views.words import contractor_link
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Asked, Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


def point_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(one.code, one.shown) for one in outside_rules.lines_of(RuleGroup.POINT, used=False)]


class ViolationList(ListPage):
    """Violations (违章计分)."""

    code = "training.violations"
    title = gettext_lazy("外来单位违章计分")
    duty = VIEW
    columns = (
        Column("text", gettext_lazy("违章情况"), link=True, card="title", width="wide"),
        Column("contractor", gettext_lazy("承包商"), card="meta", sort="contractor__pinyin",
               value=lambda row: row.contractor.name if row.contractor else ""),
        Column("person", gettext_lazy("人员"), value=lambda row: row.person.name if row.person else "", card="meta"),
        Column("points", gettext_lazy("扣分"), numeric=True, sort="points", card="meta"),
        Column("person_points", gettext_lazy("个人计分"), numeric=True, sort="person_points"),
        Column("repeat_count", gettext_lazy("单位第几次"), numeric=True, sort="repeat_count"),
        Column("person_repeat_count", gettext_lazy("个人第几次"), numeric=True, sort="person_repeat_count"),
        Column("at", gettext_lazy("时间"), sort="at", card="meta"),
        Column("permit_number", gettext_lazy("作业票编号"), shown=False),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin"),
        Column("withdrawn", gettext_lazy("状态"), value=lambda row: _("已撤销") if row.withdrawn_at else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("承包商、人员、企业"), pinned=True,
               fields=("contractor__name", "person__name", "enterprise__name", "text")),
        Choice(name="rule", label=gettext_lazy("计分项目"), choices=point_choices, field="rule", multiple=True,
               pinned=True),
        Dates(name="at", label=gettext_lazy("时间"), field="at", times=True),
        Flag(name="repeated", label=gettext_lazy("只看重复的"),
             condition=lambda actor: Q(repeat_count__gt=1) | Q(person_repeat_count__gt=1)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有违章记录")
    empty_hint = gettext_lazy("在承包商准入或外来人员页面登记。")

    def queryset(self, actor: Actor) -> QuerySet[ContractorViolation]:
        return queries.list_violations(actor=actor)

    def url_of(self, row: ContractorViolation) -> str:
        return reverse("training:violation", args=[row.pk])


class ViolationPage(ObjectPage[ContractorViolation]):
    """One violation."""

    back = (gettext_lazy("外来单位违章计分"), lambda: reverse("training:violations"))
    own_acts: ClassVar = {"withdraw": gettext_lazy("撤销")}

    def get_row(self, actor: Actor, **kwargs: Any) -> ContractorViolation:
        return queries.get_violation(actor=actor, violation_id=kwargs["pk"])

    def head(self, row: ContractorViolation, actor: Actor) -> ObjectHead:
        names = outside_rules.names_of(RuleGroup.POINT)
        shown = [marks.badge(_("已撤销"), "quiet")] if row.withdrawn_at else []
        return ObjectHead(title=names.get(row.rule, row.rule), marks=shown)

    def facts(self, row: ContractorViolation, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("承包商"), value=contractor_link(row.contractor) if row.contractor else ""),
            Fact(label=_("承包合同"), value=row.contract.name if row.contract else ""),
            Fact(label=_("人员"), value=row.person.name if row.person else ""),
            Fact(label=_("时间"), value=row.at),
            Fact(label=_("地点"), value=row.place),
            Fact(label=_("违章情况"), value=row.text, wide=True),
            Fact(label=_("扣分"), value=row.points),
            Fact(label=_("个人计分"), value=row.person_points),
            Fact(label=_("单位第几次"), value=row.repeat_count or ""),
            Fact(label=_("个人第几次"), value=row.person_repeat_count or ""),
            Fact(label=_("作业票编号"), value=row.permit_number),
            Fact(label=_("登记人"), value=row.by_name),
            Fact(label=_("撤销理由"), value=row.withdrawn_reason),
        ]

    def tabs(self, row: ContractorViolation, actor: Actor) -> Sequence[Tab]:
        return [files_tab(row)]

    def actions(self, row: ContractorViolation, actor: Actor) -> Sequence[Action]:
        may = actor.has(RECORD) and actor.organisation_id == row.by_org_id and row.withdrawn_at is None
        return [Action(name="withdraw", label=_("撤销"), asks=True)] if may else ()

    def form_for(
        self, action: Action, row: ContractorViolation, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return ReasonForm(data, files)

    def perform(
        self, *, actor: Actor, row: ContractorViolation, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "withdraw":
            raise NotFound
        violations.withdraw_violation(actor=actor, row=row, reason=given["reason"], now=now)


def files_tab(row: Any) -> Tab:
    return Tab(name="files", label=_("附件"), template="training/_files.html",
               context=lambda: {"files": list(files_of(row)), "hides": False})  # fmt: skip


class NewViolation(CreatePage):
    """What an admitted company, or one of its people, did."""

    title = gettext_lazy("登记违章")
    duty = RECORD
    form = forms.ViolationForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = contractors.get_admission(actor=actor, admission_id=kwargs["pk"])
        self.lead = self.row.contractor.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:admission", args=[self.row.pk]) + "?tab=violations"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"at": timezone.localtime(now)}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        people = contractors.outside_persons(self.row.file_id, self.row.contractor)
        form.fields["person"].queryset = people.order_by("pinyin", "pk")  # type: ignore[attr-defined]
        form.fields["contract"].queryset = self.row.contracts.order_by("name", "pk")  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        row = violations.record_violation(
            actor=actor, file=self.row.file, contractor=self.row.contractor, now=now, client_id=client_id,
            **{**given, "files": files},
        )  # fmt: skip
        return reverse("training:violation", args=[row.pk])


class NewPersonViolation(CreatePage):
    """What somebody from outside did, whoever sends him."""

    title = gettext_lazy("登记违章")
    duty = RECORD
    form = forms.PersonViolationForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.person = get_person(actor=actor, person_id=kwargs["pk"])
        if self.person.employment == Employment.OWN:
            raise NotFound
        self.lead = self.person.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:entry", args=[self.person.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"at": timezone.localtime(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        row = violations.record_violation(
            actor=actor, file=self.person.file, person=self.person, now=now, client_id=client_id,
            **{**given, "files": files},
        )  # fmt: skip
        return reverse("training:violation", args=[row.pk])


# Incidents -----------------------------------------------------------------------------------------------------------


class IncidentList(ListPage):
    """Incidents with people from outside, by type."""

    code = "training.contractor_incidents"
    title = gettext_lazy("外来单位事故事件")
    duty = VIEW
    summary = "training/_incident_types.html"
    columns = (
        Column("type", gettext_lazy("事故类型"), value=lambda row: row.get_type_display(), sort="type", link=True,
               card="title"),
        Column("contractor", gettext_lazy("承包商"), sort="contractor__pinyin", card="meta", width="wide",
               value=lambda row: row.contractor.name if row.contractor else ""),
        Column("at", gettext_lazy("时间"), sort="at", card="meta"),
        Column("place", gettext_lazy("地点")),
        Column("dead", gettext_lazy("死亡人数"), numeric=True, sort="dead", card="meta"),
        Column("injured", gettext_lazy("受伤人数"), numeric=True, sort="injured", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("承包商、企业"), pinned=True,
               fields=("contractor__name", "enterprise__name", "text")),
        Choice(name="type", label=gettext_lazy("事故类型"), choices=IncidentType.choices, field="type", multiple=True,
               pinned=True),
        Dates(name="at", label=gettext_lazy("时间"), field="at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有事故事件")

    def queryset(self, actor: Actor) -> QuerySet[ContractorIncident]:
        return queries.list_incidents(actor=actor)

    def url_of(self, row: ContractorIncident) -> str:
        return reverse("training:contractor_incident", args=[row.pk])

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        counts = queries.incidents_by_type(asked.rows)
        return {"types": [(kind.label, counts.get(kind.value, 0)) for kind in IncidentType if kind.value in counts]}

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        may = actor.has(RECORD) and not actor.supervises
        return [(gettext_lazy("登记事故事件"), reverse("training:contractor_incident_new"))] if may else []


class IncidentPage(ObjectPage[ContractorIncident]):
    """One incident."""

    back = (gettext_lazy("外来单位事故事件"), lambda: reverse("training:contractor_incidents"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ContractorIncident:
        return queries.get_incident(actor=actor, incident_id=kwargs["pk"])

    def head(self, row: ContractorIncident, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.get_type_display(), subtitle=row.contractor.name if row.contractor else "")

    def facts(self, row: ContractorIncident, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("承包商"), value=contractor_link(row.contractor) if row.contractor else ""),
            Fact(label=_("时间"), value=row.at), Fact(label=_("地点"), value=row.place),
            Fact(label=_("死亡人数"), value=row.dead), Fact(label=_("受伤人数"), value=row.injured),
            Fact(label=_("经过"), value=row.text, wide=True),
            Fact(label=_("防范措施"), value=row.measures, filled_by=_("企业"), wide=True),
            Fact(label=_("登记人"), value=row.by_name),
        ]  # fmt: skip

    def tabs(self, row: ContractorIncident, actor: Actor) -> Sequence[Tab]:
        return [files_tab(row)]


class NewIncident(CreatePage):
    title = gettext_lazy("登记事故事件")
    duty = RECORD
    form = forms.IncidentForm
    back = "training:contractor_incidents"
    button = gettext_lazy("登记")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"at": timezone.localtime(now)}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["contractor"].queryset = contractors.list_contractors(actor=actor)  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        row = violations.record_incident(
            actor=actor, file=required_file(actor=actor), known=given, contractor=given["contractor"], files=files,
            now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("training:contractor_incident", args=[row.pk])


# The black list ------------------------------------------------------------------------------------------------------


class ReasonForm(django_forms.Form):
    """Why; at its field where it is missing."""

    reason = django_forms.CharField(
        label=gettext_lazy("原因"), max_length=300, widget=django_forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class BlackListList(ListPage):
    """The black lists (黑名单)."""

    code = "training.black_listings"
    title = gettext_lazy("黑名单")
    duty = VIEW
    columns = (
        Column("title", gettext_lazy("单位（人员）"), link=True, card="title", width="wide"),
        Column("level", gettext_lazy("范围"), value=lambda row: row.get_level_display(), sort="level", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("reason", gettext_lazy("列入原因"), value=lambda row: row.get_reason_display(), sort="reason",
               card="meta"),
        Column("until_date", gettext_lazy("列入至"), sort="until_date", card="meta"),
        Column("appeal_until", gettext_lazy("申诉截止"), sort="appeal_until"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name if row.enterprise else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("单位（人员）"), fields=("title", "contractor__code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=BLACK_LIST.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="level", label=gettext_lazy("范围"), choices=ListLevel.choices, field="level"),
        Choice(name="reason", label=gettext_lazy("列入原因"), choices=ListReason.choices, field="reason"),
    )  # fmt: skip
    empty_title = gettext_lazy("黑名单为空")
    empty_hint = gettext_lazy("在承包商或外来人员页面提出列入。")

    def queryset(self, actor: Actor) -> QuerySet[BlackListing]:
        return queries.list_black_listings(actor=actor)

    def url_of(self, row: BlackListing) -> str:
        return reverse("training:black_listing", args=[row.pk])


class BlackListingPage(ObjectPage[BlackListing]):
    """One entry of a black list."""

    back = (gettext_lazy("黑名单"), lambda: reverse("training:black_listings"))
    forms: ClassVar = {
        "notice": forms.OpinionForm, "uphold": forms.OpinionForm, "cancel": forms.OpinionForm,
        "appeal": forms.AppealForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> BlackListing:
        return queries.get_black_listing(actor=actor, listing_id=kwargs["pk"])

    def head(self, row: BlackListing, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.contractor.code if row.contractor else "",
                          subtitle=row.get_reason_display())  # fmt: skip

    def facts(self, row: BlackListing, actor: Actor) -> Sequence[Fact]:
        term = _("%(years)s年") % {"years": row.term_years} if row.term_years else _("长期")
        near = actor.supervises or row.owner_org_id == actor.organisation_id
        facts = [
            Fact(label=_("范围"), value=row.get_level_display()),
            Fact(label=_("列入原因"), value=row.get_reason_display()),
            Fact(label=_("期限（年）"), value=term),
            Fact(label=_("列入至"), value=row.until_date),
            Fact(label=_("申诉截止"), value=row.appeal_until),
        ]
        if near:
            facts += [
                Fact(label=_("事实"), value=row.facts, wide=True),
                Fact(label=_("申诉意见"), value=row.appeal, wide=True),
                Fact(label=_("处理意见"), value=row.review, wide=True),
            ]
        return facts

    def history(self, row: BlackListing, actor: Actor) -> Sequence[Any]:
        near = actor.supervises or row.owner_org_id == actor.organisation_id
        return super().history(row, actor) if near else ()

    def perform(
        self, *, actor: Actor, row: BlackListing, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        blacklist.decide_listing(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


class _NewListing(CreatePage):
    """For the own list of an enterprise, or the district's of an office."""

    title = gettext_lazy("提出列入黑名单")
    duty = PROPOSE
    form = forms.ListingForm
    button = gettext_lazy("提出")

    def subject(self) -> dict[str, Any]:
        raise NotImplementedError

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        file = None if actor.supervises else own_file(actor=actor)
        if file is None and not actor.supervises:
            raise NotPermitted
        row = blacklist.propose_listing(
            actor=actor, file=file, now=now, client_id=client_id, **{**self.subject(), **given}
        )
        return reverse("training:black_listing", args=[row.pk])


class NewCompanyListing(_NewListing):
    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.contractor = contractors.get_contractor(actor=actor, contractor_id=kwargs["pk"])
        self.lead = self.contractor.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:contractor", args=[self.contractor.pk])

    def subject(self) -> dict[str, Any]:
        return {"contractor": self.contractor, "person": None}


class NewPersonListing(_NewListing):
    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.person = get_person(actor=actor, person_id=kwargs["pk"])
        if self.person.employment == Employment.OWN:
            raise NotFound
        self.lead = self.person.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:entry", args=[self.person.pk])

    def subject(self) -> dict[str, Any]:
        return {"contractor": None, "person": self.person}
