"""Pages of censuses: the list, one census with its coverage, one area that somebody goes round, what he met."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import census as forms
from quancheng.domains.registry.kinds import Kind, VisitResult
from quancheng.domains.registry.loops.census import CENSUS
from quancheng.domains.registry.models import Census, CensusArea, CensusVisit
from quancheng.domains.registry.queries import census as queries
from quancheng.domains.registry.queries.enterprises import seen_files
from quancheng.domains.registry.services import census as services
from quancheng.domains.registry.services.census import MANAGE, VISIT, CensusSpec, FoundSpec
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


class CensusList(ListPage):
    """Censuses (摸底)."""

    code = "registry.censuses"
    title = gettext_lazy("摸底")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("摸底名称"), link=True, sort="title", card="title", width="wide"),
        Column("kinds", gettext_lazy("企业类别"), value=lambda row: words.classes(row.kinds) or _("全部类别"),
               width="wide"),
        Column("period_from", gettext_lazy("开始日期"), sort="period_from"),
        Column("period_to", gettext_lazy("结束日期"), sort="period_to", card="meta"),
        Column("owner", gettext_lazy("组织单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("basis", gettext_lazy("依据"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "code", "basis"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=CENSUS.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="end", label=gettext_lazy("结束日期"), field="period_to"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有摸底")

    def queryset(self, actor: Actor) -> QuerySet[Census]:
        return queries.list_censuses(actor=actor)

    def url_of(self, row: Census) -> str:
        return reverse("registry:census", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("组织摸底"), reverse("registry:census_new"))] if actor.has(MANAGE) else []


class NewCensus(CreatePage):
    title = gettext_lazy("组织摸底")
    lead = gettext_lazy("保存后分配责任片区，再启动；启动后各单位收到走访任务。")
    duty = MANAGE
    form = forms.CensusForm
    back = "registry:censuses"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.open_census(actor=actor, spec=CensusSpec(**given), now=now, client_id=client_id)
        return reverse("registry:census", args=[made.pk])


class CensusPage(ObjectPage[Census]):
    """One census: coverage by area and class, what enterprises answer, its report."""

    template = "registry/object.html"
    back = (gettext_lazy("摸底"), lambda: reverse("registry:censuses"))
    forms = {"close": forms.CloseForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Census:
        return queries.get_census(actor=actor, census_id=kwargs["pk"])

    def head(self, row: Census, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label)

    def facts(self, row: Census, actor: Actor) -> Sequence[Fact]:
        found = _coverage(row, actor)
        whole = found.whole
        reached = _("%(percent)s%%（%(seen)s/%(known)s）") % {
            "percent": whole.percent, "seen": whole.seen, "known": whole.known
        }  # fmt: skip
        facts = [
            Fact(label=_("依据"), value=row.basis, wide=True),
            Fact(label=_("企业类别"), value=words.classes(row.kinds) or _("全部类别"), wide=True),
            Fact(label=_("开始日期"), value=row.period_from),
            Fact(label=_("结束日期"), value=row.period_to),
            Fact(label=_("已走访/已登记"), value=reached),
            Fact(label=_("未走访"), value=whole.unseen),
            Fact(label=_("新发现"), value=whole.results[VisitResult.FOUND]),
        ]
        if row.owner_org_id == actor.organisation_id:
            facts.append(Fact(label=_("不在任何片区"), value=found.outside))
        if row.status != "PREPARING":
            facts += [
                Fact(label=_("总结"), value=row.report, filled_by=row.owner_org.label, wide=True),
                Fact(label=_("未摸清的情况和原因"), value=row.gaps, wide=True),
            ]
        return facts

    def tabs(self, row: Census, actor: Actor) -> Sequence[Tab]:
        found = _coverage(row, actor)
        kinds = [(words.classes([kind]), line) for kind, line in sorted(found.kinds.items())]
        return [
            Tab(name="areas", label=_("责任片区"), count=len(found.areas), template="registry/_census_areas.html",
                context=lambda: {"areas": found.areas}),
            Tab(name="kinds", label=_("分类覆盖"), count=len(kinds), template="registry/_census_kinds.html",
                context=lambda: {"lines": kinds}),
            Tab(name="questions", label=_("企业自查内容"), count=len(row.questions),
                template="registry/_census_questions.html", context=lambda: {"questions": row.questions}),
        ]  # fmt: skip

    def actions(self, row: Census, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if row.owner_org_id == actor.organisation_id and not row.is_closed and actor.has(MANAGE):
            first = not any(one.primary for one in found)
            found.append(Action(name="assign", label=_("分配片区"), asks=True, primary=first))
        return found

    def form_for(
        self, action: Action, row: Census, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "assign":
            return forms.AssignForm(data, actor=actor, initial={"due_date": row.period_to.isoformat()})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Census, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "census": row, "now": now}
        if name == "assign":
            services.assign_areas(**common, orgs=list(given["orgs"]), due_date=given["due_date"])
        elif name == "start":
            services.start_census(**common, client_id=client_id)
        elif name == "close":
            services.close_census(**common, **given, client_id=client_id)
        elif name == "cancel":
            services.cancel_census(**common, reason=given["reason"], client_id=client_id)
        else:
            super().perform(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


def _coverage(row: Census, actor: Actor) -> queries.Coverage:
    """Read once for a request: the row lives no longer."""
    found: queries.Coverage | None = getattr(row, "_coverage", None)
    if found is None:
        found = queries.coverage_of(actor=actor, census=row)
        row._coverage = found  # type: ignore[attr-defined]
    return found


class AreaPage(ObjectPage[CensusArea]):
    """One area on a round, also on a phone: whom one has still to meet, each ticked with one press."""

    template = "registry/object.html"
    back = (gettext_lazy("摸底"), lambda: reverse("registry:censuses"))
    forms = {"submit": forms.SubmitForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> CensusArea:
        return queries.get_area(actor=actor, place_id=kwargs["pk"])

    def head(self, row: CensusArea, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.area.name if row.area else "", code=row.census.code, subtitle=row.census.title)

    def facts(self, row: CensusArea, actor: Actor) -> Sequence[Fact]:
        seen = queries.list_censuses(actor=actor).filter(pk=row.census_id).exists()
        title: Any = row.census.title
        if seen:
            title = format_html('<a href="{}">{}</a>', reverse("registry:census", args=[row.census_id]), title)
        return [
            Fact(label=_("摸底"), value=title, wide=True),
            Fact(label=_("依据"), value=row.census.basis, wide=True),
            Fact(label=_("走访单位"), value=row.org.label),
            Fact(label=_("完成时限"), value=row.due_date),
            Fact(label=_("企业类别"), value=words.classes(row.census.kinds) or _("全部类别"), wide=True),
            Fact(label=_("走访情况"), value=row.text, filled_by=row.org.label, wide=True),
            Fact(label=_("未走访到的原因"), value=row.gap_reason, wide=True),
        ]

    def tabs(self, row: CensusArea, actor: Actor) -> Sequence[Tab]:
        unseen = queries.unseen_of(row)
        waiting = unseen.count()
        visits = queries.visits_of(row)
        goes = row.status == "DUE" and row.org_id == actor.organisation_id and actor.has(VISIT)
        return [
            Tab(name="unseen", label=_("待走访"), count=waiting, template="registry/_census_unseen.html",
                context=lambda: {"place": row, "files": list(unseen[: queries.MOST_UNSEEN]), "goes": goes,
                                 "more": max(0, waiting - queries.MOST_UNSEEN)}),
            Tab(name="visits", label=_("已走访"), count=visits.count(), template="registry/_census_visits.html",
                context=lambda: {"place": row, "goes": goes, "visits": _with_files(list(visits[:500]), actor)}),
        ]  # fmt: skip

    def actions(self, row: CensusArea, actor: Actor) -> Sequence[Action]:
        found = [one for one in loopview.actions_of(row, actor) if one.name != "open"]
        if row.status == "DUE" and row.org_id == actor.organisation_id and actor.has(VISIT):
            url = reverse("registry:census_found", args=[row.pk])
            found.append(Action(name="found", label=_("登记新发现场所"), url=url))
        return found

    def perform(
        self, *, actor: Actor, row: CensusArea, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "place": row, "now": now, "client_id": client_id}
        if name == "submit":
            services.submit_area(**common, **given)
        else:
            services.judge_area(**common, name=name, reason=given.get("reason", ""))


def _with_files(visits: list[CensusVisit], actor: Actor) -> list[tuple[CensusVisit, Any, bool]]:
    """Each visit with its photographs, and whether the reader may open the enterprise's file."""
    files = files_of_many(CensusVisit, [one.pk for one in visits])
    seen = seen_files(actor=actor, ids=[one.file_id for one in visits])
    return [(one, files.get(one.pk, []), one.file_id in seen) for one in visits]


