"""Colours of the district, of its towns, of one enterprise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import link_to as registry_link
from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.queries import colours as queries
from quancheng.domains.risk.queries import posts as post_queries
from quancheng.domains.risk.queries import risks
from quancheng.domains.risk.queries.reactions import FINE_KINDS
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.services.keeping import KEEP, VIEW, may_keep
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.announcements import announcement_tab
from quancheng.domains.risk.views.classings import classings_tab
from quancheng.domains.risk.views.environmental import environmental_tab
from quancheng.domains.risk.views.gradings import grading_tab
from quancheng.domains.risk.views.layout import layout_tab
from quancheng.domains.risk.views.reactions import reactions_tab
from quancheng.domains.risk.views.start_stops import start_stops_tab
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of

_LEVELS = [(str(code), label) for code, label in Level.choices]


class Colours(View):
    """How many enterprises of each town stand at each level (四色统计)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        towns = queries.by_town(actor=actor_of(request))
        files = reverse("risk:files")
        rows = [
            (
                one,
                [(level, one.by_level[level], f"{files}?level={level}{_town(one)}") for level, _label in Level.choices],
                f"{files}?open=1{_town(one)}",
                f"{files}?raised=1{_town(one)}",
            )
            for one in towns
        ]
        total = queries.AreaColours(None)
        for one in towns:
            total.by_level.update(one.by_level)
            total.raised += one.raised
            total.without += one.without
            total.graded.update(one.graded)
        sums = [(level, total.by_level[level], f"{files}?level={level}") for level, _label in Level.choices]
        listed = reverse("risk:graded")
        graded = [
            (
                one,
                [(level, one.graded[level], f"{listed}?level={level}{_town(one)}") for level, _label in Level.choices],
                one.graded[None],
                f"{listed}?none=1{_town(one)}",
            )
            for one in (*towns, total)
            if one.graded
        ]
        context = {"rows": rows, "total": total, "sums": sums, "files": files, "graded": graded}
        return render(request, "risk/colours.html", context)


def _town(one: queries.AreaColours) -> str:
    return f"&town={one.area.path}" if one.area is not None else ""


class FileList(ListPage):
    """Enterprises by the colour of their worst risk (企业四色清单)."""

    code = "risk.files"
    title = gettext_lazy("企业风险清单")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("level", gettext_lazy("现状风险"),
               value=lambda row: str(Level(row.present_level).label) if row.present_level else "",
               render=words.raised, sort="present_level", card="meta"),
        Column("graded", gettext_lazy("企业风险等级"),
               value=lambda row: str(Level(row.graded_present).label) if row.graded_present else "",
               render=lambda row: words.colour(row.graded_present), sort="graded_present", card="meta"),
        Column("static", gettext_lazy("静态风险"),
               value=lambda row: str(Level(row.static_level).label) if row.static_level else "",
               render=lambda row: words.colour(row.static_level), sort="static_level"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("objects", gettext_lazy("风险分析对象数"), value=lambda row: row.object_count, numeric=True,
               sort="object_count"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="level", label=gettext_lazy("现状风险"), choices=_LEVELS, field="present_level", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        Flag(name="raised", label=gettext_lazy("只看升高的"),
             condition=lambda actor: Q(present_level__lt=F("static_level"))),
        Flag(name="open", label=gettext_lazy("只看没有评估的"), condition=lambda actor: Q(present_level__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有企业档案")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_files(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:file", args=[row.pk])


class OwnRisks(View):
    """Leads to the risks of one's own enterprise, or to the page that opens its file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        if not actor.has(VIEW):
            actor.require(KEEP)
        file = own_file(actor=actor)
        return redirect("registry:own_new") if file is None else redirect("risk:file", file.pk)


class FileOfRisk(ObjectPage[Enterprise]):
    """The risks of one enterprise: its objects with their colours, how complete its list is, its posts."""

    template = "risk/object.html"
    back = (gettext_lazy("企业风险清单"), lambda: reverse("risk:files"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return get_enterprise(actor=actor, file_id=kwargs["pk"])

    def head(self, row: Enterprise, actor: Actor) -> ObjectHead:
        objects = self._objects(row)
        worst = min((one.present_level for one in objects if one.present_level), default=None)
        shown = [words.colour(worst)] if worst else []
        return ObjectHead(title=row.enterprise.name, subtitle=_("风险分级管控"), marks=shown)  # type: ignore[union-attr]

    def facts(self, row: Enterprise, actor: Actor) -> Sequence[Fact]:
        counted = queries.coverage_of(row)
        own = _("企业")

        def share(done: int, of: int) -> str:
            return f"{done} / {of}"

        return [
            Fact(label=_("企业档案"), value=registry_link(row)),
            Fact(label=_("企业类别"), value=row.get_kind_display()),
            Fact(label=_("已建对象的重大危险源"), value=share(counted.hazards_with_object, counted.hazards)),
            Fact(label=_("已评估的风险事件"), value=share(counted.events_assessed, counted.events),
                 filled_by="" if counted.events else own),
            Fact(label=_("四类措施齐全的风险事件"), value=share(counted.events_four_classes, counted.events)),
            Fact(label=_("有责任岗位的单元"), value=share(counted.units_with_post, counted.units)),
        ]  # fmt: skip

    def tabs(self, row: Enterprise, actor: Actor) -> Sequence[Tab]:
        objects, posts = self._objects(row), list(post_queries.list_posts(actor=actor).filter(file=row))
        return [
            Tab(name="objects", label=_("风险分析对象"), count=len(objects), template="risk/_objects.html",
                context=lambda: {"objects": objects}),
            Tab(name="posts", label=pgettext("post", "岗位"), count=len(posts), template="risk/_posts.html",
                context=lambda: {"posts": posts}),
            grading_tab(row, actor),
            classings_tab(row, actor),
            announcement_tab(row, actor),
            start_stops_tab(row, actor),
            environmental_tab(row, actor),
            layout_tab(row, actor),
            *([reactions_tab(row, actor)] if row.kind in FINE_KINDS else ()),
        ]  # fmt: skip

    def actions(self, row: Enterprise, actor: Actor) -> Sequence[Action]:
        printing = Action(name="print", label=_("打印岗位卡"), url=reverse("risk:cards_print", args=[row.pk]))
        if not may_keep(actor, row):
            return [
                Action(name="site", label=_("厂区四色分布图"), url=reverse("risk:site", args=[row.pk])),
                Action(name="index", label=_("综合风险指数"), url=reverse("risk:index_file", args=[row.pk])),
                printing,
            ]
        return [
            Action(name="site", label=_("厂区四色分布图"), url=reverse("risk:site", args=[row.pk])),
            Action(name="index", label=_("综合风险指数"), url=reverse("risk:index_file", args=[row.pk])),
            Action(name="object", label=_("增加对象"), url=reverse("risk:object_new", args=[row.pk]), primary=True),
            Action(name="post", label=_("增加岗位"), url=reverse("risk:post_new", args=[row.pk])),
            Action(name="grading", label=_("启动分级"), url=reverse("risk:grading_new", args=[row.pk])),
            *(
                [Action(name="reaction", label=_("登记反应"), url=reverse("risk:reaction_new", args=[row.pk]))]
                if row.kind in FINE_KINDS and may_analyse(actor, row.pk)
                else ()
            ),
            printing,
        ]

    def _objects(self, row: Enterprise) -> Sequence[Any]:
        if not hasattr(row, "risk_rows"):
            row.risk_rows = risks.objects_of(row)  # type: ignore[attr-defined]
        found: Sequence[Any] = row.risk_rows  # type: ignore[attr-defined]
        return found
