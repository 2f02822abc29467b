"""The inbox (消息): what was told, and the way to what it is about."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.notices import queries, services, texts
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of


def _sentence(notice: Notice) -> str:
    return texts.sentence_of(notice.kind, notice.data)


def _shown(notice: Notice) -> Any:
    text = _sentence(notice)
    return text if notice.read_at else format_html("<strong>{}</strong>", text)


class NoticeList(ListPage):
    code = "notices.inbox"
    title = gettext_lazy("消息")
    template = "notices/list.html"
    empty_hint = gettext_lazy("期限提醒、催办、转办和文书送达会出现在这里。")
    columns = (
        Column(key="text", label=gettext_lazy("内容"), value=_sentence, render=_shown, link=True, card="title",
               width="wide"),
        Column(key="kind", label=gettext_lazy("类别"), value=lambda row: texts.label_of(row.kind), sort="kind",
               card="meta"),
        Column(key="created_at", label=gettext_lazy("时间"), sort="created_at", card="meta"),
        Column(
            key="read_at",
            label=gettext_lazy("状态"),
            value=lambda row: _("已读") if row.read_at else _("未读"),
            render=lambda row: marks.badge(_("已读"), "quiet") if row.read_at else marks.badge(_("未读"), "active"),
            sort="read_at",
            card="meta",
        ),
    )  # fmt: skip
    filters = (
        Flag(name="unread", label=gettext_lazy("只看未读"), condition=lambda actor: Q(read_at=None), pinned=True),
        Choice(
            name="kind",
            label=gettext_lazy("类别"),
            field="kind",
            choices=lambda actor: [(kind.code, kind.label) for kind in texts.all_kinds()],
            multiple=True,
            pinned=True,
        ),
        Dates(name="at", label=gettext_lazy("时间"), field="created_at", times=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Notice]:
        return queries.list_notices(actor=actor)

    def url_of(self, row: Notice) -> str:
        return reverse("notices:open", args=[row.pk])


@require_http_methods(["GET", "HEAD"])
def open_notice(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Mark as read and go to what it is about; a gathered one shows its lines."""
    actor = actor_of(request)
    notice = queries.get_notice(actor=actor, notice_id=notice_id)
    services.read_notice(actor=actor, notice=notice, now=timezone.now())
    url = queries.address_of(notice)
    if url:
        return redirect(url)
    lines = [
        {**line, "url": queries.address_of_row(line.get("subject_type", ""), line.get("subject_id"))}
        for line in notice.data.get("lines", ())
    ]
    context = {"notice": notice, "sentence": _sentence(notice), "lines": lines}
    return respond(request, page="notices/notice.html", part="notices/_notice.html", context=context)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.read_all(actor=actor_of(request), now=timezone.now())
    return redirect_to(request, reverse("notices:list"), toast=_("已全部标为已读。"))
