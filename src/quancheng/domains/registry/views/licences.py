"""Pages of licences: the register, one licence, the calendar of expiries, renewals, exits, how expiry is warned of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms import licences as forms
from quancheng.domains.registry.forms.enterprises import VerifyForm
from quancheng.domains.registry.loops.licence import LICENCE_EXIT
from quancheng.domains.registry.models import Licence, LicenceExit, LicenceRenewal
from quancheng.domains.registry.models.licences import LicenceState
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import licences as queries
from quancheng.domains.registry.services import expiry
from quancheng.domains.registry.services import licences as services
from quancheng.domains.registry.services.enterprises import VERIFY, may_keep
from quancheng.domains.registry.services.licences import FIELDS, RULES, LicenceSpec
from quancheng.domains.registry.views import words
from quancheng.domains.registry.views.keeping import FilePage
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


class LicenceList(ListPage):
    """Licences and permits (证照)."""

    code = "registry.licences"
    title = gettext_lazy("证照")
    columns = (
        Column("number", gettext_lazy("证号"), link=True, sort="number", card="meta"),
        Column("kind", gettext_lazy("证照种类"), value=lambda row: words.licence_kind(row.kind), sort="kind",
               card="title"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="meta", width="wide"),
        Column("state", gettext_lazy("状态"), value=lambda row: words.licence_state(row.state), sort="state",
               card="meta", render=lambda row: words.licence_mark(row.state)),
        Column("valid_to", gettext_lazy("有效期止"), value=lambda row: row.valid_to or words.endless(), card="meta",
               sort="valid_to"),
        Column("left", gettext_lazy("剩余天数"), value=lambda row: words.days_left(row.valid_to), numeric=True,
               sort="valid_to"),
        Column("renew_date", gettext_lazy("应申请延续日期"), sort="renew_date"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("issuer", gettext_lazy("发证机关"), sort="issuer"),
        Column("verified_at", gettext_lazy("核验时间"), sort="verified_at"),
        Column("credit_code", gettext_lazy("统一社会信用代码"), value=lambda row: row.enterprise.credit_code or "",
               shown=False),
        Column("valid_from", gettext_lazy("有效期起"), sort="valid_from", shown=False),
        Column("issued_date", gettext_lazy("发证日期"), sort="issued_date", shown=False),
        Column("way", gettext_lazy("经营方式"), value=lambda row: words.way_of_trade(row.way_of_trade), shown=False),
        Column("trading_address", gettext_lazy("证载经营（生产）地址"), shown=False, width="wide"),
        Column("legal_representative", gettext_lazy("证载法定代表人"), shown=False),
        Column("scope", gettext_lazy("许可范围"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("证号、企业名称"), pinned=True, fields=("number", "enterprise__name"),
               pinyin=("enterprise__pinyin", "enterprise__initials")),
        Choice(name="kind", label=gettext_lazy("证照种类"), choices=lambda actor: words.licence_kinds(), field="kind",
               multiple=True, pinned=True),
        Choice(name="state", label=gettext_lazy("状态"), choices=LicenceState.choices, field="state", multiple=True,
               pinned=True),
        Dates(name="ends", label=gettext_lazy("有效期止"), field="valid_to"),
        Flag(name="unverified", label=gettext_lazy("只看未核验"),
             condition=lambda actor: Q(verified_at__isnull=True)),
        Flag(name="standing", label=gettext_lazy("不看已换证的"),
             condition=lambda actor: Q(replaced_by__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有证照")
    empty_hint = gettext_lazy("在企业档案上登记证照，到期前系统按规则提醒。")

    def queryset(self, actor: Actor) -> QuerySet[Licence]:
        return queries.list_licences(actor=actor, on=timezone.localdate())

    def url_of(self, row: Licence) -> str:
        return reverse("registry:licence", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found = [
            (gettext_lazy("到期日历"), reverse("registry:licence_calendar")),
            (gettext_lazy("退出程序"), reverse("registry:licence_exits")),
        ]
        return [*found, (gettext_lazy("提醒规则"), reverse("registry:licence_rules"))] if actor.has(RULES) else found


class NewLicence(FilePage):
    title = gettext_lazy("登记证照")
    lead = gettext_lazy("照证照原文填写。新证登记后，同种同号或同一地址的旧证标为已换证；到期提醒按有效期计算。")
    form = forms.LicenceForm
    button = gettext_lazy("登记")
    tab = "licences"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        organisation = self.file.enterprise
        return {
            "holder_name": organisation.name if organisation else "",
            "holder_code": (organisation.credit_code or "") if organisation else "",
        }

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        spec = LicenceSpec(
            kind=given["kind"], known=_printed(given), items=given["items"], evidence=evidence
        )  # fmt: skip
        row = services.enter_licence(actor=actor, file=self.file, spec=spec, now=now, client_id=client_id)
        return reverse("registry:licence", args=[row.pk])


def _printed(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in FIELDS}


class LicencePage(ObjectPage[Licence]):
    """One licence with its scope and scan."""

    template = "registry/object.html"
    back = (gettext_lazy("证照"), lambda: reverse("registry:licences"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Licence:
        return queries.get_licence(actor=actor, licence_id=kwargs["pk"], on=timezone.localdate())

    def head(self, row: Licence, actor: Actor) -> ObjectHead:
        state = row.state_on(timezone.localdate())
        return ObjectHead(
            title=words.licence_kind(row.kind), code=row.number, subtitle=row.enterprise.name,  # type: ignore[union-attr]
            marks=[words.licence_mark(state)],
        )  # fmt: skip

    def facts(self, row: Licence, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        verified = _("未核验") if row.verified_at is None else _("%(day)s 已核验") % {"day": words.day(row.verified_at)}
        facts = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("有效期起"), value=row.valid_from, filled_by=own),
            Fact(label=_("有效期止"), value=row.valid_to or words.endless()),
            Fact(label=_("应申请延续日期"), value=row.renew_date),
            Fact(label=_("发证日期"), value=row.issued_date, filled_by=own),
            Fact(label=_("发证机关"), value=row.issuer, filled_by=own),
            Fact(label=_("证载企业名称"), value=row.holder_name, filled_by=own),
            Fact(label=_("证载统一社会信用代码"), value=row.holder_code, filled_by=own),
            Fact(label=_("证载法定代表人"), value=row.legal_representative, filled_by=own),
            Fact(label=_("经营方式"), value=words.way_of_trade(row.way_of_trade)),
            Fact(label=_("证载注册地址"), value=row.registered_address, filled_by=own),
            Fact(label=_("证载经营（生产）地址"), value=row.trading_address, filled_by=own),
            Fact(label=_("证载储存地址"), value=row.storage_address),
            Fact(label=_("许可范围"), value=row.scope, wide=True),
            Fact(label=_("依据"), value=queries.kinds()[row.kind].basis),
            Fact(label=_("核验情况"), value=verified),
        ]
        if row.decision:
            said = _("%(day)s %(decision)s：%(reason)s") % {
                "day": row.decided_date, "decision": row.get_decision_display(), "reason": row.decided_reason
            }  # fmt: skip
            facts.insert(0, Fact(label=_("处理决定"), value=said, wide=True))
        if row.replaced_by is not None:
            newer = format_html(
                '<a href="{}">{}</a>', reverse("registry:licence", args=[row.replaced_by_id]), row.replaced_by.number
            )
            facts.insert(0, Fact(label=_("已换发新证"), value=newer))
        return facts

    def tabs(self, row: Licence, actor: Actor) -> Sequence[Tab]:
        items = queries.items_of(row)
        scans = files_of_many(Licence, [row.pk]).get(row.pk, [])
        return [
            Tab(name="items", label=_("许可品种"), count=len(items), template="registry/_licence_items.html",
                context=lambda: {"items": items}),
            Tab(name="files", label=_("扫描件"), count=len(scans), template="registry/_files.html",
                context=lambda: {"files": scans}),
        ]  # fmt: skip

    def actions(self, row: Licence, actor: Actor) -> Sequence[Action]:
        found = []
        ended = services.has_ended(row)
        judges = actor.has(VERIFY) and row.enterprise_id != actor.organisation_id and not ended
        if judges and row.verified_at is None:
            found.append(Action(name="verify", label=_("核验"), asks=True, primary=True))
        if may_keep(actor, row.file) and not ended:
            found.append(Action(name="change", label=_("更正证照"), asks=True))
        if judges:
            found.append(Action(name="decide", label=_("暂扣、吊销、注销"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Licence, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            known = {**forms.known_of(row, queries.items_of(row)), "version": row.version}
            carries = type(
                "LicenceChangeForm", (forms.LicenceChangeForm,),
                {"version": django_forms.IntegerField(widget=django_forms.HiddenInput)},
            )  # fmt: skip
            made: django_forms.Form = carries(data, files, initial=known)
            return made
        if action.name == "verify":
            return words.versioned(VerifyForm, data, {}, row.version)
        if action.name == "decide":
            return forms.DecideForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Licence, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.change_licence(
                actor=actor, licence=row, version=given["version"], known=_printed(given), items=given["items"],
                evidence=evidence, now=now,
            )  # fmt: skip
        elif name == "verify":
            services.verify_licence(
                actor=actor, licence=row, version=given["version"], remark=given["remark"], now=now
            )  # fmt: skip
        elif name == "decide":
            decision = "" if given["decision"] == "lift" else given["decision"]
            services.decide_licence(
                actor=actor, licence=row, decision=decision, decided_date=given["decided_date"],
                reason=given["reason"], now=now,
            )  # fmt: skip
        else:
            raise NotFound


class LicenceCalendar(View):
    """What runs out when (到期日历): month by month, the gravest first."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "kind":
                raise unknown_parameter(name)
        kind = request.GET.get("kind", "")
        if kind and kind not in queries.kinds():
            raise unknown_parameter("kind")
        today = timezone.localdate()
        context = {
            "months": queries.expiry_calendar(actor=actor, on=today, kind=kind),
            "kinds": [(code, name, code == kind) for code, name in words.licence_kinds()],
            "today": today,
        }
        return render(request, "registry/licence_calendar.html", context)


