"""Pages of drawings of pipes (管道仪表流程图): the list, one with its points in their states, points placed upon it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms import drawings as forms
from quancheng.domains.permits.models import DrawingSpot, IsolationPoint, PipeDrawing
from quancheng.domains.permits.queries import drawings as queries
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services import drawings as services
from quancheng.domains.permits.services.checking import require_own
from quancheng.domains.permits.views import words
from quancheng.domains.permits.views.isolations import device_said, state_mark, where
from quancheng.domains.registry.queries.enterprises import list_units, required_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of


def edition_said(row: Any) -> str:
    """Whether an edition is in use, as a query annotated it."""
    if row.ended_date is not None:
        return _("已撤销")
    return _("现行") if row.is_current else _("旧版")


def edition_mark(row: Any) -> Any:
    return marks.badge(edition_said(row), "done" if row.is_current else "quiet")


class DrawingList(ListPage):
    """Drawings of pipes on which points of isolation lie."""

    code = "permits.drawings"
    title = gettext_lazy("管道仪表流程图")
    columns = (
        Column("number", gettext_lazy("图号"), link=True, sort="number", card="title"),
        Column("title", gettext_lazy("图名"), width="wide", card="meta"),
        Column("edition_date", gettext_lazy("版本日期"), sort="edition_date", card="meta"),
        Column("state", gettext_lazy("版本"), value=edition_said, render=edition_mark, card="meta"),
        Column("unit", gettext_lazy("单元"), value=lambda row: str(row.unit or _("跨单元")), card="meta"),
        Column("spot_count", gettext_lazy("图上隔离点"), numeric=True, card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("added_at", gettext_lazy("上传时间"), sort="added_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("图号、图名、企业"), pinned=True,
               fields=("number", "title", "enterprise__name")),
        Flag(name="current", label=gettext_lazy("只看现行版本"), pinned=True,
             condition=lambda actor: queries.current()),
        Choice(name="unit", label=gettext_lazy("单元"), choices=lambda actor: queries.unit_choices(actor=actor),
               field="unit"),
        Dates(name="edition", label=gettext_lazy("版本日期"), field="edition_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("没有管道仪表流程图")
    empty_hint = gettext_lazy("上传图纸后在图上标出盲板和其他隔离点，颜色随台账的状态变化。")

    def queryset(self, actor: Actor) -> QuerySet[PipeDrawing]:
        return queries.counted(queries.list_drawings(actor=actor))

    def url_of(self, row: PipeDrawing) -> str:
        return reverse("permits:drawing", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = [(gettext_lazy("隔离与盲板台账"), reverse("permits:isolations"))]
        own = actor.has(WORK) and not actor.supervises
        return [(gettext_lazy("上传图纸"), reverse("permits:drawing_new")), *found] if own else found


class NewDrawing(CreatePage):
    title = gettext_lazy("上传管道仪表流程图")
    lead = gettext_lazy("上传后在图上标出隔离点；图上的颜色就是台账中的状态。旧版本保留，只能查阅。")
    duty = WORK
    form = forms.DrawingForm
    back = "permits:drawings"
    button = gettext_lazy("上传")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"edition": Calendar().local_date(now), "takes_over": True}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.DrawingForm(*args, units=list_units(actor=actor).filter(file=self.file), **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {name: value for name, value in given.items() if name != "picture"}
        row = services.add_drawing(
            actor=actor, file=self.file, upload=given["picture"], **told, now=now, client_id=client_id
        )
        return reverse("permits:drawing", args=[row.pk])


class _OwnDrawing(CreatePage):
    """Something entered about a drawing by whoever keeps the register of its enterprise."""

    duty = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.drawing = queries.get_drawing(actor=actor, drawing_id=kwargs["pk"])
        require_own(actor, self.drawing.file, WORK)
        self.lead = str(self.drawing)  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("permits:drawing", args=[self.drawing.pk])


class ChangeDrawing(_OwnDrawing):
    """Title and unit of a drawing corrected."""

    title = gettext_lazy("修改图纸信息")
    form = forms.ChangeDrawingForm
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {name: getattr(self.drawing, name) for name in ("title", "unit", "version")}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        units = list_units(actor=actor).filter(file=self.drawing.file_id)
        return forms.ChangeDrawingForm(*args, units=units, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_drawing(actor=actor, drawing=self.drawing, **given, now=now, client_id=client_id)
        return self.back_url()


class EndDrawing(_OwnDrawing):
    """An edition taken out of use."""

    title = gettext_lazy("撤销图纸")
    form = forms.EndDrawingForm
    button = gettext_lazy("撤销")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.end_drawing(actor=actor, drawing=self.drawing, **given, now=now, client_id=client_id)
        return self.back_url()


def _row(point: IsolationPoint, spot: DrawingSpot | None = None) -> dict[str, Any]:
    """A point as the lists beside a drawing tell it."""
    return {"point": point, "spot": spot, "where": where(point), "device": device_said(point),
            "state": state_mark(point)}  # fmt: skip


def shown(drawing: PipeDrawing) -> dict[str, Any]:
    """A drawing with its points: what stands as pins, what ended, and what lies nowhere on it yet."""
    spots = queries.spots_of(drawing)
    placed = {one.point_id for one in spots}
    offered = list(queries.fitting(drawing)[: queries.MOST])
    return {
        "drawing": drawing, "view": queries.DrawingView(drawing), "link": queries.picture_of(drawing),
        "isolations": queries.pins_of(drawing, spots), "overlay": "permits/_drawing_pins.svg",
        "rows": [_row(one.point, one) for one in spots if not one.point.is_closed],
        "past": [_row(one.point, one) for one in spots if one.point.is_closed],
        "unplaced": [_row(one) for one in offered if one.pk not in placed],
        "offered": [(one, one.pk in placed) for one in offered],
    }  # fmt: skip


class DrawingPage(View):
    """One drawing: its points in the colours of their states, and the same in words."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        drawing: Any = queries.get_drawing(actor=actor, drawing_id=pk)
        for name in request.GET:
            raise unknown_parameter(name)
        keeps = actor.organisation_id == drawing.file_id and actor.has(WORK)
        context = {
            **shown(drawing), "edition": edition_mark(drawing), "enterprise": words.enterprise_of(drawing),
            "may_place": keeps and drawing.is_current, "may_change": keeps and drawing.ended_date is None,
            "editions": queries.editions_of(drawing),
        }  # fmt: skip
        return respond(request, page="permits/drawing.html", part="permits/_drawing.html", context=context)


