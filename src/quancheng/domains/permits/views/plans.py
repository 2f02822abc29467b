"""Work plans (作业计划): the list of days, one day by zone, deciding of a job, sealing the minutes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms import plans as forms
from quancheng.domains.permits.loops.permit import PERMIT
from quancheng.domains.permits.models import Permit, PlanChoice, WorkPlan
from quancheng.domains.permits.queries import plans as queries
from quancheng.domains.permits.queries.permits import SIGN_LEADER, get_permit
from quancheng.domains.permits.services import plans as services
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.views import words
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export, fields, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.parameters import bounds
from quancheng.standards.wording import Text as Wording


def tomorrow() -> date:
    return Calendar().local_date(timezone.now()) + timedelta(days=1)


def read_day(text: str) -> date:
    """A day of an address. :raises NotFound: none, or one with which no calendar reckons."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if len(text) != 10 or not 2000 <= day.year <= 2100:
        raise NotFound
    return day


class PlanList(ListPage):
    """Plans of which anything was decided."""

    code = "permits.plans"
    title = gettext_lazy("作业计划")
    columns = (
        Column("day", gettext_lazy("计划日期"), link=True, sort="day", card="title"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("decided", gettext_lazy("已决定的作业"), numeric=True, card="meta"),
        Column("sealed_at", gettext_lazy("封存时间"), sort="sealed_at", card="meta"),
        Column("sealed_by", gettext_lazy("封存人")),
        Column("minutes", gettext_lazy("会议纪要"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、会议纪要"), fields=("enterprise__name", "minutes"), pinned=True),
        Dates(name="day", label=gettext_lazy("计划日期"), field="day"),
        Flag(name="open", label=gettext_lazy("只看未封存的"), condition=lambda actor: queries.not_sealed()),
    )  # fmt: skip
    empty_title = gettext_lazy("没有作业计划")
    empty_hint = gettext_lazy("每天召开作业计划会，逐项决定次日作业，封存纪要。")

    def queryset(self, actor: Actor) -> QuerySet[WorkPlan]:
        return queries.list_plans(actor=actor)

    def url_of(self, row: WorkPlan) -> str:
        return reverse("permits:plan", args=[row.file_id, row.day.isoformat()])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        file = own_file(actor=actor)
        if file is None:
            return []
        return [(gettext_lazy("明日作业计划"), reverse("permits:plan", args=[file.pk, tomorrow().isoformat()]))]


_COLUMNS = (
    Column("unit", gettext_lazy("单元")), Column("number", gettext_lazy("作业票编号")),
    Column("kind", gettext_lazy("作业类别")), Column("level", gettext_lazy("作业级别")),
    Column("content", gettext_lazy("作业内容")), Column("place", gettext_lazy("作业地点和部位")),
    Column("starts", gettext_lazy("作业开始时间")), Column("ends", gettext_lazy("作业结束时间")),
    Column("status", gettext_lazy("状态")), Column("met", gettext_lazy("交叉作业")),
    Column("decision", gettext_lazy("决定")), Column("reason", gettext_lazy("理由")),
    Column("by", gettext_lazy("决定人")), Column("kept", gettext_lazy("封存纪要")),
)  # fmt: skip


class PlanDay(View):
    """One day of one enterprise."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, day: str) -> HttpResponse:
        actor, now, on = actor_of(request), timezone.now(), read_day(day)
        file = queries.get_plan_file(actor=actor, file_id=pk)
        for name in request.GET:
            if name != "export":
                raise unknown_parameter(name)
        wanted = request.GET.get("export", "")
        if wanted not in ("", "xlsx"):
            raise unknown_parameter("export")
        found = queries.day_plan(actor=actor, file=file, day=on, now=now)
        rows = [_row(zone, job) for zone in found.zones for job in zone.jobs]
        is_whole = found.plan is None or queries.is_whole(found.plan)
        if wanted:
            title = _("作业计划")
            return export.spreadsheet(
                actor=actor, code="permits.plan", title=f"{title} {on:%Y-%m-%d}", columns=_COLUMNS,
                rows=[SimpleNamespace(**one) for one in _exported(found.plan, rows)],
                filters_text=_filters_text(words.enterprise_of(file), on, found.plan, is_whole=is_whole),
                demo=is_demo(), now=now,
            )  # fmt: skip
        decides = actor.organisation_id == file.pk and actor.has(SIGN_LEADER)
        context = {
            "file": file, "day": on, "plan": found.plan, "decides": decides,
            "zones": [
                (zone, [_quota(one) for one in zone.quotas], [(job, _row(zone, job)) for job in zone.jobs])
                for zone in found.zones
            ],
            "count": len(rows), "is_whole": is_whole,
            "before": _url(file.pk, on - timedelta(days=1)), "after": _url(file.pk, on + timedelta(days=1)),
            "export_url": f"{_url(file.pk, on)}?export=xlsx",
        }  # fmt: skip
        return render(request, "permits/plan.html", context)


def _url(file: uuid.UUID, day: date) -> str:
    return reverse("permits:plan", args=[file, day.isoformat()])


def _filters_text(name: str, day: date, plan: WorkPlan | None, *, is_whole: bool) -> str:
    """The head of the exported plan: whose, when, and by which minutes."""
    parts = [name, f"{day:%Y-%m-%d}"]
    if plan is not None and plan.sealed_at is not None:
        parts.append(_("会议纪要：%(minutes)s；封存校验 %(seal)s") % {"minutes": plan.minutes, "seal": plan.seal[:12]})
        if not is_whole:
            parts.append(_("内容被改动"))
    return " ".join(parts)


def _exported(plan: WorkPlan | None, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """What the spreadsheet holds: of sealed minutes the rows that the seal covers, and behind them, named so, jobs that
    came and decisions that were made since."""
    if plan is None or plan.sealed_at is None:
        return rows
    covered = {one["permit"]: one["decision_id"] for one in plan.jobs}
    since = [
        one | {"kept": _("未纳入封存")} for one in rows
        if one["key"] not in covered or (one["decision_id"] and one["decision_id"] != covered[one["key"]])
    ]  # fmt: skip
    return [*(_sealed_row(one) for one in plan.jobs), *since]


def _sealed_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A job as the sealed minutes hold it, in the reader's words."""
    held = Permit(kind=one["kind"], level=one["level"])
    return {
        "unit": one["unit"] or _("未写单元"), "number": one["number"], "kind": held.get_kind_display(),
        "level": words.level_shown(held), "content": one["content"], "place": one["place"],
        "starts": _local(datetime.fromisoformat(one["starts"])), "ends": _local(datetime.fromisoformat(one["ends"])),
        "status": str(PERMIT.states[one["status"]].label),
        "met": _("、").join(said(Wording(*each)) for each in one["met"]),
        "decision": _choice_said(one["decision"], one["put_off_to"]), "reason": one["reason"], "by": one["by"],
        "kept": _("已封存"),
    }  # fmt: skip


def _choice_said(choice: str, put_off_to: str) -> str:
    """A decision with the day to which a job was put off."""
    return f"{PlanChoice(choice).label if choice else ''} {put_off_to}".strip()


def _local(at: datetime) -> datetime:
    """A moment for a cell, which knows no zone."""
    return at.astimezone(ZONE).replace(tzinfo=None)


def _quota(one: queries.Quota) -> dict[str, Any]:
    return {"quota": one, "name": said(bounds()[one.name].text)}


def _row(zone: queries.Zone, job: queries.PlannedJob) -> dict[str, Any]:
    """A job as page and spreadsheet show it."""
    one, decided = job.permit, job.decision
    put_off_to = f"{decided.put_off_to:%Y-%m-%d}" if decided is not None and decided.put_off_to is not None else ""
    choice = _choice_said(decided.choice if decided else "", put_off_to)
    return {
        "unit": str(zone.unit) if zone.unit else _("未写单元"), "number": one.number, "kind": one.get_kind_display(),
        "level": words.level_shown(one), "content": one.content, "place": words.place_of(one),
        "starts": _local(one.window_start), "ends": _local(one.window_end), "status": one.status_label,
        "met": _("、").join(sorted({said(each.text) for each in job.met})), "decision": choice,
        "reason": decided.reason if decided else "", "by": decided.by_name if decided else "",
        "is_later": decided is not None and decided.is_later, "key": str(one.pk), "kept": "",
        "decision_id": str(decided.pk) if decided else "",
        "is_carried": job.told is not None and job.told.is_carried, "is_outdated": job.outdated is not None,
        "mark": marks.badge(choice, "done" if decided.choice == "AGREED" else "active") if decided else "",
    }  # fmt: skip


class Decide(CreatePage):
    """The decision of the meeting on one job of a day."""

    title = gettext_lazy("作业计划决定")
    duty: ClassVar[str | None] = None
    form = forms.DecisionForm
    button = gettext_lazy("保存决定")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = get_permit(actor=actor, permit_id=kwargs["pk"])
        self.day = read_day(kwargs["day"])
        require_own(actor, self.permit.file, SIGN_LEADER)
        self.lead = f"{self.day:%Y-%m-%d} {self.permit.title}"  # type: ignore[misc]

    def back_url(self) -> str:
        return _url(self.permit.file_id, self.day)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.decide_job(
            actor=actor, permit=self.permit, day=self.day, now=now, client_id=client_id, **given
        )
        return self.back_url()


class SealPlan(CreatePage):
    """The minutes of a day's meeting, sealed with all that was decided."""

    title = gettext_lazy("封存作业计划会纪要")
    lead = gettext_lazy("封存后纪要和各项决定不能更改；之后的决定作为补充另行记录。")
    duty: ClassVar[str | None] = None
    form = forms.MinutesForm
    button = gettext_lazy("封存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file, self.day = queries.get_plan_file(actor=actor, file_id=kwargs["pk"]), read_day(kwargs["day"])
        require_own(actor, self.file, SIGN_LEADER)

    def back_url(self) -> str:
        return _url(self.file.pk, self.day)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.seal_plan(
            actor=actor, file=self.file, day=self.day, minutes=given["minutes"],
            participants=fields.lines(given["participants"]), now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()
