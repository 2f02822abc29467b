"""Pages of contractors: companies with their qualifications, what the rules found, the settings."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.domains.training.forms import contractors as forms
from quancheng.domains.training.models import (
    Contractor,
    ContractorFinding,
    ContractorQualification,
    FindingCode,
    OutsideRule,
    RuleGroup,
)
from quancheng.domains.training.queries import contractors as queries
from quancheng.domains.training.queries import outside_rules as rules
from quancheng.domains.training.queries.contractors import KEEP, VIEW
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.services import outside_rules as rule_services
from quancheng.domains.training.services.contractors import admissions, companies
from quancheng.domains.training.services.contractors.blacklist import PROPOSE
from quancheng.domains.training.views.words import contractor_history
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab


class ContractorList(ListPage):
    """Companies of the district (承包商)."""

    code = "training.contractors"
    title = gettext_lazy("承包商")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("承包商名称"), link=True, sort="pinyin", card="title", width="wide"),
        Column("code", gettext_lazy("统一社会信用代码"), sort="code", card="meta"),
        Column("admitted_count", gettext_lazy("已准入企业数"), numeric=True, sort="admitted_count", card="meta"),
        Column("business", gettext_lazy("经营范围"), width="wide"),
    )
    filters = (
        Search(name="q", label=gettext_lazy("承包商名称、代码"), pinned=True, fields=("name", "code"),
               pinyin=("pinyin", "initials")),
        Flag(name="admitted", label=gettext_lazy("只看已准入的"), condition=lambda actor: Q(admitted_count__gt=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有承包商档案")
    empty_hint = gettext_lazy("一家单位按统一社会信用代码建一份档案，全区共用；企业再各自办理准入。")

    def queryset(self, actor: Actor) -> QuerySet[Contractor]:
        return queries.list_contractors(actor=actor)

    def url_of(self, row: Contractor) -> str:
        return reverse("training:contractor", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记承包商"), reverse("training:contractor_new"))] if actor.has(KEEP) else []


class NewContractor(CreatePage):
    title = gettext_lazy("登记承包商")
    lead = gettext_lazy("档案全区共用；已有档案的单位直接申请准入。")
    duty = KEEP
    form = forms.ContractorForm
    back = "training:contractors"
    button = gettext_lazy("登记")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = companies.enter_contractor(actor=actor, now=now, client_id=client_id, **given)
        return reverse("training:contractor", args=[row.pk])


class ContractorPage(ObjectPage[Contractor]):
    """One company."""

    back = (gettext_lazy("承包商"), lambda: reverse("training:contractors"))
    forms: ClassVar = {"change": forms.ContractorChangeForm}
    own_acts: ClassVar = {"change": gettext_lazy("修改档案")}

    def get_row(self, actor: Actor, **kwargs: Any) -> Contractor:
        return queries.get_contractor(actor=actor, contractor_id=kwargs["pk"])

    def head(self, row: Contractor, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code)

    def facts(self, row: Contractor, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("统一社会信用代码"), value=row.code),
            Fact(label=_("经营范围"), value=row.business, filled_by=_("建档单位"), wide=True),
            Fact(label=_("已准入企业数"), value=row.admitted_count),  # type: ignore[attr-defined]
        ]
        if _is_near(row, actor):
            facts.append(Fact(label=_("建档单位"), value=row.owner_org.label))
        return facts

    def tabs(self, row: Contractor, actor: Actor) -> Sequence[Tab]:
        held = queries.qualifications_of(row)
        admitted = list(queries.list_admissions(actor=actor).filter(contractor=row)[:50])
        return [
            Tab(name="qualifications", label=_("企业资质"), count=len(held),
                template="training/_contractor_qualifications.html", context=lambda: self._held(row, held, actor)),
            Tab(name="admissions", label=_("准入情况"), count=len(admitted), template="training/_admissions.html",
                context=lambda: {"admissions": admitted}),
        ]  # fmt: skip

    def _held(self, row: Contractor, held: Sequence[ContractorQualification], actor: Actor) -> dict[str, Any]:
        names = rules.names_of(RuleGroup.WORK)
        files = files_of_many(ContractorQualification, [one.pk for one in held])
        today = timezone.localdate()
        return {"held": [
            (one, names.get(one.work, one.work), _mark(one, today), files.get(one.pk, []),
             actor.has(KEEP) and one.ended_at is None
             and actor.organisation_id in (one.entered_org_id, row.owner_org_id))
            for one in held
        ]}  # fmt: skip

    def history(self, row: Contractor, actor: Actor) -> Sequence[HistoryLine]:
        return contractor_history(acts_on(row)) if _is_near(row, actor) else ()

    def actions(self, row: Contractor, actor: Actor) -> Sequence[Action]:
        found = []
        if actor.has(KEEP):
            found += [
                Action(name="admission", label=_("申请准入"), primary=True,
                       url=reverse("training:admission_new", args=[row.pk])),
                Action(name="qualification", label=_("登记资质"),
                       url=reverse("training:contractor_qualification_new", args=[row.pk])),
            ]  # fmt: skip
            if row.owner_org_id == actor.organisation_id:
                found.append(Action(name="change", label=_("修改档案"), asks=True))
        if actor.has(PROPOSE):
            url = reverse("training:contractor_black_list", args=[row.pk])
            found.append(Action(name="black_list", label=_("提出列入黑名单"), url=url))
        return found

    def form_for(
        self, action: Action, row: Contractor, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        known = {"name": row.name, "business": row.business, "version": row.version}
        return forms.ContractorChangeForm(data, files, initial=known)

    def perform(
        self, *, actor: Actor, row: Contractor, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "change":
            raise NotFound
        companies.change_contractor(actor=actor, row=row, now=now, **given)


def _is_near(row: Contractor, actor: Actor) -> bool:
    """Which enterprise deals with whom, and who of it wrote, is not for its neighbours, nor for another town."""
    return actor.whole_district or row.owner_org_id == actor.organisation_id


def _mark(one: ContractorQualification, today: Any) -> Any:
    if one.ended_at is not None:
        return marks.badge(_("已注销"), "quiet")
    if one.valid_to is not None and one.valid_to < today:
        return marks.badge(pgettext_lazy("qualification", "已过期"), "active")
    return marks.badge(_("有效"), "done")


class OfContractor(CreatePage):
    """Something entered about a company; the address names it."""

    duty = KEEP

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.contractor = queries.get_contractor(actor=actor, contractor_id=kwargs["pk"])
        self.lead = self.contractor.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:contractor", args=[self.contractor.pk])


class NewQualification(OfContractor):
    title = gettext_lazy("登记资质")
    form = forms.QualificationForm
    button = gettext_lazy("登记")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        uploads = receive_uploads(actor=actor, uploads=given["files"], now=now)
        known = {name: given[name] for name in companies.QUALIFICATION_FIELDS}
        companies.add_qualification(
            actor=actor, contractor=self.contractor, known=known, files=uploads, now=now, client_id=client_id
        )
        return self.back_url()


class EndQualification(OfContractor):
    title = gettext_lazy("注销资质")
    form = forms.ReasonForm
    button = gettext_lazy("注销")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.row = queries.get_qualification(contractor=self.contractor, qualification_id=kwargs["qualification_id"])
        self.lead = f"{self.row.name} {self.row.number}"  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        companies.end_qualification(
            actor=actor, contractor=self.contractor, row=self.row, reason=given["reason"], now=now
        )
        return self.back_url()


class NewAdmission(OfContractor):
    title = gettext_lazy("申请准入")
    form = forms.AdmissionForm
    button = gettext_lazy("列为候选")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = admissions.begin_admission(
            actor=actor, file=required_file(actor=actor), contractor=self.contractor, works=given["works"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("training:admission", args=[row.pk])


class FindingList(ListPage):
    """What the rules found (承包管理问题)."""

    code = "training.contractor_findings"
    title = gettext_lazy("承包管理问题")
    duty = VIEW
    columns = (
        Column("code", gettext_lazy("问题"), value=lambda row: row.get_code_display(), sort="code", card="title"),
        Column("sentence", gettext_lazy("说明"), value=queries.sentence_of, card="meta", width="wide"),
        Column("contractor", gettext_lazy("承包商"), sort="contractor__pinyin", card="meta", width="wide",
               value=lambda row: row.contractor.name,
               render=lambda row: format_html('<a href="{}">{}</a>', reverse(
                   "training:contractor", args=[row.contractor_id]), row.contractor.name)),
        Column("person", gettext_lazy("人员"), value=lambda row: row.person.name if row.person else ""),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name if row.enterprise else "",
               sort="enterprise__pinyin", card="meta"),
        Column("found_date", gettext_lazy("发现日期"), sort="found_date", card="meta"),
        Column("cleared_date", gettext_lazy("消除日期"), sort="cleared_date"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("承包商、企业"), pinned=True,
               fields=("contractor__name", "enterprise__name")),
        Choice(name="code", label=gettext_lazy("问题"), choices=FindingCode.choices, field="code", multiple=True,
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看未消除的"), condition=lambda actor: Q(cleared_date__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有发现承包管理问题")
    empty_hint = gettext_lazy("由系统按合同、资质和人员自动核对，条件消失后自动消除。")

    def queryset(self, actor: Actor) -> QuerySet[ContractorFinding]:
        return queries.list_findings(actor=actor)


class OutsideRuleList(ListPage):
    """The settings (外来单位和人员管理设置)."""

    code = "training.outside_rules"
    title = gettext_lazy("外来单位和人员管理设置")
    duty = rules.VIEW
    columns = (
        Column("name", gettext_lazy("名称"), value=lambda row: row.shown, link=True, sort="position", card="title",
               width="wide"),
        Column("group", gettext_lazy("类别"), value=lambda row: row.get_group_display(), sort="group", card="meta"),
        Column("value", gettext_lazy("数值"), numeric=True, sort="value", card="meta"),
        Column("unit", pgettext_lazy("unit of measure", "单位"), card="meta"),
        Column("person_value", gettext_lazy("个人计分"), numeric=True),
        Column("is_hard", gettext_lazy("否决项"), value=lambda row: _("是") if row.is_hard else ""),
        Column("is_used", gettext_lazy("启用"), value=lambda row: _("是") if row.is_used else _("否")),
        Column("basis", gettext_lazy("依据"), width="wide"),
        Column("mark", gettext_lazy("确信程度"), value=lambda row: row.get_mark_display(), sort="mark"),
    )  # fmt: skip
    filters = (
        Choice(name="group", label=gettext_lazy("类别"), choices=RuleGroup.choices, field="group", pinned=True),
        Search(name="q", label=gettext_lazy("名称"), fields=("name", "name_en", "code"), pinned=True),
    )
    page_size = 100

    def queryset(self, actor: Actor) -> QuerySet[OutsideRule]:
        return rules.list_outside_rules(actor=actor)

    def url_of(self, row: OutsideRule) -> str:
        return reverse("training:outside_rule", args=[row.pk])


class OutsideRulePage(ObjectPage[OutsideRule]):
    """One line of the settings."""

    back = (gettext_lazy("外来单位和人员管理设置"), lambda: reverse("training:outside_rules"))
    forms: ClassVar = {"change": forms.OutsideRuleForm}
    own_acts: ClassVar = {"change": gettext_lazy("修改")}

    def get_row(self, actor: Actor, **kwargs: Any) -> OutsideRule:
        return rules.get_outside_rule(actor=actor, rule_id=kwargs["pk"])

    def head(self, row: OutsideRule, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.shown, code=row.code, subtitle=row.get_group_display())

    def facts(self, row: OutsideRule, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("数值"), value=row.value),
            Fact(label=pgettext("unit of measure", "单位"), value=row.unit),
            Fact(label=_("个人计分"), value=row.person_value),
            Fact(label=_("否决项"), value=_("是") if row.is_hard else _("否")),
            Fact(label=_("启用"), value=_("是") if row.is_used else _("否")),
            Fact(label=_("依据"), value=row.basis),
            Fact(label=_("确信程度"), value=row.get_mark_display()),
        ]

    def history(self, row: OutsideRule, actor: Actor) -> Sequence[HistoryLine]:
        return contractor_history(acts_on(row))

    def actions(self, row: OutsideRule, actor: Actor) -> Sequence[Action]:
        return [Action(name="change", label=_("修改"), asks=True)] if actor.has(rule_services.RULES) else ()

    def form_for(
        self, action: Action, row: OutsideRule, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.OutsideRuleForm(data, files, initial=forms.rule_of(row))

    def perform(
        self, *, actor: Actor, row: OutsideRule, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "change":
            raise NotFound
        rule_services.change_outside_rule(actor=actor, row=row, now=now, **given)
