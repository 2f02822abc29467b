"""Pages of the exchange: the queue, one row of it, ways up with their settings, and the comparison."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from quancheng.domains.hazards.forms import exchange as forms
from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.models.exchange import Family, SendState, TableCode
from quancheng.domains.hazards.queries import exchange as queries
from quancheng.domains.hazards.services import exchange_adapters as services
from quancheng.domains.hazards.services.exchange_queue import MANAGE, READ, resend, resend_all
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of

_TONES = {"waiting": "plain", "sent": "plain", "accepted": "done", "rejected": "active"}
_ADAPTER_ACTS: dict[str, Any] = {
    "try": gettext_lazy("试连"), "on": gettext_lazy("启用上报"), "off": gettext_lazy("停用上报"),
    "fill": gettext_lazy("全部排队"), "reconcile": gettext_lazy("立即对账"), "change": gettext_lazy("修改设置"),
    "end": gettext_lazy("停止对接"),
}  # fmt: skip


def state_badge(row: ExchangeRow) -> Any:
    return marks.badge(row.get_state_display(), _TONES[row.state])


def _reason(row: ExchangeRow) -> str:
    return f"{row.code} {row.reason}" if row.code else row.reason


class ExchangeList(ListPage):
    """The queue of records on their way up (上报队列)."""

    code = "hazards.exchange"
    title = gettext_lazy("数据上报")
    duty = READ
    columns = (
        Column("title", gettext_lazy("记录"), link=True, card="title", width="wide",
               value=lambda row: row.title or str(row.external_id)),
        Column("table", gettext_lazy("数据表"), value=lambda row: row.get_table_display(), sort="place", card="meta"),
        Column("state", gettext_lazy("上报状态"), value=lambda row: row.get_state_display(), render=state_badge,
               sort="state", card="meta"),
        Column("reason", gettext_lazy("原因"), value=_reason, width="wide", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin"),
        Column("changed_at", gettext_lazy("更新时间"), sort="changed_at"),
        Column("sent_at", gettext_lazy("上报时间"), sort="sent_at"),
        Column("accepted_at", gettext_lazy("接收时间"), sort="accepted_at"),
        Column("push_count", gettext_lazy("上报次数"), numeric=True, sort="push_count"),
        Column("next_try_at", gettext_lazy("下次上报"), shown=False,
               value=lambda row: row.next_try_at if row.state == SendState.WAITING else None),
        Column("external_id", gettext_lazy("上报主键"), value=lambda row: str(row.external_id), shown=False),
        Column("batch", gettext_lazy("批次号"), value=lambda row: row.batch.data_id if row.batch else "", shown=False),
        Column("adapter", gettext_lazy("上级平台"), value=lambda row: row.adapter.name, shown=False),
        Column("changed_by", gettext_lazy("更新人"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("记录、企业"), pinned=True, fields=("title", "file__enterprise__name")),
        Choice(name="state", label=gettext_lazy("上报状态"), choices=SendState.choices, field="state", multiple=True,
               pinned=True),
        Choice(name="table", label=gettext_lazy("数据表"), choices=TableCode.choices, field="table", multiple=True,
               pinned=True),
        Choice(name="family", label=gettext_lazy("数据类别"), choices=Family.choices, field="adapter__family"),
        Flag(name="gaps", label=gettext_lazy("只看缺项的"), condition=lambda actor: Q(state="waiting", code=4009)),
        Dates(name="changed", label=gettext_lazy("更新时间"), field="changed_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有要上报的记录")
    empty_hint = gettext_lazy("设置上级平台并全部排队后，风险清单、隐患、作业票和作业报警会列在这里。")

    def queryset(self, actor: Actor) -> QuerySet[ExchangeRow]:
        return queries.list_rows(actor=actor)

    def url_of(self, row: ExchangeRow) -> str:
        return reverse("hazards:exchange_row", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [
            (gettext_lazy("上级平台对接"), reverse("hazards:exchange_adapters")),
            (gettext_lazy("企业系统接入"), reverse("hazards:exchange_applications")),
            (gettext_lazy("交换数据表"), reverse("hazards:exchange_table_unit")),
        ]


class ExchangeRowPage(ObjectPage[ExchangeRow]):
    """One record on its way up."""

    duty = READ
    back = (gettext_lazy("数据上报"), lambda: reverse("hazards:exchange"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ExchangeRow:
        return queries.get_row(actor=actor, row_id=kwargs["pk"])

    def head(self, row: ExchangeRow, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title or str(row.external_id), subtitle=row.get_table_display(),
                          marks=[state_badge(row)])  # fmt: skip

    def facts(self, row: ExchangeRow, actor: Actor) -> Sequence[Fact]:
        waits = row.state == SendState.WAITING
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("上级平台"), value=row.adapter.name),
            Fact(label=_("原因"), value=_reason(row), wide=True),
            Fact(label=_("更新时间"), value=row.changed_at),
            Fact(label=_("更新人"), value=row.changed_by),
            Fact(label=_("上报时间"), value=row.sent_at),
            Fact(label=_("接收时间"), value=row.accepted_at),
            Fact(label=_("下次上报"), value=row.next_try_at if waits else None),
            Fact(label=_("上报次数"), value=row.push_count),
            Fact(label=_("上报主键"), value=str(row.external_id)),
            Fact(label=_("批次号"), value=row.batch.data_id if row.batch else ""),
            Fact(label=_("对方批次号"), value=row.batch.peer_id if row.batch else ""),
        ]

    def actions(self, row: ExchangeRow, actor: Actor) -> Sequence[Action]:
        if not actor.has(MANAGE) or row.adapter.ended_at is not None:
            return []
        return [Action(name="resend", label=_("重新上报"), primary=row.state == SendState.REJECTED, icon="refresh")]

    def form_for(self, action: Action, row: ExchangeRow, actor: Actor, data: Any = None,
                 files: Any = None) -> django_forms.Form:  # fmt: skip
        return django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: ExchangeRow, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        resend(actor=actor, row=row, now=now)


def _adapter_state(row: ExchangeAdapter) -> str:
    if row.ended_at is not None:
        return _("已停止")
    if not row.is_on:
        return _("未启用")
    return _("上报失败") if row.failing_since else _("上报中")


class AdapterList(ListPage):
    """Ways to upper platforms (上级平台对接)."""

    code = "hazards.exchange_adapters"
    title = gettext_lazy("上级平台对接")
    duty = READ
    columns = (
        Column("name", gettext_lazy("上级平台"), link=True, sort="name", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), card="meta",
               value=lambda row: row.file.enterprise.name if row.file else _("全区")),
        Column("state", gettext_lazy("状态"), value=_adapter_state, card="meta"),
        Column("family", gettext_lazy("数据类别"), value=lambda row: row.get_family_display(), sort="family",
               card="meta"),
        Column("variant", gettext_lazy("对接方式"), value=lambda row: row.get_variant_display(), sort="variant"),
        Column("waiting_count", gettext_lazy("待上报"), numeric=True, sort="waiting_count"),
        Column("sent_count", gettext_lazy("待回执"), numeric=True, sort="sent_count"),
        Column("accepted_count", gettext_lazy("已接收"), numeric=True, sort="accepted_count"),
        Column("rejected_count", gettext_lazy("被拒绝"), numeric=True, sort="rejected_count"),
        Column("succeeded_at", gettext_lazy("最近成功"), sort="succeeded_at"),
        Column("failure", gettext_lazy("失败原因"), width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("平台、企业"), pinned=True, fields=("name", "file__enterprise__name")),
        Flag(name="failing", label=gettext_lazy("只看上报失败的"),
             condition=lambda actor: Q(failing_since__isnull=False)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有对接上级平台")

    def queryset(self, actor: Actor) -> QuerySet[ExchangeAdapter]:
        return queries.list_adapters(actor=actor)

    def url_of(self, row: ExchangeAdapter) -> str:
        return reverse("hazards:exchange_adapter", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if not actor.has(MANAGE):
            return []
        if actor.supervises:
            return [(gettext_lazy("设置全区对接"), reverse("hazards:exchange_adapter_new"))]
        file = own_file(actor=actor)
        return [] if file is None else [
            (gettext_lazy("对接上级平台"), reverse("hazards:exchange_adapter_of", args=[file.pk]))
        ]  # fmt: skip


class NewAdapter(CreatePage):
    """A way up is set up: the district's, or an enterprise's."""

    title = gettext_lazy("对接上级平台")
    lead = gettext_lazy("保存后先试连，再全部排队，最后启用上报。没有启用时记录只排队、不外发。")
    duty = MANAGE
    form = forms.AdapterForm
    back = "hazards:exchange_adapters"
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"]) if "pk" in kwargs else None

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_adapter(actor=actor, file=self.file, known=given, now=now)
        return reverse("hazards:exchange_adapter", args=[made.pk])


class AdapterPage(ObjectPage[ExchangeAdapter]):
    """One way up: its settings, its batches, the last comparison."""

    duty = READ
    back = (gettext_lazy("上级平台对接"), lambda: reverse("hazards:exchange_adapters"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ExchangeAdapter:
        return queries.get_adapter(actor=actor, adapter_id=kwargs["pk"])

    def head(self, row: ExchangeAdapter, actor: Actor) -> ObjectHead:
        tone = "active" if row.failing_since else "done" if row.is_on else "quiet"
        subtitle = row.file.enterprise.name if row.file and row.file.enterprise else _("全区")
        return ObjectHead(title=row.name, subtitle=subtitle, marks=[marks.badge(_adapter_state(row), tone)])

    def facts(self, row: ExchangeAdapter, actor: Actor) -> Sequence[Fact]:
        receipt = self.request.build_absolute_uri(reverse("interchange:receipt", args=[row.pk]))
        named = (("key", _("密钥")), ("secret", _("对接口令")), ("token", _("部级令牌")))
        sealed = [label for name, label in named if getattr(row, name)]
        return [
            Fact(label=_("数据类别"), value=row.get_family_display()),
            Fact(label=_("对接方式"), value=row.get_variant_display()),
            Fact(label=_("接收地址"), value=row.url),
            Fact(label=_("对账地址"), value=row.counts_url),
            Fact(label=_("回执地址"), value=receipt if row.variant == "C" else "",
                 help=_("请告知对方平台，回执推送到这个地址。")),
            Fact(label=_("机构编码"), value=row.org_code),
            Fact(label=_("加密方式"), value=row.get_cipher_display()),
            Fact(label=_("已保存的密钥"), value="、".join(sealed)),
            Fact(label=_("时间格式"), value=row.get_times_display()),
            Fact(label=_("上报园区字段"), value=_("是") if row.is_park else _("否")),
            Fact(label=_("最近上报"), value=row.tried_at),
            Fact(label=_("最近成功"), value=row.succeeded_at),
            Fact(label=_("持续失败自"), value=row.failing_since),
            Fact(label=_("失败原因"), value=row.failure, wide=True),
        ]  # fmt: skip

    def tabs(self, row: ExchangeAdapter, actor: Actor) -> Sequence[Tab]:
        return [
            Tab(name="batches", label=_("上报批次"), template="hazards/_exchange_batches.html",
                context=lambda: {"batches": queries.batches_of(row)}),
            Tab(name="reconciliation", label=_("对账"), template="hazards/_exchange_reconciliation.html",
                context=lambda: {
                    "made": queries.last_reconciliation(row), "names": dict(TableCode.choices),
                    "may_resend": actor.has(MANAGE) and row.ended_at is None,
                }),
        ]  # fmt: skip

    def actions(self, row: ExchangeAdapter, actor: Actor) -> Sequence[Action]:
        if not actor.has(MANAGE) or row.ended_at is not None:
            return []
        names = ["try", "off" if row.is_on else "on", "fill", "reconcile", "change", "end"]
        asks = {"change"}
        confirms = {"end": _("停止后密钥清除，不能恢复；队列只能查阅。")}
        return [
            Action(name=name, label=_ADAPTER_ACTS[name], primary=name == ("try" if row.is_on else "on"),
                   asks=name in asks, confirm=confirms.get(name, ""))
            for name in names
        ]  # fmt: skip

    def form_for(self, action: Action, row: ExchangeAdapter, actor: Actor, data: Any = None,
                 files: Any = None) -> django_forms.Form:  # fmt: skip
        if action.name == "change":
            return forms.AdapterForm(data, initial={name: getattr(row, name) for name in services.FIELDS})
        return django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: ExchangeAdapter, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "try":
            services.try_adapter(actor=actor, row=row)
        elif name in ("on", "off"):
            services.switch_adapter(actor=actor, row=row, on=name == "on", now=now)
        elif name == "fill":
            services.fill_adapter(actor=actor, row=row, now=now)
        elif name == "reconcile":
            services.reconcile(actor=actor, row=row, now=now)
        elif name == "end":
            services.end_adapter(actor=actor, row=row, now=now)
        else:
            services.change_adapter(actor=actor, row=row, version=row.version, known=given, now=now)


class ResendDifferences(View):
    """What the last comparison found goes again (差异重新上报)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        actor.require(MANAGE)
        row = queries.get_adapter(actor=actor, adapter_id=pk)
        made = queries.last_reconciliation(row)
        keys = [
            (one["table"], uuid.UUID(one["key"])) for one in (made.differences if made else [])
            if one["kind"] in ("lacking", "other")
        ]  # fmt: skip
        count = resend_all(actor=actor, adapter=row, keys=keys, now=timezone.now())
        said = ngettext("%(count)s条记录已重新排队。", "%(count)s条记录已重新排队。", count) % {"count": count}
        return redirect_to(request, reverse("hazards:exchange_adapter", args=[pk]) + "?tab=reconciliation", toast=said)

