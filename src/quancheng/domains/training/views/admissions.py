"""Pages of admissions (承包商准入): the list, one with its items, agreement, contracts and findings."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.views.words import link_to
from quancheng.domains.training.forms import contractors as forms
from quancheng.domains.training.loops.admission import ADMISSION
from quancheng.domains.training.models import Admission, AdmissionCheck, AgreementClause, RuleGroup
from quancheng.domains.training.queries import contractors as queries
from quancheng.domains.training.queries import outside_rules as rules
from quancheng.domains.training.queries.blacklist import list_violations, scores_of
from quancheng.domains.training.queries.contractors import KEEP, VIEW
from quancheng.domains.training.services.contractors import admissions as services
from quancheng.domains.training.services.contractors.violations import RECORD
from quancheng.domains.training.views.words import contractor_link
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of, files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed


def work_choices(actor: Actor) -> list[tuple[str, str]]:
    return forms.line_choices(RuleGroup.WORK)


class AdmissionList(ListPage):
    """Admissions (承包商准入)."""

    code = "training.admissions"
    title = gettext_lazy("承包商准入")
    duty = VIEW
    columns = (
        Column("contractor", gettext_lazy("承包商"), value=lambda row: row.contractor.name, link=True,
               sort="contractor__pinyin", card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name if row.enterprise else "",
               sort="enterprise__pinyin", card="meta", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("valid_to", gettext_lazy("准入止"), sort="valid_to", card="meta"),
        Column("agreement_to", gettext_lazy("协议期限止"), sort="agreement_to"),
        Column("has_findings", gettext_lazy("有未消除的问题"), sort="has_findings", card="meta",
               value=lambda row: _("是") if row.has_findings else ""),
        Column("suspended_until", gettext_lazy("暂停至"), sort="suspended_until", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("承包商、企业"), pinned=True,
               fields=("contractor__name", "contractor__code", "enterprise__name"), pinyin=("contractor__pinyin",)),
        Choice(name="status", label=gettext_lazy("状态"), choices=ADMISSION.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="work", label=gettext_lazy("承包作业类别"), choices=work_choices,
               narrows=lambda code: Q(works__contains=[code])),
        Dates(name="until", label=gettext_lazy("准入止"), field="valid_to"),
        Flag(name="findings", label=gettext_lazy("只看有未消除问题的"), condition=lambda actor: Q(has_findings=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有承包商准入")
    empty_hint = gettext_lazy("在承包商档案中申请准入。")

    def queryset(self, actor: Actor) -> QuerySet[Admission]:
        return queries.list_admissions(actor=actor)

    def url_of(self, row: Admission) -> str:
        return reverse("training:admission", args=[row.pk])


class AdmissionPage(ObjectPage[Admission]):
    """One admission."""

    back = (gettext_lazy("承包商准入"), lambda: reverse("training:admissions"))
    forms: ClassVar = {"admit": forms.AdmitForm, "renew": forms.AdmitForm, "suspend": forms.SuspendForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Admission:
        return queries.get_admission(actor=actor, admission_id=kwargs["pk"])

    def head(self, row: Admission, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.contractor.name, code=row.contractor.code, subtitle=_("承包商准入"))

    def facts(self, row: Admission, actor: Actor) -> Sequence[Fact]:
        names, own = rules.names_of(RuleGroup.WORK), _("企业")
        clauses = listed(AgreementClause(one).label for one in row.agreement_clauses)
        signed = " / ".join(one for one in (row.signed_own, row.signed_contractor) if one)
        facts = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("承包商"), value=contractor_link(row.contractor)),
            Fact(label=_("承包作业类别"), value=queries.works_text(row.works, names)),
            Fact(label=_("准入期限"), value=term(row.valid_from, row.valid_to)),
            Fact(label=_("准入意见"), value=row.text, wide=True),
            Fact(label=_("安全管理协议"), value=f"{row.agreement_number} {row.agreement_signed_date or ''}".strip(),
                 filled_by=own),
            Fact(label=_("协议期限"), value=term(row.agreement_from, row.agreement_to), filled_by=own),
            Fact(label=_("协议内容"), value=clauses, wide=True),
            Fact(label=_("作业范围"), value=row.agreement_scope, wide=True),
            Fact(label=_("安全保证金（元）"), value=row.deposit_yuan),
            Fact(label=_("协议签字人"), value=signed),
        ]  # fmt: skip
        if row.suspended_until is not None:
            facts.append(Fact(label=_("暂停至"), value=row.suspended_until))
        return facts

    def tabs(self, row: Admission, actor: Actor) -> Sequence[Tab]:
        judged = queries.checks_of(row)
        contracts = queries.contracts_of(row)
        found = queries.findings_of(row)
        keeps = may_keep(actor, row)
        return [
            Tab(name="items", label=_("准入审查"), count=len(judged), template="training/_admission_items.html",
                context=lambda: self._items(row, judged, keeps)),
            Tab(name="contracts", label=_("承包合同"), count=len(contracts), template="training/_work_contracts.html",
                context=lambda: {"contracts": contracts, "keeps": keeps, "works": rules.names_of(RuleGroup.WORK)}),
            Tab(name="findings", label=_("承包管理问题"), count=len(found),
                template="training/_contractor_findings.html",
                context=lambda: {"found": [(one, queries.sentence_of(one)) for one in found]}),
            Tab(name="violations", label=_("违章计分"), template="training/_violations.html",
                context=lambda: self._violations(row, actor)),
            Tab(name="files", label=_("协议附件"), template="training/_files.html",
                context=lambda: {"files": list(files_of(row)), "hides": False}),
        ]  # fmt: skip

    def _items(self, row: Admission, judged: Mapping[str, AdmissionCheck], keeps: bool) -> Mapping[str, Any]:
        files = files_of_many(AdmissionCheck, [one.pk for one in judged.values()])
        lines = [
            (one, check := judged.get(one.code), files.get(check.pk, []) if check else [])
            for one in rules.lines_of(RuleGroup.CHECK)
        ]
        scores = [check.score for _line, check, _files in lines if check is not None and check.score is not None]
        average = round(sum(scores) / len(scores)) if scores else None
        return {"items": lines, "average": average, "keeps": keeps, "today": timezone.localdate()}

    def _violations(self, row: Admission, actor: Actor) -> Mapping[str, Any]:
        names = {one.pk: one.name for one in queries.contracts_of(row)}
        scores = scores_of(file_id=row.file_id, contractor_id=row.contractor_id, day=timezone.localdate())
        found = list_violations(actor=actor).filter(file=row.file_id, contractor=row.contractor_id)[:50]
        return {
            "scores": [(names.get(one.contract_id, ""), one.points, one.band) for one in scores],
            "violations": list(found),
        }  # fmt: skip

    def actions(self, row: Admission, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if may_keep(actor, row) and not row.is_closed:
            for name, label in (
                ("item", _("审查项目")), ("agreement", _("登记安全管理协议")), ("contract", _("登记承包合同")),
            ):  # fmt: skip
                found.append(Action(name=name, label=label, url=reverse(f"training:admission_{name}", args=[row.pk])))
        if actor.has(RECORD) and not row.is_closed:
            found.append(Action(name="violation", label=_("登记违章"),
                                url=reverse("training:admission_violation", args=[row.pk])))  # fmt: skip
        return found

    def perform(
        self, *, actor: Actor, row: Admission, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.decide_admission(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


def term(first: date | None, last: date | None) -> str:
    return f"{first} – {last}" if first and last else ""


def may_keep(actor: Actor, row: Admission) -> bool:
    return actor.has(KEEP) and actor.organisation_id == row.file_id


class OfAdmission(CreatePage):
    """Something entered in an admission, by the enterprise; the address names it."""

    duty = KEEP
    button = gettext_lazy("保存")
    tab: ClassVar[str]

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_admission(actor=actor, admission_id=kwargs["pk"])
        if not may_keep(actor, self.row):
            raise NotPermitted
        self.lead = self.row.contractor.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:admission", args=[self.row.pk]) + f"?tab={self.tab}"


class JudgeItem(OfAdmission):
    title = gettext_lazy("审查项目")
    form = forms.ItemForm
    tab = "items"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        code = self.request.GET.get("code", "")
        before = queries.checks_of(self.row).get(code)
        names = ("result", "score", "number", "valid_to", "note")
        return {"code": code, **({name: getattr(before, name) for name in names} if before else {})}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        services.judge_item(actor=actor, row=self.row, now=now, **{**given, "files": files})
        return self.back_url()


class WriteAgreement(OfAdmission):
    title = gettext_lazy("登记安全管理协议")
    form = forms.AgreementForm
    tab = "files"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return forms.agreement_of(self.row)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        services.write_agreement(actor=actor, row=self.row, known=given, files=files, now=now)
        return self.back_url()


class NewContract(OfAdmission):
    title = gettext_lazy("登记承包合同")
    form = forms.ContractForm
    tab = "contracts"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.add_contract(actor=actor, row=self.row, known=given, now=now, client_id=client_id)
        return self.back_url()


class NewLowerContract(OfAdmission):
    """A contract under another: entered so that it can be seen."""

    title = gettext_lazy("登记分包合同")
    form = forms.LowerContractForm
    tab = "contracts"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.upper = queries.get_contract(admission=self.row, contract_id=kwargs["contract_id"])
        self.lead = _("“%(name)s”的分包。") % {"name": self.upper.name}  # type: ignore[misc]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        others = queries.list_contractors(actor=actor).exclude(pk=self.upper.contractor_id)
        form.fields["contractor"].queryset = others  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.add_contract(
            actor=actor, row=self.row, known=given, upper=self.upper, contractor=given["contractor"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class MendContract(OfAdmission):
    title = gettext_lazy("登记方案审查、交底和终止")
    form = forms.ContractMendForm
    tab = "contracts"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.contract = queries.get_contract(admission=self.row, contract_id=kwargs["contract_id"])
        self.lead = self.contract.name  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {name: getattr(self.contract, name) for name in ("plan_date", "brief_date", "ended_date")}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.mend_contract(actor=actor, row=self.row, contract=self.contract, now=now, **given)
        return self.back_url()
