"""Object pages of tasks, assignments, instalments and extensions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.forms import tasks as forms
from quancheng.domains.duty.loops.task import EVENT
from quancheng.domains.duty.models import Assignment, ChartLink, Extension, Instalment, Task
from quancheng.domains.duty.queries import parents, rollup
from quancheng.domains.duty.queries import tasks as queries
from quancheng.domains.duty.services import tasks, work
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.domains.duty.views.lists import colour_mark, light_mark, task_light_mark
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, Tab
from quancheng.kernel.pages.words import listed


def _link(url: str, text: Any) -> Any:
    return format_html('<a href="{}">{}</a>', url, text)


def _evidence(actor: Actor, uploads: Sequence[Any], now: datetime) -> list[uuid.UUID]:
    return receive_uploads(actor=actor, uploads=uploads, now=now)


class TaskPage(DomainPage[Task]):
    """One task: what is demanded, by whom, how far every unit is."""

    back = (gettext_lazy("任务"), lambda: reverse("duty:tasks"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {"cancel": forms.ReasonForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Task:
        return queries.get_task(actor=actor, task_id=kwargs["pk"])

    def head(self, row: Task, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.get_kind_display())

    def facts(self, row: Task, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("任务内容"), value=row.text, wide=True),
            Fact(label=_("计划文件"), value=_plan_link(row) if row.plan else None),
            Fact(label=_("时限（原文）"), value=row.deadline_phrase),
            Fact(label=_("完成时限"), value=row.due_date),
            Fact(label=_("复核日期"), value=row.review_date),
            Fact(label=_("交办单位"), value=row.owner_org.name),
            Fact(label=_("配合单位"), value=listed(one.org.label for one in row.supports.all())),
            Fact(label=_("指标"), value="；".join(one.phrase for one in row.targets.all())),
        ]
        if row.persons or row.leading_official:
            found += [
                Fact(label=_("责任人"), value=row.persons),
                Fact(label=_("分管领导"), value=row.leading_official),
            ]
        for campaign in row.campaigns.order_by("code") if row.orders_campaign else ():  # type: ignore[attr-defined]
            found.append(Fact(label=_("专项行动"), value=_link(reverse("duty:campaign", args=[campaign.pk]), campaign)))
        if row.level1:
            found.append(Fact(label=_("所属章节"), value=" › ".join(filter(None, (row.level1, row.level2))), wide=True))
        for label, linked in (
            (_("承接的上级任务"), parents.list_carried(actor=actor, task=row)),
            (_("承接本任务的下级任务"), parents.list_carriers(actor=actor, task=row)),
        ):
            if linked:
                found.append(Fact(label=label, value=_task_links(linked), wide=True))
        return found

    def tabs(self, row: Task, actor: Actor) -> Sequence[Tab]:
        assignments = list(
            queries.list_assignments(actor=actor, now=timezone.now()).filter(task=row, parent__isnull=True)
        )
        linked = row.is_linked  # type: ignore[attr-defined]
        serves, served_by = rollup.list_links(actor=actor, task=row.pk) if linked else ([], [])
        found = [
            Tab(
                name="units",
                label=_("责任单位"),
                count=len(assignments),
                template="duty/_assignments.html",
                context=lambda: {"assignments": [(one, light_mark(one)) for one in assignments]},
            )
        ]
        carried = Tab(
            name="rows",
            label=_("落实此项的挂图任务"),
            count=len(served_by),
            template="duty/_task_links.html",
            context=lambda: {"links": _lit(actor, [(one.task, one) for one in served_by])},
        )
        if served_by:
            found = [*found, carried] if assignments else [carried]
        if serves:
            found.append(
                Tab(name="serves", label=_("对应的正文任务"), count=len(serves), template="duty/_task_links.html",
                    context=lambda: {"links": _lit(actor, [(one.serves, one) for one in serves])})
            )  # fmt: skip
        return found

    def actions(self, row: Task, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        own = row.owner_org_id == actor.organisation_id and not row.is_closed
        if own and row.kind == EVENT and row.rule.get("rrules") and actor.has("duty.tasks.assign"):
            found.append(Action(name="open_window", label=_("启动重点时段"), asks=True, primary=True))
        return found

    def form_for(
        self, action: Action, row: Task, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "open_window":
            return forms.WindowForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Task, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> LongWork | None:  # fmt: skip
        if name == "open_window":
            window = tasks.Window(**given)
            return tasks.open_or_ask(actor=actor, task=row, window=window, now=now, client_id=client_id)
        loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)
        return None


def _task_links(tasks: Sequence[Task]) -> Any:
    pairs = [(reverse("duty:task", args=[one.pk]), str(one)) for one in tasks]
    return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>', pairs)


def _lit(actor: Actor, links: Sequence[tuple[Task, ChartLink]]) -> list[tuple[Task, ChartLink, Any, str]]:
    """Linked tasks with their light and progress."""
    rolled = rollup.roll_up(actor=actor, tasks=[task.pk for task, _link in links], now=timezone.now())
    return [(task, link, colour_mark(rolled[task.pk].light), rolled[task.pk].percent) for task, link in links]


def _plan_link(row: Task) -> Any:
    if row.plan is None:
        return None
    url = reverse("duty:plan", args=[row.plan.pk])
    anchor = f"{url}?tab=source#line-{row.line}" if row.line else url
    return _link(anchor, row.plan.title)


class AssignmentPage(DomainPage[Assignment]):
    """One unit's work on a task."""

    back = (gettext_lazy("承办情况"), lambda: reverse("duty:assignments"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Assignment:
        return queries.get_assignment(actor=actor, assignment_id=kwargs["pk"], now=timezone.now())

    def head(self, row: Assignment, actor: Actor) -> ObjectHead:
        return ObjectHead(
            title=row.task.title, code=row.task.code, marks=[task_light_mark(row)], subtitle=row.org.name
        )

    def facts(self, row: Assignment, actor: Actor) -> Sequence[Fact]:
        org = row.org.label
        found = [
            Fact(label=_("任务内容"), value=row.task.text, wide=True),
            Fact(label=_("所属任务"), value=_link(reverse("duty:task", args=[row.task_id]), row.task.code)),
            Fact(label=_("责任单位"), value=row.org.name),
            Fact(label=_("承办人"), value=row.person.name if row.person else None, filled_by=org),
            Fact(label=_("时限（原文）"), value=row.task.deadline_phrase),
            Fact(label=_("完成时限"), value=row.due_date),
            Fact(label=_("进度"), value=f"{row.progress}%"),
            Fact(label=_("最近进展"), value=row.last_report, filled_by=org, wide=True),
        ]
        if row.first_due_date != row.due_date:
            found.append(Fact(label=_("原定时限"), value=row.first_due_date))
        if row.review_date:
            found.append(Fact(label=_("复核日期"), value=row.review_date))
        supports = listed(one.org.label for one in row.task.supports.all())
        if supports:
            found.append(Fact(label=_("配合单位"), value=supports))
        for target in row.task.targets.all():
            reported = row.figures.get(str(target.pk))
            shown = f"{reported}{target.unit}（{_('目标')} {target.phrase}）" if reported is not None else None
            found.append(Fact(label=target.indicator, value=shown, filled_by=org))
        return found

    def tabs(self, row: Assignment, actor: Actor) -> Sequence[Tab]:
        reports = list(queries.list_reports(actor=actor, assignment=row))
        instalments = list(queries.list_instalments(actor=actor, assignment=row))
        parts = list(queries.list_parts(actor=actor, assignment=row, now=timezone.now()))
        extensions = list(queries.list_extensions(actor=actor, assignment=row))

        def with_files() -> Mapping[str, Any]:
            files = files_of_many(type(reports[0]), [one.pk for one in reports]) if reports else {}
            return {"reports": [(one, files.get(one.pk, [])) for one in reports]}

        found = [
            Tab(name="reports", label=_("进展"), count=len(reports), template="duty/_reports.html", context=with_files)
        ]
        if instalments:
            found.append(
                Tab(name="instalments", label=_("期次"), count=len(instalments), template="duty/_instalments.html",
                    context=lambda: {"instalments": instalments})
            )  # fmt: skip
        if parts:
            found.append(
                Tab(name="parts", label=_("转交下级"), count=len(parts), template="duty/_assignments.html",
                    context=lambda: {"assignments": [(one, light_mark(one)) for one in parts]})
            )  # fmt: skip
        if extensions:
            found.append(
                Tab(name="extensions", label=_("延期申请"), count=len(extensions), template="duty/_extensions.html",
                    context=lambda: {"extensions": extensions})
            )  # fmt: skip
        return found

    def actions(self, row: Assignment, actor: Actor) -> Sequence[Action]:
        asking = {"renew", "extend", "verify", "verify_continuing", "reassign"}
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.asks or one.name in asking)
            for one in loopview.actions_of(row, actor)
            if one.name != "extend"
        ]
        own = row.org_id == actor.organisation_id
        working = row.status in ("IN_PROGRESS", "CONTINUING")
        if own and working and actor.has("duty.tasks.subassign"):
            found.append(Action(name="hand_down", label=_("转交下级单位"), asks=True))
        if own and row.status == "IN_PROGRESS" and row.due_date and actor.has("duty.tasks.work"):
            found.append(Action(name="ask_extension", label=_("申请延期"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Assignment, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "report": lambda: forms.ProgressForm(data, files, assignment=row),
            "report_continuing": lambda: forms.ProgressForm(data, files, assignment=row),
            "submit": lambda: forms.SubmitForm(data, files, assignment=row),
            "verify": lambda: forms.OpinionForm(data),
            "verify_continuing": lambda: forms.OpinionForm(data),
            "renew": lambda: forms.RenewForm(data),
            "reassign": lambda: forms.ReassignForm(data, actor=actor),
            "hand_down": lambda: forms.HandDownForm(data, actor=actor),
            "ask_extension": lambda: forms.ExtensionForm(data),
            "resume": lambda: forms.OptionalReasonForm(data),
        }
        if action.name in makers:
            return makers[action.name]()
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Assignment, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "assignment": row, "now": now, "client_id": client_id}
        if name in ("report", "report_continuing", "submit"):
            spec = ProgressSpec(
                percent=given.get("percent", 100),
                text=given["text"],
                problems=given["problems"],
                next_steps=given["next_steps"],
                figures={
                    key.removeprefix("figure_"): str(value)
                    for key, value in given.items()
                    if key.startswith("figure_") and value is not None
                },
                evidence=_evidence(actor, given["evidence"], now),
            )
            work.report_progress(**common, spec=spec, submit=name == "submit")
        elif name in ("accept", "accept_continuing"):
            work.accept(**common)
        elif name == "decline":
            work.decline(**common, reason=given["reason"])
        elif name in ("verify", "verify_continuing"):
            work.verify(**common, opinion=given["opinion"])
        elif name == "return":
            work.send_back(**common, reason=given["reason"])
        elif name == "renew":
            work.renew(**common, review_date=given["review_date"], reason=given["reason"])
        elif name == "reassign":
            tasks.reassign(**common, org=given["org"])
        elif name == "ask_extension":
            work.ask_extension(**common, to_date=given["to_date"], reason=given["reason"])
        elif name == "hand_down":
            tasks.hand_down(actor=actor, assignment=row, orgs=list(given["orgs"]), due_date=given["due_date"], now=now)
        else:
            work.close_by_office(**common, name=name, reason=given.get("reason", ""))

    def history(self, row: Assignment, actor: Actor) -> Sequence[HistoryLine]:
        return loopview.history_of(row)


class InstalmentPage(DomainPage[Instalment]):
    """One period or milestone."""

    def get_row(self, actor: Actor, **kwargs: Any) -> Instalment:
        return queries.get_instalment(actor=actor, instalment_id=kwargs["pk"])

    def head(self, row: Instalment, actor: Actor) -> ObjectHead:
        return ObjectHead(title=f"{row.assignment.task.title} · {row.label}", code=row.assignment.task.code,
                          subtitle=row.org.name)  # fmt: skip

    def facts(self, row: Instalment, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("任务内容"), value=row.assignment.task.text, wide=True),
            Fact(label=_("所属承办"), value=_link(reverse("duty:assignment", args=[row.assignment_id]),
                                              row.assignment.task.code)),
            Fact(label=_("完成时限"), value=row.due_date),
            Fact(label=_("完成情况"), value=row.text, filled_by=row.org.label, wide=True),
        ]  # fmt: skip

    def tabs(self, row: Instalment, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Instalment, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("佐证材料"), count=len(files), template="duty/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def form_for(
        self, action: Action, row: Instalment, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "submit":
            return forms.InstalmentForm(data, files)
        if action.name == "verify":
            return forms.OptionalReasonForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Instalment, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "submit":
            evidence = _evidence(actor, given["evidence"], now)
            work.submit_instalment(
                actor=actor, instalment=row, text=given["text"], evidence=evidence, now=now, client_id=client_id
            )
        elif name in ("verify", "return"):
            work.answer_instalment(
                actor=actor, instalment=row, accept=name == "verify", reason=given["reason"], now=now,
                client_id=client_id,
            )  # fmt: skip
        else:
            loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


class ExtensionPage(DomainPage[Extension]):
    """A unit's request for more time."""

    def get_row(self, actor: Actor, **kwargs: Any) -> Extension:
        return queries.get_extension(actor=actor, extension_id=kwargs["pk"])

    def head(self, row: Extension, actor: Actor) -> ObjectHead:
        return ObjectHead(title=_("延期申请"), code=row.assignment.task.code, subtitle=row.org.name)

    def facts(self, row: Extension, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("任务"), value=_link(reverse("duty:assignment", args=[row.assignment_id]),
                                            row.assignment.task.title), wide=True),
            Fact(label=_("原时限"), value=row.from_date),
            Fact(label=_("申请延至"), value=row.to_date),
            Fact(label=_("延期理由"), value=row.reason, wide=True),
        ]  # fmt: skip

    def form_for(
        self, action: Action, row: Extension, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "grant":
            return forms.OptionalReasonForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Extension, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name in ("grant", "refuse"):
            work.answer_extension(
                actor=actor, extension=row, grant=name == "grant", reason=given.get("reason", ""), now=now,
                client_id=client_id,
            )  # fmt: skip
        else:
            loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)
