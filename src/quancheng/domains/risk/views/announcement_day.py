"""The office's day (承诺公告当日): who announced, who is late, doubts; rules, draws and their results; months."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.forms import announcements as forms
from quancheng.domains.risk.loops.announcement import DOUBT, SPOT_CHECK
from quancheng.domains.risk.models import Doubt, SpotCheck, SpotDraw
from quancheng.domains.risk.queries import announcement_figures as figures
from quancheng.domains.risk.queries import announcements as queries
from quancheng.domains.risk.services import announcement_rules, doubting, gate_screens, spot_checks
from quancheng.domains.risk.services.settings import RULES
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.announcements import today
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import commitment
from quancheng.standards.risk.basis import months_later

_REASONS = [(code, one.name.zh) for code, one in commitment.REASONS.items()]
#: What each count is called, and what narrows the list to it.
_COUNTS: dict[str, tuple[Any, dict[str, str]]] = {
    "owed": (gettext_lazy("应公告"), {}),
    "on_time": (gettext_lazy("按时"), {"punctual": "on_time"}),
    "late": (gettext_lazy("迟报、未报"), {"punctual": "late"}),
    "open": (gettext_lazy("待公告"), {"punctual": "open"}),
    "doubted": (gettext_lazy("有疑点"), {"doubted": "1"}),
    "uncontrolled": (gettext_lazy("有风险未受控"), {"uncontrolled": "1"}),
}


def _cells(line: figures.Line, asked: Mapping[str, str]) -> list[tuple[int, str]]:
    """Number and the list of its rows, for each count."""
    base = reverse("risk:announcements")
    return [
        (line.counts[name], f"{base}?{urlencode({**asked, **narrows})}") for name, (_label, narrows) in _COUNTS.items()
    ]


class AnnouncementDay(View):
    """Who of each town announced on a day, who is late, who is doubted."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "day":
                raise unknown_parameter(name)
        day = _day(request.GET.get("day", ""))
        lines = figures.by_town(actor=actor, day=day, now=timezone.now())
        total = figures.Line()
        for one in lines:
            total.add(one)
        asked = {"day_from": day.isoformat(), "day_to": day.isoformat()}
        rows = [
            (one, _cells(one, {**asked, **({"town": one.area.path} if one.area else {})})) for one in lines
        ]  # fmt: skip
        context = {
            "day": day, "rows": rows, "total": total, "sums": _cells(total, asked),
            "names": [label for label, _narrows in _COUNTS.values()], "may_draw": actor.has(spot_checks.CHECK),
            "open_url": reverse("announced:list"),
        }  # fmt: skip
        return render(request, "risk/announcement_day.html", context)


