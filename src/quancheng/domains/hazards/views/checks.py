"""Pages of what is checked: today's checks of a person, one check recorded, lists of instances and of records."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import checks as forms
from quancheng.domains.hazards.models import CheckDue, CheckRecord, CheckStatus, CheckTask, WorkType
from quancheng.domains.hazards.queries import check_records as record_queries
from quancheng.domains.hazards.queries import checks as queries
from quancheng.domains.hazards.queries.findings import units_of
from quancheng.domains.hazards.services import check_records as services
from quancheng.domains.hazards.views import check_words as words
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import in_language, link_to
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import RiskUnit
from quancheng.domains.risk.views.words import link as risk_link
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import LegalText
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.given import asked_key
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.vault import services as vault

STATES = (
    ("open", gettext_lazy("待排查")), ("done", gettext_lazy("已完成")), ("missed", gettext_lazy("逾期未查")),
    ("covered", gettext_lazy("停用免查")),
)  # fmt: skip


class TodaysChecks(View):
    """What a person checks today (今日排查): what is open first, by unit, then what was missed, then what is done."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        actor.require(services.RECORD)
        rows = list(queries.list_my_dues(actor=actor, now=now)[:500])
        parts: dict[str, dict[str, list[tuple[CheckDue, bool]]]] = {"open": {}, "missed": {}, "done": {}}
        counts = dict.fromkeys(parts, 0)
        for row in rows:
            state = queries.state_of(row, now)
            if state in parts:
                place = row.task.unit.name if row.task.unit is not None else _("全厂")
                parts[state].setdefault(place, []).append((row, row.opens_at <= now))
                counts[state] += 1
        file = own_file(actor=actor)
        context = {
            "sections": [(code, label, counts[code], parts[code]) for code, label in STATES if code in parts],
            "has_file": file is not None, "now": now,
            "periods": queries.periods_on(Calendar().local_date(now), file=file),
        }  # fmt: skip
        return render(request, "hazards/checks_today.html", context)


class _Record(CreatePage):
    """Base of the pages on which a check is recorded: with the items of its checklist, or with what was seen."""

    duty = services.RECORD
    form = forms.RecordForm
    title = gettext_lazy("记录排查")
    button = gettext_lazy("提交记录")
    back = "hazards:checks_today"

    #: What :func:`record_check` takes beside the actor and what was told.
    subject: dict[str, Any]

    def prepare(self, actor: Actor, file: Enterprise, text: LegalText | None, unit: RiskUnit | None) -> None:
        """Who is to pass, and the edition: the one that the page was opened with where it was sent back."""
        if file.pk != actor.organisation_id:
            raise NotPermitted
        self.file, self.unit, self.text = file, unit, text
        present = law.in_force(text.pk, on=Calendar().local_date(timezone.now())) if text is not None else None
        self.edition = present
        sent = self.request.POST.get("edition", "")
        if text is not None and sent and (present is None or str(present.pk) != sent):
            self.edition = text.editions.filter(law.PUBLISHED, pk=asked_key(sent)).first() or present
        self.items = list(law.list_clauses(self.edition)) if self.edition is not None else []

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"edition": self.edition.pk if self.edition is not None else None}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.RecordForm(*args, items=self.items, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        answers = tuple(
            services.Answer(one.place, int(given[f"item_{one.place}"]), given[f"note_{one.place}"])
            for one in self.items
        )  # fmt: skip
        spec = services.CheckSpec(
            status=int(given["status"]) if "status" in given else None, note=given["note"], answers=answers,
            edition=self.edition.pk if self.edition is not None else None, type=given["type"],
            is_major=given["is_major"], photos=tuple(receive_uploads(actor=actor, uploads=given["photos"], now=now)),
            form=self.request.GET.get("form", ""),
        )  # fmt: skip
        row = services.record_check(actor=actor, spec=spec, now=now, client_id=client_id, **self.subject)
        return reverse("hazards:check_record", args=[row.pk])

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
            "back_url": self.back_url(),
        }  # fmt: skip
        return render(request, "hazards/check_record_new.html", context, status=status)


