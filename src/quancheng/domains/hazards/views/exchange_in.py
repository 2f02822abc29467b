"""Pages of what enterprises' own systems send: credentials, and what became of each row."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache

from quancheng.domains.hazards.forms.exchange import ApplicationForm
from quancheng.domains.hazards.models import ExchangeApplication, ReceivedRow
from quancheng.domains.hazards.models.exchange import Outcome, TableCode
from quancheng.domains.hazards.queries import exchange as queries
from quancheng.domains.hazards.services import exchange_applications as services
from quancheng.domains.hazards.services.exchange_queue import MANAGE, READ
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.people.actors import actor_of

_TONES = {"taken": "done", "older": "quiet", "refused": "active"}


class ApplicationList(ListPage):
    """Credentials of enterprises' own systems (企业系统接入)."""

    code = "hazards.exchange_applications"
    title = gettext_lazy("企业系统接入")
    duty = READ
    columns = (
        Column("name", gettext_lazy("系统名称"), link=True, sort="name", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("app_id", gettext_lazy("应用标识"), card="meta"),
        Column("state", gettext_lazy("状态"), value=lambda row: _("已撤销") if row.revoked_at else _("有效"),
               card="meta"),
        Column("cipher", gettext_lazy("加密方式"), value=lambda row: row.get_cipher_display()),
        Column("used_at", gettext_lazy("最近使用"), sort="used_at"),
        Column("created_at", gettext_lazy("建立时间"), sort="created_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("系统、企业"), pinned=True,
               fields=("name", "app_id", "file__enterprise__name")),
        Flag(name="live", label=gettext_lazy("只看有效"), condition=lambda actor: Q(revoked_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有企业系统接入")
    empty_hint = gettext_lazy("企业负责人建立凭据后，把应用标识和密钥交给系统的开发单位。")

    def queryset(self, actor: Actor) -> QuerySet[ExchangeApplication]:
        return queries.list_applications(actor=actor)

    def url_of(self, row: ExchangeApplication) -> str:
        return reverse("hazards:exchange_application", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("接收记录"), reverse("hazards:exchange_received"))]
        file = own_file(actor=actor) if actor.has(MANAGE) and not actor.supervises else None
        if file is None:
            return found
        return [(gettext_lazy("建立接入凭据"), reverse("hazards:exchange_application_new", args=[file.pk])), *found]


@method_decorator(never_cache, name="dispatch")
class NewApplication(View):
    """The form; after a good one the secret, on this answer only."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        self._file(request, pk)
        return self._show(request, ApplicationForm())

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, file = self._file(request, pk)
        form = ApplicationForm(request.POST)
        if not form.is_valid():
            return self._show(request, form, status=422)
        try:
            made = services.make_application(actor=actor, file=file, now=timezone.now(), **form.cleaned_data)
        except DomainError as refused:
            return self._show(request, form, status=tell(form, refused))
        return render(request, "hazards/application_made.html", {"made": made})

    def _file(self, request: HttpRequest, pk: uuid.UUID) -> tuple[Actor, Any]:
        actor = actor_of(request)
        actor.require(MANAGE)
        return actor, get_enterprise(actor=actor, file_id=pk)

    def _show(self, request: HttpRequest, form: ApplicationForm, *, status: int = 200) -> HttpResponse:
        return render(request, "hazards/application_new.html", {"form": form}, status=status)


class ApplicationPage(ObjectPage[ExchangeApplication]):
    """One credential."""

    duty = READ
    back = (gettext_lazy("企业系统接入"), lambda: reverse("hazards:exchange_applications"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ExchangeApplication:
        return queries.get_application(actor=actor, application_id=kwargs["pk"])

    def head(self, row: ExchangeApplication, actor: Actor) -> ObjectHead:
        badge = marks.badge(_("已撤销"), "quiet") if row.revoked_at else marks.badge(_("有效"), "done")
        return ObjectHead(title=row.name, code=row.app_id, marks=[badge])

    def facts(self, row: ExchangeApplication, actor: Actor) -> Sequence[Fact]:
        place = self.request.build_absolute_uri
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("取令牌地址"), value=place(reverse("interchange:token")),
                 help=_("POST appId、timestamp、sign；sign 为密钥对 appId+timestamp 的 HMAC-SHA256，令牌两小时有效。")),
            Fact(label=_("上报地址"), value=place(reverse("interchange:batch")),
                 help=_("POST serviceId、dataId、data，请求头 Authorization: Bearer 令牌。")),
            Fact(label=_("加密方式"), value=row.get_cipher_display()),
            Fact(label=_("建立时间"), value=row.created_at),
            Fact(label=_("建立人"), value=row.created_by.name if row.created_by else ""),
            Fact(label=_("最近使用"), value=row.used_at),
            Fact(label=_("撤销时间"), value=row.revoked_at),
            Fact(label=_("以谁为准"), wide=True, value=_(
                "这个系统送来的风险单元、事件、措施、任务和停用以它为准，在此不能修改，按更新时间取新；"
                "隐患由双方共同办理，按流程先办者为准。"
            )),
        ]  # fmt: skip

    def actions(self, row: ExchangeApplication, actor: Actor) -> Sequence[Action]:
        if not actor.has(MANAGE) or row.revoked_at is not None:
            return []
        confirm = _("撤销后该系统立即不能上报，已送来的记录保留，可在此修改。")
        return [Action(name="revoke", label=_("撤销凭据"), confirm=confirm)]

    def form_for(self, action: Action, row: ExchangeApplication, actor: Actor, data: Any = None,
                 files: Any = None) -> django_forms.Form:  # fmt: skip
        return django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: ExchangeApplication, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.revoke_application(actor=actor, row=row, now=now)


class ReceivedList(ListPage):
    """What enterprises' systems sent (接收记录): one line a key, with what became of it last."""

    code = "hazards.exchange_received"
    title = gettext_lazy("接收记录")
    duty = READ
    columns = (
        Column("title", gettext_lazy("记录"), link=True, card="title", width="wide",
               value=lambda row: row.title or str(row.external_id)),
        Column("table", gettext_lazy("数据表"), value=lambda row: row.get_table_display(), sort="table", card="meta"),
        Column("outcome", gettext_lazy("接收结果"), value=lambda row: row.get_outcome_display(), sort="outcome",
               render=lambda row: marks.badge(row.get_outcome_display(), _TONES[row.outcome]), card="meta"),
        Column("reason", gettext_lazy("原因"), width="wide", card="meta",
               value=lambda row: f"{row.code} {row.reason}" if row.code else row.reason),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin"),
        Column("application", gettext_lazy("来源系统"), value=lambda row: row.application.name),
        Column("received_at", gettext_lazy("接收时间"), sort="received_at"),
        Column("changed_at", gettext_lazy("来源更新时间"), sort="changed_at"),
        Column("is_deleted", gettext_lazy("已删除"), value=lambda row: _("是") if row.is_deleted else ""),
        Column("external_id", gettext_lazy("来源主键"), value=lambda row: str(row.external_id), shown=False),
        Column("batch_id", gettext_lazy("批次号"), shown=False),
        Column("received_count", gettext_lazy("接收次数"), numeric=True, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("记录、企业"), pinned=True,
               fields=("title", "file__enterprise__name", "batch_id")),
        Choice(name="outcome", label=gettext_lazy("接收结果"), choices=Outcome.choices, field="outcome", multiple=True,
               pinned=True),
        Choice(name="table", label=gettext_lazy("数据表"), choices=TableCode.choices, field="table", multiple=True),
        Dates(name="received", label=gettext_lazy("接收时间"), field="received_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有企业系统送来数据")

    def queryset(self, actor: Actor) -> QuerySet[ReceivedRow]:
        return queries.list_received(actor=actor)

    def url_of(self, row: ReceivedRow) -> str:
        pages = {"unit": "risk:unit", "event": "risk:event", "danger": "hazards:finding"}
        page = pages.get(row.table)
        return reverse(page, args=[row.subject_id]) if page and row.subject_id else ""
