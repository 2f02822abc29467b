"""Pages of check tasks (隐患排查任务): the list, one, a new one, many at once, measures that have none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import checks as forms
from quancheng.domains.hazards.models import CheckTask, WorkType
from quancheng.domains.hazards.queries import check_records as record_queries
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.services import check_tasks as services
from quancheng.domains.hazards.services.check_records import RECORD
from quancheng.domains.hazards.views import check_words as words
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.views.keeping import FilePage as RegistryFilePage
from quancheng.domains.registry.views.words import link_to, versioned
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Measure
from quancheng.domains.risk.queries.posts import get_post
from quancheng.domains.risk.queries.risks import get_measure
from quancheng.domains.risk.views.words import link as risk_link
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.given import asked_key
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


def _layer(row: CheckTask) -> str:
    return row.post.get_layer_display() if row.post is not None else ""


class TaskList(ListPage):
    """Check tasks that stand (隐患排查任务)."""

    code = "hazards.check_tasks"
    title = gettext_lazy("隐患排查任务")
    columns = (
        Column("content", gettext_lazy("排查内容"), link=True, card="title", width="wide"),
        Column("cycle", gettext_lazy("周期"), value=words.cycle, card="meta", sort=("cycle_unit", "every")),
        Column("layer", gettext_lazy("管控层级"), value=_layer, sort="post__layer"),
        Column("holder", gettext_lazy("责任岗位"), value=words.holder, sort="post__name", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.unit.name if row.unit else ""),
        Column("measure", gettext_lazy("管控措施"), value=lambda row: row.measure.text if row.measure else "",
               width="wide", shown=False),
        Column("checklist", gettext_lazy("检查表"), value=lambda row: row.checklist.name if row.checklist else ""),
        Column("form", gettext_lazy("排查形式"), value=lambda row: words.form(row.form), sort="form"),
        Column("starts_at", gettext_lazy("首次执行时间"), sort="starts_at", shown=False),
        Column("work_type", gettext_lazy("任务类型"), value=lambda row: row.get_work_type_display(),
               sort="work_type", shown=False),
        Column("task_number", gettext_lazy("任务编号"), numeric=True, shown=False),
        Column("period", gettext_lazy("特殊时段"), value=lambda row: words.period(row.period), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、单元、企业"), pinned=True,
               fields=("content", "unit__name", "file__enterprise__name")),
        Choice(name="layer", label=gettext_lazy("管控层级"), choices=Layer.choices, field="post__layer",
               multiple=True, pinned=True),
        Choice(name="form", label=gettext_lazy("排查形式"), choices=lambda actor: forms.form_choices(), field="form",
               multiple=True),
        Choice(name="type", label=gettext_lazy("任务类型"), field="work_type", multiple=True,
               choices=[(str(code), label) for code, label in WorkType.choices]),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="list", label=gettext_lazy("只看有检查表的"), condition=lambda actor: Q(checklist__isnull=False)),
    )  # fmt: skip
    imports = ("hazards.own_tasks",)
    empty_title = gettext_lazy("还没有排查任务")
    empty_hint = gettext_lazy("在管控措施页上“安排排查”，或为一个单元的全部措施一次安排。")

    def queryset(self, actor: Actor) -> QuerySet[CheckTask]:
        return queries.list_tasks(actor=actor)

    def url_of(self, row: CheckTask) -> str:
        return reverse("hazards:check_task", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if not actor.has(services.KEEP) or actor.supervises:
            return []
        own = reverse("hazards:check_own")
        return [(gettext_lazy("安排任务"), f"{own}?to=new"), (gettext_lazy("批量安排"), f"{own}?to=arrange")]


class OwnChecks(View):
    """Leads to a page of one's own enterprise, or to the page that opens its file."""

    http_method_names = ["get", "head"]
    _TO = {"new": "check_task_new", "arrange": "check_tasks_arrange", "stop": "unit_stop_new", "levels": "check_levels"}

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(RECORD)
        file = own_file(actor=actor)
        if file is None:
            return redirect("registry:own_new")
        name = self._TO.get(request.GET.get("to", ""))
        if name is None:
            raise NotFound
        return redirect(f"hazards:{name}", file.pk)


