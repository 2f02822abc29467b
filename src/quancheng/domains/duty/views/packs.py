"""Situation packs (情况通报): made for some plans and days, kept as they were, handed out as Word and PDF."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms.reports import PackForm
from quancheng.domains.duty.models import Pack
from quancheng.domains.duty.queries import pack_content as packs
from quancheng.domains.duty.queries import packs as queries
from quancheng.domains.duty.services.reports import ask_for_pack, make_pack
from quancheng.domains.duty.views.downloads import document_response
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.papers.render.pdf import render_report_pdf
from quancheng.kernel.papers.render.word import render_report_docx
from quancheng.kernel.people.actors import actor_of


class PackList(ListPage):
    """Situation packs of one's own organisation."""

    code = "duty.packs"
    title = gettext_lazy("情况通报")
    columns = (
        Column("title", gettext_lazy("标题"), link=True, sort="title", card="title", width="wide"),
        Column("first_date", gettext_lazy("起始日期"), sort="first_date", card="meta"),
        Column("last_date", gettext_lazy("截止日期"), sort="last_date", card="meta"),
        Column("made_by", gettext_lazy("编制人"), value=lambda row: row.made_by.name if row.made_by else ""),
        Column("made_at", gettext_lazy("生成时间"), sort="made_at"),
    )
    empty_title = gettext_lazy("还没有情况通报")
    empty_hint = gettext_lazy("选择计划和期间，系统填好数据，生成可编辑的文稿。")

    def queryset(self, actor: Actor) -> QuerySet[Pack]:
        return queries.list_packs(actor=actor)

    def url_of(self, row: Pack) -> str:
        return reverse("duty:pack", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("编制情况通报"), reverse("duty:pack_new"))] if actor.has("duty.packs.make") else []


class NewPack(CreatePage):
    """Drawing a pack up."""

    title = gettext_lazy("编制情况通报")
    lead = gettext_lazy("系统按所选计划和期间统计数据、汇集各单位报告的问题和打算，生成后保持不变，可下载修改。")
    duty = "duty.packs.make"
    form = PackForm
    back = "duty:packs"
    button = gettext_lazy("生成")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> PackForm:
        return PackForm(*args, actor=actor, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = timezone.localdate(now)
        return {"first_date": today.replace(day=1), "last_date": today}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        plans, first, last = list(given["plans"]), given["first_date"], given["last_date"]
        if queries.is_long(actor=actor, plans=plans):
            return ask_for_pack(
                actor=actor, plans=plans, first=first, last=last, now=now, client_id=client_id
            ).get_absolute_url()
        pack = make_pack(actor=actor, plans=plans, first=first, last=last, now=now)
        return reverse("duty:pack", args=[pack.pk])


class PackPage(DomainPage[Pack]):
    """One pack as it reads, with its documents."""

    back = (gettext_lazy("情况通报"), lambda: reverse("duty:packs"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Pack:
        return queries.get_pack(actor=actor, pack_id=kwargs["pk"])

    def head(self, row: Pack, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=f"{row.first_date} — {row.last_date}")

    def facts(self, row: Pack, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("编制单位"), value=row.owner_org.name),
            Fact(label=_("编制人"), value=row.made_by.name if row.made_by else None),
            Fact(label=_("生成时间"), value=row.made_at),
        ]

    def tabs(self, row: Pack, actor: Actor) -> Sequence[Tab]:
        return [Tab(name="text", label=_("内容"), template="duty/_pack_text.html",
                    context=lambda: {"blocks": row.content["blocks"]})]  # fmt: skip

    def actions(self, row: Pack, actor: Actor) -> Sequence[Action]:
        def url(ending: str) -> str:
            return reverse("duty:pack_document", args=[row.pk, ending])

        return [
            Action(name="docx", label=_("下载 Word"), primary=True, url=url("docx")),
            Action(name="pdf", label=_("下载 PDF"), url=url("pdf")),
        ]


class PackDocument(View):
    """A pack as Word or PDF, drawn from what was frozen."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, ending: str) -> HttpResponse:
        actor = actor_of(request)
        pack = queries.get_pack(actor=actor, pack_id=pk)
        document = packs.document_of(pack, prepared_by=pack.owner_org.name)
        if ending == "docx":
            body = render_report_docx(document)
        elif ending == "pdf":
            body = render_report_pdf(document)
        else:
            raise NotFound
        return document_response(body, f"{pack.title}.{ending}")
