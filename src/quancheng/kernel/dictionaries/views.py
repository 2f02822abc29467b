"""Pages of code lists: the entries, one entry with how it read before, and a new one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.dictionaries import queries, services
from quancheng.kernel.dictionaries.forms import ChangeForm, NewItemForm, initial_of, spec_of
from quancheng.kernel.dictionaries.models import Certainty, CodeItem
from quancheng.kernel.errors import DomainError
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage, Text
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of

MANAGE = "dictionaries.manage"


class ItemList(ListPage):
    """Entries of every list."""

    code = "dictionaries.items"
    imports = ("dictionaries.items",)
    title = gettext_lazy("字典")
    columns = (
        Column(key="label", label=gettext_lazy("名称"), value=lambda row: row.shown, sort="label", link=True,
               card="title"),
        Column(key="code_list", label=gettext_lazy("字典"), value=lambda row: row.code_list.name,
               sort=("code_list", "position"), card="meta"),
        Column(key="code", label=gettext_lazy("代码"), sort="code"),
        Column(key="meaning", label=gettext_lazy("含义"), width="wide", card="meta"),
        Column(key="parts", label=gettext_lazy("包含的各项"), value=lambda row: listed(row.parts), width="wide"),
        Column(key="mark", label=gettext_lazy("确信程度"), value=lambda row: row.get_mark_display(), sort="mark"),
        Column(key="valid_from", label=gettext_lazy("启用日期"), sort="valid_from", shown=False),
        Column(key="valid_to", label=gettext_lazy("停用日期"), sort="valid_to"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("label", "label_en", "code", "meaning"), pinned=True),
        Choice(name="list", label=gettext_lazy("字典"), field="code_list_id", pinned=True,
               choices=lambda actor: [(one.code, one.name) for one in queries.list_lists()]),
        Choice(name="mark", label=gettext_lazy("确信程度"), field="mark", choices=Certainty.choices),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_all()

    def url_of(self, row: Any) -> str:
        return reverse("dictionaries:item", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("新增条目"), reverse("dictionaries:new"))] if actor.has(MANAGE) else []


class ItemPage(ObjectPage[CodeItem]):
    """One entry; its history is every version it had."""

    back = (gettext_lazy("字典"), lambda: reverse("dictionaries:items"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor_of(request).require(MANAGE)
        return super().post(request, **kwargs)

    def get_row(self, actor: Actor, **kwargs: Any) -> CodeItem:
        return queries.get_item(kwargs["item_id"])

    def head(self, row: CodeItem, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.shown, code=row.code, subtitle=row.code_list.name)

    def facts(self, row: CodeItem, actor: Actor) -> Sequence[Fact]:
        aliases = listed(sorted(alias.name for alias in row.aliases.all()))
        return [
            Fact(_("名称"), row.label),
            Fact(_("英文名称"), row.label_en),
            Fact(_("含义"), row.meaning, wide=True),
            Fact(_("包含的各项"), listed(row.parts), wide=True),
            Fact(_("其他写法"), aliases, wide=True),
            Fact(_("确信程度"), row.get_mark_display()),
            Fact(_("启用日期"), row.valid_from),
            Fact(_("停用日期"), row.valid_to),
        ]

    def actions(self, row: CodeItem, actor: Actor) -> Sequence[Action]:
        if not actor.has(MANAGE):
            return []
        return [Action("change", _("修改"), primary=True, asks=True, icon="pencil")]

    def history(self, row: CodeItem, actor: Actor) -> Sequence[HistoryLine]:
        return [
            HistoryLine(
                at=version.changed_at,
                who=version.changed_by.name if version.changed_by else _("系统"),
                what=_("第%(version)s版：%(label)s") % {"version": version.version, "label": version.facts["label"]},
                note=version.reason,
            )
            for version in queries.history_of(row)
        ]

    def form_for(self, action: Action, row: CodeItem, actor: Actor, data: Any = None, files: Any = None) -> Form:
        return ChangeForm(data, initial=initial_of(row))

    def perform(
        self,
        *,
        actor: Actor,
        row: CodeItem,
        name: str,
        given: Mapping[str, Any],
        now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:
        services.change_item(
            actor=actor, item=row, spec=spec_of(row.code, dict(given)), reason=given["reason"],
            seen_version=given["seen_version"], now=now,
        )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new entry of a list that may grow."""
    actor = actor_of(request)
    actor.require(MANAGE)
    form, status = NewItemForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                item = services.add_item(
                    actor=actor, code_list=given["code_list"], spec=form.spec(given["code"]), reason=given["reason"],
                    now=timezone.now(),
                )  # fmt: skip
            except DomainError as refused:
                status = tell(form, refused)
            else:
                return redirect_to(request, reverse("dictionaries:item", args=[item.pk]), toast=_("条目已新增。"))
    return render(request, "dictionaries/new.html", {"form": form}, status=status)
