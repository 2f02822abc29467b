"""Pages of filings: the list, one filing with what it says and what changed, its receipt, the rules."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms import filings as forms
from quancheng.domains.registry.kinds import ContactRole
from quancheng.domains.registry.loops.filing import FILING
from quancheng.domains.registry.models import (
    Contact,
    Enterprise,
    Facility,
    Filing,
    Holding,
    Lease,
    Licence,
    MajorHazard,
    PostHolder,
    Product,
    Unit,
)
from quancheng.domains.registry.queries import enterprises as files
from quancheng.domains.registry.queries import filings as queries
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.services import filings as services
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.standards import filing as standard
from quancheng.standards.enterprise_classes import FACTS

_MODELS: dict[str, type[models.Model]] = {
    "base": Enterprise, "people": Contact, "leases": Lease, "units": Unit, "facilities": Facility, "stock": Holding,
    "licences": Licence, "posts": PostHolder, "products": Product, "hazards": MajorHazard,
}  # fmt: skip
_LABELS = {
    ("base", "name"): gettext_lazy("企业名称"), ("base", "credit_code"): gettext_lazy("统一社会信用代码"),
    ("licences", "items"): gettext_lazy("许可品种"),
}  # fmt: skip


# Words -----------------------------------------------------------------------------------------------------------


def _language() -> str:
    return translation.get_language() or "zh"


def rule_name(filing: Filing) -> str:
    """What called for it, in the reader's language."""
    rule = queries.shipped_rules().get(filing.rule)
    return _("主动备案") if rule is None else rule.name.in_language(_language())


def rule_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(code, rule.name.in_language(_language())) for code, rule in queries.shipped_rules().items()]


def section_name(code: str) -> str:
    return standard.SECTIONS[code].in_language(_language()) if code in standard.SECTIONS else code


def fact_name(fact: str) -> str:
    """``base.address`` as people say it."""
    section, _dot, rest = fact.partition(".")
    if not rest:
        return section_name(section)
    if section == "people":
        return str(dict(ContactRole.choices).get(rest, rest))
    if section == "posts":
        return words.post_name(rest)
    return _column_label(section, rest)


def _column_label(section: str, column: str) -> str:
    if (section, column) in _LABELS:
        return str(_LABELS[(section, column)])
    try:
        field = _MODELS[section]._meta.get_field(column)
    except (KeyError, FieldDoesNotExist):
        return column
    return str(getattr(field, "verbose_name", column))


def _row_name(section: str, row: str) -> str:
    """A row by what people call it: codes in words."""
    first, _blank, rest = row.partition(" ")
    if section == "people":
        return f"{dict(ContactRole.choices).get(first, first)} {rest}"
    if section == "posts":
        return f"{words.post_name(first)} {rest}"
    if section == "licences":
        return f"{words.licence_kind(first)} {rest}"
    return row


