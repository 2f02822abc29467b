"""Pages of construction projects: the register, the new entry, one project through its reviews."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import projects as forms
from quancheng.domains.registry.loops.project import PROJECT
from quancheng.domains.registry.models import Project
from quancheng.domains.registry.models.projects import CHECKLIST, ProjectLink
from quancheng.domains.registry.queries import projects as queries
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.registry.queries.restrictions import restricted
from quancheng.domains.registry.services import projects as services
from quancheng.domains.registry.services.projects import APPLY, JUDGE, ProjectSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab

_TAKES_TEXT = ("apply", "pass", "apply_design", "pass_design", "finish", "complete")


class ProjectList(ListPage):
    """Construction projects (建设项目)."""

    code = "registry.projects"
    title = gettext_lazy("建设项目")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("项目名称"), link=True, sort="title", card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="meta", width="wide"),
        Column("purpose", gettext_lazy("项目类别"), value=lambda row: row.get_purpose_display(), sort="purpose"),
        Column("kind", gettext_lazy("建设性质"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("trial_to", gettext_lazy("试生产截止"), sort="trial_to", card="meta"),
        Column("explosives", gettext_lazy("爆炸性化学品"), value=lambda row: _("涉及") if row.has_explosives else "",
               sort="has_explosives"),
        Column("consulted_date", gettext_lazy("决策咨询日期"), sort="consulted_date", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、项目、企业"), pinned=True,
               fields=("code", "title", "enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=PROJECT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="purpose", label=gettext_lazy("项目类别"), choices=ProjectLink.choices, field="purpose"),
    )  # fmt: skip
    imports = ("registry.own_projects",)
    empty_title = gettext_lazy("还没有建设项目")

    def queryset(self, actor: Actor) -> QuerySet[Project]:
        return queries.list_projects(actor=actor)

    def url_of(self, row: Project) -> str:
        return reverse("registry:project", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记建设项目"), reverse("registry:project_new"))] if actor.has(APPLY) else []


class NewProject(CreatePage):
    title = gettext_lazy("登记建设项目")
    lead = gettext_lazy("新建、改建、扩建的生产、储存、经营项目和管道都须登记，先咨询、后审查、再建设。")
    duty = APPLY
    form = forms.ProjectForm
    back = "registry:projects"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        file = own_file(actor=actor)
        if file is None:
            raise Conflict(_("请先建立本单位档案，再登记建设项目。"))
        spec = ProjectSpec(**given)
        made = services.enter_project(actor=actor, file=file, spec=spec, now=now, client_id=client_id)
        return reverse("registry:project", args=[made.pk])


class ProjectPage(ObjectPage[Project]):
    """One project from its consultation to its completion."""

    template = "registry/object.html"
    back = (gettext_lazy("建设项目"), lambda: reverse("registry:projects"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Project:
        return queries.get_project(actor=actor, project_id=kwargs["pk"])

    def head(self, row: Project, actor: Actor) -> ObjectHead:
        shown = [marks.badge(_("涉及爆炸性化学品"), "active")] if row.has_explosives else []
        return ObjectHead(title=row.title, code=row.code, subtitle=row.get_kind_display(), marks=shown)

    def facts(self, row: Project, actor: Actor) -> Sequence[Fact]:
        own, office = _("企业"), row.supervisor.label
        file = format_html(
            '<a href="{}">{}</a>', reverse("registry:enterprise", args=[row.owner_org_id]), row.owner_org.name
        )
        consulted = ""
        if row.consulted_date is not None:
            consulted = f"{row.consulted_date.isoformat()} {row.consulted_by}：{row.consulted_text}"
        trial = ""
        if row.trial_from is not None and row.trial_to is not None:
            trial = f"{row.trial_from.isoformat()} – {row.trial_to.isoformat()}"
        found = [
            Fact(label=_("企业"), value=file),
            Fact(label=_("项目类别"), value=row.get_purpose_display()),
            Fact(label=_("建设地点"), value=row.place),
            Fact(label=_("监管牵头部门"), value=office),
            Fact(label=_("决策咨询"), value=consulted, filled_by=own, wide=True),
            Fact(label=_("建设内容"), value=row.text, wide=True),
            Fact(label=_("试生产期限"), value=trial),
        ]
        if said := restricted(row, on=Calendar().local_date(timezone.now())):
            found.insert(0, Fact(label=_("禁限控目录"), value="；".join(said), wide=True))
        if row.has_explosives:
            found.append(Fact(label=_("特别批准文号"), value=row.special_approval, filled_by=office))
        return found

    def tabs(self, row: Project, actor: Actor) -> Sequence[Tab]:
        increases = queries.increases_of(row)
        answers = [(label, row.answers.get(code)) for code, label in CHECKLIST]
        visits = queries.visits_of(row)
        files = files_of_many(Project, [row.pk]).get(row.pk, [])
        return [
            Tab(name="chemicals", label=_("化学品和净增量"), count=len(increases), template="registry/_increases.html",
                context=lambda: {"increases": increases, "totals": queries.totals(actor=actor)}),
            Tab(name="checklist", label=_("准入清单"), count=row.unanswered(), template="registry/_checklist.html",
                context=lambda: {"answers": answers}),
            Tab(name="visits", label=_("试生产检查"), count=len(visits), template="registry/_trial_visits.html",
                context=lambda: {"visits": visits}),
            Tab(name="files", label=_("材料"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Project, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        mine, judges = row.owner_org_id == actor.organisation_id, row.supervisor_id == actor.organisation_id
        if mine and actor.has(APPLY):
            if row.status == "PREPARING":
                found.append(Action(name="change", label=_("修改项目"), asks=True))
            if row.status in ("PREPARING", "CONDITION"):
                found.append(Action(name="consult", label=_("登记决策咨询"), asks=True))
            if row.status == "BUILDING":
                found.append(Action(name="plan_trial", label=_("登记试生产方案"), asks=True))
        if judges and actor.has(JUDGE):
            if row.status == "CONDITION":
                found.append(Action(name="check", label=_("核对准入清单"), asks=True))
            if row.status in ("PREPARING", "CONDITION") and row.has_explosives:
                found.append(Action(name="approve", label=_("登记特别批准"), asks=True))
            if row.status == "TRIAL":
                found.append(Action(name="visit", label=_("登记试生产检查"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Project, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "change": lambda: forms.ProjectForm(data, initial=forms.known_of(row)),
            "consult": lambda: forms.ConsultForm(data, files),
            "check": lambda: forms.ChecklistForm(data, known=row.answers),
            "approve": lambda: forms.ApprovalForm(data),
            "plan_trial": lambda: forms.TrialPlanForm(data, files),
            "visit": lambda: forms.TrialVisitForm(data),
            **{name: lambda: forms.StepForm(data, files) for name in _TAKES_TEXT},
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Project, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        evidence = receive_uploads(actor=actor, uploads=given.get("evidence") or [], now=now)
        told = {key: value for key, value in given.items() if key != "evidence"}
        if name == "change":
            services.change_project(actor=actor, project=row, spec=ProjectSpec(**told), now=now)
        elif name == "consult":
            services.consult(actor=actor, project=row, evidence=evidence, now=now, **told)
        elif name == "check":
            answers = {code: (told[f"ok_{code}"], told[f"note_{code}"]) for code, _label in CHECKLIST}
            services.answer_checklist(actor=actor, project=row, answers=answers, now=now)
        elif name == "approve":
            services.approve_specially(actor=actor, project=row, document=told["document"], now=now)
        elif name == "plan_trial":
            services.plan_trial(actor=actor, project=row, evidence=evidence, now=now, **told)
        elif name == "visit":
            services.visit_trial(actor=actor, project=row, now=now, **told)
        else:
            services.step_project(
                actor=actor, project=row, name=name, given=told, evidence=evidence, now=now, client_id=client_id
            )
