"""Pages of building dual prevention: the twelve steps of one enterprise, all of them, counts by step, acceptance."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View

from quancheng.domains.hazards.forms import building as forms
from quancheng.domains.hazards.models import BuildingAcceptance, BuildingPaper, PaperKind
from quancheng.domains.hazards.queries import building as queries
from quancheng.domains.hazards.services import building as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk import building as standard


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _step_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(str(one.number), f"{one.number} {told(one.name)}") for one in standard.steps()]


def _step_column(number: int) -> Column:
    def value(row: Any) -> str:
        return _("已完成") if queries.is_done(row, number) else _("未完成")

    return Column(f"step_{number}", format_lazy(gettext_lazy("第{number}步"), number=number), value=value,
                  sort=queries.NAMES[number], shown=number in (4, 5, 6, 7, 8, 10, 11))  # fmt: skip


class BuildingList(ListPage):
    """Enterprises with the steps that each has done (双重预防机制建设进度)."""

    code = "hazards.building"
    title = gettext_lazy("双重预防机制建设进度")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("done", gettext_lazy("已完成步骤"), value=lambda row: f"{queries.count_done(row)} / 12", card="meta"),
        *(_step_column(one.number) for one in standard.steps()),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="lacks", label=gettext_lazy("未完成的步骤"), choices=_step_choices, pinned=True,
               narrows=lambda number: queries.lacks(int(number))),
        Choice(name="has", label=gettext_lazy("已完成的步骤"), choices=_step_choices,
               narrows=lambda number: ~queries.lacks(int(number))),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_files(actor=actor, today=_today())

    def url_of(self, row: Enterprise) -> str:
        return reverse("hazards:building_of", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("各步骤完成情况"), reverse("hazards:building_steps"))]


class Steps(View):
    """Of each step how many enterprises have done it (各步骤完成情况); each number opens its rows."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "town":
                raise unknown_parameter(name)
        town, towns = request.GET.get("town", ""), town_choices(actor)
        if town and town not in {path for path, _name in towns}:
            raise unknown_parameter("town")
        of, done = queries.by_step(actor=actor, today=_today(), town=town)
        base, narrowed = reverse("hazards:building"), f"&town={town}" if town else ""
        rows = [
            (one.number, told(one.name), done[one.number], f"{base}?has={one.number}{narrowed}",
             of - done[one.number], f"{base}?lacks={one.number}{narrowed}")
            for one in standard.steps()
        ]  # fmt: skip
        context = {"rows": rows, "of": of, "towns": [(path, name, path == town) for path, name in towns]}
        return render(request, "hazards/building_steps.html", context)


class BuildingPage(ObjectPage[Enterprise]):
    """The twelve steps of one enterprise: what is done, what shows it, what is missing."""

    template = "hazards/object.html"
    back = (gettext_lazy("双重预防机制建设进度"), lambda: reverse("hazards:building"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return queries.get_file(actor=actor, file_id=kwargs["pk"], today=_today())

    def head(self, row: Enterprise, actor: Actor) -> ObjectHead:
        accepted = queries.is_done(row, standard.ACCEPTANCE)
        shown = [marks.badge(pgettext("building", "已验收"), "quiet")] if accepted else []
        return ObjectHead(title=row.enterprise.name if row.enterprise else "", subtitle=_("双重预防机制建设"),
                          marks=shown)  # fmt: skip

    def facts(self, row: Enterprise, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row)),
            Fact(label=_("已完成步骤"), value=f"{queries.count_done(row)} / 12"),
            Fact(label=_("监管牵头部门"), value=row.supervisor.label),
        ]

    def tabs(self, row: Enterprise, actor: Actor) -> Sequence[Tab]:
        papers = queries.papers_of(row.pk)
        asked = list(queries.list_acceptances(actor=actor).filter(file=row.pk)[:20])
        return [
            Tab(name="steps", label=_("建设步骤"), template="hazards/_building_lines.html",
                context=lambda: self._lines(row, actor)),
            Tab(name="papers", label=_("建设材料"), count=len(papers), template="hazards/_building_papers.html",
                context=lambda: self._papers(papers)),
            Tab(name="acceptances", label=_("验收申请"), count=len(asked),
                template="hazards/_building_acceptances.html", context=lambda: {"acceptances": asked}),
        ]  # fmt: skip

    def _lines(self, row: Enterprise, actor: Actor) -> Mapping[str, Any]:
        keeps = actor.has(services.KEEP) and actor.organisation_id == row.pk
        new = reverse("hazards:building_paper_new", args=[row.pk])
        lines = [
            (one, told(one.step.name), told(one.step.how),
             [(kind.label, f"{new}?kind={kind.value}") for kind in one.papers] if keeps else [])
            for one in queries.lines_of(row, today=_today())
        ]  # fmt: skip
        return {"lines": lines}

    def _papers(self, papers: Sequence[BuildingPaper]) -> Mapping[str, Any]:
        held = files_of_many(BuildingPaper, [one.pk for one in papers])
        return {"papers": [(one, held.get(one.pk, [])) for one in papers]}

    def actions(self, row: Enterprise, actor: Actor) -> Sequence[Action]:
        if not actor.has(services.KEEP) or actor.organisation_id != row.pk:
            return ()
        ready = all(queries.is_done(row, number) for number in queries.NAMES if number < standard.ACCEPTANCE)
        ready = ready and queries.standing_acceptance(row.pk) is None
        found = [
            Action(name="paper", label=_("上传建设材料"), primary=not ready,
                   url=reverse("hazards:building_paper_new", args=[row.pk])),
        ]  # fmt: skip
        if ready:
            found.insert(0, Action(name="ask", label=_("申请验收"), primary=True,
                                   url=reverse("hazards:building_ask", args=[row.pk])))  # fmt: skip
        return found