class RecordDue(_Record):
    """The check of one instance."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        due = queries.get_due(actor=actor, due_id=kwargs["pk"])
        self.due, self.task = due, due.task
        self.subject = {"due": due}
        self.prepare(actor, due.file, due.task.checklist, due.task.unit)


class RecordTask(_Record):
    """A check of a task out of turn."""

    due: CheckDue | None = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.task: CheckTask = queries.get_task(actor=actor, task_id=kwargs["pk"])
        self.subject = {"task": self.task}
        self.prepare(actor, self.task.file, self.task.checklist, self.task.unit)


class _OfOwnFile(CreatePage):
    """Leads who has no file yet to the page that opens one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        actor = actor_of(request)
        actor.require(services.RECORD)
        file = own_file(actor=actor)
        if file is None:
            return redirect("registry:own_new")
        self.file = file
        return super().dispatch(request, *args, **kwargs)


class FreeCheck(_OfOwnFile):
    """Which checklist somebody checks by, where no task asks for it."""

    title = gettext_lazy("按检查表排查")
    lead = gettext_lazy("没有任务也可以排查：选一张检查表，逐项回答；不符合的项自动登记为隐患。")
    duty = services.RECORD
    form = forms.FreeCheckForm
    button = gettext_lazy("开始")
    back = "hazards:checks_today"

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.FreeCheckForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        address = reverse("hazards:check_free_record", args=[given["checklist"].pk])
        unit = f"&unit={given['unit'].pk}" if given["unit"] is not None else ""
        return f"{address}?form={given['form']}{unit}"


class RecordFree(_OfOwnFile, _Record):
    """A check by a checklist without any task."""

    due: CheckDue | None = None
    task: CheckTask | None = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        file, text = self.file, queries.checklists().filter(pk=kwargs["code"]).first()
        if text is None:
            raise NotFound
        wanted = self.request.GET.get("unit", "")
        unit = units_of(file).filter(pk=asked_key(wanted)).first() if wanted else None
        self.subject = {"file": file, "checklist": text, "unit": unit}
        self.prepare(actor, file, text, unit)


