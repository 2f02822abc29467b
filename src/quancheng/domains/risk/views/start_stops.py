"""Start-ups and shut-downs (开停车): the list, a notice, its conditions, what is recorded while it runs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views.words import stamp
from quancheng.domains.risk.forms import start_stops as forms
from quancheng.domains.risk.forms.gradings import NoteForm
from quancheng.domains.risk.loops.start_stop import START_STOP
from quancheng.domains.risk.models import StartStop
from quancheng.domains.risk.queries import start_stops as queries
from quancheng.domains.risk.services import start_stops as services
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import AnalystPage, KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.standards.risk import start_stop as standard

_TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path))  # fmt: skip
_LATE = {
    "start": gettext_lazy("到时未开始"), "end": gettext_lazy("超过计划结束时间"), "watch": gettext_lazy("监护记录超期"),
}  # fmt: skip
_ANSWERS = {"yes": gettext_lazy("满足"), "na": pgettext_lazy("condition", "不适用"), "no": gettext_lazy("不满足")}
_TONES = {"yes": "done", "na": "quiet"}
RECEIVES = ("receive", "receive_running", "receive_over")
_NOTES = ("return", "send_back", "revise", "cancel")


def kind(code: str) -> str:
    return told(standard.KINDS[code].name)


def late(row: StartStop) -> str:
    found = queries.lateness(row, timezone.now())
    return str(_LATE[found]) if found else ""


def parts(row: Any) -> str:
    return listed(str(one.unit or one.facility) for one in row.told_parts)


def _late_mark(row: StartStop) -> Any:
    said = late(row)
    return marks.badge(said, "active") if said else ""


class StartStopList(ListPage):
    """Notices: of one's own enterprise, or of those that one supervises."""

    code = "risk.start_stops"
    title = gettext_lazy("开停车通知")
    columns = (
        Column("title", gettext_lazy("装置、开停车事项"), link=True, sort="title", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("kind", gettext_lazy("开停车类别"), value=lambda row: kind(row.kind), sort="kind", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("late", gettext_lazy("超期"), value=late, render=_late_mark),
        Column("planned_from", gettext_lazy("计划开始时间"), sort="planned_from", card="meta"),
        Column("planned_to", gettext_lazy("计划结束时间"), sort="planned_to"),
        Column("actual_from", gettext_lazy("实际开始时间"), sort="actual_from"),
        Column("actual_to", gettext_lazy("实际结束时间"), sort="actual_to"),
        Column("parts", gettext_lazy("单元、设施"), value=parts),
        Column("abnormal", gettext_lazy("异常次数"), sort="abnormal", numeric=True),
        Column("received_at", gettext_lazy("接收时间"), sort="received_at", shown=False),
        Column("approved_by", gettext_lazy("审批人"), shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("装置、企业、编号"), pinned=True,
               fields=("title", "code", "file__enterprise__name")),
        Choice(name="kind", label=gettext_lazy("开停车类别"), field="kind", multiple=True, pinned=True,
               choices=lambda actor: [(code, kind(code)) for code in standard.KINDS]),
        Choice(name="status", label=gettext_lazy("状态"), choices=START_STOP.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="going", label=gettext_lazy("只看正在实施的"), condition=lambda actor: queries.goes_on()),
        Flag(name="late", label=gettext_lazy("只看超期的"),
             condition=lambda actor: queries.is_overdue(timezone.now())),
        Dates(name="planned", label=gettext_lazy("计划开始时间"), field="planned_from", times=True),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("还没有开停车通知")

    def queryset(self, actor: Actor) -> QuerySet[StartStop]:
        return queries.list_start_stops(actor=actor)

    def url_of(self, row: StartStop) -> str:
        return reverse("risk:start_stop", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        file = own_file(actor=actor)
        if file is None or not may_analyse(actor, file.pk):
            return []
        return [(gettext_lazy("登记开停车"), reverse("risk:start_stop_new", args=[file.pk]))]


class StartStopPage(ObjectPage[StartStop]):
    """One notice: what is planned, what was confirmed, who approved and received it, what was seen."""

    template = "risk/object.html"
    back = (gettext_lazy("开停车通知"), lambda: reverse("risk:start_stops"))
    forms = {
        "approve": NoteForm, "start": forms.BeganForm, "start_early": forms.BeganForm, "watch": forms.WatchForm,
        "watch_early": forms.WatchForm, "finish": forms.FinishForm, "finish_early": forms.FinishForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> StartStop:
        return queries.get_start_stop(actor=actor, notice_id=kwargs["pk"])

    def head(self, row: StartStop, actor: Actor) -> ObjectHead:
        said = _late_mark(row)
        return ObjectHead(title=row.title, code=row.code, subtitle=kind(row.kind), marks=[said] if said else [])

    def facts(self, row: StartStop, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        analysis: Any = ""
        if row.analysis is not None:
            analysis = format_html(
                '<a href="{}">{}</a>', reverse("risk:analysis", args=[row.analysis_id]), str(row.analysis)
            )
        asked = len(standard.conditions(row.kind))
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("开停车类别"), value=kind(row.kind)),
            Fact(label=_("单元、设施"), value=parts(row), wide=True),
            Fact(label=_("计划开始时间"), value=row.planned_from),
            Fact(label=_("计划结束时间"), value=row.planned_to),
            Fact(label=_("现场负责人"), value=row.leader),
            Fact(label=_("风险分析"), value=analysis),
            Fact(label=_("主要风险、紧急停车原因"), value=row.risks, wide=True),
            Fact(label=_("控制措施"), value=row.measures, wide=True, filled_by=own),
        ]
        if asked:
            done = _("%(done)s/%(all)s项已确认") % {"done": asked - row.unmet, "all": asked}
            found.append(Fact(label=_("开停车条件"), value=done))
            found.append(Fact(label=_("审批人"), value=stamp(row.approved_at, row.approved_by)))
        found += [
            Fact(label=_("属地接收"), value=stamp(row.received_at, row.received_by)),
            Fact(label=_("实际开始时间"), value=row.actual_from),
            Fact(label=_("实际结束时间"), value=row.actual_to),
            Fact(label=_("异常次数"), value=row.abnormal),
        ]
        if row.actual_to is not None:
            reached = _("达到预定状态") if row.is_reached else _("中止，未达到预定状态")
            found.append(Fact(label=_("结束情况"), value=f"{reached}：{row.outcome}", wide=True))
        elif row.watch_due_at is not None:
            found.append(Fact(label=_("下次监护时限"), value=row.watch_due_at))
        return found

    def tabs(self, row: StartStop, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(StartStop, [row.pk]).get(row.pk, [])
        watches = queries.watches_of(row)
        asked = standard.conditions(row.kind)
        return [
            Tab(name="conditions", label=_("开停车条件"), count=len(asked), template="risk/_start_conditions.html",
                context=lambda: {"conditions": [_confirmed(row, one) for one in asked]}),
            Tab(name="watches", label=_("监护记录"), count=len(watches), template="risk/_start_watches.html",
                context=lambda: {"watches": watches}),
            Tab(name="files", label=_("材料"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: StartStop, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary,
                   asks=one.name in self.forms or one.name in _NOTES)
            for one in super().actions(row, actor)
        ]  # fmt: skip
        if row.status == "DRAFT" and may_analyse(actor, row.file_id):
            if row.is_planned and all(one.name != "submit" for one in found):
                # Not to be made yet: who tries is told what is missing.
                label = START_STOP.moves["submit"].label
                found.insert(0, Action(name="submit", label=label, primary=True))
            url = reverse("risk:start_stop_change", args=[row.pk])
            found.append(Action(name="fill", label=_("修改"), url=url))
            if standard.conditions(row.kind):
                url = reverse("risk:start_stop_conditions", args=[row.pk])
                found.append(Action(name="confirm", label=_("逐项确认条件"), url=url))
        return found

    def form_for(
        self, action: Action, row: StartStop, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        form = super().form_for(action, row, actor, data, files)
        if data is None and "at" in form.fields:
            form.initial["at"] = timezone.localtime()
        return form

    def perform(
        self, *, actor: Actor, row: StartStop, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "submit":
            services.submit_start_stop(**common)
        elif name == "report":
            services.report_emergency(**common)
        elif name == "approve":
            services.approve_start_stop(**common, text=given["text"])
        elif name in RECEIVES:
            services.receive_start_stop(**common)
        elif name in ("start", "start_early"):
            services.start_start_stop(**common, at=given["at"])
        elif name in ("watch", "watch_early"):
            services.watch_start_stop(
                **common, at=given["at"], step=given["step"], is_normal=given["is_normal"] == "yes",
                text=given["text"],
            )  # fmt: skip
        elif name in ("finish", "finish_early"):
            kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
            services.finish_start_stop(
                **common, at=given["at"], is_reached=given["is_reached"] == "yes", text=given["text"], evidence=kept
            )
        elif name in _NOTES:
            services.answer_start_stop(**common, name=name, reason=given["reason"])
        else:
            raise NotFound


class NewStartStop(AnalystPage):
    title = gettext_lazy("登记开停车")
    lead = gettext_lazy("先写明计划、风险和措施，再逐项确认条件，经负责人审批后通知属地；紧急停车登记后直接报告。")
    form = forms.StartStopForm
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
        made = services.enter_start_stop(
            actor=actor, file=self.file, known=self.asked.known(), evidence=kept, now=now, client_id=client_id
        )
        return reverse("risk:start_stop", args=[made.pk])


class _OfNotice(KeeperPage):
    """What is written of a draft."""

    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_start_stop(actor=actor, notice_id=kwargs["pk"])
        if not may_analyse(actor, self.row.file_id):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("risk:start_stop", args=[self.row.pk])


class ChangeStartStop(_OfNotice):
    title = gettext_lazy("修改开停车通知")
    lead = NewStartStop.lead
    form = forms.StartStopForm

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.StartStopForm(*args, file=self.row.file, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        row: Any = self.row
        found = {name: getattr(row, name) for name in services.FIELDS if name not in ("units", "facilities")}
        if not row.is_planned:
            found["planned_from"] = None
        units = [one.unit_id for one in row.told_parts if one.unit_id]
        return {**found, "units": units, "facilities": [one.facility_id for one in row.told_parts if one.facility_id]}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
        services.change_start_stop(actor=actor, row=self.row, known=self.asked.known(), evidence=kept, now=now)
        return self.back_url()


class ConfirmConditions(_OfNotice):
    title = gettext_lazy("逐项确认开停车条件")
    lead = gettext_lazy("到现场逐项核对后填写；不适用的写明理由。全部满足或不适用后才能提交审批。")
    form = forms.ConditionsForm

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.ConditionsForm(*args, conditions=standard.conditions(self.row.kind), **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for code, one in self.row.conditions.items():
            found |= {f"answer_{code}": one["answer"], f"text_{code}": one["text"]}
        return found

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.confirm_conditions(
            actor=actor, row=self.row, answers=self.asked.answers(), texts=self.asked.texts(), now=now
        )
        return self.back_url() + "?tab=conditions"


def start_stops_tab(row: Enterprise, actor: Actor) -> Tab:
    """What an enterprise's page says of its start-ups and shut-downs; read when it is opened."""

    def context() -> dict[str, Any]:
        return {"start_stops": [(one, kind(one.kind), _late_mark(one)) for one in queries.start_stops_of(row)]}

    return Tab(name="start_stops", label=_("开停车"), template="risk/_start_stops.html", context=context)


def _confirmed(row: StartStop, one: standard.Condition) -> dict[str, Any]:
    found = row.conditions.get(one.code, {})
    answer = found.get("answer", "")
    return {
        "text": told(one.text), "answer": _ANSWERS.get(answer, _("未确认")), "tone": _TONES.get(answer, "active"),
        "note": found.get("text", ""), "who": found.get("who", ""), "day": found.get("day", ""),
    }  # fmt: skip