class FilePage(RegistryFilePage):
    """Entered into an enterprise's checks, by the enterprise itself."""

    back = "hazards:check_tasks"

    def allow(self, actor: Actor, file: Any) -> None:
        if not services.may_keep(actor, file):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse(self.back)


class NewTask(FilePage):
    title = gettext_lazy("安排排查任务")
    lead = gettext_lazy("一项任务：查什么、多久一次、由哪个岗位查。今天起的任务保存后立即下发。")
    form = forms.TaskForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        wanted = self.request.GET.get("measure", "")
        self.measure = get_measure(actor=actor, measure_id=asked_key(wanted)) if wanted else None
        post = self.request.GET.get("post", "")
        self.post_id = get_post(actor=actor, post_id=asked_key(post)).pk if post else None

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {"starts_at": now.replace(second=0), "every": 1, "cycle_unit": "day", "form": "daily"}
        if self.measure is not None:
            found |= {
                "measure": self.measure, "content": self.measure.check_text, "post": self.measure.event.unit.post_id,
            }  # fmt: skip
        if self.post_id is not None:
            found["post"] = self.post_id
        return found

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.TaskForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_task(actor=actor, file=self.file, known=given, now=now, client_id=client_id)
        return reverse("hazards:check_task", args=[made.pk])


class ArrangeTasks(FilePage):
    title = gettext_lazy("批量安排排查任务")
    lead = gettext_lazy("为所选单元中还没有任务的每条“隐患排查”措施各安排一项任务，内容取各自的排查内容。")
    form = forms.ArrangeForm
    button = gettext_lazy("全部安排")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"starts_at": now.replace(second=0), "every": 1, "cycle_unit": "day", "form": "daily"}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.ArrangeForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        rows = queries.uncovered_measures(actor=actor).filter(event__unit__object__file=self.file)
        if given["unit"] is not None:
            rows = rows.filter(event__unit=given["unit"])
        known = {name: value for name, value in given.items() if name != "unit"}
        most = services.MOST_AT_ONCE + 1
        services.arrange_for_measures(
            actor=actor, file=self.file, measures=list(rows[:most]), known=known, now=now
        )  # fmt: skip
        return reverse("hazards:check_tasks")


