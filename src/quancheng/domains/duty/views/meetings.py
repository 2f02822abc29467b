"""Pages of meetings: the ledger, series, one meeting, the receipt of its minutes, the minutes as a document."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms import meetings as forms
from quancheng.domains.duty.loops.meeting import MEETING
from quancheng.domains.duty.minutes import MIME, agenda_of, day_of, draft_minutes, minutes_document
from quancheng.domains.duty.models import Meeting, MeetingReceipt, MeetingSeries
from quancheng.domains.duty.models.meetings import MeetingKind
from quancheng.domains.duty.queries import meetings as queries
from quancheng.domains.duty.services import meetings as services
from quancheng.domains.duty.services.meetings import MANAGE, MeetingSpec
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.fields import lines
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of


class MeetingList(ListPage):
    """Meetings (会议)."""

    code = "duty.meetings"
    title = gettext_lazy("会议")
    columns = (
        Column("title", gettext_lazy("会议名称"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("会议类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("theme", gettext_lazy("主题"), sort="theme"),
        Column("due_date", gettext_lazy("最迟召开日期"), sort="due_date", card="meta"),
        Column("held_at", gettext_lazy("召开时间"), sort="held_at"),
        Column("there", gettext_lazy("到会"), value=lambda row: f"{row.there_count}/{row.unit_count}", numeric=True),
        Column("decisions", gettext_lazy("议定事项"), value=lambda row: row.decision_count, numeric=True),
        Column("number", gettext_lazy("纪要编号"), sort="number", shown=False),
        Column("trigger", gettext_lazy("触发原因"), shown=False, width="wide"),
        Column("owner", gettext_lazy("组织单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin",
               shown=False),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "theme", "number"), pinned=True),
        Choice(name="kind", label=gettext_lazy("会议类别"), choices=MeetingKind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=MEETING.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="due", label=gettext_lazy("最迟召开日期"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有会议")
    empty_hint = gettext_lazy("排定例会，或为新情况召集一次会议；议程和会议材料由系统按任务情况列出。")

    def queryset(self, actor: Actor) -> QuerySet[Meeting]:
        return queries.list_meetings(actor=actor)

    def url_of(self, row: Meeting) -> str:
        return reverse("duty:meeting", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        if not actor.has(MANAGE):
            return []
        return [
            (gettext_lazy("召集会议"), reverse("duty:meeting_new")),
            (gettext_lazy("例会"), reverse("duty:meeting_series_list")),
        ]


class SeriesList(ListPage):
    """Series of meetings (例会)."""

    code = "duty.meeting_series"
    title = gettext_lazy("例会")
    duty = MANAGE
    columns = (
        Column("title", gettext_lazy("会议名称"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("会议类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("frequency", gettext_lazy("召开周期"), value=lambda row: row.get_frequency_display(), sort="frequency",
               card="meta"),
        Column("themes", gettext_lazy("各期主题"), value=lambda row: listed(row.themes), width="wide"),
        Column("open", gettext_lazy("待召开"), value=lambda row: row.open_count, numeric=True, sort=("open_count",)),
        Column("count", gettext_lazy("会议"), value=lambda row: row.meeting_count, numeric=True,
               sort=("meeting_count",)),
        Column("owner", gettext_lazy("组织单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
    )  # fmt: skip
    filters = (Search(name="q", label=gettext_lazy("关键词"), fields=("title",), pinned=True),)
    empty_title = gettext_lazy("还没有例会")

    def queryset(self, actor: Actor) -> QuerySet[MeetingSeries]:
        return queries.list_series(actor=actor)

    def url_of(self, row: MeetingSeries) -> str:
        return reverse("duty:meeting_series", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("设立例会"), reverse("duty:meeting_series_new"))]


class NewMeeting(CreatePage):
    title = gettext_lazy("召集会议")
    lead = gettext_lazy("参会单位会看到会议和议程；召开后登记出席、形成纪要，议定事项转为任务。")
    duty = MANAGE
    form = forms.MeetingForm
    back = "duty:meetings"
    button = gettext_lazy("召集会议")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = MeetingSpec(
            title=given["title"], kind=given["kind"], due_date=given["due_date"], orgs=list(given["orgs"]),
            theme=given["theme"], trigger=given["trigger"], place=given["place"], planned_at=given["planned_at"],
            points=lines(given["points"]), group=given["group"],
        )  # fmt: skip
        meeting = services.plan_meeting(actor=actor, spec=spec, now=now, client_id=client_id)
        return reverse("duty:meeting", args=[meeting.pk])


class NewSeries(CreatePage):
    title = gettext_lazy("设立例会")
    lead = gettext_lazy("设立后在例会页面排定全年会议，每期最迟在期末召开，逾期未开会进入督办。")
    duty = MANAGE
    form = forms.SeriesForm
    back = "duty:meeting_series_list"
    button = gettext_lazy("设立例会")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        series = services.found_series(
            actor=actor, title=given["title"], kind=given["kind"], frequency=given["frequency"],
            themes=lines(given["themes"]), orgs=list(given["orgs"]), now=now,
        )  # fmt: skip
        return reverse("duty:meeting_series", args=[series.pk])


class SeriesPage(DomainPage[MeetingSeries]):
    """One series and its meetings."""

    back = (gettext_lazy("例会"), lambda: reverse("duty:meeting_series_list"))

    def get_row(self, actor: Actor, **kwargs: Any) -> MeetingSeries:
        return queries.get_series(actor=actor, series_id=kwargs["pk"])

    def facts(self, row: MeetingSeries, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("会议类别"), value=row.get_kind_display()),
            Fact(label=_("召开周期"), value=row.get_frequency_display()),
            Fact(label=_("各期主题"), value=listed(row.themes)),
            Fact(label=_("组织单位"), value=row.owner_org.name),
            Fact(label=_("参会单位"), value=listed(org.label for org in row.orgs.order_by("pinyin")), wide=True),
        ]

    def tabs(self, row: MeetingSeries, actor: Actor) -> Sequence[Tab]:
        meetings = list(queries.list_meetings(actor=actor).filter(series=row))
        return [Tab(name="meetings", label=_("会议"), count=len(meetings), template="duty/_meetings.html",
                    context=lambda: {"meetings": meetings})]  # fmt: skip

    def actions(self, row: MeetingSeries, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id != actor.organisation_id or not actor.has(MANAGE):
            return []
        return [Action(name="plan_year", label=_("排定全年会议"), primary=True, asks=True)]

    def form_for(
        self, action: Action, row: MeetingSeries, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.YearForm(data, initial={"year": timezone.localdate().year})

    def perform(
        self, *, actor: Actor, row: MeetingSeries, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "plan_year":
            raise NotFound
        services.plan_year(actor=actor, series=row, year=given["year"], now=now)


class MeetingPage(DomainPage[Meeting]):
    """One meeting: agenda and status sheet, who was there, what was decided, the minutes."""

    back = (gettext_lazy("会议"), lambda: reverse("duty:meetings"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Meeting:
        return queries.get_meeting(actor=actor, meeting_id=kwargs["pk"])

    def head(self, row: Meeting, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.number or row.code, subtitle=row.get_kind_display())

    def facts(self, row: Meeting, actor: Actor) -> Sequence[Fact]:
        office = row.owner_org.label
        found = [
            Fact(label=_("组织单位"), value=row.owner_org.name),
            Fact(label=_("最迟召开日期"), value=row.due_date),
            Fact(label=_("计划召开时间"), value=row.planned_at),
            Fact(label=_("召开时间"), value=row.held_at, filled_by=office),
            Fact(label=_("地点"), value=row.place),
            Fact(label=_("主持人"), value=row.chair, filled_by=office),
            Fact(label=_("纪要编号"), value=row.number, filled_by=office),
        ]
        if row.theme:
            found.insert(0, Fact(label=_("主题"), value=row.theme))
        if row.trigger:
            found.insert(0, Fact(label=_("触发原因"), value=row.trigger, wide=True))
        if row.series is not None:
            url = reverse("duty:meeting_series", args=[row.series_id])
            found.append(Fact(label=_("例会"), value=format_html('<a href="{}">{}</a>', url, row.series.title)))
        if row.group:
            url = reverse("duty:group", args=[row.group_id])
            found.append(Fact(label=_("所属小组"), value=format_html('<a href="{}">{}</a>', url, row.group.title)))
        return found

    def tabs(self, row: Meeting, actor: Actor) -> Sequence[Tab]:
        attendees = queries.list_attendees(meeting=row)
        decisions = queries.list_decisions(actor=actor, meeting=row)
        found = [
            Tab(name="attendees", label=_("参会单位"), count=len(attendees), template="duty/_attendees.html",
                context=lambda: {"attendees": attendees}),
            Tab(name="decisions", label=_("议定事项"), count=len(decisions), template="duty/_decisions.html",
                context=lambda: {"decisions": decisions}),
        ]  # fmt: skip
        if actor.supervises or row.owner_org_id == actor.organisation_id:
            # What is late elsewhere in the district is for authorities, not for an enterprise that was invited.
            found.insert(0, Tab(name="sheet", label=_("会议材料"), template="duty/_sheet.html",
                                context=lambda: _sheet(row, actor)))  # fmt: skip
        if row.minutes:
            found.append(
                Tab(name="minutes", label=_("会议纪要"), template="duty/_minutes.html",
                    context=lambda: {"meeting": row,
                                     "receipts": list(queries.list_meeting_receipts(actor=actor, meeting=row))})
            )  # fmt: skip
        return found

    def actions(self, row: Meeting, actor: Actor) -> Sequence[Action]:
        asking = {"hold", "reschedule"}
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.asks or one.name in asking)
            for one in loopview.actions_of(row, actor)
        ]
        if row.owner_org_id != actor.organisation_id or not actor.has(MANAGE):
            return found
        if row.status == "HELD":
            ready = any(one.primary for one in found)
            found.append(Action(name="attendance", label=_("登记出席"), asks=True, primary=not ready))
        if row.status in ("HELD", "MINUTED"):
            found.append(Action(name="decide", label=_("增加议定事项"), asks=True))
            if row.decisions.exists():
                found.append(Action(name="strike", label=_("删除议定事项"), asks=True))
        if row.status in ("PLANNED", "HELD"):
            found.append(Action(name="invite", label=_("增加参会单位"), asks=True))
        if row.status == "PLANNED":
            found.append(Action(name="points", label=_("补充议题"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Meeting, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        def minutes() -> django_forms.Form:
            text = row.minutes or draft_minutes(
                row, queries.list_attendees(meeting=row), queries.list_decisions(actor=actor, meeting=row)
            )
            return forms.MinutesForm(data, initial={"minutes": text})

        makers: dict[str, Callable[[], django_forms.Form]] = {
            "hold": lambda: forms.HoldForm(data, initial={"place": row.place, "held_at": row.planned_at}),
            "reschedule": lambda: forms.RescheduleForm(data, initial={"due_date": row.due_date}),
            "attendance": lambda: forms.AttendanceForm(data, attendees=queries.list_attendees(meeting=row)),
            "decide": lambda: forms.DecisionForm(data, actor=actor),
            "strike": lambda: forms.StrikeForm(data, decisions=_decision_choices(row)),
            "minute": minutes,
            "invite": lambda: forms.InviteForm(data, actor=actor),
            "points": lambda: forms.PointsForm(data, initial={"points": "\n".join(row.points)}),
        }
        if action.name in makers:
            return makers[action.name]()
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Meeting, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "meeting": row, "now": now}
        acts: dict[str, Callable[[], object]] = {
            "hold": lambda: services.hold(**common, **given, client_id=client_id),
            "reschedule": lambda: services.reschedule(**common, **given, client_id=client_id),
            "minute": lambda: services.write_minutes(**common, minutes=given["minutes"], client_id=client_id),
            "circulate": lambda: services.circulate(**common, client_id=client_id),
            "attendance": lambda: services.record_attendance(**common, entries=_entries(given)),
            "decide": lambda: services.decide(
                **common, text=given["text"], leads=list(given["leads"]), due_date=given["due_date"]
            ),
            "strike": lambda: services.withdraw_decision(**common, decision=row.decisions.get(pk=given["decision"])),
            "invite": lambda: services.invite(**common, orgs=list(given["orgs"])),
            "points": lambda: services.add_points(**common, points=lines(given["points"])),
        }
        if name in acts:
            acts[name]()
        else:
            services.end(**common, name=name, reason=given.get("reason", ""), client_id=client_id)


def _decision_choices(row: Meeting) -> list[tuple[str, str]]:
    open_ = row.decisions.filter(task__isnull=True).order_by("order")
    return [(str(one.pk), f"{one.order}. {one.text[:60]}") for one in open_]


def _entries(given: Mapping[str, Any]) -> dict[uuid.UUID, tuple[str, str]]:
    """The form's pairs of fields by attendee."""
    found = {name.removeprefix("attendance_"): value for name, value in given.items() if name.startswith("attendance_")}
    return {uuid.UUID(pk): (value, given.get(f"person_{pk}", "")) for pk, value in found.items()}