class AnnouncementMonths(View):
    """How punctual months were, for what the reader sees, by town if he asks."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "town":
                raise unknown_parameter(name)
        town, towns = request.GET.get("town", ""), town_choices(actor)
        if town and town not in {path for path, _name in towns}:
            raise unknown_parameter("town")
        rows = []
        for line in figures.by_month(actor=actor, town=town, now=timezone.now()):
            first = line.month or today()
            last = months_later(first, 1) - timedelta(days=1)
            asked = {"day_from": first.isoformat(), "day_to": last.isoformat()}
            rows.append((line, _cells(line, {**asked, **({"town": town} if town else {})})))
        context = {
            "rows": rows, "names": [label for label, _narrows in _COUNTS.values()],
            "towns": [(path, name, path == town) for path, name in towns],
        }  # fmt: skip
        return render(request, "risk/announcement_months.html", context)


def _day(text: str) -> date:
    if not text:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise unknown_parameter("day") from None


# Doubts -----------------------------------------------------------------------------------------------------------


def _finding(row: Doubt) -> Any:
    return format_html('<a href="{}">{}</a>', row.finding_url, row.finding_code) if row.finding_code else ""


class DoubtList(ListPage):
    """Doubts about announcements (公告疑点)."""

    code = "risk.doubts"
    title = gettext_lazy("承诺公告疑点")
    columns = (
        Column("day", gettext_lazy("公告日期"), sort="day", card="meta"),
        Column("title", gettext_lazy("企业"), link=True, sort="title", card="title"),
        Column("reason", gettext_lazy("疑点"), value=lambda row: words.doubt_reason(row.reason), sort="reason",
               card="meta", width="wide"),
        Column("said", gettext_lazy("公告与事实"), value=lambda row: "；".join(words.reasons(row.said)), width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("finding", gettext_lazy("隐患编号"), value=lambda row: row.finding_code, render=_finding,
               sort="finding_code"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), fields=("title",), pinned=True),
        Dates(name="day", label=gettext_lazy("公告日期"), field="day", pinned=True),
        Choice(name="reason", label=gettext_lazy("疑点"), field="reason", multiple=True,
               choices=lambda actor: [(code, words.doubt_reason(code)) for code, _name in _REASONS]),
        Choice(name="status", label=gettext_lazy("状态"), choices=DOUBT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有疑点")

    def queryset(self, actor: Actor) -> QuerySet[Doubt]:
        return queries.list_doubts(actor=actor)

    def url_of(self, row: Doubt) -> str:
        return reverse("risk:doubt", args=[row.pk])


class DoubtPage(ObjectPage[Doubt]):
    """One doubt: what was announced, what stands against it, what the enterprise says."""

    template = "risk/object.html"
    back = (gettext_lazy("承诺公告疑点"), lambda: reverse("risk:doubts"))
    forms = {"explain": forms.TextForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Doubt:
        return queries.get_doubt(actor=actor, doubt_id=kwargs["pk"])

    def head(self, row: Doubt, actor: Actor) -> ObjectHead:
        return ObjectHead(title=words.doubt_reason(row.reason), code=f"{row.day:%Y-%m-%d}", subtitle=row.title)

    def facts(self, row: Doubt, actor: Actor) -> Sequence[Fact]:
        link = format_html(
            '<a href="{}">{}</a>', reverse("risk:announcement", args=[row.announcement_id]), row.announcement
        )
        found = [
            Fact(label=_("企业"), value=words.link_to(row.announcement.file)),
            Fact(label=_("承诺公告"), value=link),
            Fact(label=_("公告与事实"), value="；".join(words.reasons(row.said)), wide=True),
            Fact(label=_("企业说明"), value=row.text, wide=True, filled_by=_("企业") if row.status == "ASKED" else ""),
        ]
        if row.decision:
            found.append(Fact(label=_("核实意见"), value=row.decision, wide=True))
        if row.finding_code:
            found.append(Fact(label=_("隐患"), value=_finding(row)))
        return found

    def perform(
        self, *, actor: Actor, row: Doubt, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "explain":
            doubting.explain_doubt(**common, text=given["text"])
        elif name in ("accept", "find"):
            doubting.judge_doubt(**common, name=name, reason=given["reason"])
        else:
            raise NotFound


# Spot checks ------------------------------------------------------------------------------------------------------


class SpotCheckList(ListPage):
    """Announcements drawn for a look on the spot (公告抽查)."""

    code = "risk.spot_checks"
    title = gettext_lazy("承诺公告抽查")
    columns = (
        Column("day", gettext_lazy("公告日期"), sort="day", card="meta"),
        Column("title", gettext_lazy("企业"), link=True, sort="title", card="title", width="wide"),
        Column("org", gettext_lazy("抽查单位"), value=lambda row: row.owner_org.name, card="meta"),
        Column("due_date", gettext_lazy("抽查期限"), sort="due_date"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("text", gettext_lazy("抽查结果"), width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), fields=("title",), pinned=True),
        Dates(name="day", label=gettext_lazy("公告日期"), field="day", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=SPOT_CHECK.choices, field="status", multiple=True,
               pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有抽查")

    def queryset(self, actor: Actor) -> QuerySet[SpotCheck]:
        return queries.list_spot_checks(actor=actor)

    def url_of(self, row: SpotCheck) -> str:
        return reverse("risk:spot_check", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if not actor.has(spot_checks.CHECK):
            return ()
        return [(gettext_lazy("抽取记录"), reverse("risk:draws")), (gettext_lazy("随机抽取"), reverse("risk:draw_new"))]


class SpotCheckPage(ObjectPage[SpotCheck]):
    """One announcement to be looked at on the spot."""

    template = "risk/object.html"
    back = (gettext_lazy("承诺公告抽查"), lambda: reverse("risk:spot_checks"))
    forms = {"match": forms.SeenForm, "differ": forms.SeenForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> SpotCheck:
        return queries.get_spot_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: SpotCheck, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=f"{row.day:%Y-%m-%d}", subtitle=_("承诺公告抽查"))

    def facts(self, row: SpotCheck, actor: Actor) -> Sequence[Fact]:
        link = format_html(
            '<a href="{}">{}</a>', reverse("risk:announcement", args=[row.announcement_id]), row.announcement
        )
        found = [
            Fact(label=_("企业"), value=words.link_to(row.announcement.file)),
            Fact(label=_("承诺公告"), value=link),
            Fact(label=_("抽查单位"), value=row.owner_org.name),
            Fact(label=_("抽查期限"), value=row.due_date),
            Fact(label=_("抽查结果"), value=row.text, wide=True, filled_by=_("抽查单位")),
        ]
        if row.owner_org_id == actor.organisation_id:
            draw = format_html('<a href="{}">{}</a>', reverse("risk:draw", args=[row.draw_id]), row.draw)
            found.append(Fact(label=_("抽取记录"), value=draw))
        return found

    def tabs(self, row: SpotCheck, actor: Actor) -> Sequence[Tab]:
        edition = queries.latest_edition(row.announcement)
        lines = words.number_lines(edition.lines) if edition else []
        return [Tab(name="numbers", label=_("公告事项"), template="risk/_announced_numbers.html",
                    context=lambda: {"groups": lines, "is_proposal": False})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: SpotCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("match", "differ"):
            raise NotFound
        spot_checks.record_spot_check(
            actor=actor, row=row, matched=name == "match", text=given["text"], now=now, client_id=client_id
        )


class NewDraw(CreatePage):
    title = gettext_lazy("随机抽取承诺公告")
    lead = gettext_lazy("先固定抽取范围，再生成随机种子；种子和范围都保留，任何人可以重算核对。")
    duty = spot_checks.CHECK
    form = forms.DrawForm
    back = "risk:spot_checks"
    button = gettext_lazy("抽取")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"day": today(), "size": 3, "special_only": True}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = spot_checks.draw_spot_checks(actor=actor, now=now, client_id=client_id, **given)
        return reverse("risk:draw", args=[made.pk])


class DrawList(ListPage):
    """Draws with their seeds (抽取记录)."""

    code = "risk.draws"
    title = gettext_lazy("承诺公告抽取记录")
    columns = (
        Column("drawn_at", gettext_lazy("抽取时间"), sort="drawn_at", link=True, card="title"),
        Column("day", gettext_lazy("公告日期"), sort="day", card="meta"),
        Column("org", gettext_lazy("抽取单位"), value=lambda row: row.owner_org.name, card="meta"),
        Column("pool", gettext_lazy("抽取范围"), value=lambda row: len(row.pool), numeric=True),
        Column("chosen", gettext_lazy("抽中"), value=lambda row: len(row.chosen), numeric=True),
        Column("seed", gettext_lazy("随机种子")),
    )  # fmt: skip
    filters = (Dates(name="day", label=gettext_lazy("公告日期"), field="day", pinned=True),)
    empty_title = gettext_lazy("还没有抽取")

    def admit(self, actor: Actor) -> None:
        actor.require(spot_checks.CHECK)

    def queryset(self, actor: Actor) -> QuerySet[SpotDraw]:
        return queries.list_draws(actor=actor)

    def url_of(self, row: SpotDraw) -> str:
        return reverse("risk:draw", args=[row.pk])


class DrawPage(View):
    """One draw: pool, seed, ranks, and whether they give the same sample again."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        draw = queries.get_draw(actor=actor, draw_id=pk)
        named = {str(one.announcement_id): one for one in queries.list_spot_checks(actor=actor).filter(draw=draw)}
        ranked = commitment.draw(draw.pool, seed=draw.seed, size=len(draw.pool))
        rows = [(place, key, commitment.rank_of(draw.seed, key)[:16], named.get(key))
                for place, key in enumerate(ranked, start=1)]  # fmt: skip
        context = {"draw": draw, "rows": rows[:200], "is_same": spot_checks.is_reproducible(draw)}
        return render(request, "risk/draw.html", context)