class _RoundPage(CreatePage):
    """A page on the round of an area."""

    duty = VISIT
    back = "registry:censuses"
    button = gettext_lazy("保存")
    place: CensusArea

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.place = queries.get_area(actor=actor, place_id=kwargs["pk"])

    def back_url(self) -> str:
        return reverse("registry:census_area", args=[self.place.pk])


class NewVisit(_RoundPage):
    """What was found at one enterprise; the one-press tick of the round posts here too."""

    title = gettext_lazy("登记走访")
    form = forms.VisitForm

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.file = queries.get_unseen(place=self.place, file_id=kwargs["file"])
        address = self.file.address or _("地址未登记")
        self.lead = f"{self.file.enterprise}，{self.file.get_kind_display()}，{address}"  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        services.record_visit(
            actor=actor, place=self.place, file=self.file, result=given["result"], note=given["note"],
            evidence=evidence, now=now, unlisted=given["unlisted"], client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class NewFound(_RoundPage):
    title = gettext_lazy("登记新发现场所")
    lead = gettext_lazy("保存后建立档案；没有出示证照的，同时生成线索，由监管部门核查处置。")
    form = forms.FoundForm

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.FoundForm(*args, actor=actor, place=self.place, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"kind": Kind.UNLICENSED}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        told = {key: value for key, value in given.items() if key not in ("evidence", "lon", "lat")}
        spec = FoundSpec(**told, known={"lon": given["lon"], "lat": given["lat"]})
        services.record_found(
            actor=actor, place=self.place, spec=spec, evidence=evidence, now=now, client_id=client_id
        )  # fmt: skip
        return self.back_url()


