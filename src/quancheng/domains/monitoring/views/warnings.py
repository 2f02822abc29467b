"""Pages of warnings by the four colours (风险预警)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.forms import warnings as forms
from quancheng.domains.monitoring.loops.warning import RISK_WARNING
from quancheng.domains.monitoring.models import RiskWarning, WarningCheck, WarningColour
from quancheng.domains.monitoring.queries import warning_terms
from quancheng.domains.monitoring.queries import warnings as queries
from quancheng.domains.monitoring.queries.offline import list_silent
from quancheng.domains.monitoring.services import warnings as services
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.notices.queries import address_of_row
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk.colours import Colour
from quancheng.standards.signals.responses import FIVE_RULES, WHY


def colour_word(colour: int) -> str:
    """A colour as a warning, in words that no emergency plan uses."""
    return _("%(colour)s预警") % {"colour": WarningColour(colour).label}


def colour_mark(row: RiskWarning | WarningCheck) -> Any:
    """The colour as a mark with its word."""
    return marks.warning(Colour(row.colour).name.lower(), colour_word(row.colour))


def reasons(row: RiskWarning) -> str:
    """Everything that spoke for it."""
    return listed(told(WHY[code]) for code in row.reasons if code in WHY)


_COLOURS = [(str(one.value), one.label) for one in WarningColour]


class WarningList(ListPage):
    """Warnings, the newest first."""

    code = "monitoring.warnings"
    title = gettext_lazy("风险预警")
    columns = (
        Column("title", gettext_lazy("预警"), link=True, card="title", width="wide"),
        Column("colour", gettext_lazy("颜色"), value=lambda row: colour_word(row.colour), render=colour_mark,
               sort="colour", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("reasons", gettext_lazy("预警原因"), value=reasons, width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               shown=False),
        Column("hazard", gettext_lazy("重大危险源"), value=lambda row: row.hazard.name if row.hazard else "",
               shown=False),
        Column("raised_at", gettext_lazy("预警时间"), sort="raised_at", card="meta"),
        Column("respond_by", gettext_lazy("响应时限"), sort="respond_by"),
        Column("responded_at", gettext_lazy("响应时间"), sort="responded_at"),
        Column("escalated", gettext_lazy("升级次数"), value=lambda row: row.escalated_count, sort="escalated_count",
               numeric=True),
        Column("closed_at", gettext_lazy("解除时间"), sort="closed_at"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), pinned=True, fields=("title", "file__enterprise__name")),
        Choice(name="colour", label=gettext_lazy("颜色"), choices=_COLOURS, field="colour", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=RISK_WARNING.choices, field="status", multiple=True),
        Flag(name="open", label=gettext_lazy("只看未解除的"), pinned=True,
             condition=lambda actor: ~Q(status="CLOSED")),
        Flag(name="late", label=gettext_lazy("只看逾期未响应升级的"),
             condition=lambda actor: Q(escalated_count__gt=0)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="raised", label=gettext_lazy("预警时间"), field="raised_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有风险预警")
    empty_hint = gettext_lazy("预警由系统按报警及其处置情况、接入源离线情况自动发出，与应急预案的预警分级含义不同。")

    def queryset(self, actor: Actor) -> QuerySet[RiskWarning]:
        return queries.list_warnings(actor=actor)

    def url_of(self, row: RiskWarning) -> str:
        return reverse("monitoring:warning", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("预警响应时限"), reverse("monitoring:warning_terms"))]


class WarningPage(ObjectPage[RiskWarning]):
    """One warning: why, what each side must do, what it did."""

    back = (gettext_lazy("风险预警"), lambda: reverse("monitoring:warnings"))
    forms = {
        "respond": forms.RespondForm, "report": forms.ReportForm, "finish": forms.ReportForm,
        "accept": forms.AcceptForm, "submit": forms.AcceptForm, "return": forms.ReturnForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> RiskWarning:
        return queries.get_warning(actor=actor, warning_id=kwargs["pk"])

    def head(self, row: RiskWarning, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, marks=[colour_mark(row)])

    def facts(self, row: RiskWarning, actor: Actor) -> Sequence[Fact]:
        asked = FIVE_RULES[Colour(row.colour)]
        first = colour_word(row.facts_colour) if row.facts_colour != row.colour else ""
        by = [row.responded_by.name] if row.responded_by else []
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("重大危险源"), value=row.hazard.name if row.hazard else ""),
            Fact(label=_("预警原因"), value=reasons(row), wide=True),
            Fact(label=_("按事实的颜色"), value=first, help=_("逾期未响应的，颜色逐级升高。")),
            Fact(label=_("预警时间"), value=row.raised_at),
            Fact(label=_("本级预警时间"), value=row.turned_at),
            Fact(label=_("企业须做"), value=told(asked.enterprise), wide=True),
            Fact(label=_("监管部门须做"), value=told(asked.authority), wide=True),
            Fact(label=_("解除条件"), value=self._close(row), wide=True),
            Fact(label=_("升级次数"), value=row.escalated_count),
            Fact(label=_("响应时限"), value=row.respond_by),
            Fact(label=_("响应"), value=listed([row.response, *by]) if row.response else "", filled_by=_("企业"),
                 wide=True),
            Fact(label=_("报告时限"), value=row.report_by),
            Fact(label=_("处置报告"), value=row.report, filled_by=_("企业"), wide=True),
            Fact(label=_("监管部门"), value=row.supervisor.label),
            Fact(label=_("解除时间"), value=row.closed_at),
        ]  # fmt: skip

    def _close(self, row: RiskWarning) -> str:
        if row.closed_at is not None:
            return ""
        until = services.calm_at(row, timezone.now())
        if until is None:
            return _("引发预警的情况消除并平稳一段时间后方可解除。")
        return _("情况已消除，%(at)s起可以解除。") % {"at": f"{timezone.localtime(until):%Y-%m-%d %H:%M}"}

    def tabs(self, row: RiskWarning, actor: Actor) -> Sequence[Tab]:
        alarms = queries.alarms_of(row)
        checks = queries.checks_of(actor=actor, row=row)
        shown = [(one, address_of_row(one.row_type(), one.pk)) for one in alarms]
        found = [Tab("alarms", _("未关闭的报警"), template="monitoring/_warning_alarms.html", count=len(alarms),
                     context=lambda: {"alarms": shown})]  # fmt: skip
        if row.hazard_id is None and (silent := list_silent(actor=actor, file_id=row.file_id)):
            found.append(Tab("silent", _("离线的接入源"), template="monitoring/_warning_silent.html", count=len(silent),
                             context=lambda: {"outages": silent}))  # fmt: skip
        if checks or actor.supervises:
            found.append(Tab("checks", _("核查"), template="monitoring/_warning_checks.html", count=len(checks),
                             context=lambda: {"checks": checks}))  # fmt: skip
        return found

    def actions(self, row: RiskWarning, actor: Actor) -> Sequence[Action]:
        """The moves of the loop, as far as they belong to the colour: blue ends by the enterprise, red by a leader."""
        is_blue, is_red = row.colour == WarningColour.BLUE, row.colour == WarningColour.RED
        away = {"finish" if not is_blue else "report", "accept" if is_red else "submit"}
        return [one for one in loopview.actions_of(row, actor) if one.name not in away]

    def perform(
        self, *, actor: Actor, row: RiskWarning, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        about = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        match name:
            case "respond":
                services.respond(**about, response=given["response"])  # type: ignore[arg-type]
            case "report" | "finish":
                services.report(**about, text=given["report"])  # type: ignore[arg-type]
            case "accept" | "submit":
                services.accept(**about, note=given["note"])  # type: ignore[arg-type]
            case "return":
                services.send_back(**about, reason=given["reason"])  # type: ignore[arg-type]
            case "approve":
                services.approve(**about)  # type: ignore[arg-type]
            case _:
                raise NotFound


class CheckPage(ObjectPage[WarningCheck]):
    """What the office owes of a warning."""

    forms = {"verify": forms.VerifyForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> WarningCheck:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def way_back(self, row: WarningCheck) -> tuple[Any, str]:
        return row.warning.title, reverse("monitoring:warning", args=[row.warning_id])

    def head(self, row: WarningCheck, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, marks=[colour_mark(row)])

    def facts(self, row: WarningCheck, actor: Actor) -> Sequence[Fact]:
        address = reverse("monitoring:warning", args=[row.warning_id])
        return [
            Fact(label=_("预警"), value=format_html('<a href="{}">{}</a>', address, row.warning.title), wide=True),
            Fact(label=_("预警原因"), value=reasons(row.warning), wide=True),
            Fact(label=_("须做"), value=told(FIVE_RULES[Colour(row.colour)].authority), wide=True),
            Fact(label=_("须有通话记录"), value=_("是") if row.needs_call else _("否")),
            Fact(label=_("核查结论"), value=row.get_verdict_display(), filled_by=row.owner_org.label),
            Fact(label=_("核查情况和决定"), value=row.note, filled_by=row.owner_org.label, wide=True),
            Fact(label=_("通话记录"), value=row.call, wide=True),
            Fact(label=_("核查人"), value=row.done_by.name if row.done_by else ""),
            Fact(label=_("核查时间"), value=row.done_at),
        ]

    def perform(
        self, *, actor: Actor, row: WarningCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "verify":
            raise NotFound
        services.verify(actor=actor, row=row, now=now, client_id=client_id, **given)


class WarningTerms(View):
    """What each colour asks for: in force, and what was set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, today = actor_of(request), Calendar().local_date(timezone.now())
        terms = warning_terms.terms_on(today)
        rows = [
            (colour_word(colour), [terms.figures.get(f"{colour.name.lower()}_{part}") for part in warning_terms.PARTS])
            for colour in Colour
        ]
        quality = terms.figures.get(warning_terms.QUALITY)
        context = {
            "title": _("预警响应时限"), "rows": rows,
            "heads": [_("企业响应"), _("企业报告"), _("监管部门核查"), _("解除前须平稳")],
            "lead": _("风险预警按报警处置和接入源离线定色，与应急预案的预警分级含义不同。单位：秒；空白表示不要求。"),
            "more": _("数据中断、卡滞、仪表故障持续%(seconds)s秒以上算数据质量事件。") % {"seconds": quality},
            "is_shipped": terms.is_shipped, "past": list(warning_terms.list_tables()[:50]),
            "new": reverse("monitoring:warning_terms_new") if actor.has(services.SET) else "",
        }  # fmt: skip
        return render(request, "monitoring/times.html", context)


class NewWarningTerms(CreatePage):
    """The table set from a day on."""

    title = gettext_lazy("设置预警响应时限")
    lead = gettext_lazy("自起用日期起发出或升级的预警按新的时限；已发出的不变。")
    duty = services.SET
    form = forms.WarningTableForm
    back = "monitoring:warning_terms"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        return {**warning_terms.terms_on(today).figures, "from_date": today}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        figures = {name: given[name] for name in warning_terms.NAMES}
        services.set_table(actor=actor, figures=figures, reason=given["reason"], from_date=given["from_date"], now=now)
        return reverse("monitoring:warning_terms")
