"""Ledgers of papers: what one's organisation sends out, and what it receives."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import listed
from quancheng.kernel.papers import queries
from quancheng.kernel.papers.loops import PAPER, SERVICE
from quancheng.kernel.papers.models import Paper, Service


def _badge(row: Paper | Service) -> Any:
    return marks.badge(row.status_label, "done" if row.is_closed else "active")


class PaperList(ListPage):
    code = "papers.papers"
    title = _("发文")
    empty_title = _("还没有发文")
    empty_hint = _("拟稿、核稿、签发、送达都在这里办理。")
    columns = (
        Column("number", _("文号"), value=lambda row: row.number_text, sort="number_text", card="meta"),
        Column("title", _("标题"), sort="title", link=True, card="title", width="wide"),
        Column("kind", _("文种"), value=lambda row: row.kind_name, sort="kind_name", card="meta"),
        Column("issuer", _("发文机关"), value=lambda row: row.issuer.label, sort="issuer__pinyin"),
        Column(
            "addressees",
            _("主送"),
            value=lambda row: listed(one.org.label for one in row.addressees.all()),
            width="wide",
        ),
        Column("status", _("状态"), value=lambda row: row.status_label, render=_badge, sort="status", card="meta"),
        Column("open_count", _("未结送达"), sort="open_count", numeric=True),
        Column("signed_at", _("签发时间"), sort="signed_at"),
        Column("drafted_at", _("拟稿时间"), sort="drafted_at", shown=False),
    )
    filters = (
        Search("q", _("关键词"), fields=("title", "number_text"), pinned=True, placeholder=_("标题或文号")),
        Choice("status", _("状态"), field="status", choices=PAPER.choices, pinned=True, multiple=True),
        Organisations("to", _("主送单位"), field="addressees__org"),
        Dates("signed", _("签发日期"), field="signed_at", times=True),
        Flag(
            "own",
            _("只看本单位"),
            condition=lambda actor: Q(owner_org=actor.organisation_id),
            pinned=True,
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Paper]:
        return queries.list_papers(actor=actor)

    def url_of(self, row: Paper) -> str:
        return reverse("papers:paper", args=[row.pk])

    def head_actions(self, actor: Actor) -> list[tuple[Any, str]]:
        return [(_("拟稿"), reverse("papers:new"))] if actor.has("papers.draft") else []


class ServiceList(ListPage):
    """What was served on one's own organisation, and how each addressee of its papers stands."""

    code = "papers.services"
    title = _("收文与送达")
    empty_title = _("没有收到文书")
    columns = (
        Column("number", _("文号"), value=lambda row: row.paper.number_text, sort="paper__number_text", card="meta"),
        Column(
            "title", _("标题"), value=lambda row: row.paper.title, sort="paper__title", link=True, card="title",
            width="wide",
        ),
        Column("issuer", _("发文机关"), value=lambda row: row.paper.issuer.label, sort="paper__issuer__pinyin",
               card="meta"),
        Column("org", _("受送达单位"), value=lambda row: row.org.label, sort="org__pinyin", card="meta"),
        Column("status", _("状态"), value=lambda row: row.status_label, render=_badge, sort="status", card="meta"),
        Column("served_at", _("送达时间"), sort="served_at"),
        Column("reply_due", _("回复期限"), sort="reply_due"),
        Column("replied_at", _("回复时间"), sort="replied_at"),
    )  # fmt: skip
    filters = (
        Search("q", _("关键词"), fields=("paper__title", "paper__number_text"), pinned=True,
               placeholder=_("标题或文号")),
        Choice("status", _("状态"), field="status", choices=SERVICE.choices, pinned=True, multiple=True),
        Flag("received", _("只看收文"), condition=lambda actor: Q(org=actor.organisation_id), pinned=True),
        Flag(
            "late",
            _("只看超期未回复"),
            condition=lambda actor: Q(status="SERVED", reply_due__lt=timezone.localdate()),
            pinned=True,
        ),
        Organisations("org", _("受送达单位"), field="org"),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Service]:
        return queries.list_services(actor=actor)

    def url_of(self, row: Service) -> str:
        return reverse("papers:service", args=[row.pk])
