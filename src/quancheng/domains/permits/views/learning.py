"""Lessons learnt and accident cases (作业小结、事故案例): on a permit, as lists, and keeping the library."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms import learning as forms
from quancheng.domains.permits.models import CaseChange, ItemMark, Kind, LessonPart, Medium, Part, Permit, WorkLesson
from quancheng.domains.permits.queries import cases, lessons
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.permits import (
    REQUEST,
    SIGN_UNIT,
    VIEW,
    WORK,
    analysis_of,
    get_permit,
    get_permit_person,
)
from quancheng.domains.permits.services import cases as case_services
from quancheng.domains.permits.services import lessons as services
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.views import words
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import own_file, required_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.cases import AccidentCase

#: Acts on a permit's page.
LABELS: dict[str, Any] = {"lesson": gettext_lazy("写小结"), "read_lessons": gettext_lazy("确认已阅读小结")}
_ANALYSED = ("DRAFT", "REQUESTED", "PREPARING")


def shown_on(row: Permit, actor: Actor) -> dict[str, Any]:
    """What a permit's page tells: its own notes, those of like jobs, and fitting cases. Three queries."""
    keeps = actor.organisation_id == row.file_id and actor.has(WORK) and row.status in _ANALYSED
    return {
        "permit": row, "lessons": lessons.lessons_of(row), "like": lessons.lessons_for(row), "keeps": keeps,
        "cases": [case_shown(one) for one in cases.cases_for(actor=actor, permit=row)],
    }  # fmt: skip


def case_shown(one: AccidentCase) -> dict[str, Any]:
    """A case in the reader's language."""
    return {
        "case": one, "title": said(one.title), "equipment": said(one.equipment), "cause": said(one.cause),
        "lesson": said(one.lesson), "hazard": said(one.hazard), "measure": said(one.measure),
        "source": said(one.source), "kinds": [Kind(code).label for code in one.kinds],
        "media": [Medium(code).label for code in one.media],
    }  # fmt: skip


def acts(row: Permit, actor: Actor) -> list[Action]:
    """What its enterprise may do about lessons on its page; the caller asked whether it is its own."""
    found = []
    if lessons.is_over(row) and (actor.has(WORK) or actor.has(SIGN_UNIT)):
        found.append(Action(name="lesson", label=LABELS["lesson"], asks=True))
    if row.status == "DRAFT" and actor.has(REQUEST):
        found.append(Action(name="read_lessons", label=LABELS["read_lessons"], asks=True))
    return found


def form_of(name: str, row: Permit, data: Any) -> django_forms.Form:
    if name == "read_lessons":
        unread = [str(one.pk) for one in lessons.lessons_for(row) if not lessons.is_read(one)]
        return forms.ReadForm(data, initial={"shown": ",".join(unread)})
    guardians = row.people.filter(part=Part.GUARDIAN).select_related("person").order_by("number")
    people = [(str(one.pk), one.person.name) for one in guardians]
    return forms.LessonForm(data, people=people if len(people) > 1 else ())


