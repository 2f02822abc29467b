"""Gradings of enterprises (企业分级): the district's list, one round, filling in, the calendar of next reviews."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk import grading_scheme
from quancheng.domains.risk.forms import gradings as forms
from quancheng.domains.risk.kinds import GradingCause, Level
from quancheng.domains.risk.loops.grading import GRADING
from quancheng.domains.risk.models import Grading
from quancheng.domains.risk.queries import gradings as queries
from quancheng.domains.risk.services import gradings as services
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.risk.colours import Colour
from quancheng.standards.risk.verdict import effects_of

_LEVELS = [(str(code), label) for code, label in Level.choices]
_KINDS = [(code, label) for code, label in Kind.choices if code in queries.GRADED_KINDS]


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _label(level: int | None) -> str:
    return "" if level is None else str(Level(level).label)


class GradedList(ListPage):
    """Enterprises by the colour of their grading (企业分级清单)."""

    code = "risk.graded"
    title = gettext_lazy("企业安全风险分级")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("level", gettext_lazy("企业风险等级"), value=lambda row: _label(row.level), render=words.graded,
               sort="level", card="meta"),
        Column("graded", gettext_lazy("分级结果"), value=lambda row: _label(row.graded_level),
               render=lambda row: words.colour(row.graded_level), sort="graded_level", shown=False),
        Column("ends", gettext_lazy("有效期止"), value=lambda row: row.ends, sort="ends", card="meta"),
        Column("review", gettext_lazy("下次评估日期"), value=lambda row: row.review, sort="review"),
        Column("open", gettext_lazy("正在办理"),
               value=lambda row: str(GRADING.states[row.open_status].label) if row.open_status else ""),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="level", label=gettext_lazy("企业风险等级"), choices=_LEVELS, field="graded__present_level",
               multiple=True, pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=_KINDS, field="kind", multiple=True),
        Flag(name="none", label=gettext_lazy("只看没有分级的"), condition=lambda actor: queries.HAS_NONE),
        Flag(name="ending", label=gettext_lazy("60天内到期"), condition=lambda actor: queries.is_ending(on=_today())),
    )  # fmt: skip
    empty_title = gettext_lazy("没有适用分级的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_graded(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:file", args=[row.pk]) + "?tab=grading"

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("评估日历"), reverse("risk:grading_calendar"))]
        if actor.has(services.JUDGE):
            found.append((gettext_lazy("启动分级"), reverse("risk:gradings_begin")))
        return found


class RoundList(ListPage):
    """Rounds of grading (分级办理)."""

    code = "risk.gradings"
    title = gettext_lazy("分级办理")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("企业"), link=True, sort="title", card="title", width="wide"),
        Column("scheme", gettext_lazy("分级方法"), value=lambda row: words.scheme(row.scheme), sort="scheme"),
        Column("cause", gettext_lazy("启动原因"), value=lambda row: row.get_cause_display(), sort="cause", card="meta"),
        Column("level", gettext_lazy("分级结果"), value=lambda row: _label(row.level),
               render=lambda row: words.colour(row.level), sort="level", card="meta"),
        Column("score", gettext_lazy("原始得分"), numeric=True, sort="score"),
        Column("due_date", gettext_lazy("填报期限"), sort="due_date"),
        Column("valid_to", gettext_lazy("有效期止"), sort="valid_to"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=GRADING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="cause", label=gettext_lazy("启动原因"), choices=GradingCause.choices, field="cause"),
        Choice(name="level", label=gettext_lazy("分级结果"), choices=_LEVELS, field="level", multiple=True),
        Dates(name="valid", label=gettext_lazy("有效期止"), field="valid_to"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有分级")

    def queryset(self, actor: Actor) -> QuerySet[Grading]:
        return queries.list_gradings(actor=actor)

    def url_of(self, row: Grading) -> str:
        return reverse("risk:grading", args=[row.pk])


class ReviewCalendar(View):
    """When which enterprises are to be graded next (评估日历), month by month."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = queries.next_reviews(actor=actor_of(request))
        months: dict[str, list[Grading]] = {}
        for one in rows:
            months.setdefault(f"{one.review_date:%Y-%m}", []).append(one)
        return render(request, "risk/grading_calendar.html", {"months": list(months.items()), "today": _today()})


