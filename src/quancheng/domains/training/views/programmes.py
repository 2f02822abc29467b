"""Pages of programmes of education (培训大纲)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.forms import programmes as forms
from quancheng.domains.training.models import Employment, Programme, ProgrammeKind
from quancheng.domains.training.queries import programmes as queries
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.queries.education import rules
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.papers import SET_EXAMS
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.queries.unified import material_choices, names_the_four, paper_choices, ways_of
from quancheng.domains.training.services import programmes as services
from quancheng.domains.training.services.rules import RANGES, set_rules
from quancheng.domains.training.services.unified import end_unified, set_unified
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed


class ProgrammeList(ListPage):
    """Programmes of education (培训大纲)."""

    code = "training.programmes"
    title = gettext_lazy("培训大纲")
    duty = VIEW
    columns = (
        Column("shown", gettext_lazy("名称"), link=True, sort="position", card="title", width="wide"),
        Column("kind", gettext_lazy("培训类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("first_hours", gettext_lazy("初次学时"), numeric=True, sort="first_hours", card="meta"),
        Column("yearly_hours", gettext_lazy("每年再培训学时"), numeric=True, sort="yearly_hours", card="meta"),
        Column("interval_months", gettext_lazy("复训间隔月数"), numeric=True, sort="interval_months"),
        Column("pass_mark", gettext_lazy("合格分数"), numeric=True, sort="pass_mark"),
        Column("needs_practice", gettext_lazy("须实操考核"),
               value=lambda row: _("是") if row.needs_practice else _("否")),
        Column("is_owed", gettext_lazy("适用人员都须参加"), value=lambda row: _("是") if row.is_owed else _("否")),
        Column("mark", gettext_lazy("确信程度"), value=lambda row: row.get_mark_display()),
        Column("basis", gettext_lazy("依据"), value=lambda row: row.shown_basis, width="wide", shown=False),
        Column("code", gettext_lazy("代码"), sort="code", shown=False),
        Column("valid_to", gettext_lazy("停用日期"), sort="valid_to", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代号"), pinned=True, fields=("name", "name_en", "code")),
        Choice(name="kind", label=gettext_lazy("培训类别"), choices=ProgrammeKind.choices, field="kind", multiple=True,
               pinned=True),
        Flag(name="owed", label=gettext_lazy("适用人员都须参加"), condition=lambda actor: Q(is_owed=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有培训大纲")

    def queryset(self, actor: Actor) -> QuerySet[Programme]:
        return queries.list_programmes()

    def url_of(self, row: Programme) -> str:
        return reverse("training:programme", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        if not actor.has(RULES):
            return []
        return [
            (gettext_lazy("增加培训大纲"), reverse("training:programme_new")),
            (gettext_lazy("学时规则"), reverse("training:education_rules")),
        ]


class NewProgramme(CreatePage):
    title = gettext_lazy("增加培训大纲")
    duty = RULES
    form = forms.NewProgrammeForm
    back = "training:programmes"
    button = gettext_lazy("增加")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"mark": "D", "is_owed": True, "pass_mark": 80}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name not in ("code", "reason")}
        row = services.add_programme(actor=actor, code=given["code"], known=known, reason=given["reason"], now=now)
        return reverse("training:programme", args=[row.pk])


class ProgrammePage(ObjectPage[Programme]):
    """One programme: whom it concerns, hours, marks and what is taught."""

    duty = VIEW
    back = (gettext_lazy("培训大纲"), lambda: reverse("training:programmes"))
    own_acts: ClassVar = {"change": gettext_lazy("修改"), "unify": gettext_lazy("设定四个统一"),
                           "end_unify": gettext_lazy("停止四个统一")}  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Programme:
        return queries.get_programme(programme_id=kwargs["pk"])

    def head(self, row: Programme, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.shown, code=row.code, subtitle=str(row.get_kind_display()))

    def facts(self, row: Programme, actor: Actor) -> Sequence[Fact]:
        roles = {one.code: one.shown for one in list_roles()}
        everybody = _("不限")
        levels = _("厂级%(plant)s、车间级%(workshop)s、班组级%(team)s") % {
            "plant": row.plant_hours, "workshop": row.workshop_hours, "team": row.team_hours
        }  # fmt: skip
        is_split = row.plant_hours + row.workshop_hours + row.team_hours
        return [
            Fact(label=_("初次学时"), value=row.first_hours),
            Fact(label=_("分级学时"), value=levels if is_split else _("不分级")),
            Fact(label=_("每年再培训学时"), value=row.yearly_hours),
            Fact(label=_("复训间隔月数"), value=row.interval_months or _("无")),
            Fact(label=_("复训学时"), value=row.interval_hours),
            Fact(label=_("任职后多少天内完成初次培训"), value=row.within_days or _("上岗前")),
            Fact(label=_("合格分数"), value=row.pass_mark or _("不考核")),
            Fact(label=_("须实操考核"), value=_("是") if row.needs_practice else _("否")),
            *([Fact(label=_("实操考核启用日期"), value=row.practice_from)] if row.practice_from else []),
            Fact(label=_("适用人员都须参加"), value=_("是") if row.is_owed else _("否")),
            Fact(label=_("适用岗位角色"), wide=True,
                 value=listed(roles.get(one, one) for one in row.roles) or everybody),
            Fact(label=_("不适用的岗位角色"), wide=True,
                 value=listed(roles.get(one, one) for one in row.except_roles)),
            Fact(label=_("适用用工类型"), wide=True,
                 value=listed(str(Employment(one).label) for one in row.employments) or everybody),
            Fact(label=_("适用企业类别"), wide=True,
                 value=listed(str(Kind(one).label) for one in row.kinds) or everybody),
            Fact(label=_("依据"), value=row.shown_basis, wide=True),
            Fact(label=_("确信程度"), value=row.get_mark_display()),
            Fact(label=_("停用日期"), value=row.valid_to),
        ]  # fmt: skip

    def tabs(self, row: Programme, actor: Actor) -> Sequence[Tab]:
        items = row.syllabus.splitlines()
        found = [
            Tab(name="syllabus", label=_("培训内容"), count=len(items), template="training/_syllabus.html",
                context=lambda: {"items": items}),
        ]  # fmt: skip
        if names_the_four(row):
            found.append(Tab(
                name="unified", label=pgettext("main posts", "四个统一"), template="training/_unified.html", count=None,
                context=lambda: {"row": row, "items": len(items), "sees_papers": actor.has(SET_EXAMS),
                                 "ways": ways_of(row)},
            ))  # fmt: skip
        return found

    def history(self, row: Programme, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: Programme, actor: Actor) -> Sequence[Action]:
        if not actor.has(RULES):
            return []
        found = [Action(name="change", label=_("修改"), asks=True, primary=True)]
        if actor.supervises and names_the_four(row):
            found.append(Action(name="unify", label=_("设定四个统一"), asks=True))
            if row.has_one_way(timezone.localdate()) and row.unified_by_id == actor.organisation_id:
                found.append(Action(name="end_unify", label=_("停止四个统一"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Programme, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "unify":
            form = forms.UnifiedForm(data, initial={
                "course": row.unified_course_id, "rule": row.unified_rule_id, "version": row.version,
                "from_date": row.unified_from or timezone.localdate(),
            })  # fmt: skip
            chosen = {"course": material_choices(actor=actor, programme=row), "rule": paper_choices(actor=actor)}
            for name, rows in chosen.items():
                form.fields[name].queryset = rows  # type: ignore[attr-defined]
            return form
        if action.name == "end_unify":
            ending = forms.EndUnifiedForm(data, initial={"version": row.version, "to_date": row.unified_to})
            if not row.is_unified_on(timezone.localdate()):
                del ending.fields["to_date"]
            return ending
        return forms.ProgrammeChangeForm(data, initial=forms.programme_as_form(row))

    def perform(
        self, *, actor: Actor, row: Programme, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "unify":
            set_unified(actor=actor, programme=row, now=now, **given)
            return
        if name == "end_unify":
            end_unified(actor=actor, programme=row, version=given["version"], to_date=given.get("to_date"),
                        reason=given["reason"], now=now)  # fmt: skip
            return
        if name != "change":
            raise NotFound
        known = {key: value for key, value in given.items() if key not in ("version", "reason")}
        services.change_programme(
            actor=actor, programme=row, version=given["version"], known=known, reason=given["reason"], now=now
        )


class SetRules(CreatePage):
    """How the district counts hours."""

    title = gettext_lazy("学时规则")
    lead = gettext_lazy("只增不改，最新的规则对以后的登记生效。")
    duty = RULES
    form = forms.RulesForm
    back = "training:programmes"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        present = rules()
        return {name: getattr(present, name) for name in RANGES}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        set_rules(actor=actor, known=given, reason=given["reason"], now=now)
        return self.back_url()