def _value(section: str, column: str, value: Any) -> str:
    if value is None:
        return "—"
    if column == "boundary" and isinstance(value, Mapping):
        return _("已标绘")
    if column == "more_kinds":
        return words.classes(value)
    if column == "processes":
        return words.processes(value)
    if column == "way_of_trade":
        return words.way_of_trade(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return listed(str(one) for one in value)
    try:
        field: Any = _MODELS[section]._meta.get_field(column)
    except (KeyError, FieldDoesNotExist):
        return str(value)
    if isinstance(field, models.DecimalField):
        return shown(Decimal(value))
    return str(dict(field.flatchoices or ()).get(value, value))


# The list --------------------------------------------------------------------------------------------------------


class FilingList(ListPage):
    """Filings of enterprise files (档案备案)."""

    code = "registry.filings"
    title = gettext_lazy("档案备案")
    columns = (
        Column("code", gettext_lazy("编号"), link=True, sort="code", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="title", width="wide"),
        Column("rule", gettext_lazy("备案依据"), value=rule_name, sort="rule", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("due_date", gettext_lazy("备案期限"), sort="due_date"),
        Column("number", gettext_lazy("回执编号"), sort="number"),
        Column("certified_at", gettext_lazy("提交时间"), sort="certified_at"),
        Column("received_at", gettext_lazy("接收时间"), sort="received_at"),
        Column("score", gettext_lazy("填报时完整度（%）"), numeric=True, sort="score"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.supervisor.label, shown=False),
        Column("prepared_by", gettext_lazy("备案填报人"), shown=False),
        Column("certified_by", gettext_lazy("承诺人"), shown=False),
        Column("digest", gettext_lazy("内容摘要（SHA-256）"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、回执编号、企业"), pinned=True,
               fields=("code", "number", "enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=FILING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="rule", label=gettext_lazy("备案依据"), choices=rule_choices, field="rule"),
        Dates(name="due", label=gettext_lazy("备案期限"), field="due_date"),
        Flag(name="open", label=gettext_lazy("只看未办结"), condition=lambda actor: Q(closed_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有档案备案")
    empty_hint = gettext_lazy("按备案规则到期或档案变动后，系统向企业提出备案；企业也可以在本单位档案上主动备案。")

    def queryset(self, actor: Actor) -> QuerySet[Filing]:
        return queries.list_filings(actor=actor)

    def url_of(self, row: Filing) -> str:
        return reverse("registry:filing", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("备案规则"), reverse("registry:filing_rules"))]


class NewFiling(CreatePage):
    title = gettext_lazy("发起备案")
    lead = gettext_lazy("先由填报人核对档案并完成填报，再由另一人承诺属实后提交监管牵头部门。")
    duty = services.PREPARE
    form = forms.BeginForm
    button = gettext_lazy("发起")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = files.get_enterprise(actor=actor, file_id=kwargs["pk"])
        if self.file.pk != actor.organisation_id:
            raise NotPermitted(_("只能为本单位的档案备案。"))

    def back_url(self) -> str:
        return reverse("registry:enterprise", args=[self.file.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        filing = services.begin_filing(
            actor=actor, file=self.file, reason=given["reason"], now=now, client_id=client_id
        )
        return reverse("registry:filing", args=[filing.pk])


# One filing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part of what a filing says: rows, each with its columns in words."""

    name: str
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """One line of what changed since the former filing."""

    section: str
    row: str
    column: str
    before: str
    after: str
    kind: str


class FilingPage(ObjectPage[Filing]):
    """One filing: prepared, certified, received; what it says, and what changed since the one before."""

    template = "registry/object.html"
    back = (gettext_lazy("档案备案"), lambda: reverse("registry:filings"))
    forms: ClassVar[Mapping[str, type[Form]]] = {
        "prepare": forms.PrepareForm, "certify": forms.CertifyForm, "receive": forms.ReceiveForm
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Filing:
        return queries.get_filing(actor=actor, filing_id=kwargs["pk"])

    def head(self, row: Filing, actor: Actor) -> ObjectHead:
        return ObjectHead(
            title=row.enterprise.name if row.enterprise else "", code=row.code, subtitle=rule_name(row)
        )

    def facts(self, row: Filing, actor: Actor) -> Sequence[Fact]:
        rule = queries.shipped_rules().get(row.rule)
        basis = "" if rule is None else f"{rule.basis}（{words.mark(rule.mark)}）"
        own = row.enterprise.name if row.enterprise else ""
        link = format_html('<a href="{}">{}</a>', reverse("registry:enterprise", args=[row.file_id]), own)
        number: Any = row.number
        if row.number:
            number = format_html(
                '<a href="{}">{}</a>', reverse("registry:filing_receipt", args=[row.pk]), row.number
            )
        return [
            Fact(label=_("企业"), value=link),
            Fact(label=_("备案依据"), value=basis or row.reason),
            Fact(label=_("变动内容"), value=listed(fact_name(one) for one in row.changed)),
            Fact(label=_("备案期限"), value=row.due_date),
            Fact(label=_("填报"), value=words.stamp(row.prepared_at, row.prepared_by), filled_by=_("备案填报人")),
            Fact(label=_("填报时完整度"), value="" if row.score is None else f"{row.score}%"),
            Fact(label=_("承诺并提交"), value=words.stamp(row.certified_at, row.certified_by), filled_by=_("承诺人")),
            Fact(label=_("回执编号"), value=number),
            Fact(label=_("接收时间"), value=row.received_at, filled_by=row.supervisor.label),
            Fact(label=_("内容摘要（SHA-256）"), value=row.digest, wide=True),
        ]  # fmt: skip

    def tabs(self, row: Filing, actor: Actor) -> Sequence[Tab]:
        return [
            Tab(name="changes", label=_("与上次备案比较"), template="registry/_filing_changes.html",
                context=lambda: _compared(row)),
            Tab(name="content", label=_("备案内容"), template="registry/_filing_content.html",
                context=lambda: {"parts": _parts(row.snapshot)}),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Filing, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        acts: dict[str, Callable[[], Filing]] = {
            "prepare": lambda: services.prepare_filing(actor=actor, filing=row, now=now, client_id=client_id),
            "certify": lambda: services.certify_filing(
                actor=actor, filing=row, agreed=given["agreed"], now=now, client_id=client_id
            ),
            "receive": lambda: services.receive_filing(
                actor=actor, filing=row, text=given["text"], now=now, client_id=client_id
            ),
        }
        if name in acts:
            acts[name]()
        elif name in ("send_back", "return", "withdraw"):
            services.answer_filing(
                actor=actor, filing=row, name=name, reason=given.get("reason", ""), now=now, client_id=client_id
            )
        else:
            raise NotFound


def _parts(snapshot: Mapping[str, Any] | None) -> list[PartShown]:
    found = []
    for section in standard.SECTIONS:
        rows = [
            (_row_name(section, row), [
                (_column_label(section, column), _value(section, column, value)) for column, value in columns.items()
            ])
            for row, columns in (snapshot or {}).get(section, {}).items()
        ]  # fmt: skip
        if rows:
            found.append(PartShown(section_name(section), rows))
    return found


def _compared(filing: Filing) -> dict[str, Any]:
    """What differs from the former filing; a draft says nothing yet."""
    former = queries.former_filing(filing)
    after = filing.snapshot
    shown = [
        DifferenceShown(
            section_name(one.section), _row_name(one.section, one.row),
            _column_label(one.section, one.column) if one.column else "",
            _value(one.section, one.column, one.before) if one.column else "",
            _value(one.section, one.column, one.after) if one.column else "", one.kind,
        )
        for one in (queries.differences(former.snapshot, after) if former is not None and after is not None else [])
    ]  # fmt: skip
    return {"former": former, "differences": shown, "is_draft": after is None}


class FilingReceipt(View):
    """The receipt of a filing (备案回执), for print."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        for name in request.GET:
            raise unknown_parameter(name)
        filing = queries.get_filing(actor=actor_of(request), filing_id=pk)
        if not filing.number:
            raise NotFound
        return render(request, "registry/filing_receipt.html", {"row": filing, "rule": rule_name(filing)})


# Rules -----------------------------------------------------------------------------------------------------------


class FilingRules(View):
    """When a file is to be filed, and what asks for it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            raise unknown_parameter(name)
        language = _language()
        rows = [
            (one, one.rule.name.in_language(language), standard.TRIGGERS[one.rule.trigger].in_language(language),
             standard.UNITS[one.rule.unit].in_language(language), _bound(one.rule),
             listed(fact_name(fact) for fact in one.rule.facts), one.rule.note.in_language(language))
            for one in queries.set_rules().values()
        ]  # fmt: skip
        given = {"rows": rows, "may_set": actor.has(services.RULES)}
        return render(request, "registry/filing_rules.html", given)


def _bound(rule: standard.FilingRule) -> str:
    same = [one for one in standard.filing_rules() if one.code == rule.code]
    if rule.classes == ("*",):
        said = _("全部类别") if not rule.excepted else _("除%(classes)s外") % {"classes": words.classes(rule.excepted)}
    else:
        said = words.classes([code for one in same for code in one.classes])
    facts = sorted({one.needs for one in same if one.needs})
    if facts:
        said += _("（%(facts)s的）") % {"facts": listed(FACTS[one].in_language(_language()) for one in facts)}
    return said


class FilingRulePage(CreatePage):
    title = gettext_lazy("修改备案规则")
    duty = services.RULES
    form = forms.RuleForm
    back = "registry:filing_rules"
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.code = kwargs["code"]
        rule = queries.shipped_rules().get(self.code)
        if rule is None:
            raise NotFound
        unit = standard.UNITS[rule.unit].in_language(_language())
        self.lead = _("%(name)s。期限单位：%(unit)s。已提出的备案按原期限办理。") % {  # type: ignore[misc]
            "name": rule.name.in_language(_language()), "unit": unit
        }  # fmt: skip

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        rule = queries.set_rules()[self.code]
        return {"days": rule.days, "is_active": rule.is_active}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_filing_rule(actor=actor, code=self.code, now=now, **given)
        return reverse("registry:filing_rules")
