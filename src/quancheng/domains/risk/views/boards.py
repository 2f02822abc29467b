"""Boards on the spot (公告栏、告知牌、公示牌): which there are, which are outdated, what each says, printing."""

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
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.services.codes import spelled
from quancheng.domains.registry.views.words import versioned
from quancheng.domains.risk.forms import cards as forms
from quancheng.domains.risk.kinds import BoardKind
from quancheng.domains.risk.models import RiskBoard
from quancheng.domains.risk.queries import boards as queries
from quancheng.domains.risk.queries.cards import mark_of
from quancheng.domains.risk.services import boards as services
from quancheng.domains.risk.services import card_marks
from quancheng.domains.risk.views import card_prints, words
from quancheng.domains.risk.views.cards import pdf_answer
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


def _state(row: RiskBoard) -> str:
    if row.edition == 0:
        return _("未打印")
    return _("须换新") if row.outdated_at else _("与现状一致")


class BoardList(ListPage):
    """Boards (公告栏、告知牌) with whether what hangs is still true."""

    code = "risk.boards"
    title = gettext_lazy("风险公告栏和告知牌")
    columns = (
        Column("name", gettext_lazy("位置"), link=True, sort="name", card="title", width="wide"),
        Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("state", gettext_lazy("状态"), value=_state, sort="outdated_at", card="meta"),
        Column("changes", gettext_lazy("变化"), value=lambda row: "；".join(words.reasons(row.changes)), width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("edition", gettext_lazy("版次"), numeric=True, sort="edition"),
        Column("printed_at", gettext_lazy("打印时间"), sort="printed_at"),
        Column("direct_person", gettext_lazy("直接责任人"), sort="direct_person", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("位置、企业"), fields=("name", "file__enterprise__name"), pinned=True),
        Choice(name="kind", label=gettext_lazy("类别"), choices=BoardKind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="outdated", label=gettext_lazy("只看须换新的"), condition=lambda actor: queries.IS_OUTDATED),
        Flag(name="unprinted", label=gettext_lazy("只看未打印的"), condition=lambda actor: queries.IS_UNPRINTED),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有公告栏和告知牌")

    def queryset(self, actor: Actor) -> QuerySet[RiskBoard]:
        return queries.list_boards(actor=actor)

    def url_of(self, row: RiskBoard) -> str:
        return reverse("risk:board", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("核对本单位应设的牌"), reverse("risk:boards_find"))] if actor.has(services.KEEP) else ()


class FindBoards(CreatePage):
    """Which boards one's own enterprise needs, by its risk list and its major hazards."""

    title = gettext_lazy("核对本单位应设的牌")
    lead = gettext_lazy("企业一块公告栏，每个较大以上风险点一块告知牌，每个重大危险源一块公示牌；不再需要的撤销。")
    duty = services.KEEP
    form = django_forms.Form
    back = "risk:boards"
    button = gettext_lazy("核对")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        file = own_file(actor=actor)
        if file is None:
            raise NotFound
        services.find_boards(file=file, now=now)
        return reverse("risk:boards")


class BoardPage(ObjectPage[RiskBoard]):
    """One board: what it should say now, what differs from the last print, who controls the risk."""

    template = "risk/object.html"
    back = (gettext_lazy("风险公告栏和告知牌"), lambda: reverse("risk:boards"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RiskBoard:
        return queries.get_board(actor=actor, board_id=kwargs["pk"])

    def head(self, row: RiskBoard, actor: Actor) -> ObjectHead:
        tone = "active" if row.outdated_at or not row.edition else "done"
        return ObjectHead(title=row.name, subtitle=row.get_kind_display(), marks=[marks.badge(_state(row), tone)])

    def facts(self, row: RiskBoard, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("版次"), value=row.edition),
            Fact(label=_("打印时间"), value=row.printed_at),
            Fact(label=_("打印人"), value=row.printed_by),
        ]
        changes = self._changes(row)
        if changes:
            found.insert(0, Fact(label=_("打印后的变化"), value="；".join(words.reasons(changes)), wide=True))
        if row.kind != BoardKind.HAZARD:
            found += [Fact(label=_("分管负责人"), value=row.leader, filled_by=own),
                      Fact(label=_("部门负责人"), value=row.department_head, filled_by=own),
                      Fact(label=_("直接责任人"), value=row.direct_person, filled_by=own)]  # fmt: skip
        if (mark := mark_of(board=row.pk)) is not None:
            address = format_html('<a href="{}">{}</a>', reverse("risk:mark", args=[mark.code]), spelled(mark.code))
            found.append(Fact(label=_("二维码"), value=address))
        return found

    def tabs(self, row: RiskBoard, actor: Actor) -> Sequence[Tab]:
        now = self._content(row)
        return [
            Tab(name="now", label=_("现在的内容"), template="risk/_board.html", context=lambda: {"content": now}),
            Tab(name="printed", label=_("最近打印的内容"), template="risk/_board.html",
                context=lambda: {"content": row.content, "board": row}),
        ]  # fmt: skip

    def actions(self, row: RiskBoard, actor: Actor) -> Sequence[Action]:
        if row.ended_date is not None or not services.may_print(actor, row.file):
            return ()
        stale = not row.edition or bool(self._changes(row))
        found = [Action(name="print", label=_("按现状打印"), primary=stale)]
        if row.edition:
            for size in card_prints.BOARD_SIZES:
                url = reverse("risk:board_pdf", args=[row.pk, size])
                found.append(Action(name=size, label=_("下载%(size)s") % {"size": size.upper()}, url=url))
            found.append(Action(name="renew_mark", label=_("更换二维码"), asks=True))
        if row.kind != BoardKind.HAZARD:
            found.append(Action(name="persons", label=_("填写管控责任人"), asks=True))
        return found

    def form_for(
        self, action: Action, row: RiskBoard, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "persons":
            known = {name: getattr(row, name) for name in services.PERSONS}
            return versioned(forms.PersonsForm, data, known, row.version)
        return forms.WhyForm(data) if action.name == "renew_mark" else django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: RiskBoard, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "print":
            services.print_board(actor=actor, board=row, now=now)
        elif name == "persons":
            services.name_persons(actor=actor, board=row, version=given["version"], changes=given, now=now)
        elif name == "renew_mark":
            card_marks.renew_mark(actor=actor, post=None, board=row, reason=given["reason"], now=now)
        else:
            raise NotFound

    def _content(self, row: RiskBoard) -> Mapping[str, Any]:
        if not hasattr(row, "told"):
            row.told = queries.content_of(row, on=Calendar().local_date(timezone.now()))  # type: ignore[attr-defined]
        found: Mapping[str, Any] = row.told  # type: ignore[attr-defined]
        return found

    def _changes(self, row: RiskBoard) -> list[dict[str, str]]:
        return queries.board_changes(row.content, self._content(row)) if row.content is not None else []


class BoardPdf(View):
    """The last print of a board, landscape."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, size: str) -> HttpResponse:
        board = queries.get_board(actor=actor_of(request), board_id=pk)
        mark = mark_of(board=board.pk)
        if size not in card_prints.BOARD_SIZES or board.content is None or board.printed_at is None or mark is None:
            raise NotFound
        day = Calendar().local_date(board.printed_at)
        made = card_prints.board_pdf(
            board, board.content, mark, host=request.build_absolute_uri("/"), size=size, day=day
        )
        return pdf_answer(made, f"{mark.code}-{board.edition}-{size}.pdf")