class DueList(ListPage):
    """Instances of check tasks (待排查清单)."""

    code = "hazards.check_dues"
    keys_first = True
    title = gettext_lazy("排查任务清单")
    columns = (
        Column("content", gettext_lazy("排查内容"), value=lambda row: row.task.content, link=True, card="title",
               width="wide"),
        Column("state", gettext_lazy("状态"), value=words.state, render=words.state_mark, card="meta"),
        Column("due_at", gettext_lazy("应查时间"), sort="due_at", card="meta"),
        Column("closes_at", gettext_lazy("截止时间"), sort="closes_at"),
        Column("done_at", gettext_lazy("完成时间"), sort="done_at"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, card="meta"),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.task.unit.name if row.task.unit else ""),
        Column("layer", gettext_lazy("管控层级"), value=lambda row: row.post.get_layer_display() if row.post else ""),
        Column("holder", gettext_lazy("责任岗位"), value=words.holder),
        Column("extra", gettext_lazy("加密"), value=lambda row: _("是") if row.is_extra else "", shown=False),
        Column("moved", gettext_lazy("顺延"), value=lambda row: _("是") if row.is_moved else "", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、单元、企业"), pinned=True,
               fields=("task__content", "task__unit__name", "file__enterprise__name")),
        Choice(name="state", label=gettext_lazy("状态"), choices=STATES, pinned=True,
               narrows=lambda code: queries.in_state(code, timezone.now())),
        Dates(name="due", label=gettext_lazy("应查时间"), field="due_at", times=True),
        Choice(name="layer", label=gettext_lazy("管控层级"), choices=Layer.choices, field="post__layer",
               multiple=True),
        Choice(name="type", label=gettext_lazy("任务类型"), field="work_type", multiple=True,
               choices=[(str(code), label) for code, label in WorkType.choices]),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="mine", label=gettext_lazy("只看我的"), condition=queries.mine_q),
        Flag(name="extra", label=gettext_lazy("只看加密的"), condition=lambda actor: Q(is_extra=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有排查任务")

    def queryset(self, actor: Actor) -> QuerySet[CheckDue]:
        return queries.list_dues(actor=actor)

    def url_of(self, row: CheckDue) -> str:
        return reverse("hazards:check_due", args=[row.pk])


class DuePage(ObjectPage[CheckDue]):
    """One instance."""

    template = "hazards/object.html"
    back = (gettext_lazy("排查任务清单"), lambda: reverse("hazards:check_dues"))

    def get_row(self, actor: Actor, **kwargs: Any) -> CheckDue:
        return queries.get_due(actor=actor, due_id=kwargs["pk"])

    def head(self, row: CheckDue, actor: Actor) -> ObjectHead:
        extra = [marks.badge(_("加密"), "plain")] if row.is_extra else []
        return ObjectHead(title=row.task.content[:80], subtitle=words.holder(row),
                          marks=[words.state_mark(row), *extra])  # fmt: skip

    def facts(self, row: CheckDue, actor: Actor) -> Sequence[Fact]:
        task = row.task
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("任务"), value=words.link("check_task", task, words.cycle(task))),
            Fact(label=_("风险分析单元"), value="" if task.unit is None else risk_link("unit", task.unit)),
            Fact(label=_("责任岗位"), value=words.holder(row)),
            Fact(label=_("应查时间"), value=row.due_at),
            Fact(label=_("截止时间"), value=row.closes_at),
            Fact(label=_("完成时间"), value=row.done_at),
            Fact(label=_("停用原因"), value=row.covered_by.reason if row.covered_by else ""),
        ]

    def tabs(self, row: CheckDue, actor: Actor) -> Sequence[Tab]:
        records = list(record_queries.list_records(actor=actor).filter(due=row)[:20])
        return [
            Tab(name="records", label=_("排查记录"), count=len(records), template="hazards/_check_records.html",
                context=lambda: {"records": [(one, words.result_mark(one)) for one in records]}),
        ]  # fmt: skip

    def actions(self, row: CheckDue, actor: Actor) -> Sequence[Action]:
        now = timezone.now()
        if row.file_id != actor.organisation_id or not actor.has(services.RECORD) or row.opens_at > now:
            return ()
        if queries.state_of(row, now) in ("done", "covered"):
            return ()
        late = row.closes_at <= now
        label = _("补记排查") if late else _("记录排查")
        return [Action(name="record", label=label, primary=not late,
                       url=reverse("hazards:check_due_record", args=[row.pk]))]  # fmt: skip


