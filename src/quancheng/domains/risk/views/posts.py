"""Posts (岗位) of enterprises and who holds them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from quancheng.domains.registry.views.words import versioned
from quancheng.domains.risk.forms import risks as forms
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Post
from quancheng.domains.risk.queries import posts as queries
from quancheng.domains.risk.queries.cards import cards_of_post
from quancheng.domains.risk.services import posts as services
from quancheng.domains.risk.services.cards import may_write
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import FilePage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed


def _people(row: Post) -> str:
    return listed(one.user.name for one in getattr(row, "now_there", ()))


class PostList(ListPage):
    """Posts (岗位) with who holds them now."""

    code = "risk.posts"
    title = pgettext_lazy("post", "岗位")
    columns = (
        Column("name", gettext_lazy("岗位名称"), link=True, card="title", sort="name"),
        Column("layer", gettext_lazy("管控层级"), value=lambda row: row.get_layer_display(), sort="layer", card="meta"),
        Column("department", gettext_lazy("所属部门"), sort="department", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("people", gettext_lazy("在岗人员"), value=_people),
        Column("is_key", gettext_lazy("关键岗位"), value=lambda row: _("是") if row.is_key else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("岗位、部门、企业"), pinned=True,
               fields=("name", "department", "file__enterprise__name")),
        Choice(name="layer", label=gettext_lazy("管控层级"), choices=Layer.choices, field="layer", multiple=True),
        Flag(name="key", label=gettext_lazy("只看关键岗位"), condition=lambda actor: queries.IS_KEY),
        Flag(name="empty", label=gettext_lazy("只看无人在岗的"), condition=lambda actor: queries.IS_EMPTY),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有岗位")

    def queryset(self, actor: Actor) -> QuerySet[Post]:
        return queries.list_posts(actor=actor)

    def url_of(self, row: Post) -> str:
        return reverse("risk:post", args=[row.pk])


class NewPost(FilePage):
    title = gettext_lazy("增加岗位")
    form = forms.PostForm
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_post(actor=actor, file=self.file, known=given, now=now, client_id=client_id)
        return reverse("risk:post", args=[made.pk])


class PostPage(ObjectPage[Post]):
    """One post: who holds it, for which units it answers."""

    template = "risk/object.html"
    back = (pgettext_lazy("post", "岗位"), lambda: reverse("risk:posts"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Post:
        return queries.get_post(actor=actor, post_id=kwargs["pk"])

    def head(self, row: Post, actor: Actor) -> ObjectHead:
        shown = [marks.badge(_("关键岗位"), "active")] if row.is_key else []
        if row.ended_date:
            shown.append(marks.badge(_("已撤销"), "quiet"))
        return ObjectHead(title=row.name, subtitle=row.get_layer_display(), marks=shown)

    def facts(self, row: Post, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("所属部门"), value=row.department),
            Fact(label=_("在岗人员"), value=_people(row), filled_by=_("企业")),
        ]

    def tabs(self, row: Post, actor: Actor) -> Sequence[Tab]:
        units, past = queries.units_of(row), queries.past_of(row)
        cards = cards_of_post(actor=actor, post=row)
        return [
            Tab(name="units", label=_("负责的单元"), count=len(units), template="risk/_units.html",
                context=lambda: {"units": units}),
            Tab(name="cards", label=_("岗位卡"), count=len(cards), template="risk/_cards.html",
                context=lambda: {"cards": cards}),
            Tab(name="past", label=_("曾在岗人员"), count=len(past), template="risk/_post_past.html",
                context=lambda: {"past": past}),
        ]  # fmt: skip

    def actions(self, row: Post, actor: Actor) -> Sequence[Action]:
        if row.ended_date is not None or not may_keep(actor, row.file):
            return ()
        there = bool(getattr(row, "now_there", ()))
        return [
            Action(name="fill", label=_("安排人员"), asks=True, primary=not there),
            *(
                [Action(name="card", label=_("编写岗位卡"), url=reverse("risk:card_new", args=[row.pk]), primary=there)]
                if may_write(actor, row)
                else []
            ),
            *([Action(name="leave", label=_("人员离岗"), asks=True)] if there else []),
            Action(name="change", label=_("修改"), asks=True),
            Action(name="end", label=_("撤销岗位"), asks=True),
        ]

    def form_for(
        self, action: Action, row: Post, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.FIELDS}
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "fill": lambda: forms.PutAtPostForm(data, file=row.file),
            "leave": lambda: forms.LeavePostForm(data, post=row),
            "change": lambda: versioned(forms.PostForm, data, known, row.version),
            "end": lambda: forms.EndForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Post, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "fill":
            services.put_at_post(
                actor=actor, post=row, user_id=uuid.UUID(given["user"]), since=given["since"], now=now
            )  # fmt: skip
        elif name == "leave":
            person = next(one for one in row.now_there if str(one.pk) == given["person"])  # type: ignore[attr-defined]
            services.leave_post(actor=actor, post=row, person=person, now=now)
        elif name == "change":
            services.change_post(actor=actor, post=row, version=given["version"], changes=given, now=now)
        elif name == "end":
            services.end_post(actor=actor, post=row, reason=given["reason"], now=now)
        else:
            raise NotFound
