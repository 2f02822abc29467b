"""Pages of the supervision force (监管力量)."""

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

from quancheng.domains.duty.forms import staff as forms
from quancheng.domains.duty.models import StaffMember
from quancheng.domains.duty.models.staff import JoinedBy
from quancheng.domains.duty.queries import staff as queries
from quancheng.domains.duty.services import staff as services
from quancheng.domains.duty.services.staff import KEEP
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead
from quancheng.kernel.people.actors import actor_of


class Force(View):
    """The force of each organisation: posts, people, the professional share, people taken on, units for each."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            raise unknown_parameter(name)
        found = queries.list_force(actor=actor, day=timezone.localdate())
        context = {
            "lines": found,
            "wanted": queries.WANTED,
            "below": sum(1 for line in found if line.in_post and not line.reaches),
            "empty": sum(1 for line in found if not line.in_post),
            "may_keep": actor.has(KEEP),
            "year": timezone.localdate().year,
        }
        return render(request, "duty/force.html", context)


class StaffList(ListPage):
    """People of the supervision force (监管人员)."""

    code = "duty.staff"
    title = gettext_lazy("监管人员")
    columns = (
        Column("name", gettext_lazy("姓名"), link=True, sort="name", card="title"),
        Column("org", gettext_lazy("单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin",
               card="meta"),
        Column("post", gettext_lazy("职务"), card="meta"),
        Column("schooling", gettext_lazy("学历专业")),
        Column("professional", gettext_lazy("专业人员"),
               value=lambda row: _("是") if row.has_schooling and row.has_practice else ""),
        Column("joined_by", gettext_lazy("来源"), value=lambda row: row.get_joined_by_display(), sort="joined_by"),
        Column("joined_date", gettext_lazy("到岗日期"), sort="joined_date"),
        Column("left_date", gettext_lazy("离岗日期"), sort="left_date"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("name", "post", "schooling"), pinned=True),
        Choice(name="joined_by", label=gettext_lazy("来源"), choices=JoinedBy.choices, field="joined_by", pinned=True),
        Flag(name="here", label=gettext_lazy("只看在岗"), condition=lambda actor: Q(left_date__isnull=True)),
        Organisations(name="org", label=gettext_lazy("单位"), field="owner_org"),
    )
    empty_title = gettext_lazy("还没有登记监管人员")

    def queryset(self, actor: Actor) -> QuerySet[StaffMember]:
        return queries.list_staff(actor=actor)

    def url_of(self, row: StaffMember) -> str:
        return reverse("duty:staff_member", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记人员"), reverse("duty:staff_new"))] if actor.has(KEEP) else []


class NewMember(CreatePage):
    title = gettext_lazy("登记人员")
    lead = gettext_lazy("既有相关学历又有实践经验的，计入专业人员。")
    duty = KEEP
    form = forms.MemberForm
    back = "duty:staff"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        member = services.enter_member(actor=actor, **given, now=now, client_id=client_id)
        return reverse("duty:staff_member", args=[member.pk])


class NewStaffPlan(CreatePage):
    title = gettext_lazy("编制和招录计划")
    duty = KEEP
    form = forms.StaffPlanForm
    back = "duty:force"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"year": timezone.localtime(now).year}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.plan_staff(actor=actor, **given, now=now)
        return reverse("duty:force")


class MemberPage(DomainPage[StaffMember]):
    """One person of the force."""

    back = (gettext_lazy("监管人员"), lambda: reverse("duty:staff"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {"leave": forms.LeaveStaffForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> StaffMember:
        return queries.get_member(actor=actor, member_id=kwargs["pk"])

    def head(self, row: StaffMember, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, subtitle=row.owner_org.name)

    def facts(self, row: StaffMember, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("职务"), value=row.post),
            Fact(label=_("学历专业"), value=row.schooling),
            Fact(label=_("具有相关学历"), value=_("是") if row.has_schooling else _("否")),
            Fact(label=_("具有实践经验"), value=_("是") if row.has_practice else _("否")),
            Fact(label=_("来源"), value=row.get_joined_by_display()),
            Fact(label=_("到岗日期"), value=row.joined_date),
            Fact(label=_("离岗日期"), value=row.left_date),
        ]

    def actions(self, row: StaffMember, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id == actor.organisation_id and row.left_date is None and actor.has(KEEP):
            return [Action(name="leave", label=_("登记离岗"), asks=True)]
        return ()

    def perform(
        self, *, actor: Actor, row: StaffMember, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "leave":
            raise NotFound
        services.leave_staff(actor=actor, member=row, left_date=given["left_date"], now=now)
