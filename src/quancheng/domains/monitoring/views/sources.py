"""Sources (接入源): the list, one source, its secret."""

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
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache

from quancheng.domains.monitoring.forms.sources import BlockForm, NewSourceForm, SourceForm
from quancheng.domains.monitoring.models import Form, Source, SourceKind
from quancheng.domains.monitoring.queries import asides
from quancheng.domains.monitoring.queries import sources as queries
from quancheng.domains.monitoring.queries.outages import rules
from quancheng.domains.monitoring.queries.scores import scores_of
from quancheng.domains.monitoring.services import sources as services
from quancheng.domains.monitoring.services.replaying import ask_replay
from quancheng.domains.monitoring.views import words
from quancheng.domains.monitoring.views.scores import badge as score_badge
from quancheng.domains.monitoring.views.scores import deductions
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views import keeping
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of

#: Unknown names that a source's page shows.
_MOST_UNKNOWN = 200
#: Messages put aside that it shows.
_MOST_ASIDES = 50


def _state(row: Source) -> str:
    if row.blocked_at is not None:
        return _("已停用")
    if not row.digest:
        return _("未发密钥")
    return _("在线") if row.state.is_online else _("离线")


def _badge(row: Source) -> Any:
    tone = "active" if row.is_open and not row.state.is_online else "done" if row.is_open else "quiet"
    return marks.badge(_state(row), tone)


def _forms(row: Source) -> str:
    return "、".join(str(Form(one).label) for one in row.forms)


def _refused(row: Source) -> int:
    return sum(row.state.refused.values())


def _quality(row: Source) -> dict[str, Any]:
    found, poor = scores_of(row), rules().poor_score
    return {
        "scores": [(one, score_badge(one, poor=poor), deductions(one)) for one in found],
        "newest": found[0] if found else None,
    }  # fmt: skip


def _score(row: Source) -> int | None:
    """The newest score; its rows were read with the list."""
    return next((one.score for one in row.newest_scores), None)  # type: ignore[attr-defined]