def perform(
    name: str, *, actor: Actor, row: Permit, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None
) -> None:
    if name == "read_lessons":
        keys = [key for one in given["shown"].split(",") if (key := _key(one)) is not None]
        services.read_lessons(actor=actor, permit=row, keys=keys, now=now)
        return
    chosen = given.get("person") if given["part"] == LessonPart.GUARDIAN else ""
    person = get_permit_person(permit=row, row_id=uuid.UUID(chosen)) if chosen else None
    told = services.Lesson(**{name: given[name] for name in ("part", "went_well", "went_wrong", "suggestion")})
    services.note_lesson(actor=actor, permit=row, told=told, person=person, now=now, client_id=client_id)


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class LessonList(ListPage):
    """Every note that the reader may see."""

    code = "permits.lessons"
    title = gettext_lazy("作业小结")
    columns = (
        Column("permit", gettext_lazy("作业票"), value=lambda row: row.permit.title, link=True, card="title",
               width="wide"),
        Column("part", gettext_lazy("小结人"), value=lambda row: f"{row.get_part_display()} {row.name}", card="meta"),
        Column("went_wrong", gettext_lazy("出现的问题"), width="wide", card="meta"),
        Column("suggestion", gettext_lazy("建议"), width="wide", card="meta"),
        Column("went_well", gettext_lazy("做得好的"), width="wide"),
        Column("place", gettext_lazy("作业地点和部位"), value=lambda row: words.place_of(row.permit), width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", width="wide"),
        Column("entered_at", gettext_lazy("录入时间"), sort="entered_at", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、地点、企业"), pinned=True,
               fields=("went_well", "went_wrong", "suggestion", "permit__place", "permit__content",
                       "enterprise__name")),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="permit__kind", multiple=True,
               pinned=True),
        Flag(name="wrong", label=gettext_lazy("只看出现问题的"), pinned=True,
             condition=lambda actor: ~Q(went_wrong="")),
        Dates(name="entered", label=gettext_lazy("录入时间"), field="entered_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有作业小结")
    empty_hint = gettext_lazy("作业完工后，在作业票上写做得好的、出现的问题和建议，下次类似作业时显示。")

    def queryset(self, actor: Actor) -> QuerySet[WorkLesson]:
        return lessons.list_lessons(actor=actor)

    def url_of(self, row: WorkLesson) -> str:
        return f"{reverse('permits:permit', args=[row.permit_id])}?tab=learning"


class CaseLibrary(View):
    """The library, searched by words, kind and medium."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        asked = {name: request.GET.get(name, "").strip()[:60].replace("\0", "") for name in ("q", "kind", "medium")}
        for name in request.GET:
            if name not in asked:
                raise unknown_parameter(name)
        for name, known in (("kind", Kind.values), ("medium", Medium.values)):
            if asked[name] and asked[name] not in known:
                raise unknown_parameter(name)
        file = own_file(actor=actor)
        may_keep = actor.has(RULES) if file is None else actor.has(WORK)
        own = str(file.pk) if file is not None else ""
        found = [case_shown(one) for one in cases.list_cases(actor=actor, **asked)]
        context = {
            "rows": [(one, may_keep and one["case"].own == own) for one in found], "may_add": may_keep,
            "is_own": file is not None, **asked,
            "kind_choices": Kind.choices, "medium_choices": Medium.choices,
        }  # fmt: skip
        return render(request, "permits/cases.html", context)


class NewCase(CreatePage):
    """A case that an office puts into the library, for everybody."""

    title = gettext_lazy("事故案例")
    lead = gettext_lazy("录入的案例所有单位可见。年份和人数不确定的留空。")
    duty: ClassVar[str | None] = RULES
    form = forms.CaseForm
    template = "permits/case.html"
    back = "permits:cases"
    button = gettext_lazy("保存案例")
    case: AccidentCase | None = None
    file: Enterprise | None = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        if "code" in kwargs:
            own = str(self.file.pk) if self.file is not None else ""
            self.case = cases.get_case(actor=actor, code=kwargs["code"], own=own)

    @property
    def changes(self) -> Sequence[CaseChange]:
        """How this case was written, the newest first."""
        return cases.changes_of(actor=self.actor, code=self.case.code, file=self.file) if self.case else ()

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        one = self.case
        if one is None:
            return {"is_on": True, "mark": ItemMark.OWN, "code": "" if self.file is None else cases.OWN}
        texts = ("equipment", "title", "cause", "lesson", "hazard", "measure", "source")
        told: dict[str, Any] = {name: getattr(one, name).zh for name in texts}
        told |= {name: getattr(one, name) for name in ("code", "kinds", "media", "year", "deaths", "injured", "mark")}
        return told | {"is_on": True}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = case_services.Case(**given)
        case_services.set_case(actor=actor, told=told, file=self.file, now=now, client_id=client_id)
        return reverse("permits:cases")


class NewOwnCase(NewCase):
    """A case that an enterprise keeps for itself."""

    lead = gettext_lazy("录入的案例只供本企业使用，监管部门可见。年份和人数不确定的留空。")
    duty: ClassVar[str | None] = WORK

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = own_file(actor=actor) if "code" in kwargs else required_file(actor=actor)
        if self.file is None:
            # Who has no file keeps no case.
            raise NotFound
        super().open(actor, **kwargs)


class CaseIntoAnalysis(CreatePage):
    """A step of a permit's analysis of hazards, made of a case."""

    title = gettext_lazy("案例加入作业危害分析")
    duty: ClassVar[str | None] = None
    form = forms.CaseStepForm
    button = gettext_lazy("加入分析")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, WORK)
        own = str(self.permit.file_id) if kwargs["code"].startswith(cases.OWN) else ""
        self.case = cases.get_case(actor=actor, code=kwargs["code"], own=own)
        self.lead = f"{self.permit} {said(self.case.title)}"  # type: ignore[misc]

    def back_url(self) -> str:
        return f"{reverse('permits:permit', args=[self.permit.pk])}?tab=papers"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        newest = analysis_of(self.permit)
        title = _("吸取“%(title)s”的教训") % {"title": said(self.case.title)}
        return {
            "step": title, "hazard": said(self.case.hazard), "measure": said(self.case.measure),
            "participants": "\n".join(newest.participants) if newest else "",
        }  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {**given, "participants": fields.lines(given["participants"])}
        case_services.into_analysis(actor=actor, permit=self.permit, now=now, client_id=client_id, **told)
        return self.back_url()