# Renewal and exit ------------------------------------------------------------------------------------------------


class RenewalPage(ObjectPage[LicenceRenewal]):
    """The renewal that an enterprise owes."""

    template = "registry/object.html"
    forms: ClassVar[Mapping[str, type[Form]]] = {"apply": forms.ApplyForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> LicenceRenewal:
        return queries.get_renewal(actor=actor, renewal_id=kwargs["pk"])

    def head(self, row: LicenceRenewal, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=row.enterprise.name if row.enterprise else "")

    def facts(self, row: LicenceRenewal, actor: Actor) -> Sequence[Fact]:
        licence = format_html(
            '<a href="{}">{}</a>', reverse("registry:licence", args=[row.licence_id]), row.licence.number
        )
        return [
            Fact(label=_("证照种类"), value=words.licence_kind(row.licence.kind)),
            Fact(label=_("证号"), value=licence),
            Fact(label=_("应申请延续日期"), value=row.due_date),
            Fact(label=_("有效期止"), value=row.expires_date),
            Fact(label=_("申请情况"), value=row.text, wide=True),
        ]

    def perform(
        self, *, actor: Actor, row: LicenceRenewal, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        expiry.answer_renewal(
            actor=actor, renewal=row, name=name, text=given.get("text") or given.get("reason", ""), now=now,
            client_id=client_id,
        )  # fmt: skip


class ExitList(ListPage):
    """Exits (退出程序)."""

    code = "registry.licence_exits"
    title = gettext_lazy("退出程序")
    columns = (
        Column("code", gettext_lazy("编号"), link=True, sort="code", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="title", width="wide"),
        Column("licence", gettext_lazy("证照"),
               value=lambda row: words.licence_kind(row.licence.kind) if row.licence else ""),
        Column("reason", gettext_lazy("启动原因"), width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("owner", gettext_lazy("监管牵头部门"), value=lambda row: row.owner_org.label),
        Column("created_at", gettext_lazy("启动时间"), sort="created_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、企业名称"), pinned=True, fields=("code", "enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=LICENCE_EXIT.choices, field="status", multiple=True,
               pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有退出程序")
    empty_hint = gettext_lazy("证照到期未换发新证时自动启动；不符合安全生产条件的，由监管牵头部门在企业档案上启动。")

    def queryset(self, actor: Actor) -> QuerySet[LicenceExit]:
        return queries.list_exits(actor=actor)

    def url_of(self, row: LicenceExit) -> str:
        return reverse("registry:licence_exit", args=[row.pk])


class ExitPage(ObjectPage[LicenceExit]):
    """The exit of one enterprise: ordered to stop, checked, closed or resumed."""

    template = "registry/object.html"
    back = (gettext_lazy("退出程序"), lambda: reverse("registry:licence_exits"))
    forms: ClassVar[Mapping[str, type[Form]]] = dict.fromkeys(
        ("order", "check", "close", "revoke", "resume"), forms.ExitStepForm
    )

    def get_row(self, actor: Actor, **kwargs: Any) -> LicenceExit:
        return queries.get_exit(actor=actor, exit_id=kwargs["pk"])

    def head(self, row: LicenceExit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code)

    def facts(self, row: LicenceExit, actor: Actor) -> Sequence[Fact]:
        licence = ""
        if row.licence is not None:
            licence = format_html(
                '<a href="{}">{} {}</a>', reverse("registry:licence", args=[row.licence_id]),
                words.licence_kind(row.licence.kind), row.licence.number,
            )  # fmt: skip
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("经营状态"), value=row.file.get_life_display()),
            Fact(label=_("证照"), value=licence),
            Fact(label=_("办理单位"), value=row.owner_org.label),
            Fact(label=_("启动原因"), value=row.reason, wide=True),
        ]

    def tabs(self, row: LicenceExit, actor: Actor) -> Sequence[Tab]:
        held = files_of_many(LicenceExit, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("材料"), count=len(held), template="registry/_files.html",
                    context=lambda: {"files": held})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: LicenceExit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        evidence = receive_uploads(actor=actor, uploads=given.get("evidence") or [], now=now)
        expiry.move_exit(
            actor=actor, row=row, name=name, text=given.get("text") or given.get("reason", ""), evidence=evidence,
            now=now, client_id=client_id,
        )  # fmt: skip


class OpenExit(CreatePage):
    title = gettext_lazy("启动退出程序")
    lead = gettext_lazy("对不符合安全生产条件的企业：责令停止、现场检查，再作关闭、吊销或恢复经营的处理。")
    duty = VERIFY
    form = forms.OpenExitForm
    button = gettext_lazy("启动")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = files.get_enterprise(actor=actor, file_id=kwargs["pk"])

    def back_url(self) -> str:
        return reverse("registry:enterprise", args=[self.file.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        row = expiry.open_exit(actor=actor, file=self.file, reason=given["reason"], evidence=evidence, now=now)
        return reverse("registry:licence_exit", args=[row.pk])


# Rules -----------------------------------------------------------------------------------------------------------


class LicenceRules(View):
    """How expiry of each kind is warned of."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(RULES)
        for name in request.GET:
            raise unknown_parameter(name)
        kinds = queries.kinds()
        rows = [(rule, words.licence_kind(code), kinds[code]) for code, rule in queries.rules().items()]
        return render(request, "registry/licence_rules.html", {"rows": rows})


class LicenceRulePage(CreatePage):
    title = gettext_lazy("修改提醒规则")
    duty = RULES
    form = forms.RuleForm
    back = "registry:licence_rules"
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.kind = kwargs["kind"]
        if self.kind not in queries.kinds():
            raise NotFound
        self.lead = words.licence_kind(self.kind)  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        rule = queries.rules()[self.kind]
        days = " ".join(str(one) for one in rule.warn_days)
        return {"warn_days": days, "renewal_days": rule.renewal_days, "exits": rule.exits}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_rule(actor=actor, kind=self.kind, now=now, **given)
        return reverse("registry:licence_rules")
