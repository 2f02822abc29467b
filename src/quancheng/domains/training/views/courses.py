"""Pages of courses and yearly plans."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.training.forms import courses as forms
from quancheng.domains.training.models import Course, TrainingPlan
from quancheng.domains.training.queries import courses as queries
from quancheng.domains.training.queries.courses import TEACH
from quancheng.domains.training.queries.education import hours_said
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services import courses as services
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab


def owner_of(row: Any) -> str:
    return str(row.owner_org.label)


class CourseList(ListPage):
    """Courses (课程)."""

    code = "training.courses"
    title = gettext_lazy("课程")
    duty = VIEW
    columns = (
        Column("title", gettext_lazy("课程名称"), link=True, sort="title", card="title", width="wide"),
        Column("programme", gettext_lazy("培训大纲"), value=lambda row: row.programme.shown, card="meta",
               width="wide"),
        Column("owner", gettext_lazy("开课单位"), value=owner_of, sort="owner_org__pinyin", card="meta"),
        Column("hours", gettext_lazy("学时"), numeric=True, value=lambda row: hours_said(row.hours), sort="hours",
               card="meta"),
        Column("level", gettext_lazy("教育级别"), value=lambda row: row.get_level_display()),
        Column("teacher", gettext_lazy("授课人"), sort="teacher"),
        Column("practical", gettext_lazy("含实操考核"), value=lambda row: _("是") if row.is_practical else _("否")),
        Column("ended_date", gettext_lazy("停开日期"), sort="ended_date"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("课程名称、授课人"), pinned=True, fields=("title", "teacher")),
        Choice(name="programme", label=gettext_lazy("培训大纲"), field="programme__code", pinned=True,
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Flag(name="own", label=gettext_lazy("只看本单位的"),
             condition=lambda actor: Q(owner_org=actor.organisation_id)),
        Flag(name="open", label=gettext_lazy("不看停开的"), condition=lambda actor: Q(ended_date__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有课程")

    def queryset(self, actor: Actor) -> QuerySet[Course]:
        return queries.list_courses(actor=actor)

    def url_of(self, row: Course) -> str:
        return reverse("training:course", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("增加课程"), reverse("training:course_new"))] if actor.has(TEACH) else []


class NewCourse(CreatePage):
    title = gettext_lazy("增加课程")
    duty = TEACH
    form = forms.CourseForm
    back = "training:courses"
    button = gettext_lazy("增加")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = dict(given)
        known["materials"] = receive_uploads(actor=actor, uploads=known["materials"], now=now)
        row = services.add_course(actor=actor, now=now, client_id=client_id, **known)
        return reverse("training:course", args=[row.pk])


class CoursePage(ObjectPage[Course]):
    """One course with its materials."""

    duty = VIEW
    back = (gettext_lazy("课程"), lambda: reverse("training:courses"))
    forms: ClassVar = {"materials": forms.MaterialsForm}
    own_acts: ClassVar = {"materials": gettext_lazy("上传课件和教材"), "end": gettext_lazy("停开")}

    def get_row(self, actor: Actor, **kwargs: Any) -> Course:
        return queries.get_course(actor=actor, course_id=kwargs["pk"])

    def head(self, row: Course, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=owner_of(row))

    def facts(self, row: Course, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("培训大纲"), value=row.programme.shown),
            Fact(label=_("学时"), value=hours_said(row.hours)),
            Fact(label=_("教育级别"), value=row.get_level_display()),
            Fact(label=_("授课人"), value=row.teacher),
            Fact(label=_("含实操考核"), value=_("是") if row.is_practical else _("否")),
            Fact(label=_("停开日期"), value=row.ended_date),
        ]

    def tabs(self, row: Course, actor: Actor) -> Sequence[Tab]:
        items = row.content.splitlines()
        held = list(files_of(row))
        return [
            Tab(name="content", label=_("课程内容"), count=len(items), template="training/_syllabus.html",
                context=lambda: {"items": items}),
            Tab(name="files", label=_("课件和教材"), count=len(held), template="training/_held.html",
                context=lambda: {"files": held}),
        ]  # fmt: skip

    def history(self, row: Course, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: Course, actor: Actor) -> Sequence[Action]:
        if row.ended_date is not None or not actor.has(TEACH) or actor.organisation_id != row.owner_org_id:
            return []
        url = reverse("training:session_new", args=[row.pk])
        return [
            Action(name="session", label=_("安排培训班"), url=url, primary=True),
            Action(name="materials", label=_("上传课件和教材"), asks=True),
            Action(name="end", label=_("停开"), confirm=_("停开后不能再安排培训班。")),
        ]

    def perform(
        self, *, actor: Actor, row: Course, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "materials":
            found = receive_uploads(actor=actor, uploads=given["materials"], now=now)
            services.add_materials(actor=actor, course=row, materials=found, now=now)
        elif name == "end":
            services.end_course(actor=actor, course=row, now=now)
        else:
            raise NotFound


# Plans -------------------------------------------------------------------------------------------------------------


class PlanList(ListPage):
    """Yearly plans (年度培训计划)."""

    code = "training.plans"
    title = gettext_lazy("年度培训计划")
    duty = VIEW
    columns = (
        Column("title", gettext_lazy("计划名称"), link=True, sort="title", card="title", width="wide"),
        Column("year", gettext_lazy("年度"), sort="year", card="meta"),
        Column("owner", gettext_lazy("制定单位"), value=owner_of, sort="owner_org__pinyin", card="meta"),
        Column("classes", gettext_lazy("计划班次"), numeric=True, sort="classes", card="meta"),
        Column("begun", gettext_lazy("已开班次"), numeric=True, sort="begun", card="meta"),
        Column("published", gettext_lazy("状态"), sort="published_at",
               value=lambda row: _("已发布") if row.published_at else _("起草中")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("计划名称、制定单位"), pinned=True, fields=("title", "owner_org__name")),
        Choice(name="year", label=gettext_lazy("年度"), field="year", pinned=True, choices=lambda actor: _years()),
        Flag(name="own", label=gettext_lazy("只看本单位的"),
             condition=lambda actor: Q(owner_org=actor.organisation_id)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有年度培训计划")

    def queryset(self, actor: Actor) -> QuerySet[TrainingPlan]:
        return queries.list_plans(actor=actor)

    def url_of(self, row: TrainingPlan) -> str:
        return reverse("training:plan", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("制定计划"), reverse("training:plan_new"))] if actor.has(TEACH) else []


def _years() -> list[tuple[str, str]]:
    year = timezone.localdate().year
    return [(str(one), str(one)) for one in range(year + 1, year - 5, -1)]


class NewPlan(CreatePage):
    title = gettext_lazy("制定年度培训计划")
    duty = TEACH
    form = forms.PlanForm
    back = "training:plans"
    button = gettext_lazy("制定")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"year": timezone.localdate().year}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.add_plan(actor=actor, now=now, client_id=client_id, **given)
        return reverse("training:plan", args=[row.pk])


class PlanPage(ObjectPage[TrainingPlan]):
    """One plan: its classes, and what became of each."""

    duty = VIEW
    back = (gettext_lazy("年度培训计划"), lambda: reverse("training:plans"))
    own_acts: ClassVar = {"publish": gettext_lazy("发布"), "line": gettext_lazy("增加班次")}

    def get_row(self, actor: Actor, **kwargs: Any) -> TrainingPlan:
        return queries.get_plan(actor=actor, plan_id=kwargs["pk"])

    def head(self, row: TrainingPlan, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=str(row.year), subtitle=owner_of(row))

    def facts(self, row: TrainingPlan, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("年度"), value=row.year),
            Fact(label=_("制定单位"), value=owner_of(row)),
            Fact(label=_("发布时间"), value=row.published_at),
        ]

    def tabs(self, row: TrainingPlan, actor: Actor) -> Sequence[Tab]:
        lines = queries.lines_of(row)
        return [
            Tab(name="lines", label=_("计划班次"), count=len(lines), template="training/_plan_lines.html",
                context=lambda: {"lines": lines}),
        ]  # fmt: skip

    def history(self, row: TrainingPlan, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: TrainingPlan, actor: Actor) -> Sequence[Action]:
        if not actor.has(TEACH) or actor.organisation_id != row.owner_org_id:
            return []
        found = [Action(name="line", label=_("增加班次"), asks=True, primary=row.published_at is not None)]
        if row.published_at is None:
            found.append(Action(name="publish", label=_("发布"), primary=bool(row.lines.exists()),
                                confirm=_("发布后有关单位可以看到。")))  # fmt: skip
        return found

    def form_for(self, action: Action, row: TrainingPlan, actor: Actor, data: Any = None, files: Any = None) -> Any:
        if action.name == "line":
            return forms.LineForm(data, actor=actor)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: TrainingPlan, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "line":
            services.add_line(actor=actor, plan=row, known=given, now=now, client_id=client_id)
        elif name == "publish":
            services.publish_plan(actor=actor, plan=row, now=now)
        else:
            raise NotFound
