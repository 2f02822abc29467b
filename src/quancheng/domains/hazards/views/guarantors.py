"""Pages of guarantors: major hazards with their three persons, one of them with its tasks, what is owed in a period."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import guarantors as forms
from quancheng.domains.hazards.loops.guarantor import GUARANTOR_ROUND
from quancheng.domains.hazards.models import GuarantorRole, GuarantorRound, WorkType
from quancheng.domains.hazards.queries import guarantors as queries
from quancheng.domains.hazards.services import guarantors as services
from quancheng.domains.registry.models import Unit
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.given import asked_day
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.vault import services as vault
from quancheng.standards.risk import guarantors as standard

_GRADES = [(str(code), str(code)) for code in range(1, 5)]


def _filled(row: Any) -> str:
    return f"{row.filled} / {len(GuarantorRole)}"


def _told(row: Any) -> str:
    if not queries.is_hazard(row):
        return _("已不是重大危险源，责任人尚未卸任")
    if row.filled < len(GuarantorRole):
        return _("未确定齐")
    return _("有人已离职") if row.has_left else ""


class HazardList(ListPage):
    """Major hazards with their guarantors (重大危险源包保责任)."""

    code = "hazards.guarantors"
    title = gettext_lazy("重大危险源包保责任")
    columns = (
        Column("name", gettext_lazy("重大危险源"), link=True, sort="name", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("grade", gettext_lazy("法定等级"), value=lambda row: row.legal_grade, numeric=True, sort="legal_grade",
               card="meta"),
        Column("filled", gettext_lazy("已确定人数"), value=_filled, sort="filled", card="meta"),
        Column("gap", gettext_lazy("缺漏"), value=_told, card="meta"),
        Column("tasks", gettext_lazy("履职任务"), value=lambda row: _("已建立") if row.has_tasks else _("未建立")),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("重大危险源、企业"), fields=("name", "file__enterprise__name"),
               pinned=True),
        Choice(name="grade", label=gettext_lazy("法定等级"), choices=_GRADES, field="legal_grade", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="gap", label=gettext_lazy("只看有缺漏的"),
             condition=lambda actor: Q(filled__lt=len(GuarantorRole)) | Q(has_left=True) | ~queries.IS_HAZARD),
        Flag(name="no_tasks", label=gettext_lazy("只看未建立任务的"),
             condition=lambda actor: queries.IS_HAZARD & Q(has_tasks=False)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有重大危险源")

    def queryset(self, actor: Actor) -> QuerySet[Unit]:
        return queries.list_hazards(actor=actor)

    def url_of(self, row: Unit) -> str:
        return reverse("hazards:guarantors_of", args=[row.pk])


class HazardPage(ObjectPage[Unit]):
    """The three persons of one hazard, each with his tasks and when each was last done."""

    template = "hazards/object.html"
    back = (gettext_lazy("重大危险源包保责任"), lambda: reverse("hazards:guarantors"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Unit:
        return queries.get_hazard(actor=actor, unit_id=kwargs["pk"])

    def head(self, row: Unit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=_("重大危险源包保责任"))

    def facts(self, row: Unit, actor: Actor) -> Sequence[Fact]:
        standing = queries.standing_of(row.pk)
        gaps: list[Any] = [_told(row)]
        if queries.is_hazard(row):
            present = queries.present_in(row.file_id, [one.person_id for one in standing.values()])
            gaps = [*queries.gaps_of(standing, present)]
        own = _("企业")
        lines = [
            Fact(label=str(role.label), value=f"{one.name}（{one.job}）" if (one := standing.get(role)) else "",
                 filled_by="" if one or not queries.is_hazard(row) else own)
            for role in GuarantorRole
        ]  # fmt: skip
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("法定等级"), value=row.legal_grade),
            Fact(label="R", value=row.legal_r),
            *lines,
            Fact(label=_("缺漏"), value=_("；").join(str(one) for one in gaps), wide=True),
        ]

    def tabs(self, row: Unit, actor: Actor) -> Sequence[Tab]:
        lines = queries.lines_of(row)
        past = queries.guarantors_of(row.pk)
        return [
            Tab(name="tasks", label=_("履职任务"), count=sum(len(one.tasks) for one in lines),
                template="hazards/_guarantor_tasks.html", context=lambda: {"lines": lines}),
            Tab(name="people", label=_("任职情况"), count=len(past), template="hazards/_guarantor_people.html",
                context=lambda: self._people(past)),
            Tab(name="duties", label=_("职责"), template="hazards/_guarantor_duties.html",
                context=lambda: {"roles": [
                    (role.label, [told(one.text) for one in standard.duties(role)]) for role in GuarantorRole
                ]}),
        ]  # fmt: skip

    def _people(self, past: Sequence[Any]) -> Mapping[str, Any]:
        held = files_of_many(type(past[0]), [one.pk for one in past]) if past else {}
        return {"people": [
            (one, vault.masked(vault.PHONE, one.phone) if one.phone else "", held.get(one.pk, [])) for one in past
        ]}  # fmt: skip

    def actions(self, row: Unit, actor: Actor) -> Sequence[Action]:
        if not actor.has(services.KEEP) or actor.organisation_id != row.file_id:
            return ()
        if not queries.is_hazard(row):
            return [Action(name="retire", label=_("包保责任人卸任"), primary=True,
                           url=reverse("hazards:guarantors_retire", args=[row.pk]))]  # fmt: skip
        filled = len(queries.standing_of(row.pk))
        complete = filled == len(GuarantorRole)
        return [
            Action(name="name", label=_("确定包保责任人"), url=reverse("hazards:guarantor_new", args=[row.pk]),
                   primary=not complete),
            Action(name="tasks", label=_("按清单建立履职任务"), url=reverse("hazards:guarantor_tasks", args=[row.pk]),
                   primary=complete and not row.has_tasks),  # type: ignore[attr-defined]
        ]  # fmt: skip


class _OfHazard(CreatePage):
    """What the enterprise does for one of its hazards."""

    duty = services.KEEP

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.hazard = queries.get_hazard(actor=actor, unit_id=kwargs["pk"])
        if self.hazard.file_id != actor.organisation_id:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("hazards:guarantors_of", args=[self.hazard.pk])

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        return {"since": today, "first": today}


class NewGuarantor(_OfHazard):
    title = gettext_lazy("确定包保责任人")
    lead = gettext_lazy("原来的人自前一日卸任，其履职任务转给新任者；人员或电话变动后5日内应更新。")
    form = forms.NameForm
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.NameForm(*args, hazard=self.hazard, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        stored = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
        services.name_guarantor(
            actor=actor, hazard=self.hazard, role=given["role"], person_id=uuid.UUID(given["person"]),
            job=given["job"], phone=given["phone"], since=given["since"], files=stored, now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class NewTasks(_OfHazard):
    title = gettext_lazy("按清单建立履职任务")
    lead = gettext_lazy(
        "主要负责人9项、技术负责人9项、操作负责人10项；已有的任务不变。条目文字为默认稿，以正式清单为准。"
    )
    form = forms.TasksForm
    button = gettext_lazy("建立任务")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.build_tasks(actor=actor, hazard=self.hazard, first=given["first"], now=now)
        return self.back_url()


class Retire(_OfHazard):
    title = gettext_lazy("包保责任人卸任")
    lead = gettext_lazy("该单元已不是重大危险源：责任人自今日起卸任，其履职任务终止，任职情况保留。")
    form = forms.RetireForm
    button = gettext_lazy("卸任")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        if queries.is_hazard(self.hazard):
            raise Conflict(_("仍是重大危险源，不能没有包保责任人；请确定继任者。"))

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.retire_guarantors(actor=actor, hazard=self.hazard, reason=given["reason"], now=now)
        # The unit has no page among hazards any more.
        return reverse("hazards:guarantors")


class RoundList(ListPage):
    """What guarantors owe or owed in each period (包保履职)."""

    code = "hazards.guarantor_rounds"
    title = gettext_lazy("包保履职")
    columns = (
        Column("title", gettext_lazy("履职事项"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("person", gettext_lazy("责任人"), value=lambda row: row.person.name if row.person else ""),
        Column("planned", gettext_lazy("应履职任务"), numeric=True, sort="planned"),
        Column("done", gettext_lazy("已履职任务"), numeric=True, sort="done"),
        Column("last_date", gettext_lazy("期间止"), sort="last_date", card="meta"),
        Column("reason", gettext_lazy("未履职原因"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",), pinned=True),
        Choice(name="role", label=gettext_lazy("包保责任"), choices=GuarantorRole.choices, field="role", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=GUARANTOR_ROUND.choices, field="status",
               multiple=True),
        Dates(name="last", label=gettext_lazy("期间止"), field="last_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有包保履职事项")

    def queryset(self, actor: Actor) -> QuerySet[GuarantorRound]:
        return queries.list_rounds(actor=actor)

    def url_of(self, row: GuarantorRound) -> str:
        return reverse("hazards:guarantor_round", args=[row.pk])


class RoundPage(ObjectPage[GuarantorRound]):
    """One period: each task that is due in it, and whether it was done."""

    template = "hazards/object.html"
    back = (gettext_lazy("包保履职"), lambda: reverse("hazards:guarantor_rounds"))

    def get_row(self, actor: Actor, **kwargs: Any) -> GuarantorRound:
        return queries.get_round(actor=actor, round_id=kwargs["pk"])

    def head(self, row: GuarantorRound, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=_("包保履职"))

    def facts(self, row: GuarantorRound, actor: Actor) -> Sequence[Fact]:
        planned, done = queries.progress_of(row)
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("责任人"), value=row.person.name if row.person else ""),
            Fact(label=_("应履职任务"), value=planned),
            Fact(label=_("已履职任务"), value=done),
            Fact(label=_("未履职原因"), value=row.reason, wide=True),
        ]

    def tabs(self, row: GuarantorRound, actor: Actor) -> Sequence[Tab]:
        dues = queries.dues_of(row)
        return [
            Tab(name="dues", label=_("履职任务"), count=dues.count(), template="hazards/_running_dues.html",
                context=lambda: {"dues": dues[:200]}),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: GuarantorRound, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.explain_round(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)


class Performance(View):
    """Per enterprise and person what was due in a span and done (履职情况); no ranking."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("first", "last"):
                raise unknown_parameter(name)
        today = Calendar().local_date(timezone.now())
        first = asked_day(request.GET.get("first", ""), "first") or today - timedelta(days=30)
        last = asked_day(request.GET.get("last", ""), "last") or today
        if last < first or last - first > timedelta(days=400):
            raise unknown_parameter("last")
        rows = [
            {**one, "role": WorkType(one["work_type"]).label, "missed": one["planned"] - one["done"],
             "url": f"{reverse('hazards:guarantor_rounds')}?{urlencode({'q': one['file__enterprise__name']})}"}
            for one in queries.performance(actor=actor, first=first, last=last)
        ]  # fmt: skip
        return render(request, "hazards/guarantor_performance.html", {"rows": rows, "first": first, "last": last})