class GradingPage(ObjectPage[Grading]):
    """One round: every line with its points and where it comes from, what overrode the score, the colour."""

    template = "risk/object.html"
    back = (gettext_lazy("企业安全风险分级"), lambda: reverse("risk:graded"))
    forms = {"publish": forms.NoteForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Grading:
        return queries.get_grading(actor=actor, grading_id=kwargs["pk"])

    def head(self, row: Grading, actor: Actor) -> ObjectHead:
        shown = [words.colour(row.level)] if row.level else []
        return ObjectHead(title=row.title, code=row.code, subtitle=words.scheme(row.scheme), marks=shown)

    def facts(self, row: Grading, actor: Actor) -> Sequence[Fact]:
        result = row.result or {}
        own = _("企业")
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("轮次"), value=row.round_no),
            Fact(label=_("启动原因"), value=row.get_cause_display()),
            Fact(label=_("原因说明"), value=row.cause_text, wide=True),
            Fact(label=_("填报期限"), value=row.due_date),
            Fact(label=_("评估专家、机构"), value=row.assessed_by, filled_by=own),
            Fact(label=_("评估日期"), value=row.assessed_date, filled_by=own),
        ]
        if result.get("shown") is not None:
            shown = format_html("{} {}", result["shown"], marks.badge(_("原始得分 %s") % result["score"], "plain"))
            found.append(Fact(label=_("得分（最高100）"), value=shown))
        if row.level is not None:
            found.append(Fact(label=_("分级结果"), value=words.colour(row.level)))
        if row.valid_to is not None:
            found += [Fact(label=_("有效期止"), value=row.valid_to),
                      Fact(label=_("下次评估日期"), value=row.review_date)]  # fmt: skip
        if (row.answers.get(grading_scheme.SELF_EXPLOSIVE) or {}).get("value") == "1":
            said = _("涉及爆炸危险性化学品，按指南由省级应急管理部门组织评估；本区登记其结果。")
            found.insert(0, Fact(label=_("评估层级"), value=said, wide=True))
        return found

    def tabs(self, row: Grading, actor: Actor) -> Sequence[Tab]:
        day = Calendar().local_date(row.published_at or timezone.now())
        files = files_of_many(Grading, [row.pk]).get(row.pk, [])
        corrects = row.status == "SUBMITTED" and self._judges(row, actor)

        def lines() -> dict[str, Any]:
            return {"groups": queries.lines_of(row, day), "grading": row, "corrects": corrects}

        result = row.result or {}
        colour = None if row.level is None else Colour(row.level)
        return [
            Tab(name="outcome", label=_("结论"), template="risk/_grading_outcome.html",
                context=lambda: {"result": result, "grading": row,
                                 "effects": effects_of(colour) if colour else ()}),
            Tab(name="lines", label=_("逐项评分"), template="risk/_grading_lines.html", context=lines),
            Tab(name="files", label=_("评估报告、佐证材料"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Grading, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name != "submit")
            for one in super().actions(row, actor)
            if one.name != "correct"
        ]
        if services.may_fill(actor, row):
            url = reverse("risk:grading_fill", args=[row.pk])
            found.insert(0, Action(name="fill", label=_("填报"), url=url))
        return found

    def perform(
        self, *, actor: Actor, row: Grading, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        steps: dict[str, Callable[[], Any]] = {
            "submit": lambda: services.submit_grading(**common, reason=""),
            "enter": lambda: services.submit_grading(**common, reason=given["reason"]),
            "publish": lambda: services.publish_grading(**common, text=given["text"]),
        }
        if name in steps:
            steps[name]()
        elif name in ("return", "withdraw"):
            services.answer_grading(**common, name=name, reason=given["reason"])
        else:
            raise NotFound

    def _judges(self, row: Grading, actor: Actor) -> bool:
        return actor.has(services.JUDGE) and row.supervisor_id == actor.organisation_id


class FillGrading(CreatePage):
    """What the registry cannot tell, asked on one form by item; gaps may stay until it is submitted."""

    title = gettext_lazy("填报企业分级")
    lead = gettext_lazy("档案能取数的项目不再询问；可以先保存，答完后在分级页面提交。")
    duty = None
    form = forms.FillForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_grading(actor=actor, grading_id=kwargs["pk"])
        if not services.may_fill(actor, self.row):
            raise NotPermitted
        self.asked = services.asked(self.row, _today())

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.filled = forms.FillForm(*args, asked=self.asked, **kwargs)
        return self.filled

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        row = self.row
        found: dict[str, Any] = {
            "assessed_by": row.assessed_by, "assessed_date": row.assessed_date, "seen": row.updated_at.isoformat(),
        }  # fmt: skip
        for question, known in self.asked:
            said = row.answers.get(question.code)
            kept = said["value"] if said else (known.value if known else None)
            found[f"value_{question.code}"] = forms.shown_in_field(question, kept)
            found[f"comment_{question.code}"] = said["comment"] if said else ""
        return found

    def back_url(self) -> str:
        return reverse("risk:grading", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
        services.fill_grading(
            actor=actor, row=self.row, values=self.filled.values(), comments=self.filled.comments(),
            assessed_by=given["assessed_by"], assessed_date=given["assessed_date"], evidence=evidence, now=now,
            seen=given["seen"],
        )  # fmt: skip
        return self.back_url()

    def _show(self, request: HttpRequest, form: django_forms.Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "groups": self.filled.groups(), "rest": self.filled.rest(),
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()), "back_url": self.back_url(),
        }  # fmt: skip
        return render(request, "risk/grading_fill.html", context, status=status)


class CorrectGrading(CreatePage):
    """The office changes one answer, with a reason; what stood before stays to be read."""

    title = gettext_lazy("核改答案")
    lead = gettext_lazy("原答案和核改原因一并保留，企业可以看到。")
    duty = services.JUDGE
    form = forms.CorrectForm
    button = gettext_lazy("核改")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_grading(actor=actor, grading_id=kwargs["pk"])
        if self.row.supervisor_id != actor.organisation_id:
            raise NotPermitted
        found = [one for one in grading_scheme.questions(self.row.scheme, _today()) if one.code == kwargs["code"]]
        if not found:
            raise NotFound
        self.question = found[0]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.CorrectForm(*args, question=self.question, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        kept = (self.row.answers.get(self.question.code) or {}).get("value")
        return {"value": forms.shown_in_field(self.question, kept)}

    def back_url(self) -> str:
        return reverse("risk:grading", args=[self.row.pk]) + "?tab=lines"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.correct_grading(
            actor=actor, row=self.row, code=self.question.code, value=forms.value_of(self.question, given["value"]),
            reason=given["reason"], now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class BeginGrading(CreatePage):
    """A round for one enterprise, by itself or by an office."""

    title = gettext_lazy("启动分级")
    lead = gettext_lazy("启动后由企业填报，牵头监管部门核定公布，有效期三年。")
    duty = None
    form = forms.BeginForm
    button = gettext_lazy("启动")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if not may_keep(actor, self.file):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk]) + "?tab=grading"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.begin_grading(actor=actor, file=self.file, now=now, client_id=client_id, **given)
        return reverse("risk:grading", args=[made.pk])


class BeginGradings(CreatePage):
    """A round for each enterprise of some classes that has none."""

    title = gettext_lazy("启动分级")
    lead = gettext_lazy("启动后由企业填报，牵头监管部门核定公布，有效期三年。")
    duty = services.JUDGE
    form = forms.BeginManyForm
    back = "risk:graded"
    button = gettext_lazy("启动")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.begin_gradings(actor=actor, kinds=given["kinds"], now=now)
        return reverse("risk:gradings") + "?status=DRAFT"


def grading_tab(row: Enterprise, actor: Actor) -> Tab:
    """What an enterprise's page says of its grading; read when it is opened."""

    def context() -> dict[str, Any]:
        risk = queries.risk_of(row)
        level = risk.present_level if risk else None
        return {
            "risk": risk, "rounds": queries.gradings_of(row), "policy": queries.policy_of(row),
            "past": queries.colours_of_file(row), "effects": effects_of(Colour(level)) if level else (),
        }  # fmt: skip

    return Tab(name="grading", label=_("企业分级"), template="risk/_file_grading.html", context=context)
