"""Alarms (报警): the list that people work from, and acknowledging several at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from quancheng.domains.monitoring.forms.alarms import AcknowledgeForm
from quancheng.domains.monitoring.loops.alarm import ALARM, SILENT, UNACKNOWLEDGED
from quancheng.domains.monitoring.models import Alarm, LimitName
from quancheng.domains.monitoring.queries import alarms as queries
from quancheng.domains.monitoring.services import alarms as services
from quancheng.domains.monitoring.views import alarm_words as words
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, Text, TooLarge
from quancheng.kernel.pages.filters import Choice, Control, Dates, Flag, Search
from quancheng.kernel.pages.given import known_key
from quancheng.kernel.pages.lists import Asked, BulkAction, Column, ListPage, ViewTab
from quancheng.kernel.pages.respond import add_toast, add_trigger, is_htmx, redirect_to
from quancheng.kernel.people.actors import actor_of

#: Alarms of one acknowledgement.
MOST_AT_ONCE = 200
#: Views of the list, the first is what it opens with.
VIEWS = {
    "open": gettext_lazy("未关闭"), "wait": gettext_lazy("未确认"), "answer": gettext_lazy("待反馈"),
    "review": gettext_lazy("待核实"), "silent": gettext_lazy("搁置、抑制、停用"), "all": gettext_lazy("全部"),
}  # fmt: skip
_STATES = {
    "wait": UNACKNOWLEDGED, "answer": ("ACKED", "FEEDBACK"), "review": ("REVIEW",), "silent": SILENT,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _View(Choice):
    """Which alarms: those that are open unless something else is chosen, by priority and age."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        chosen = given.get(self.name) or "open"
        if chosen not in VIEWS:
            raise self.refuse(_("没有这个选项。"))
        if chosen == "all":
            return rows
        rows = rows.filter(status__in=_STATES[chosen]) if chosen in _STATES else rows.exclude(status="CLOSED")
        waits = Case(When(status__in=UNACKNOWLEDGED, then=Value(0)), default=Value(1), output_field=IntegerField())
        return rows.order_by("priority", waits, "raised_at", "pk")

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        chosen = given.get(self.name) or "open"
        choices: list[tuple[str, Text, bool]] = [(code, label, code == chosen) for code, label in VIEWS.items()]
        return Control("pick", self.name, self.label, self.pinned, [chosen], choices, error=error)

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return f"{self.label}：{VIEWS[given.get(self.name) or 'open']}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesser(Flag):
    """During a flood lesser alarms of its site are left out, unless they are asked for: by this, or by priority."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        value = given.get(self.name, "")
        if value not in ("", "1"):
            raise self.refuse(_("没有这个选项。"))
        if value or given.getlist("priority") or given.get("view") == "all":
            return rows
        floods = queries.open_flood_ids()
        return rows.exclude(priority__gte=3, flood__in=floods) if floods else rows


def _when(name: str) -> Any:
    return lambda row: getattr(row, name)


class AlarmList(ListPage):
    """Alarms, the open ones first by priority and age; drawn anew when one comes or somebody does something."""

    code = "monitoring.alarms"
    title = pgettext_lazy("several", "报警")
    columns = (
        Column("priority", gettext_lazy("优先级"), render=words.priority, sort="priority", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=words.state, sort="status",
               card="meta"),
        Column("title", gettext_lazy("报警"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("raised_at", gettext_lazy("发生时间"), sort="raised_at", card="meta"),
        Column("lasted", gettext_lazy("持续"), value=words.lasted),
        Column("limit_value", gettext_lazy("限值"), value=lambda row: words.value(row, row.limit_value), numeric=True,
               shown=False),
        Column("acknowledged_by", gettext_lazy("确认人"),
               value=lambda row: row.acknowledged_by.name if row.acknowledged_by else ""),
        Column("action", gettext_lazy("确认措施"), value=lambda row: row.get_action_display(), shown=False),
        Column("again_count", gettext_lazy("重复次数"), numeric=True, sort="again_count", shown=False),
        Column("type", gettext_lazy("报警类型"), value=lambda row: row.get_type_display(), sort="type", shown=False),
        Column("tag", gettext_lazy("点位"), value=lambda row: row.tag.name, shown=False),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code, sort="tag__code", shown=False),
        Column("value", gettext_lazy("报警值"), value=lambda row: words.value(row, row.value), numeric=True,
               shown=False),
        Column("peak_value", gettext_lazy("极值"), value=lambda row: words.value(row, row.peak_value), numeric=True,
               shown=False),
        Column("is_critical", gettext_lazy("安全关键"), value=_when("is_critical"), shown=False),
        Column("cleared_at", gettext_lazy("恢复时间"), value=_when("cleared_at"), sort="cleared_at", shown=False),
        Column("respond_by", gettext_lazy("确认期限"), value=_when("respond_by"), sort="respond_by", shown=False),
        Column("acknowledged_at", gettext_lazy("确认时间"), value=_when("acknowledged_at"), sort="acknowledged_at",
               shown=False),
        Column("feedback_by", gettext_lazy("反馈期限"), value=_when("feedback_by"), sort="feedback_by", shown=False),
        Column("reason", gettext_lazy("报警原因"), value=lambda row: words.reason(row.reason), shown=False),
        Column("measures", gettext_lazy("处置措施"), value=_when("measures"), shown=False),
        Column("answered_at", gettext_lazy("反馈时间"), value=_when("answered_at"), sort="answered_at", shown=False),
        Column("closed_at", gettext_lazy("关闭时间"), value=_when("closed_at"), sort="closed_at", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        _View(name="view", label=gettext_lazy("视图"), choices=()),
        Search(name="q", label=gettext_lazy("点位编码、名称"), pinned=True, fields=("tag__name", "tag__code")),
        Choice(name="priority", label=gettext_lazy("优先级"), choices=lambda actor: words.priority_choices(),
               field="priority", multiple=True, pinned=True),
        Choice(name="type", label=gettext_lazy("报警类型"), choices=LimitName.choices, field="type", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ALARM.choices, field="status", multiple=True),
        Search(name="enterprise", label=gettext_lazy("企业"), fields=("file__enterprise__name",),
               pinyin=("file__pinyin",)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="raised", label=gettext_lazy("发生时间"), field="raised_at", times=True),
        Flag(name="late", label=gettext_lazy("只看超过期限的"), condition=lambda actor: _is_late()),
        Flag(name="critical", label=gettext_lazy("只看安全关键的"), condition=lambda actor: Q(is_critical=True)),
        _Lesser(name="lesser", label=gettext_lazy("泛滥时也显示3、4级"), condition=lambda actor: Q()),
    )  # fmt: skip
    bulk = (BulkAction(gettext_lazy("确认"), lambda: reverse("monitoring:alarms_acknowledge"), duty=services.ANSWER,
                       icon="check"),)  # fmt: skip
    has_acts = True
    is_live = True
    template = "monitoring/alarms.html"
    summary = "monitoring/_alarms_now.html"
    empty_title = gettext_lazy("没有报警")
    empty_hint = gettext_lazy("有新的报警时，本页自动显示。")

    def queryset(self, actor: Actor) -> QuerySet[Alarm]:
        return queries.list_alarms(actor=actor)

    def url_of(self, row: Alarm) -> str:
        return reverse("monitoring:alarm", args=[row.pk])

    def acts(self, row: Alarm, actor: Actor) -> Any:
        """The one thing that waits for this person, as a link that works without script."""
        offered = ""
        is_own = actor.organisation_id == row.owner_org_id
        if row.status in UNACKNOWLEDGED and is_own and actor.has(services.ANSWER):
            offered, label = "ack" if row.status == "UNACK" else "ack_returned", _("确认")
        elif row.status == "FEEDBACK" and is_own and actor.has(services.ANSWER):
            offered, label = "answer", _("反馈")
        elif row.status == "REVIEW" and is_own and actor.has("monitoring.confirm"):
            offered, label = "confirm", _("核实")
        elif row.answered_at is not None and actor.supervises and actor.has(services.REVIEW):
            offered, label = "review", _("抽查")
        if not offered:
            return ""
        mark = "data-ack" if offered.startswith("ack") else "data-act"
        url = self.url_of(row) + ("" if offered == "confirm" else f"?act={offered}")
        return format_html('<a class="btn btn-plain" href="{}" {}="{}">{}</a>', url, mark, row.pk, label)

    def more_context(self, actor: Actor) -> dict[str, Any]:
        return {"ack_form": AcknowledgeForm(auto_id="ack-%s") if actor.has(services.ANSWER) else None}

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        return {"floods": [] if asked.given.get("view") == "all" else queries.open_floods(actor=actor)}

    def _tabs(self, path: str, actor: Actor, query: str) -> list[ViewTab]:
        saved = super()._tabs(path, actor, query)[1:]
        chosen = QueryDict(query).get("view") or "open"
        views = [
            ViewTab(label, path if code == "open" else f"{path}?view={code}",
                    code == chosen and not any(one.current for one in saved), "")
            for code, label in VIEWS.items()
        ]  # fmt: skip
        return [*views, *saved]


def _is_late() -> Q:
    """Whose time to acknowledge or to answer is over."""
    now = timezone.now()
    return Q(status__in=UNACKNOWLEDGED, respond_by__lt=now) | Q(status__in=("ACKED", "FEEDBACK"), feedback_by__lt=now)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one alarm of several."""

    row: Alarm
    refusal: str