class SourceList(ListPage):
    """What sends signals, by enterprise."""

    code = "monitoring.sources"
    title = gettext_lazy("接入源")
    columns = (
        Column("code", gettext_lazy("接入编码"), link=True, sort="code", card="title"),
        Column("name", gettext_lazy("名称"), sort="name", card="meta", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("kind", gettext_lazy("接入方式"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("forms", gettext_lazy("报文格式"), value=_forms),
        Column("state", gettext_lazy("状态"), value=_state, render=_badge, card="meta"),
        Column("last_at", gettext_lazy("最近报文"), value=lambda row: row.state.last_at, sort="state__last_at"),
        Column("messages", gettext_lazy("报文数"), value=lambda row: row.state.messages, sort="state__messages",
               numeric=True),
        Column("refused", gettext_lazy("拒收"), value=_refused, numeric=True),
        Column("score", gettext_lazy("数据质量评分"), value=_score, numeric=True),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编码、名称、企业"), pinned=True,
               fields=("code", "name", "file__enterprise__name")),
        Choice(name="kind", label=gettext_lazy("接入方式"), choices=SourceKind.choices, field="kind", multiple=True),
        Flag(name="offline", label=gettext_lazy("只看离线的"), pinned=True,
             condition=lambda actor: Q(blocked_at__isnull=True, state__is_online=False) & ~Q(digest=b"")),
        Flag(name="blocked", label=gettext_lazy("只看停用的"), condition=lambda actor: Q(blocked_at__isnull=False)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有接入源")
    empty_hint = gettext_lazy("登记采集网关或直连设备后生成密钥，设备即可接入。")

    def queryset(self, actor: Actor) -> QuerySet[Source]:
        return queries.list_sources(actor=actor)

    def url_of(self, row: Source) -> str:
        return reverse("monitoring:source", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        file = own_file(actor=actor)
        if file is None or not services.may_keep(actor, file):
            return ()
        return [(gettext_lazy("登记接入源"), reverse("monitoring:source_new", args=[file.pk]))]


class SourcePage(ObjectPage[Source]):
    """One source: how it signs in, how it is, what was refused."""

    back = (gettext_lazy("接入源"), lambda: reverse("monitoring:sources"))
    forms = {"block": BlockForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Source:
        return queries.get_source(actor=actor, source_id=kwargs["pk"])

    def head(self, row: Source, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, marks=[_badge(row)])

    def facts(self, row: Source, actor: Actor) -> Sequence[Fact]:
        state = row.state
        refused = "、".join(f"{words.reason(reason)} {count}" for reason, count in sorted(state.refused.items()))
        clock = "" if state.clock_ms is None else _("%(seconds)s 秒") % {"seconds": f"{state.clock_ms / 1000:+.1f}"}
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("接入方式"), value=row.get_kind_display()),
            Fact(label=_("报文格式"), value=_forms(row)),
            Fact(label=_("设备唯一标识MN"), value=row.mn),
            Fact(label=_("密钥生成时间"), value=row.secret_at),
            Fact(label=_("状态自"), value=state.since_at),
            Fact(label=_("最近报文"), value=state.last_at),
            Fact(label=_("报文数"), value=state.messages),
            Fact(label=_("拒收"), value=refused, help=_("被拒收的报文另存，可以查看原因。"), wide=True),
            Fact(label=_("时钟偏差"), value=clock),
            Fact(label=_("每秒点数上限"), value=row.points_per_s),
            Fact(label=_("每日点数上限"), value=row.points_per_day),
            Fact(
                label=_("乱序等待（秒）"),
                value=row.reorder_s,
                help=_("报文可能互相超越的接入源：读数先等待数秒再判定报警，报警随之延迟；0为不等待。"),
            ),
            Fact(label=_("停用原因"), value=row.blocked_reason),
        ]

    def tabs(self, row: Source, actor: Actor) -> Sequence[Tab]:
        rows = list(queries.unknown_keys(row)[: _MOST_UNKNOWN + 1])
        context = {
            "unknown": rows[:_MOST_UNKNOWN], "has_more": len(rows) > _MOST_UNKNOWN,
            "may_keep": services.may_keep(actor, row.file),
        }  # fmt: skip
        reasons = asides.reasons_of(row)
        return [
            Tab("unknown", _("未登记点位"), template="monitoring/_unknown.html", count=len(rows),
                context=lambda: context),
            Tab("asides", _("存疑报文"), template="monitoring/_asides.html", count=sum(one.kept for one in reasons),
                context=lambda: _aside_context(row, reasons, actor)),
            Tab("quality", _("数据质量"), template="monitoring/_quality.html", context=lambda: _quality(row)),
        ]  # fmt: skip

    def actions(self, row: Source, actor: Actor) -> Sequence[Action]:
        if not services.may_keep(actor, row.file):
            return ()
        change = Action(name="change", label=_("修改"), url=reverse("monitoring:source_change", args=[row.pk]))
        if row.blocked_at is not None:
            return [Action(name="open", label=_("恢复使用"), primary=True), change]
        label = _("更换密钥") if row.digest else _("生成密钥")
        secret = Action(name="secret", label=label, primary=not row.digest,
                        url=reverse("monitoring:source_secret", args=[row.pk]))  # fmt: skip
        notice = Action(name="notice", label=_("停用报备"), url=reverse("monitoring:notice_new", args=[row.pk]))
        return [secret, change, notice, Action(name="block", label=_("停用"), asks=True)]

    def perform(
        self, *, actor: Actor, row: Source, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "block":
            services.block_source(actor=actor, row=row, reason=given["reason"], now=now)
        elif name == "open":
            services.open_source(actor=actor, row=row, now=now)
        else:
            raise NotFound


def _aside_context(row: Source, reasons: Sequence[asides.Reason], actor: Actor) -> dict[str, Any]:
    lines = list(asides.asides_of(row)[:_MOST_ASIDES])
    return {
        "reasons": [(words.reason(one.code), one) for one in reasons],
        "lines": [(words.reason(one.reason), one) for one in lines],
        "may_keep": services.may_keep(actor, row.file) and row.blocked_at is None,
        "can_any": any(one.replayable for one in reasons),
    }  # fmt: skip


class Replay(View):
    """Asks that what was put aside be read again, of one reason or of all."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        row = queries.get_source(actor=actor, source_id=pk)
        ask_replay(actor=actor, row=row, reason=request.POST.get("reason", ""), now=timezone.now())
        return redirect_to(request, f"{reverse('monitoring:source', args=[row.pk])}?tab=asides")


class NewSource(keeping.FilePage):
    """A source of an enterprise; its secret is made on the next page."""

    title = gettext_lazy("登记接入源")
    lead = gettext_lazy("登记后生成密钥，交给设备的安装人员。")
    form = NewSourceForm
    button = gettext_lazy("保存")

    def allow(self, actor: Actor, file: Any) -> None:
        if not services.may_keep(actor, file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        self.asked = NewSourceForm(*args, actor=actor, **kwargs)
        return self.asked

    def back_url(self) -> str:
        return reverse("monitoring:sources")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_source(
            actor=actor, file=self.file, code=given["code"], known=self.asked.known(), now=now, client_id=client_id
        )
        return reverse("monitoring:source", args=[made.pk])


class ChangeSource(keeping.KeeperPage):
    """What a source is, all but its code."""

    title = gettext_lazy("修改接入源")
    form = SourceForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_source(actor=actor, source_id=kwargs["pk"])
        if not services.may_keep(actor, self.row.file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        self.asked = SourceForm(*args, actor=actor, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in services.FIELDS}

    def back_url(self) -> str:
        return reverse("monitoring:source", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_source(actor=actor, row=self.row, version=self.row.version, known=self.asked.known(), now=now)
        return self.back_url()


@method_decorator(never_cache, name="dispatch")
class NewSecret(View):
    """Asked once more; then the secret, on this answer only."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        return render(request, "monitoring/secret.html", {"row": self._row(request, pk)})

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        row = self._row(request, pk)
        try:
            secret = services.renew_secret(actor=actor_of(request), row=row, now=timezone.now())
        except DomainError as refused:
            context: dict[str, Any] = {"row": row, "refused": refused.message}
            return render(request, "monitoring/secret.html", context, status=refused.status)
        context = {"row": row, "secret": secret, "is_station": services.is_station(row.forms)}
        return render(request, "monitoring/secret.html", context)

    def _row(self, request: HttpRequest, pk: uuid.UUID) -> Source:
        actor = actor_of(request)
        row = queries.get_source(actor=actor, source_id=pk)
        if not services.may_keep(actor, row.file):
            raise NotPermitted
        return row