class TaskPage(ObjectPage[CheckTask]):
    """One task: what, how often, by whom; what of it is due and what was recorded."""

    template = "hazards/object.html"
    back = (gettext_lazy("隐患排查任务"), lambda: reverse("hazards:check_tasks"))
    own_acts = {"change": gettext_lazy("修改"), "end": gettext_lazy("终止任务")}

    def get_row(self, actor: Actor, **kwargs: Any) -> CheckTask:
        return queries.get_task(actor=actor, task_id=kwargs["pk"])

    def head(self, row: CheckTask, actor: Actor) -> ObjectHead:
        ended = [marks.badge(_("已终止"), "quiet")] if row.ended_date else []
        return ObjectHead(title=row.content[:80], subtitle=words.cycle(row), marks=ended)

    def facts(self, row: CheckTask, actor: Actor) -> Sequence[Fact]:
        checklist: Any = ""
        if row.checklist is not None:
            checklist = words.link("checklist", row.checklist, row.checklist.name)
        shown = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("排查内容"), value=row.content, wide=True),
            Fact(label=_("风险分析单元"), value="" if row.unit is None else risk_link("unit", row.unit)),
            Fact(label=_("管控措施"), value="" if row.measure is None else risk_link("measure", row.measure)),
            Fact(label=_("检查表"), value=checklist),
            Fact(label=_("责任岗位"), value=words.holder(row)),
            Fact(label=_("管控层级"), value=_layer(row)),
            Fact(label=_("排查形式"), value=words.form(row.form)),
            Fact(label=_("任务类型"), value=row.get_work_type_display()),
            Fact(label=_("首次执行时间"), value=row.starts_at),
            Fact(label=_("特殊时段"), value=words.period(row.period)),
        ]
        if row.ended_date:
            shown.append(Fact(label=_("终止理由"), value=row.ended_reason, wide=True))
        return shown

    def tabs(self, row: CheckTask, actor: Actor) -> Sequence[Tab]:
        now = timezone.now()
        dues = list(row.dues.select_related("covered_by").order_by("-due_at")[:60])
        records = list(record_queries.list_records(actor=actor).filter(task=row)[:60])
        doubts = services.doubts_of(row) if row.ended_date is None else []
        periods = queries.periods_on(timezone.localdate(now), file=row.file)
        return [
            Tab(name="dues", label=_("任务实例"), count=len(dues), template="hazards/_check_dues.html",
                context=lambda: {"dues": [(one, words.state_mark(one)) for one in dues], "periods": periods}),
            Tab(name="records", label=_("排查记录"), count=len(records), template="hazards/_check_records.html",
                context=lambda: {"records": [(one, words.result_mark(one)) for one in records]}),
            Tab(name="doubts", label=_("提示"), count=len(doubts), template="hazards/_check_doubts.html",
                context=lambda: {"doubts": doubts}),
        ]  # fmt: skip

    def actions(self, row: CheckTask, actor: Actor) -> Sequence[Action]:
        if row.ended_date is not None or row.file_id != actor.organisation_id:
            return ()
        found = []
        if actor.has(RECORD):
            found.append(Action(name="record", label=_("记录一次排查"), primary=True,
                                url=reverse("hazards:check_task_record", args=[row.pk])))  # fmt: skip
        if services.may_keep(actor, row.file):
            found += [Action(name=name, label=label, asks=True) for name, label in self.own_acts.items()]
        return found

    def form_for(
        self, action: Action, row: CheckTask, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.FIELDS}
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "change": lambda: versioned(forms.TaskForm, data, known, row.version, file=row.file),
            "end": lambda: forms.EndTaskForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: CheckTask, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            services.change_task(actor=actor, row=row, version=given["version"], changes=given, now=now)
        elif name == "end":
            services.end_task(actor=actor, row=row, reason=given["reason"], now=now)
        else:
            raise NotFound


class UncoveredList(ListPage):
    """Measures that are to be kept by inspection and have no check task (未安排排查的管控措施)."""

    code = "hazards.uncovered_measures"
    title = gettext_lazy("未安排排查的管控措施")
    columns = (
        Column("text", gettext_lazy("管控措施"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.event.unit.object.file.enterprise.name,
               sort="event__unit__object__file__enterprise__pinyin", card="meta"),
        Column("object", gettext_lazy("风险分析对象"), value=lambda row: row.event.unit.object.name),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.event.unit.name, card="meta"),
        Column("event", gettext_lazy("风险事件"), value=lambda row: row.event.name, width="wide", shown=False),
        Column("category", gettext_lazy("措施类别"), value=lambda row: row.get_category_display(), sort="category"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("措施、单元、企业"), pinned=True,
               fields=("text", "event__unit__name", "event__unit__object__file__enterprise__name")),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(event__unit__object__file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("每条隐患排查措施都已安排任务")

    def queryset(self, actor: Actor) -> QuerySet[Measure]:
        return queries.uncovered_measures(actor=actor)

    def url_of(self, row: Measure) -> str:
        return reverse("risk:measure", args=[row.pk])


def measure_actions(row: Measure, actor: Actor) -> Sequence[Action]:
    """For the page of a measure: a task is arranged from there (安排排查)."""
    file = row.event.unit.object.file
    if not services.may_keep(actor, file):
        return ()
    address = f"{reverse('hazards:check_task_new', args=[file.pk])}?measure={row.pk}"
    return [Action(name="check", label=_("安排排查"), url=address, primary=not queries.tasks_of_measure(row))]


def measure_tabs(row: Measure, actor: Actor) -> Sequence[Tab]:
    """For the page of a measure: which tasks check it."""
    tasks = queries.tasks_of_measure(row)
    return [
        Tab(name="checks", label=_("排查任务"), count=len(tasks), template="hazards/_check_tasks.html",
            context=lambda: {"tasks": [(one, words.cycle(one), words.holder(one)) for one in tasks]}),
    ]  # fmt: skip


