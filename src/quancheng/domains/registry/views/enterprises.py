"""Pages of enterprises: the register, the new entry, one file with everything in it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms import enterprises as forms
from quancheng.domains.registry.kinds import Kind, Life
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.queries import products as product_queries
from quancheng.domains.registry.queries import restrictions
from quancheng.domains.registry.queries.completeness import gap_choices, town_choices
from quancheng.domains.registry.services import enterprises as services
from quancheng.domains.registry.services.dossier import ask_for_dossier
from quancheng.domains.registry.services.enterprises import ENTER, KEEP, VERIFY, VIEW, EnterpriseSpec
from quancheng.domains.registry.services.filings import PREPARE
from quancheng.domains.registry.services.places import accept_population
from quancheng.domains.registry.views import codes as code_views
from quancheng.domains.registry.views import completeness, environment, extras, quality, rights, storage, words
from quancheng.domains.registry.views import filed as filing
from quancheng.domains.registry.views.checks import check_tab
from quancheng.domains.registry.views.clues import Doubles
from quancheng.domains.registry.views.places import Surroundings
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.vault import services as vault

#: Changes beside the facts; the whole story stands in its tab.
_RECENT = 15


class EnterpriseList(ListPage):
    """The register of enterprises (企业档案)."""

    code = "registry.enterprises"
    title = gettext_lazy("企业档案")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="pinyin", card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("grade", gettext_lazy("重大危险源"), value=lambda row: words.hazard(row.legal_grade), sort="legal_grade",
               card="meta"),
        Column("score", gettext_lazy("完整度（%）"), numeric=True, sort="score", card="meta",
               render=lambda row: completeness.percent(row.score)),
        Column("life", gettext_lazy("经营状态"), value=lambda row: row.get_life_display(), sort="life"),
        Column("units", gettext_lazy("单元数"), value=lambda row: row.unit_count, numeric=True, sort="unit_count"),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.supervisor.label,
               sort="supervisor__pinyin"),
        Column("verified_at", gettext_lazy("核验时间"), sort="verified_at"),
        Column("credit_code", gettext_lazy("统一社会信用代码"), value=lambda row: row.enterprise.credit_code or "",
               shown=False),
        Column("more_kinds", gettext_lazy("兼营类别"), value=lambda row: words.classes(row.more_kinds), shown=False),
        Column("links", gettext_lazy("链条环节"), value=lambda row: words.links(row.links), shown=False),
        Column("size", gettext_lazy("企业规模"), value=lambda row: row.get_size_display(), shown=False),
        Column("registered_address", gettext_lazy("注册地址"), shown=False, width="wide"),
        Column("address", gettext_lazy("实际经营地址"), shown=False, width="wide"),
        Column("system", gettext_lazy("坐标系"), value=lambda row: "" if row.lon is None else "CGCS2000", shown=False),
        Column("lon", gettext_lazy("经度"), shown=False, numeric=True),
        Column("lat", gettext_lazy("纬度"), shown=False, numeric=True),
        Column("emergency_phone", gettext_lazy("24小时应急电话"), shown=False),
        Column("industry", gettext_lazy("行业"), shown=False),
        Column("registration_code", gettext_lazy("化学品登记企业编码"), shown=False),
        Column("staff_count", gettext_lazy("从业人数"), shown=False, numeric=True),
        Column("updated_at", gettext_lazy("更新时间"), sort="updated_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代码、地址"), pinned=True, fields=("words",)),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="life", label=gettext_lazy("经营状态"), choices=Life.choices, field="life"),
        Choice(name="score", label=gettext_lazy("完整度"), choices=completeness.BAND_CHOICES, multiple=True,
               narrows=completeness.band),
        Choice(name="gap", label=gettext_lazy("缺少"), choices=gap_choices,
               narrows=lambda code: Q(completeness__gaps__contains=[code])),
        Flag(name="standing", label=gettext_lazy("不看已关闭退出的"), condition=lambda actor: ~Q(life=Life.CLOSED)),
        Flag(name="major", label=gettext_lazy("只看重大危险源"), condition=lambda actor: Q(legal_grade__isnull=False)),
        Flag(name="unverified", label=gettext_lazy("只看未核验"), condition=lambda actor: Q(verified_at__isnull=True)),
    )  # fmt: skip
    imports = ("registry.enterprises",)
    empty_title = gettext_lazy("还没有企业档案")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_enterprises(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("registry:enterprise", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记企业"), reverse("registry:enterprise_new"))] if actor.has(ENTER) else []


class NewEnterprise(CreatePage):
    title = gettext_lazy("登记企业")
    lead = gettext_lazy("登记后企业可自行补充设施、存量和证照，由监管牵头部门核验。")
    duty = ENTER
    form = forms.EnterForm
    back = "registry:enterprises"
    button = gettext_lazy("登记")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: given[name] for name in ("address", "lon", "lat", "emergency_phone")}
        spec = EnterpriseSpec(
            name=given["name"], credit_code=given["credit_code"], kind=given["kind"], area=given["area"], known=known
        )
        file = services.enter_enterprise(actor=actor, spec=spec, now=now, client_id=client_id)
        return reverse("registry:enterprise", args=[file.pk])


class OpenOwnFile(CreatePage):
    title = gettext_lazy("建立本单位档案")
    lead = gettext_lazy("先选企业类别和地址，其余内容可以随后补充；保存后由监管牵头部门核验。")
    duty = KEEP
    form = forms.OpenForm
    back = "web:today"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name != "kind"}
        file = services.open_own_file(actor=actor, kind=given["kind"], known=known, now=now, client_id=client_id)
        return reverse("registry:enterprise", args=[file.pk])


class OwnFile(View):
    """Leads to the file of one's own organisation, or to the page that opens it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        if not actor.has(VIEW):
            actor.require(KEEP)
        file = queries.own_file(actor=actor)
        return redirect("registry:own_new") if file is None else redirect("registry:enterprise", file.pk)


