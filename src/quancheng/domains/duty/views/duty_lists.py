"""Duty lists (职责清单) of units and of their leaders, and what was done against them (履职记录)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms import governance as forms
from quancheng.domains.duty.models import DutyList, DutyRecord
from quancheng.domains.duty.queries import governance as queries
from quancheng.domains.duty.services import governance as services
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.fields import lines
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import get_person


def year_of(request: HttpRequest) -> int:
    """The year asked for, else the present one. :raises Invalid: an unknown parameter or no year."""
    for name in request.GET:
        if name != "year":
            raise unknown_parameter(name)
    text = request.GET.get("year", "")
    if not text:
        return timezone.localdate().year
    form = forms.YearForm({"year": text})
    if not form.is_valid():
        raise Invalid(_("年度应为四位数字，例如 2026。"), code="year")
    found: int = form.cleaned_data["year"]
    return found


class DutyLists(View):
    """Each unit's duty list and yearly task list; what is missing stands first."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, year = actor_of(request), year_of(request)
        found = queries.list_duty_lists(actor=actor, year=year)
        context = {
            "lines": found,
            "missing": sum(1 for line in found if line.is_missing),
            "year": year,
            "years": (year - 1, year + 1),
            "may_file": actor.has(services.LISTS),
        }
        return render(request, "duty/duty_lists.html", context)


class NewDutyList(CreatePage):
    title = gettext_lazy("制定清单")
    lead = gettext_lazy("对照工作方案，列出本单位的工作职责或本年度任务。")
    duty = services.LISTS
    form = forms.DutyListForm
    back = "duty:duty_lists"
    button = gettext_lazy("提交清单")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"year": timezone.localtime(now).year}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.file_duty_list(
            actor=actor, year=given["year"], kind=given["kind"], entries=lines(given["entries"]), now=now
        )
        return reverse("duty:duty_list", args=[row.pk])


class DutyListPage(DomainPage[DutyList]):
    """One list and what was done against its entries."""

    back = (gettext_lazy("职责和任务清单"), lambda: reverse("duty:duty_lists"))

    def get_row(self, actor: Actor, **kwargs: Any) -> DutyList:
        return queries.get_duty_list(actor=actor, list_id=kwargs["pk"])

    def head(self, row: DutyList, actor: Actor) -> ObjectHead:
        whose = f"{row.owner_org.label} {row.person.name} " if row.person else row.owner_org.label
        return ObjectHead(title=f"{whose}{row.get_kind_display()}", code=str(row.year))

    def facts(self, row: DutyList, actor: Actor) -> Sequence[Fact]:
        found = [Fact(label=_("单位"), value=row.owner_org.name), Fact(label=_("制定时间"), value=row.filed_at)]
        if row.person:
            found.insert(1, Fact(label=_("领导"), value=row.person.name))
        return found

    def tabs(self, row: DutyList, actor: Actor) -> Sequence[Tab]:
        acts = queries.list_acts(actor=actor, duty_list=row)
        files = files_of_many(DutyRecord, [one.pk for one in acts])
        counts = [(entry, sum(1 for one in acts if one.entry == entry)) for entry in row.entries]
        return [
            Tab(name="entries", label=_("清单内容"), count=len(row.entries), template="duty/_duty_entries.html",
                context=lambda: {"entries": counts}),
            Tab(name="acts", label=_("履职记录"), count=len(acts), template="duty/_duty_acts.html",
                context=lambda: {"acts": [(one, files.get(one.pk, [])) for one in acts]}),
        ]  # fmt: skip

    def actions(self, row: DutyList, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id == actor.organisation_id and actor.has(services.LISTS):
            return [Action(name="record", label=_("登记履职"), asks=True, primary=True)]
        return ()

    def form_for(
        self, action: Action, row: DutyList, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.ActForm(data, files, duty_list=row)

    def perform(
        self, *, actor: Actor, row: DutyList, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "record":
            raise NotFound
        services.record_act(
            actor=actor, duty_list=row, entry=given["entry"], kind=given["kind"], done_date=given["done_date"],
            place=given["place"], text=given["text"], found_count=given["found_count"] or 0,
            solved_count=given["solved_count"] or 0,
            evidence=receive_uploads(actor=actor, uploads=given["evidence"], now=now), now=now,
            client_id=client_id,
        )  # fmt: skip


class LeaderListsPage(View):
    """Leaders' duty lists of a year with what was done; units whose leaders have none stand above."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, year = actor_of(request), year_of(request)
        found = queries.list_leader_lists(actor=actor, year=year)
        context = {
            "lines": found.lines,
            "missing": found.missing,
            "year": year,
            "years": (year - 1, year + 1),
            "may_file": actor.has(services.LISTS),
        }
        return render(request, "duty/leader_lists.html", context)


class NewLeaderList(CreatePage):
    title = gettext_lazy("制定领导责任清单")
    lead = gettext_lazy("逐项列出该领导的安全生产职责；企业主要负责人按法定职责预填。")
    duty = services.LISTS
    form = forms.LeaderListForm
    back = "duty:leader_lists"
    button = gettext_lazy("提交清单")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        statutory = "\n".join(services.STATUTORY) if "enterprise.head" in actor.roles else ""
        return {"year": timezone.localtime(now).year, "person": str(actor.user_id), "entries": statutory}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.file_duty_list(
            actor=actor, year=given["year"], kind="leader", entries=lines(given["entries"]),
            person=get_person(actor=actor, user_id=uuid.UUID(given["person"])), now=now,
        )  # fmt: skip
        return reverse("duty:duty_list", args=[row.pk])
