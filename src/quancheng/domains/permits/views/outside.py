"""Permits of enterprises' own systems (外部作业票): the list, one with its history, and records kept aside."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.services.exchange_queue import MANAGE, READ
from quancheng.domains.permits.models import KeptRecord, Kind, OutsidePermit, Severity, TicketStatus
from quancheng.domains.permits.models.outside import AT_WORK
from quancheng.domains.permits.queries import outside as queries
from quancheng.domains.permits.queries.outside_points import is_misplaced
from quancheng.domains.permits.services import outside as services
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import severity_mark, verdict_rows
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.filters import FileFilter
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.vault import services as vault
from quancheng.standards.aq3064 import alarm_codes
from quancheng.standards.gb30871.audit.outside import TOLD
from quancheng.standards.gb30871.audit.registry import rules
from quancheng.standards.gb30871.kinds import levels


def outside_mark(row: OutsidePermit) -> Any:
    tone = "active" if row.state in ("2", "6") else "plain" if row.state in ("0", "1") else "quiet"
    return marks.badge(row.get_state_display(), tone)


def level_of(row: OutsidePermit) -> str:
    found = levels(row.kind).get(row.level)
    return said(found.name) if row.level and found is not None else ""


def source_of(row: OutsidePermit) -> str:
    return row.source.name if row.source else _("表格导入")


class OutsideList(ListPage):
    """Permits that other systems keep."""

    code = "permits.outside"
    title = gettext_lazy("外部作业票")
    imports = ("permits.outside",)
    columns = (
        Column("content", gettext_lazy("作业内容"), link=True, card="title", width="wide"),
        Column("state", gettext_lazy("状态"), value=lambda row: row.get_state_display(), render=outside_mark,
               sort="state", card="meta"),
        Column("kind", gettext_lazy("作业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("level", gettext_lazy("作业级别"), value=level_of),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("place", gettext_lazy("作业地点和部位"), width="wide"),
        Column("window_start", gettext_lazy("作业开始时间"), sort="window_start", card="meta"),
        Column("window_end", gettext_lazy("作业结束时间"), sort="window_end"),
        Column("worst", gettext_lazy("最严重问题"), value=lambda row: Severity(row.worst).label if row.worst else "",
               render=lambda row: severity_mark(row.worst) if row.audited_at else ""),
        Column("work_unit", gettext_lazy("作业单位"), shown=False),
        Column("source", gettext_lazy("来源系统"), value=source_of),
        Column("told_at", gettext_lazy("来源更新时间"), sort="told_at", shown=False),
        Column("received_at", gettext_lazy("接收时间"), sort="received_at", shown=False),
        Column("external_id", gettext_lazy("来源主键"), value=lambda row: str(row.external_id), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、地点、企业"), pinned=True,
               fields=("content", "place", "enterprise__name")),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="state", label=gettext_lazy("状态"), choices=TicketStatus.choices, field="state", multiple=True,
               pinned=True),
        Flag(name="running", label=gettext_lazy("只看已签发和作业中的"),
             condition=lambda actor: Q(state__in=AT_WORK, is_deleted=False)),
        Flag(name="failing", label=gettext_lazy("只看有问题的"), condition=lambda actor: ~Q(failed=[])),
        Flag(name="audited", label=gettext_lazy("只看已审计的"),
             condition=lambda actor: queries.judged()),
        Choice(name="rule", label=gettext_lazy("不合格规则"), narrows=lambda code: Q(failed__contains=[code]),
               choices=[(one.code, one.code) for one in rules() if one.predicate in TOLD]),
        Flag(name="kept", label=gettext_lazy("不看来源已删除的"), condition=lambda actor: Q(is_deleted=False)),
        Flag(name="contractor", label=gettext_lazy("只看承包商作业"), condition=lambda actor: Q(is_contractor=True)),
        Dates(name="window", label=gettext_lazy("作业开始时间"), field="window_start", times=True),
        FileFilter(name="file", label=gettext_lazy("企业"), field="file"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有外部作业票")
    empty_hint = gettext_lazy("企业自有系统按 AQ 3064.2 推送，或按表格导入后列在这里，只供查阅。")

    def queryset(self, actor: Actor) -> QuerySet[OutsidePermit]:
        return queries.list_outside(actor=actor)

    def url_of(self, row: OutsidePermit) -> str:
        return reverse("permits:outside_permit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("留置来件"), reverse("permits:kept_records"))] if actor.has(READ) else []


class OutsidePage(ObjectPage[OutsidePermit]):
    """One permit of another system: what its newest record says, what rules say of that, how it changed."""

    back = (gettext_lazy("外部作业票"), lambda: reverse("permits:outside"))

    def get_row(self, actor: Actor, **kwargs: Any) -> OutsidePermit:
        return queries.get_outside(actor=actor, permit_id=kwargs["pk"])

    def head(self, row: OutsidePermit, actor: Actor) -> ObjectHead:
        found = [marks.badge(_("外部"), "plain"), outside_mark(row)]
        if row.is_deleted:
            found.append(marks.badge(_("来源已删除"), "quiet"))
        if is_misplaced(row):
            found.append(marks.badge(_("位置存疑，不参与交叉作业核对"), "active"))
        if row.worst:
            found.append(severity_mark(row.worst))
        return ObjectHead(title=row.content, code=str(row.get_kind_display()), subtitle=enterprise_of(row), marks=found)

    def facts(self, row: OutsidePermit, actor: Actor) -> Sequence[Fact]:
        gas = f"{row.gas_name} {row.gas_value.normalize():f}" if row.gas_value is not None else ""
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("来源系统"), value=source_of(row), help=_("由企业自有系统维护，本系统只读。")),
            Fact(label=_("作业级别"), value=level_of(row)),
            Fact(label=_("作业地点和部位"), value=row.place, wide=True),
            Fact(label=_("作业点经度"), value=row.lon),
            Fact(label=_("作业点纬度"), value=row.lat),
            Fact(label=_("作业开始时间"), value=row.window_start),
            Fact(label=_("作业结束时间"), value=row.window_end),
            Fact(label=_("签发时间"), value=row.issued_at),
            Fact(label=_("验收时间"), value=row.accepted_at),
            Fact(label=_("气体分析"), value=gas),
            Fact(label=_("气体分析时间"), value=row.gas_at),
            Fact(label=_("作业单位"), value=row.work_unit),
            Fact(label=_("承包商作业"), value=_("是") if row.is_contractor else _("否")),
            Fact(label=_("作业负责人"), value=row.leader),
            Fact(label=_("负责人手机"), value=_masked(row)),
            Fact(label=_("监护人"), value=row.guardians),
            Fact(label=_("作业人"), value=row.workers),
            Fact(label=_("作业人证书"), value=row.certificates),
            Fact(label=_("变更原因"), value=row.changed_cause, wide=True),
            Fact(label=_("取消原因"), value=row.cancelled_cause, wide=True),
            Fact(label=_("来源更新时间"), value=row.told_at),
            Fact(label=_("来源更新人"), value=row.told_by),
            Fact(label=_("接收时间"), value=row.received_at),
            Fact(label=_("来源主键"), value=str(row.external_id)),
        ]

    def tabs(self, row: OutsidePermit, actor: Actor) -> Sequence[Tab]:
        failed, unknown = verdict_rows(row, "FAIL"), verdict_rows(row, "NO_DATA")
        return [
            Tab(name="failed", label=_("不合格规则"), count=len(failed), template="permits/_verdicts.html",
                context=lambda: {"verdicts": failed}),
            Tab(name="unknown", label=_("无数据项"), count=len(unknown), template="permits/_verdicts.html",
                context=lambda: {"verdicts": unknown}),
            Tab(name="alarms", label=_("作业报警"), template="permits/_outside_alarms.html",
                context=lambda: {"alarms": [(one, _alarm_named(one.code)) for one in queries.alarms_of(row)]}),
            Tab(name="changes", label=_("变更"), template="permits/_outside_changes.html",
                context=lambda: {"changes": [(one, _fields_said(one.fields)) for one in queries.changes_of(row)]}),
        ]  # fmt: skip


def _masked(row: OutsidePermit) -> str:
    return vault.mask(vault.PHONE, vault.reveal(vault.PHONE, row.phone)) if row.phone else ""


def _alarm_named(code: str) -> str:
    known = alarm_codes().get(code)
    return f"{code} {said(known.name)}" if known is not None else code


def _fields_said(names: Sequence[str]) -> str:
    """Names of changed fields in words."""
    hidden = {"certificate_numbers": _("证书编号"), "phone": _("负责人手机")}
    known = {one.name: str(one.verbose_name) for one in OutsidePermit._meta.fields}
    told = [hidden.get(name) or known[name] for name in names]
    return _("、").join(told)


class KeptList(ListPage):
    """Records from outside that could not be taken."""

    code = "permits.kept_records"
    title = gettext_lazy("留置来件")
    duty = READ
    columns = (
        Column("key", gettext_lazy("来源主键"), value=lambda row: row.key or "—", link=True, card="title",
               width="wide"),
        Column("table", gettext_lazy("数据表"), value=lambda row: row.get_table_display(), sort="table", card="meta"),
        Column("reason", gettext_lazy("原因"), value=lambda row: f"{row.code} {row.reason}", width="wide", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin"),
        Column("received_at", gettext_lazy("接收时间"), sort="received_at", card="meta"),
        Column("replayed_at", gettext_lazy("最近重放"), sort="replayed_at", shown=False),
        Column("taken_at", gettext_lazy("重放成功时间"), sort="taken_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("原因、企业"), pinned=True, fields=("reason", "file__enterprise__name")),
        Flag(name="open", label=gettext_lazy("只看未接收的"), pinned=True,
             condition=lambda actor: Q(taken_at__isnull=True)),
        Dates(name="received", label=gettext_lazy("接收时间"), field="received_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有留置来件")

    def queryset(self, actor: Actor) -> QuerySet[KeptRecord]:
        return queries.list_kept(actor=actor)

    def url_of(self, row: KeptRecord) -> str:
        return reverse("permits:kept_record", args=[row.pk])


class KeptPage(ObjectPage[KeptRecord]):
    """One record that was kept aside. Its content is sealed: it may hold numbers of people."""

    duty = READ
    back = (gettext_lazy("留置来件"), lambda: reverse("permits:kept_records"))

    def get_row(self, actor: Actor, **kwargs: Any) -> KeptRecord:
        return queries.get_kept(actor=actor, record_id=kwargs["pk"])

    def head(self, row: KeptRecord, actor: Actor) -> ObjectHead:
        state = marks.badge(_("已接收"), "done") if row.taken_at else marks.badge(_("未接收"), "active")
        return ObjectHead(title=row.key or "—", subtitle=row.get_table_display(), marks=[state])

    def facts(self, row: KeptRecord, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("来源系统"), value=row.source.name if row.source else _("表格导入")),
            Fact(label=_("原因"), value=f"{row.code} {row.reason}", wide=True),
            Fact(label=_("接收时间"), value=row.received_at),
            Fact(label=_("最近重放"), value=row.replayed_at),
            Fact(label=_("重放成功时间"), value=row.taken_at),
        ]

    def actions(self, row: KeptRecord, actor: Actor) -> Sequence[Action]:
        if row.taken_at is not None or not actor.has(MANAGE):
            return []
        return [Action(name="replay", label=_("重放"), primary=True, icon="refresh")]

    def form_for(self, action: Action, row: KeptRecord, actor: Actor, data: Any = None,
                 files: Any = None) -> django_forms.Form:  # fmt: skip
        return django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: KeptRecord, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        result = services.replay(actor=actor, row=row, now=now)
        if result.code:
            raise Conflict(f"{result.code} {result.message}")