class EnterprisePage(ObjectPage[Enterprise]):
    """One enterprise, one file (一企一档): everything known, gaps and contradictions first."""

    template = "registry/enterprise.html"
    part = "registry/_enterprise.html"
    back = (gettext_lazy("企业档案"), lambda: reverse("registry:enterprises"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return queries.get_enterprise(actor=actor, file_id=kwargs["pk"])

    def head(self, row: Enterprise, actor: Actor) -> ObjectHead:
        shown = [marks.badge(row.get_life_display(), "quiet")]
        if row.legal_grade is not None:
            shown.append(marks.badge(words.hazard(row.legal_grade), "active"))
        shown += rights.head_marks(row)
        return ObjectHead(
            title=row.enterprise.name,  # type: ignore[union-attr]
            code=row.enterprise.credit_code or "",  # type: ignore[union-attr]
            subtitle=row.get_kind_display(),
            marks=shown,
        )

    def facts(self, row: Enterprise, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        more = listed(str(dict(Kind.choices)[one]) for one in row.more_kinds)
        verified = _("未核验")
        if row.verified_at is not None:
            verified = _("%(day)s 已核验") % {"day": words.day(row.verified_at)}
        return [
            Fact(label=_("兼营类别"), value=more),
            Fact(label=_("企业规模"), value=row.get_size_display(), filled_by=own),
            Fact(label=_("所在镇街"), value=row.area.name if row.area else "", filled_by=_("镇街")),
            Fact(label=_("监管牵头部门"), value=row.supervisor.label),
            Fact(label=_("注册地址"), value=row.registered_address, filled_by=own),
            Fact(label=_("实际经营地址"), value=row.address, filled_by=own),
            Fact(label=_("经纬度（CGCS2000）"), value=words.point(row.lon, row.lat), filled_by=own),
            Fact(label=_("24小时应急电话"), value=row.emergency_phone, filled_by=own),
            Fact(label=_("从业人数"), value=row.staff_count, filled_by=own),
            Fact(label=_("化学品登记企业编码"), value=row.registration_code),
            Fact(label=_("成立日期"), value=row.founded_date),
            Fact(label=_("厂界外500米常住人口"), value=words.people(row), filled_by=own,
                 help=_("用于重大危险源分级的校正系数α（GB 18218-2018 第4.3.3条）。")),
            Fact(label=_("核验情况"), value=verified),
            *Doubles(row).facts(),
        ]  # fmt: skip

    def tabs(self, row: Enterprise, actor: Actor) -> Sequence[Tab]:
        known = rights.rights_of(row)
        units, holdings = known.units, known.holdings
        return [
            Tab(name="units", label=_("单元和设施"), count=len(units), template="registry/_units.html",
                context=lambda: {"units": units}),
            Tab(name="stock", label=_("存量"), count=len(holdings), template="registry/_holdings.html",
                context=lambda: {"holdings": holdings, "with_place": True}),
            Tab(name="hazards", label=_("重大危险源"), count=known.hazard_count, template="registry/_hazards.html",
                context=lambda: {"hazards": queries.hazards_of(actor=actor, file=row)}),
            _surroundings(row).tab(),
            *rights.tabs(row),
            completeness.tab(row, actor),
            Tab(name="people", label=_("责任人员"), count=known.contact_count, template="registry/_contacts.html",
                context=lambda: {"contacts": [(one, masked(one.phone)) for one in queries.contacts_of(row)]}),
            Tab(name="products", label=_("产品"), count=known.product_count, template="registry/_products.html",
                context=lambda: {"products": product_queries.products_of(row)}),
            quality.enterprise_tab(row, actor, known.inspection_count),
            environment.enterprise_tab(row, actor, known.environment_count),
            Tab(name="codes", label=_("安全信息码"), template="registry/_enterprise_codes.html",
                context=lambda: code_views.of_enterprise(self.request, row)),
            check_tab(row, actor),
            Tab(name="leases", label=_("租赁"), count=known.lease_count, template="registry/_leases.html",
                context=lambda: {"leases": row.leases.order_by("pk")}),
            *extras.tabs_of(row, actor),
            Tab(name="timeline", label=_("时间线"), template="registry/_timeline_later.html"),
        ]  # fmt: skip

    def more_context(self, row: Enterprise, actor: Actor) -> dict[str, Any]:
        known = rights.rights_of(row)
        found = queries.findings_of(row, holdings=known.holdings, units=known.units)
        today = Calendar().local_date(timezone.now())
        listed = restrictions.findings_of(row, holdings=known.holdings, on=today)
        stored = storage.findings(known.stored)
        findings = [*rights.findings(row), *stored, *found, *listed]
        return {"findings": findings, **completeness.context(row, actor), "filed": filing.shown(row)}

    def history(self, row: Enterprise, actor: Actor) -> Sequence[HistoryLine]:
        return [
            HistoryLine(at=one.at, who=one.who, what=words.act(one.act), note=words.what(one.facts))
            for one in queries.changes_of(row, limit=_RECENT)
        ]

    def actions(self, row: Enterprise, actor: Actor) -> Sequence[Action]:
        found = []
        judges = actor.has(VERIFY) and row.supervisor_id == actor.organisation_id
        if judges and row.verified_at is None and row.merged_into_id is None:
            found.append(Action(name="verify", label=_("核验"), asks=True, primary=True))
        if services.may_keep(actor, row):
            found += [
                Action(name="unit", label=_("增加单元"), url=reverse("registry:unit_new", args=[row.pk]),
                       primary=not found),
                Action(name="change", label=_("修改档案"), asks=True),
                Action(name="product", label=_("增加产品"), url=reverse("registry:product_new", args=[row.pk])),
                Action(name="contact", label=_("登记责任人员"), asks=True),
                Action(name="leave", label=_("人员离任"), asks=True),
                Action(name="lease", label=_("登记租赁"), asks=True),
            ]  # fmt: skip
            found += [one for one in (_surroundings(row).action(actor), Doubles(row).action(actor)) if one]
        if row.pk == actor.organisation_id and actor.has(PREPARE) and not filing.is_under_way(row):
            found.append(Action(name="filing", label=_("发起备案"), url=reverse("registry:filing_new", args=[row.pk])))
        found.append(Action(name="dossier", label=_("导出档案（PDF）")))
        return found + rights.actions(row, actor)

    def form_for(
        self, action: Action, row: Enterprise, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if (of_rights := rights.form_for(action.name, row, data)) is not None:
            return of_rights
        known = {name: getattr(row, name) for name in services.FIELDS}
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "change": lambda: words.versioned(forms.ChangeForm, data, known, row.version),
            "verify": lambda: words.versioned(forms.VerifyForm, data, {}, row.version),
            "contact": lambda: forms.ContactForm(data),
            "leave": lambda: forms.LeaveContactForm(data, contacts=queries.contacts_of(row)),
            "lease": lambda: forms.LeaseForm(data, actor=actor),
            "population": lambda: _surroundings(row).form(data),
            "merge": lambda: Doubles(row).form(data, actor),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Enterprise, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> LongWork | None:  # fmt: skip
        if name == "dossier":
            return ask_for_dossier(actor=actor, file=row, now=now, client_id=client_id)
        if name == "change":
            changes = {key: value for key, value in given.items() if key in services.FIELDS}
            services.change_enterprise(actor=actor, file=row, version=given["version"], changes=changes, now=now)
        elif name == "verify":
            services.verify_enterprise(
                actor=actor, file=row, version=given["version"], remark=given["remark"], now=now
            )  # fmt: skip
        elif name == "contact":
            services.name_contact(actor=actor, file=row, now=now, **given)
        elif name == "leave":
            contact = next(one for one in queries.contacts_of(row) if str(one.pk) == given["contact"])
            services.leave_contact(actor=actor, file=row, contact=contact, now=now)
        elif name == "population":
            accept_population(actor=actor, file=row, now=now, **given)
        elif name == "merge":
            Doubles(row).perform(actor=actor, given=given, now=now)
        elif name == "lease":
            services.enter_lease(actor=actor, file=row, landlord=None, now=now, **given)
        else:
            rights.perform(actor=actor, row=row, name=name, given=given, now=now)
        return None


def _surroundings(row: Enterprise) -> Surroundings:
    """Read once for a request: the row lives no longer."""
    if not hasattr(row, "surroundings"):
        row.surroundings = Surroundings(row)  # type: ignore[attr-defined]
    found: Surroundings = row.surroundings  # type: ignore[attr-defined]
    return found


def masked(sealed: str) -> str:
    """A sealed telephone number as everybody sees it."""
    return vault.masked(vault.PHONE, sealed) if sealed else ""