def _sheet(row: Meeting, actor: Actor) -> Mapping[str, Any]:
    sheet = queries.sheet_for(actor=actor, meeting=row, now=timezone.now())
    parts = [
        (name, label, sheet[name])
        for name, label in (("overdue", _("超期任务")), ("blocked", _("受阻任务")), ("waiting", _("待接收任务")))
    ]
    return {"sheet": sheet, "parts": parts, "agenda": agenda_of(row, sheet), "is_frozen": bool(row.sheet)}


class MeetingReceiptPage(DomainPage[MeetingReceipt]):
    """One addressee's receipt of the minutes."""

    back = (gettext_lazy("会议"), lambda: reverse("duty:meetings"))

    def get_row(self, actor: Actor, **kwargs: Any) -> MeetingReceipt:
        return queries.get_meeting_receipt(actor=actor, receipt_id=kwargs["pk"])

    def head(self, row: MeetingReceipt, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.meeting.title, code=row.meeting.number, subtitle=row.org.name)

    def facts(self, row: MeetingReceipt, actor: Actor) -> Sequence[Fact]:
        url = f"{reverse('duty:meeting', args=[row.meeting_id])}?tab=minutes"
        return [
            Fact(label=_("会议纪要"), value=format_html('<a href="{}">{}</a>', url, row.meeting.title), wide=True),
            Fact(label=_("印发时间"), value=row.meeting.circulated_at),
            Fact(label=_("签收时间"), value=row.received_at, filled_by=row.org.label),
        ]

    def perform(
        self, *, actor: Actor, row: MeetingReceipt, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "receive":
            services.receive_minutes(actor=actor, receipt=row, now=now, client_id=client_id)
        else:
            loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


class MinutesDocument(View):
    """The minutes as a Word document."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        meeting = queries.get_meeting(actor=actor, meeting_id=pk)
        if not meeting.minutes:
            raise NotFound
        decisions = queries.list_decisions(actor=actor, meeting=meeting)
        content = minutes_document(meeting, decisions, day=day_of(meeting), is_demo=is_demo())
        name = f"{meeting.title}纪要.docx"
        return HttpResponse(
            content,
            content_type=MIME,
            headers={"Content-Disposition": content_disposition_header(True, name) or "attachment"},
        )
