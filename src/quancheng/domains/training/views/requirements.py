"""Pages of roles, what they require, and how posts are filled."""

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
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import get_enterprise, required_file
from quancheng.domains.training.forms import requirements as forms
from quancheng.domains.training.models import WorkRole
from quancheng.domains.training.queries import roles as queries
from quancheng.domains.training.queries import staffing
from quancheng.domains.training.queries.certificates import RULES, list_kinds
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.judging import said
from quancheng.domains.training.queries.persons import KEEP, VIEW, limit_names
from quancheng.domains.training.services import requirements as services
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of


class StaffingList(ListPage):
    """Where people lack what their posts require (任职条件差距)."""

    code = "training.staffing"
    title = gettext_lazy("任职条件差距")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("企业"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("people", gettext_lazy("在岗人员"), numeric=True, sort="people", card="meta"),
        Column("outside", gettext_lazy("其中外来人员"), numeric=True, sort="outside"),
        Column("with_gaps", gettext_lazy("有不符合项的人员"), numeric=True, sort="with_gaps", card="meta"),
        Column("barred", gettext_lazy("不得任现职的人员"), numeric=True, sort="barred", card="meta"),
        Column("has_manager", gettext_lazy("有考核合格的安全管理人员"), sort="has_manager",
               value=lambda row: _("是") if row.has_manager else _("否")),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), pinned=True, fields=("enterprise__name",),
               pinyin=("enterprise__pinyin", "enterprise__initials")),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True,
               pinned=True),
        Flag(name="gaps", label=gettext_lazy("只看有不符合项的"), condition=lambda actor: staffing.WITH_GAPS),
        Flag(name="unmanaged", label=gettext_lazy("只看没有考核合格的安全管理人员的"),
             condition=lambda actor: staffing.WITHOUT_MANAGER),
        Flag(name="entered", label=gettext_lazy("只看登记了人员的"), condition=lambda actor: Q(people__gt=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return staffing.list_staffing(actor=actor, on=timezone.localdate())

    def url_of(self, row: Enterprise) -> str:
        return reverse("training:staff", args=[row.pk])


class StaffPage(View):
    """Posts of one enterprise: who holds each, with education and certificates, and what he lacks."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            raise unknown_parameter(name)
        file = self.file(actor, **kwargs)
        rows = staffing.staff_of(actor=actor, file=file, on=timezone.localdate())
        return render(request, "training/staff.html", {"file": file, "rows": rows})

    def file(self, actor: Actor, **kwargs: Any) -> Enterprise:
        return get_enterprise(actor=actor, file_id=kwargs["pk"])


class OwnStaff(StaffPage):
    """The same of one's own."""

    def file(self, actor: Actor, **kwargs: Any) -> Enterprise:
        actor.require(KEEP)
        return required_file(actor=actor)


# Roles --------------------------------------------------------------------------------------------------------------


class RoleList(ListPage):
    """Roles at work (岗位角色)."""

    code = "training.roles"
    title = gettext_lazy("岗位角色和任职要求")
    duty = VIEW
    columns = (
        Column("shown", gettext_lazy("名称"), link=True, sort="position", card="title", width="wide"),
        Column("code", gettext_lazy("代码"), sort="code", card="meta"),
        Column("is_task_only", gettext_lazy("只用于作业票"), sort="is_task_only",
               value=lambda row: _("是") if row.is_task_only else _("否")),
        Column("mark", gettext_lazy("确信程度"), value=lambda row: row.get_mark_display()),
        Column("valid_to", gettext_lazy("停用日期"), sort="valid_to"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代号"), pinned=True, fields=("name", "name_en", "code")),
        Flag(name="tasks", label=gettext_lazy("只用于作业票"), condition=lambda actor: Q(is_task_only=True)),
    )
    empty_title = gettext_lazy("没有岗位角色")

    def queryset(self, actor: Actor) -> QuerySet[WorkRole]:
        return queries.list_roles()

    def url_of(self, row: WorkRole) -> str:
        return reverse("training:role", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("增加岗位角色"), reverse("training:role_new"))] if actor.has(RULES) else []


class NewRole(CreatePage):
    title = gettext_lazy("增加岗位角色")
    duty = RULES
    form = forms.NewRoleForm
    back = "training:roles"
    button = gettext_lazy("增加")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.add_role(actor=actor, now=now, **given)
        return reverse("training:role", args=[row.pk])


class RolePage(ObjectPage[WorkRole]):
    """One role with what it requires."""

    duty = VIEW
    back = (gettext_lazy("岗位角色和任职要求"), lambda: reverse("training:roles"))
    own_acts: ClassVar = {"change": gettext_lazy("修改")}

    def get_row(self, actor: Actor, **kwargs: Any) -> WorkRole:
        return queries.get_role(role_id=kwargs["pk"])

    def head(self, row: WorkRole, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.shown, code=row.code)

    def facts(self, row: WorkRole, actor: Actor) -> Sequence[Fact]:
        names = limit_names()
        return [
            Fact(label=_("只用于作业票"), value=_("是") if row.is_task_only else _("否")),
            Fact(label=_("职业禁忌"), value=listed(names.get(one, one) for one in row.barred_by)),
            Fact(label=_("确信程度"), value=row.get_mark_display()),
            Fact(label=_("停用日期"), value=row.valid_to),
        ]

    def tabs(self, row: WorkRole, actor: Actor) -> Sequence[Tab]:
        required = queries.requirements_of(row)
        return [
            Tab(name="requirements", label=_("任职要求"), count=len(required), template="training/_requirements.html",
                context=lambda: {"required": [(one, said(one)) for one in required], "sets": actor.has(RULES)}),
        ]  # fmt: skip

    def history(self, row: WorkRole, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: WorkRole, actor: Actor) -> Sequence[Action]:
        if not actor.has(RULES):
            return []
        url = reverse("training:requirement_new", args=[row.pk])
        return [
            Action(name="require", label=_("增加任职要求"), url=url, primary=True),
            Action(name="change", label=_("修改"), asks=True),
        ]

    def form_for(
        self, action: Action, row: WorkRole, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        names = ("name", "name_en", "barred_by", "valid_to", "version")
        return forms.RoleForm(data, initial={name: getattr(row, name) for name in names})

    def perform(
        self, *, actor: Actor, row: WorkRole, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "change":
            raise NotFound
        services.change_role(actor=actor, role=row, now=now, **given)


class NewRequirement(CreatePage):
    title = gettext_lazy("增加任职要求")
    duty = RULES
    form = forms.RequirementForm
    button = gettext_lazy("增加")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.role = queries.get_role(role_id=kwargs["pk"])
        self.lead = self.role.shown  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"alternative": 1, "is_strict": True}

    def back_url(self) -> str:
        return reverse("training:role", args=[self.role.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["certificate"].queryset = list_kinds()  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name != "reason"}
        services.add_requirement(actor=actor, role=self.role, known=known, reason=given["reason"], now=now)
        return self.back_url()


class EndRequirement(CreatePage):
    title = gettext_lazy("停用任职要求")
    duty = RULES
    form = forms.EndRequirementForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.requirement = queries.get_requirement(requirement_id=kwargs["pk"])
        self.lead = f"{self.requirement.role.shown}：{said(self.requirement)}"  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:role", args=[self.requirement.role_id])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.end_requirement(actor=actor, requirement=self.requirement, now=now, **given)
        return self.back_url()
