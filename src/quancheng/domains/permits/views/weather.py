"""Warnings of weather (气象预警): the register, one of them, entering one, and what each does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms import weather as forms
from quancheng.domains.permits.models import Kind, WarningColour, WarningKind, WeatherWarning
from quancheng.domains.permits.queries import weather as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.queries.weather import WEATHER
from quancheng.domains.permits.services import weather as services
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.weather import WeatherRule, weather_rules

#: Permits on a warning's page at most.
_MOST = 100


def colour_mark(row: WeatherWarning) -> Any:
    return marks.warning(row.colour.lower(), row.get_colour_display())


def state_of(row: WeatherWarning, now: datetime) -> str:
    """Whether it is in force, begins later, ended or ran out."""
    if row.ended_at is not None and row.ended_at < row.valid_to:
        return _("已解除")
    if row.ended_at is not None or row.valid_to <= now:
        return _("已失效")
    return _("生效中") if row.valid_from <= now else _("未到生效时间")


def where_of(row: WeatherWarning) -> str:
    """The area, or the enterprise whose detector told it."""
    return enterprise_of(row) or row.over.name


class WarningList(ListPage):
    """The register of warnings, which everybody who sees permits reads."""

    code = "permits.weather"
    title = gettext_lazy("气象预警")
    columns = (
        Column("kind", gettext_lazy("预警类别"), value=lambda row: row.get_kind_display(), link=True, sort="kind",
               card="title"),
        Column("colour", gettext_lazy("预警级别"), value=lambda row: row.get_colour_display(), render=colour_mark,
               card="meta"),
        Column("state", gettext_lazy("状态"), value=lambda row: state_of(row, timezone.now()), card="meta"),
        Column("over", gettext_lazy("预警区域"), value=where_of, sort="over__path", card="meta"),
        Column("valid_from", gettext_lazy("生效时间"), sort="valid_from", card="meta"),
        Column("valid_to", gettext_lazy("失效时间"), sort="valid_to", card="meta"),
        Column("ended_at", gettext_lazy("解除时间"), sort="ended_at", shown=False),
        Column("issuer", gettext_lazy("发布单位"), width="wide"),
        Column("reference", gettext_lazy("预警编号"), shown=False),
        Column("owner_org", gettext_lazy("录入单位"), value=lambda row: row.owner_org.name, shown=False),
        Column("stopped_count", gettext_lazy("停止作业数"), numeric=True, sort="stopped_count"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、内容、发布单位"), pinned=True,
               fields=("reference", "text", "issuer")),
        Flag(name="standing", label=gettext_lazy("只看生效中的"), pinned=True,
             condition=lambda actor: queries.in_force(timezone.now())),
        Choice(name="kind", label=gettext_lazy("预警类别"), choices=WarningKind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="colour", label=gettext_lazy("预警级别"), choices=WarningColour.choices, field="colour",
               multiple=True),
        Dates(name="valid", label=gettext_lazy("生效时间"), field="valid_from", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有气象预警")
    empty_hint = gettext_lazy("录入或由气象服务接口接收预警后，受影响的露天作业自动暂停，解除前不能开始或恢复。")

    def queryset(self, actor: Actor) -> QuerySet[WeatherWarning]:
        return queries.list_warnings(actor=actor)

    def url_of(self, row: WeatherWarning) -> str:
        return reverse("permits:weather_warning", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.supervises and actor.has(WEATHER):
            found.append((gettext_lazy("录入预警"), reverse("permits:weather_new")))
        return [*found, (gettext_lazy("预警处置规则"), reverse("permits:weather_rules"))]


class NewWarning(CreatePage):
    """A warning as it was issued; at once it stops what it stops."""

    title = gettext_lazy("录入预警")
    lead = gettext_lazy("预警生效后，区域内受影响的露天作业立即暂停并通知企业；预警解除前不能开始或恢复。")
    duty = WEATHER
    form = forms.WarningForm
    back = "permits:weather"
    button = gettext_lazy("发布预警")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.WarningForm(*args, actor=actor, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"valid_from": now, "valid_to": now + timedelta(hours=6)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.tell_warning(actor=actor, told=services.Told(**given), now=now, client_id=client_id)
        return reverse("permits:weather_warning", args=[row.pk])


class WarningPage(ObjectPage[WeatherWarning]):
    """One warning, what it does, and which permits are at work or stand under it."""

    back = (gettext_lazy("气象预警"), lambda: reverse("permits:weather"))
    forms: ClassVar = {"end": forms.EndForm}
    own_acts: ClassVar = {"end": gettext_lazy("解除预警")}

    def get_row(self, actor: Actor, **kwargs: Any) -> WeatherWarning:
        return queries.get_warning(actor=actor, warning_id=kwargs["pk"])

    def head(self, row: WeatherWarning, actor: Actor) -> ObjectHead:
        shown = [colour_mark(row), marks.badge(state_of(row, timezone.now()), "active")]
        return ObjectHead(title=str(row), code=row.reference, subtitle=where_of(row), marks=shown)

    def facts(self, row: WeatherWarning, actor: Actor) -> Sequence[Fact]:
        rule = queries.rule_of(row)
        return [
            Fact(label=_("预警区域"), value=row.over.full_name, wide=True),
            *([Fact(label=_("企业"), value=enterprise_of(row))] if row.enterprise is not None else []),
            Fact(label=_("生效时间"), value=row.valid_from), Fact(label=_("失效时间"), value=row.valid_to),
            Fact(label=_("停止的作业"), value=_kinds(rule.stops) if rule else ""),
            Fact(label=_("不得开始的作业"), value=_kinds(rule.forbids) if rule else ""),
            Fact(label=_("依据"), value=f"{rule.clause or said(rule.text)} [{rule.mark}]" if rule else "", wide=True),
            Fact(label=_("预警内容"), value=row.text, wide=True),
            Fact(label=_("发布单位"), value=row.issuer), Fact(label=_("停止作业数"), value=row.stopped_count),
            Fact(label=_("录入单位"), value=row.owner_org.name), Fact(label=_("录入人"), value=row.entered_by),
            Fact(label=_("录入时间"), value=row.entered_at), Fact(label=_("解除时间"), value=row.ended_at),
            Fact(label=_("解除人"), value=row.ended_by), Fact(label=_("解除说明"), value=row.end_note, wide=True),
        ]  # fmt: skip

    def tabs(self, row: WeatherWarning, actor: Actor) -> Sequence[Tab]:
        rows = queries.touched(actor=actor, warning=row)
        number = rows.count()
        return [Tab(
            "permits", _("区域内进行和暂停的作业"), template="permits/_weather_permits.html", count=number,
            context=lambda: {"permits": list(rows[:_MOST]), "number": number, "is_cut": number > _MOST},
        )]  # fmt: skip

    def actions(self, row: WeatherWarning, actor: Actor) -> Sequence[Action]:
        may = actor.has(WEATHER) and actor.organisation_id == row.owner_org_id
        stands = row.ended_at is None and row.valid_to > timezone.now()
        return [Action(name="end", label=_("解除预警"), primary=True, asks=True)] if may and stands else []

    def perform(
        self, *, actor: Actor, row: WeatherWarning, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.end_warning(actor=actor, warning=row, now=now, client_id=client_id, **given)


# What warnings do --------------------------------------------------------------------------------------------------


def _kinds(codes: frozenset[str]) -> str:
    return _("、").join(str(label) for code, label in Kind.choices if code in codes) or _("无")


def _shown(rule: WeatherRule) -> dict[str, Any]:
    row = WeatherWarning(kind=rule.warning, colour=rule.colour)
    return {
        "rule": rule, "name": row.get_kind_display(), "mark": colour_mark(row), "text": said(rule.text),
        "stops": _kinds(rule.stops), "forbids": _kinds(rule.forbids),
    }  # fmt: skip


class WeatherRules(View):
    """All rules as they stand; who may set them finds the link."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            raise unknown_parameter(name)
        rows = [_shown(one) for one in queries.standing_rules().values()]
        return render(request, "permits/weather_rules.html", {"rows": rows, "may_set": actor.has(RULES)})


class SetWeatherRule(CreatePage):
    """What a warning of a colour does from now on."""

    title = gettext_lazy("设置预警处置规则")
    lead = gettext_lazy("自保存起按新设置执行；已经暂停的作业不因此恢复。")
    duty = RULES
    form = forms.WeatherRuleForm
    template = "permits/weather_rule.html"
    back = "permits:weather_rules"
    button = gettext_lazy("保存设置")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        key = (kwargs["warning"], kwargs["colour"])
        if key not in weather_rules():
            raise NotFound
        self.key, self.rule = key, queries.standing_rules()[key]

    @property
    def shown(self) -> dict[str, Any]:
        return _shown(self.rule)

    @property
    def changes(self) -> list[dict[str, Any]]:
        return [
            {"row": one, "stops": _kinds(frozenset(one.stops)), "forbids": _kinds(frozenset(one.forbids))}
            for one in queries.changes_of(*self.key)
        ]  # fmt: skip

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"forbids": sorted(self.rule.forbids), "stops": sorted(self.rule.stops)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_weather_rule(
            actor=actor, warning=self.key[0], colour=self.key[1], now=now, client_id=client_id, **given
        )
        return reverse("permits:weather_rules")