# Screens and rules ------------------------------------------------------------------------------------------------


class NewScreen(CreatePage):
    title = gettext_lazy("生成公示屏地址")
    lead = gettext_lazy("地址不需要登录即可打开，只显示公告内容；泄露或更换屏幕时请停用后重新生成。")
    duty = None
    form = forms.ScreenForm
    button = gettext_lazy("生成地址")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if not gate_screens.may_keep_screens(actor, self.file):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk]) + "?tab=announcements"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        gate_screens.make_screen(actor=actor, file=self.file, name=given["name"], now=now)
        return self.back_url()


class RevokeScreen(CreatePage):
    title = gettext_lazy("停用公示屏地址")
    lead = gettext_lazy("停用后该地址不再显示任何内容，不能恢复。")
    duty = None
    form = django_forms.Form
    button = gettext_lazy("停用")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if not gate_screens.may_keep_screens(actor, self.file):
            raise NotPermitted
        self.screen = queries.get_screen(file=self.file, screen_id=kwargs["screen"])

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk]) + "?tab=announcements"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        gate_screens.revoke_screen(actor=actor, file=self.file, screen=self.screen, now=now)
        return self.back_url()


class AnnouncementRules(View):
    """Who owes an announcement by what hour now, and what the district set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor_of(request).require(RULES)
        rule = queries.rule_on(today())
        names = dict(Kind.choices)
        modes = [(told(one.name), told(commitment.MODES[rule.mode(code)])) for code, one in commitment.REASONS.items()]
        past = [(one, listed(names[kind] for kind in one.kinds), forms.mark_name(one.mark))
                for one in queries.past_rules()]  # fmt: skip
        context = {
            "rule": rule, "kinds": listed(names[kind] for kind in rule.kinds), "modes": modes, "past": past,
            "mark": forms.mark_name(rule.mark),
        }  # fmt: skip
        return render(request, "risk/announcement_rules.html", context)


class NewAnnouncementRule(CreatePage):
    title = gettext_lazy("设置承诺公告口径")
    lead = gettext_lazy("自起用日期起按新口径要求公告，此前的公告不变。")
    duty = RULES
    form = forms.AnnouncementRuleForm
    back = "risk:announcement_rules"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.AnnouncementRuleForm(*args, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        rule = queries.rule_on(today())
        modes = {f"mode_{code}": rule.mode(code) for code in commitment.REASONS}
        return {
            "kinds": list(rule.kinds), "with_hazard": rule.with_hazard, "due_time": rule.due_time,
            "grace_minutes": rule.grace_minutes, "working_days_only": rule.working_days_only,
            "asks_below": rule.asks_below, "sums": rule.sums, "mark": rule.mark, "from_date": today(), **modes,
        }  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told_names = (
            "kinds", "with_hazard", "due_time", "grace_minutes", "working_days_only", "asks_below", "sums", "mark",
            "reason", "from_date",
        )  # fmt: skip
        known = {name: given[name] for name in told_names}
        announcement_rules.set_announcement_rule(actor=actor, modes=self.asked.modes(), now=now, **known)
        return reverse("risk:announcement_rules")