@require_POST
def acknowledge_several(request: HttpRequest) -> HttpResponse:
    """Acknowledge the alarms that were ticked: asked what is done, then each with a result of its own.

    From the dialog of the list (htmx) the answer is a notice, and the list draws itself anew.
    """
    actor = actor_of(request)
    actor.require(services.ANSWER)
    rows = queries.alarms_among(actor=actor, ids=_ids(request))
    if not rows:
        return redirect_to(request, reverse("monitoring:alarms"), toast=_("请先勾选报警。"))
    form = AcknowledgeForm(request.POST if "confirmed" in request.POST else None)
    if form.is_bound and form.is_valid():
        results = [_one(actor, row, form.cleaned_data) for row in rows]
        done = sum(not result.refusal for result in results)
        said = ngettext("已确认 %(count)s 项报警。", "已确认 %(count)s 项报警。", done) % {"count": done}
        if is_htmx(request):
            return _told(results, said)
        return render(request, "monitoring/alarms_done.html", {"results": results, "said": said})
    status = 422 if form.is_bound else 200
    if is_htmx(request):
        return add_toast(HttpResponse(status=204), _("请选择采取的措施。"), kind="warning")
    open_ones = [(row, row.status in UNACKNOWLEDGED and row.owner_org_id == actor.organisation_id) for row in rows]
    return render(request, "monitoring/alarms_act.html", {"rows": open_ones, "form": form}, status=status)


def _told(results: Sequence[Result], said: str) -> HttpResponse:
    refused = [result for result in results if result.refusal]
    if refused:
        said += " " + "；".join(f"{one.row.title}：{one.refusal}" for one in refused[:3])
    answer = add_toast(HttpResponse(status=204), said, kind="warning" if refused else "success")
    return add_trigger(answer, "mon:acknowledged")


def _one(actor: Actor, row: Alarm, given: dict[str, Any]) -> Result:
    """Each is an act of its own: one that is refused holds up no other."""
    try:
        services.acknowledge(actor=actor, row=row, action=given["action"], comment=given["comment"], now=timezone.now())
    except DomainError as refused:
        return Result(row, " ".join(map(str, refused.fields.values() or [refused.message])))
    return Result(row, "")


def _ids(request: HttpRequest) -> list[uuid.UUID]:
    texts = request.POST.getlist("ids")
    if len(texts) > MOST_AT_ONCE:
        raise TooLarge(_("一次最多处理 %(most)s 件。") % {"most": MOST_AT_ONCE}, code="too_many_items")
    keys = [known_key(text) for text in texts]
    if None in keys:
        raise Invalid
    return [key for key in keys if key is not None]
