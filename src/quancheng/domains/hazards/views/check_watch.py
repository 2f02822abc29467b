"""Pages of stoppages and the looks at them, of made-up records, and of special periods."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from quancheng.domains.hazards.forms import checks as forms
from quancheng.domains.hazards.models import RecordFlag, SpecialPeriod, StopReview, UnitStop
from quancheng.domains.hazards.queries import check_records as record_queries
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.services import record_flags as flag_services
from quancheng.domains.hazards.services import special_periods as period_services
from quancheng.domains.hazards.services import unit_stops as services
from quancheng.domains.hazards.services.check_tasks import may_keep
from quancheng.domains.hazards.views import check_words as words
from quancheng.domains.hazards.views.check_tasks import FilePage
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views.words import in_language, link_to, versioned
from quancheng.domains.risk.views.words import link as risk_link
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.standards.risk.record_flags import FLAGS


class StopList(ListPage):
    """Stoppages and overhauls of units (停用、检修)."""

    code = "hazards.unit_stops"
    title = gettext_lazy("停用、检修记录")
    columns = (
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.unit.name, link=True, card="title"),
        Column("object", gettext_lazy("风险分析对象"), value=lambda row: row.unit.object.name),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("begins_at", gettext_lazy("开始时间"), sort="begins_at", card="meta"),
        Column("ends_at", gettext_lazy("结束时间"), sort="ends_at", card="meta"),
        Column("reason", gettext_lazy("停用原因"), width="wide"),
        Column("by_name", gettext_lazy("登记人"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("单元、企业、原因"), pinned=True,
               fields=("unit__name", "file__enterprise__name", "reason")),
        Flag(name="open", label=gettext_lazy("只看停用中的"),
             condition=lambda actor: Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有停用、检修记录")

    def queryset(self, actor: Actor) -> QuerySet[UnitStop]:
        return queries.list_stops(actor=actor)

    def url_of(self, row: UnitStop) -> str:
        return reverse("hazards:unit_stop", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if not actor.has("hazards.checks.keep") or actor.supervises:
            return []
        return [(gettext_lazy("登记停用、检修"), f"{reverse('hazards:check_own')}?to=stop")]


class NewStop(FilePage):
    title = gettext_lazy("登记停用、检修")
    lead = gettext_lazy("停用期间该单元的排查任务免查；超过30天，或同一重大危险源30%以上单元停用的，由监管部门核查。")
    form = forms.StopForm
    button = gettext_lazy("保存")
    back = "hazards:unit_stops"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"begins_at": now.replace(second=0)}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.StopForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.stop_unit(actor=actor, now=now, client_id=client_id, **given)
        return reverse("hazards:unit_stop", args=[made.pk])


class StopPage(ObjectPage[UnitStop]):
    """One stoppage."""

    template = "hazards/object.html"
    back = (gettext_lazy("停用、检修记录"), lambda: reverse("hazards:unit_stops"))

    def get_row(self, actor: Actor, **kwargs: Any) -> UnitStop:
        return queries.get_stop(actor=actor, stop_id=kwargs["pk"])

    def head(self, row: UnitStop, actor: Actor) -> ObjectHead:
        now = timezone.now()
        is_on = row.begins_at <= now and (row.ends_at is None or now < row.ends_at)
        return ObjectHead(title=row.unit.name, subtitle=row.unit.object.name,
                          marks=[marks.badge(_("停用中"), "active")] if is_on else [])  # fmt: skip

    def facts(self, row: UnitStop, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("风险分析单元"), value=risk_link("unit", row.unit)),
            Fact(label=_("开始时间"), value=row.begins_at),
            Fact(label=_("结束时间"), value=row.ends_at),
            Fact(label=_("停用原因"), value=row.reason, wide=True),
            Fact(label=_("登记人"), value=row.by_name),
        ]

    def tabs(self, row: UnitStop, actor: Actor) -> Sequence[Tab]:
        reviews = list(queries.list_stop_reviews(actor=actor).filter(Q(stop=row) | Q(object=row.unit.object_id)))
        return [
            Tab(name="reviews", label=_("停用核查"), count=len(reviews), template="hazards/_stop_reviews.html",
                context=lambda: {"reviews": [(one, in_language(one.text)) for one in reviews]}),
        ]  # fmt: skip

    def actions(self, row: UnitStop, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file):
            return ()
        return [Action(name="change", label=_("填写结束时间"), asks=True, primary=row.ends_at is None)]

    def form_for(
        self, action: Action, row: UnitStop, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "change":
            return versioned(forms.StopEndForm, data, {"ends_at": row.ends_at or timezone.now()}, row.version)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: UnitStop, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "change":
            raise NotFound
        services.change_stop(actor=actor, row=row, version=given["version"], ends_at=given["ends_at"], now=now)


class ReviewList(ListPage):
    """Looks at stoppages that are long or many (停用核查)."""

    code = "hazards.stop_reviews"
    title = gettext_lazy("停用核查")
    columns = (
        Column("title", gettext_lazy("核查事项"), link=True, card="title", width="wide",
               value=lambda row: f"{row.stop.unit.name if row.stop else row.object.name}：{in_language(row.text)}"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, card="meta"),
        Column("object", gettext_lazy("风险分析对象"), value=lambda row: row.object.name),
        Column("created_at", gettext_lazy("发现时间"), sort="created_at"),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事项、企业"), pinned=True, fields=("title", "file__enterprise__name")),
        Flag(name="open", label=gettext_lazy("只看未办结的"), condition=lambda actor: Q(closed_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有需要核查的停用")

    def queryset(self, actor: Actor) -> QuerySet[StopReview]:
        return queries.list_stop_reviews(actor=actor)

    def url_of(self, row: StopReview) -> str:
        return reverse("hazards:stop_review", args=[row.pk])


class ReviewPage(ObjectPage[StopReview]):
    """One look at a stoppage."""

    template = "hazards/object.html"
    back = (gettext_lazy("停用核查"), lambda: reverse("hazards:stop_reviews"))
    forms = {"accept": forms.CommentForm, "answer": forms.AnswerForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> StopReview:
        return queries.get_stop_review(actor=actor, review_id=kwargs["pk"])

    def head(self, row: StopReview, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.stop.unit.name if row.stop else row.object.name, subtitle=in_language(row.text))

    def facts(self, row: StopReview, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("风险分析对象"), value=risk_link("object", row.object)),
            Fact(label=_("停用记录"), value=words.link("unit_stop", row.stop) if row.stop else ""),
            Fact(label=_("发现的情形"), value=in_language(row.text)),
            Fact(label=_("核查意见"), value=row.comment, wide=True),
            Fact(label=_("企业说明"), value=row.answer, wide=True),
        ]

    def perform(
        self, *, actor: Actor, row: StopReview, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "review": row, "now": now, "client_id": client_id}
        acts: dict[str, Callable[[], Any]] = {
            "accept": lambda: services.judge_stop(**common, accepted=True, text=given["comment"]),
            "object": lambda: services.judge_stop(**common, accepted=False, text=given["reason"]),
            "answer": lambda: services.answer_review(**common, text=given["text"]),
        }
        acts[name]()


class FlagList(ListPage):
    """Signs that records were made up (排查记录异常)."""

    code = "hazards.record_flags"
    title = gettext_lazy("排查记录异常")
    columns = (
        Column("code", gettext_lazy("异常类型"), value=lambda row: words.flag(row.code), link=True, card="title",
               sort="code"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("text", gettext_lazy("情况"), value=lambda row: in_language(row.text), width="wide"),
        Column("number", gettext_lazy("记录数"), value=lambda row: len(row.records), numeric=True),
        Column("last_at", gettext_lazy("记录时间"), sort="last_at", card="meta"),
        Column("verdict", gettext_lazy("核查结论"), value=lambda row: row.get_verdict_display(), sort="verdict",
               card="meta"),
        Column("judged_at", gettext_lazy("核查时间"), sort="judged_at"),
        Column("comment", gettext_lazy("核查情况"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), pinned=True, fields=("file__enterprise__name",)),
        Choice(name="code", label=gettext_lazy("异常类型"), field="code", multiple=True,
               choices=lambda actor: [(code, words.flag(code)) for code in FLAGS]),
        Choice(name="verdict", label=gettext_lazy("核查结论"), pinned=True,
               choices=(("open", gettext_lazy("待核查")), ("confirmed", gettext_lazy("属实，认定造假")),
                        ("dismissed", gettext_lazy("排除"))),
               narrows=lambda code: Q(verdict="" if code == "open" else code)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有发现记录异常")

    def queryset(self, actor: Actor) -> QuerySet[RecordFlag]:
        return record_queries.list_flags(actor=actor)

    def url_of(self, row: RecordFlag) -> str:
        return reverse("hazards:record_flag", args=[row.pk])


class FlagPage(ObjectPage[RecordFlag]):
    """One sign with the records that show it."""

    template = "hazards/object.html"
    back = (gettext_lazy("排查记录异常"), lambda: reverse("hazards:record_flags"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RecordFlag:
        return record_queries.get_flag(actor=actor, flag_id=kwargs["pk"])

    def head(self, row: RecordFlag, actor: Actor) -> ObjectHead:
        tone = {"": "active", "confirmed": "active", "dismissed": "quiet"}[row.verdict]
        return ObjectHead(title=words.flag(row.code), subtitle=in_language(row.text),
                          marks=[marks.badge(row.get_verdict_display(), tone)])  # fmt: skip

    def facts(self, row: RecordFlag, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("记录时间"), value=row.last_at),
            Fact(label=_("发现时间"), value=row.found_at),
            Fact(label=_("核查情况"), value=row.comment, wide=True),
            Fact(label=_("核查人"), value=row.judged_by.name if row.judged_by else ""),
            Fact(label=_("核查时间"), value=row.judged_at),
            Fact(label=_("说明"), value=_("异常只是核查的理由，不是结论；认定造假的计入双重预防机制运行效果一票否决。"),
                 wide=True),
        ]  # fmt: skip

    def tabs(self, row: RecordFlag, actor: Actor) -> Sequence[Tab]:
        records = record_queries.records_of_flag(row)
        return [
            Tab(name="records", label=_("排查记录"), count=len(records), template="hazards/_check_records.html",
                context=lambda: {"records": [(one, words.result_mark(one)) for one in records]}),
        ]  # fmt: skip

    def actions(self, row: RecordFlag, actor: Actor) -> Sequence[Action]:
        if row.verdict or not actor.has(flag_services.JUDGE) or not actor.supervises:
            return ()
        return [Action(name="confirm", label=_("认定造假"), asks=True),
                Action(name="dismiss", label=pgettext("act", "排除"), asks=True, primary=True)]  # fmt: skip

    def form_for(
        self, action: Action, row: RecordFlag, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name in ("confirm", "dismiss"):
            return forms.VerdictForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: RecordFlag, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("confirm", "dismiss"):
            raise NotFound
        flag_services.judge_flag(
            actor=actor, flag=row, confirmed=name == "confirm", comment=given["comment"], now=now
        )  # fmt: skip


class PeriodList(ListPage):
    """Special periods of the district, of towns and of enterprises (特殊时段)."""

    code = "hazards.special_periods"
    title = gettext_lazy("特殊时段")
    columns = (
        Column("name", gettext_lazy("名称"), link=True, card="title", sort="name"),
        Column("code", gettext_lazy("时段类别"), value=lambda row: words.period(row.code), sort="code"),
        Column("scope", gettext_lazy("范围"), value=words.scope_of, card="meta"),
        Column("first_date", gettext_lazy("开始日期"), sort="first_date", card="meta"),
        Column("last_date", gettext_lazy("结束日期"), sort="last_date", card="meta"),
        Column("doubles", gettext_lazy("加密排查"), value=lambda row: _("是") if row.doubles else _("否")),
        Column("cancelled_at", gettext_lazy("取消时间"), sort="cancelled_at"),
        Column("by_name", gettext_lazy("启用人")),
    )  # fmt: skip
    filters = (
        Flag(name="on", label=gettext_lazy("只看启用中的"), pinned=True, condition=lambda actor: _is_on()),
        Choice(name="code", label=gettext_lazy("时段类别"), choices=lambda actor: forms.period_choices(), field="code"),
    )  # fmt: skip
    empty_title = gettext_lazy("没有启用特殊时段")
    empty_hint = gettext_lazy("启用后，时段内按小时、天、月的排查任务各增加一次。")

    def queryset(self, actor: Actor) -> QuerySet[SpecialPeriod]:
        return queries.list_periods(actor=actor)

    def url_of(self, row: SpecialPeriod) -> str:
        return reverse("hazards:special_period", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if actor.has(period_services.PERIODS):
            return [(gettext_lazy("启用特殊时段"), reverse("hazards:special_period_new"))]
        return []


def _is_on() -> Q:
    today = Calendar().local_date(timezone.now())
    return Q(cancelled_at__isnull=True, first_date__lte=today, last_date__gte=today)


class NewPeriod(CreatePage):
    title = gettext_lazy("启用特殊时段")
    lead = gettext_lazy("时段内按小时、天、月的排查任务各增加一次；已经下发的任务不变。")
    duty = period_services.PERIODS
    form = forms.PeriodForm
    button = gettext_lazy("启用")
    back = "hazards:special_periods"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"first_date": timezone.localdate(now), "doubles": True}

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = None if actor.supervises else own_file(actor=actor)
        if not actor.supervises and self.file is None:
            raise NotPermitted(_("请先建立本单位的档案。"))

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.PeriodForm(*args, actor=actor, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = period_services.switch_on(actor=actor, now=now, **{"file": self.file, **given})
        return reverse("hazards:special_period", args=[made.pk])


class PeriodPage(ObjectPage[SpecialPeriod]):
    """One special period and what it adds."""

    template = "hazards/object.html"
    back = (gettext_lazy("特殊时段"), lambda: reverse("hazards:special_periods"))
    own_acts = {"off": gettext_lazy("取消时段")}

    def get_row(self, actor: Actor, **kwargs: Any) -> SpecialPeriod:
        return queries.get_period(actor=actor, period_id=kwargs["pk"])

    def head(self, row: SpecialPeriod, actor: Actor) -> ObjectHead:
        off = [marks.badge(_("已取消"), "quiet")] if row.cancelled_at else []
        return ObjectHead(title=row.name, subtitle=words.period(row.code), marks=off)

    def facts(self, row: SpecialPeriod, actor: Actor) -> Sequence[Fact]:
        added = _("按小时的任务在两次之间加一次，每天的任务下午加一次，隔天的任务在半个周期时加一次，"
                  "按月的任务在每月一半时加一次，按年的任务不加。") if row.doubles else _("不加密")  # fmt: skip
        return [
            Fact(label=_("范围"), value=words.scope_of(row)),
            Fact(label=_("开始日期"), value=row.first_date),
            Fact(label=_("结束日期"), value=row.last_date),
            Fact(label=_("启用人"), value=row.by_name),
            Fact(label=_("加密排查"), value=added, wide=True),
        ]

    def actions(self, row: SpecialPeriod, actor: Actor) -> Sequence[Action]:
        if row.cancelled_at is not None or not period_services.may_switch_off(actor, row):
            return ()
        return [Action(name="off", label=self.own_acts["off"], confirm=_("取消后，尚未开始的加密任务随之撤回。"))]

    def perform(
        self, *, actor: Actor, row: SpecialPeriod, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "off":
            raise NotFound
        period_services.switch_off(actor=actor, row=row, now=now)