class RecordList(ListPage):
    """Records of checks (排查记录)."""

    code = "hazards.check_records"
    keys_first = True
    title = gettext_lazy("排查记录")
    columns = (
        Column("content", gettext_lazy("排查内容"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("排查结果"), value=lambda row: row.get_status_display(),
               render=words.result_mark, sort="status", card="meta"),
        Column("at", gettext_lazy("排查时间"), sort="at", card="meta"),
        Column("person_name", gettext_lazy("排查人"), card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin"),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.unit.name if row.unit else ""),
        Column("post", pgettext_lazy("post", "岗位"), value=lambda row: row.post.name if row.post else ""),
        Column("late", gettext_lazy("逾期补记"), value=lambda row: _("是") if row.is_late else ""),
        Column("form", gettext_lazy("排查形式"), value=lambda row: words.form(row.form), sort="form"),
        Column("note", gettext_lazy("说明"), width="wide", shown=False),
        Column("checklist", gettext_lazy("检查表"), value=lambda row: row.edition.text.name if row.edition else "",
               shown=False),
        Column("received_at", gettext_lazy("接收时间"), sort="received_at", shown=False),
        Column("clock_off_s", gettext_lazy("设备时钟偏差（秒）"), numeric=True, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("内容、单元、企业、排查人"), pinned=True,
               fields=("content", "unit__name", "file__enterprise__name", "person_name")),
        Choice(name="status", label=gettext_lazy("排查结果"), field="status", multiple=True, pinned=True,
               choices=[(str(code), label) for code, label in CheckStatus.choices]),
        Dates(name="at", label=gettext_lazy("排查时间"), field="at", times=True),
        Choice(name="form", label=gettext_lazy("排查形式"), choices=lambda actor: forms.form_choices(), field="form",
               multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="late", label=gettext_lazy("只看逾期补记的"), condition=lambda actor: Q(is_late=True)),
        Flag(name="clock", label=gettext_lazy("只看时钟有偏差的"), condition=lambda actor: ~Q(clock_off_s=0)),
        Flag(name="mine", label=gettext_lazy("只看我的"), condition=record_queries.own_records),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有排查记录")

    def queryset(self, actor: Actor) -> QuerySet[CheckRecord]:
        return record_queries.list_records(actor=actor)

    def url_of(self, row: CheckRecord) -> str:
        return reverse("hazards:check_record", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if actor.has(services.RECORD) and not actor.supervises:
            return [(gettext_lazy("按检查表排查"), reverse("hazards:check_free"))]
        return []


class RecordPage(ObjectPage[CheckRecord]):
    """One record with its answers, photos and what it found."""

    template = "hazards/object.html"
    back = (gettext_lazy("排查记录"), lambda: reverse("hazards:check_records"))

    def get_row(self, actor: Actor, **kwargs: Any) -> CheckRecord:
        return record_queries.get_record(actor=actor, record_id=kwargs["pk"])

    def head(self, row: CheckRecord, actor: Actor) -> ObjectHead:
        shown = [words.result_mark(row)]
        if row.is_late:
            shown.append(marks.badge(_("逾期补记，不计完成"), "active"))
        if row.clock_off_s:
            shown.append(marks.badge(_("设备时钟有偏差"), "plain"))
        return ObjectHead(title=row.content[:80], subtitle=row.person_name, marks=shown)

    def facts(self, row: CheckRecord, actor: Actor) -> Sequence[Fact]:
        own = "" if row.is_own else _("非本岗人员代查")
        edition = ""
        if row.edition is not None:
            old = _("（排查时已有新版）") if row.is_edition_old else ""
            edition = f"{row.edition.text.name} {row.edition.number}{old}"
        shown = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("任务"), value="" if row.task is None else words.link("check_task", row.task)),
            Fact(label=_("风险分析单元"), value="" if row.unit is None else risk_link("unit", row.unit)),
            Fact(label=_("管控措施"), value="" if row.measure is None else risk_link("measure", row.measure)),
            Fact(label=_("检查表"), value=edition),
            Fact(label=_("排查人"), value=" · ".join(part for part in (row.person_name, own) if part)),
            Fact(label=_("排查时间"), value=row.at),
            Fact(label=_("接收时间"), value=row.received_at),
            Fact(label=_("排查形式"), value=words.form(row.form)),
            Fact(label=_("说明"), value=row.note, wide=True),
        ]
        if row.clock_off_s:
            shown.append(Fact(label=_("设备记录时间"), value=row.client_at))
            shown.append(Fact(label=_("设备时钟偏差（秒）"), value=row.clock_off_s))
        if row.distance_m is not None:
            shown.append(Fact(label=_("距单元（米）"), value=row.distance_m))
        if row.device:
            shown.append(Fact(label=_("设备"), value=vault.masked(services.DEVICE, row.device)))
        return shown

    def tabs(self, row: CheckRecord, actor: Actor) -> Sequence[Tab]:
        answers, files = record_queries.answers_of(row), list(files_of(row))
        held = [one for one in files if one.role != services.SIGNATURE]
        signed = [one for one in files if one.role == services.SIGNATURE]
        found = record_queries.findings_of(row)
        shown = [
            Tab(name="findings", label=_("发现的隐患"), count=len(found), template="hazards/_check_findings.html",
                context=lambda: {"findings": found}),
            Tab(name="photos", label=_("照片"), count=len(held), template="hazards/_check_photos.html",
                context=lambda: {"held": held, "signed": signed}),
        ]  # fmt: skip
        if answers:
            shown.insert(0, Tab(name="answers", label=_("逐项结果"), count=len(answers),
                                template="hazards/_check_answers.html",
                                context=lambda: {"answers": answers}))  # fmt: skip
        if actor.supervises:
            flags = record_queries.flags_of(row)
            shown.append(Tab(name="flags", label=_("记录异常"), count=len(flags), template="hazards/_check_flags.html",
                             context=lambda: {"flags": [(one, in_language(one.text)) for one in flags]}))  # fmt: skip
        return shown


class Levels(View):
    """Performance of one enterprise per level, post and person (分层级排查情况), of one week or month."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        file = get_enterprise(actor=actor, file_id=pk)
        days = words.span_days(request)
        first, until = words.span_of(now, days)
        rows = queries.levels_of(file, first=first, until=until, now=now)
        sums: dict[str, list[int]] = {}
        for row in rows:
            total = sums.setdefault(row["post__layer"] or "", [0, 0, 0])
            for place, name in enumerate(("planned", "done", "missed")):
                total[place] += row[name]
        labels = {**dict(Layer.choices), "": _("指定人员")}
        levels = [
            (labels[code], *sums[code], words.share(sums[code][1], sums[code][0]),
             [(row, words.share(row["done"], row["planned"])) for row in rows if (row["post__layer"] or "") == code])
            for code in (*Layer.values, "") if code in sums
        ]  # fmt: skip
        context = {"file": file, "levels": levels, "first": first, "until": until, "days": days,
                   "spans": words.SPANS}  # fmt: skip
        return render(request, "hazards/check_levels.html", context)


class CompletionList(ListPage):
    """Enterprises with how much of their tasks of the last seven days was done (企业排查完成情况)."""

    code = "hazards.check_completion"
    title = gettext_lazy("企业排查完成情况")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("tasks", gettext_lazy("任务数"), value=lambda row: row.task_count, numeric=True, sort="task_count"),
        Column("planned", gettext_lazy("近7天应查"), value=lambda row: row.planned, numeric=True, sort="planned"),
        Column("done", gettext_lazy("近7天完成"), value=lambda row: row.done, numeric=True, sort="done"),
        Column("missed", gettext_lazy("近7天逾期未查"), value=lambda row: row.missed, numeric=True, sort="missed",
               card="meta"),
        Column("rate", gettext_lazy("完成率"), value=lambda row: words.share(row.done, row.planned), numeric=True,
               card="meta"),
        Column("bare", gettext_lazy("未安排排查的措施"), value=lambda row: row.bare, numeric=True, sort="bare"),
        Column("posts", gettext_lazy("岗位数"), value=lambda row: row.post_count, numeric=True, shown=False),
        Column("coverage", gettext_lazy("岗位覆盖率"), value=lambda row: words.share(row.post_covered, row.post_count),
               numeric=True),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="missed", label=gettext_lazy("只看有逾期的"), condition=lambda actor: Q(missed__gt=0)),
        Flag(name="none", label=gettext_lazy("只看没有任务的"), condition=lambda actor: Q(task_count=0)),
        Flag(name="bare", label=gettext_lazy("只看措施未全部安排的"), condition=lambda actor: Q(bare__gt=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有企业档案")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_completion(actor=actor, now=timezone.now())

    def url_of(self, row: Enterprise) -> str:
        return reverse("hazards:check_levels", args=[row.pk])


class OwnLevels(View):
    """Leads to the page of one's own enterprise."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(services.RECORD)
        file = own_file(actor=actor)
        return redirect("registry:own_new") if file is None else redirect("hazards:check_levels", file.pk)