class _OfOwn(CreatePage):
    """What an enterprise does for its own building."""

    duty = services.KEEP

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = queries.get_file(actor=actor, file_id=kwargs["pk"], today=_today())
        if self.file.pk != actor.organisation_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("hazards:building_of", args=[self.file.pk])


class NewPaper(_OfOwn):
    title = gettext_lazy("上传建设材料")
    form = forms.PaperForm
    button = gettext_lazy("上传")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        wanted = self.request.GET.get("kind", "")
        return {"dated": Calendar().local_date(now), "kind": wanted if wanted in PaperKind.values else ""}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.add_paper(
            actor=actor, file=self.file, kind=given["kind"], title=given["title"], dated=given["dated"],
            text=given["text"], headed=given["headed"], now=now, client_id=client_id,
            files=receive_uploads(actor=actor, uploads=given["files"], now=now),
        )  # fmt: skip
        return self.back_url()


class Ask(_OfOwn):
    title = gettext_lazy("申请建设验收")
    lead = gettext_lazy("前十步均已完成后，由监管牵头部门验收。")
    form = forms.AskForm
    button = gettext_lazy("提交申请")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.ask_acceptance(actor=actor, file=self.file, text=given["text"], now=now, client_id=client_id)
        return reverse("hazards:building_acceptance", args=[made.pk])


class AcceptancePage(ObjectPage[BuildingAcceptance]):
    """One request for acceptance."""

    template = "hazards/object.html"
    forms = {"accept": forms.AcceptForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> BuildingAcceptance:
        return queries.get_acceptance(actor=actor, acceptance_id=kwargs["pk"])

    def way_back(self, row: BuildingAcceptance) -> tuple[Any, str]:
        return (gettext_lazy("双重预防机制建设"), reverse("hazards:building_of", args=[row.file_id]))

    def head(self, row: BuildingAcceptance, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=row.file.enterprise.name if row.file.enterprise else "")

    def facts(self, row: BuildingAcceptance, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("验收部门"), value=row.supervisor.label),
            Fact(label=_("试运行情况"), value=row.told, wide=True),
            Fact(label=_("验收意见"), value=row.text, wide=True),
        ]

    def perform(
        self, *, actor: Actor, row: BuildingAcceptance, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        text = given["text"] if name == "accept" else given["reason"]
        services.judge_acceptance(actor=actor, row=row, name=name, text=text, now=now, client_id=client_id)


class OwnBuilding(View):
    """Leads to the page of one's own enterprise, or to the page that opens its file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        file = own_file(actor=actor_of(request))
        return redirect("registry:own_new") if file is None else redirect("hazards:building_of", file.pk)