class PlacePoint(_OwnDrawing):
    """A point placed on a drawing: by pointer or keys, or by coordinates that are typed."""

    title = gettext_lazy("在图上标隔离点")
    form = forms.PlaceForm
    template = "permits/drawing_place.html"
    button = gettext_lazy("保存位置")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        """The point that the address names, where it lies now."""
        wanted = self.request.GET.get("point", "")
        for name in self.request.GET:
            if name != "point":
                raise unknown_parameter(name)
        spots = {str(one.point_id): f"{one.x},{one.y}" for one in queries.spots_of(self.drawing)}
        return {"point": wanted, "points": spots.get(wanted, "")}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.shown = shown(self.drawing)
        return forms.PlaceForm(*args, offered=self.shown["offered"], **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        x, y = given["points"]
        services.place_point(
            actor=actor, drawing=self.drawing, point_id=given["point"], x=x, y=y, now=now, client_id=client_id
        )
        return self.back_url()


class TakeOff(View):
    """A point taken off a drawing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, point: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        drawing = queries.get_drawing(actor=actor, drawing_id=pk)
        services.take_off(actor=actor, drawing=drawing, point_id=point, now=timezone.now())
        return redirect_to(request, reverse("permits:drawing", args=[pk]), toast=_("已从图上取下。"))
