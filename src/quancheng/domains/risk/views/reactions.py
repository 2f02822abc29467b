"""Reactions of fine chemistry (反应安全风险评估) and the four clearings (四个清零)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import in_language
from quancheng.domains.risk.forms import analyses as forms
from quancheng.domains.risk.forms.gradings import NoteForm
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.loops.analysis import CLEARING, REACTION
from quancheng.domains.risk.models import Clearing, Reaction
from quancheng.domains.risk.queries import reactions as queries
from quancheng.domains.risk.services import reactions as services
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.services.gradings import JUDGE
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import AnalystPage, KeeperPage
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
from quancheng.kernel.pages.words import told
from quancheng.standards.lists import key_processes
from quancheng.standards.risk.reaction import TEMPERATURES, TOP

_TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path))  # fmt: skip
_GRADES = [(str(one), str(one)) for one in range(1, TOP + 1)]


def _process(code: str) -> str:
    found = key_processes().get(code)
    return "" if found is None else told(found.name)


def _processes() -> list[tuple[str, str]]:
    return [(code, told(one.name)) for code, one in key_processes().items()]


def grade(row: Reaction) -> Any:
    """The grade in words; says where it is not settled."""
    if row.grade is None:
        return _("未评估")
    said = _("%(grade)s级") % {"grade": row.grade}
    return said if row.is_settled else format_html("{} {}", said, marks.badge(_("未确定"), "active"))


class ReactionList(ListPage):
    """Safety risk assessments by reaction."""

    code = "risk.reactions"
    title = gettext_lazy("反应安全风险评估")
    columns = (
        Column("title", gettext_lazy("反应名称"), link=True, sort="title", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("grade", gettext_lazy("工艺危险度"), value=lambda row: row.grade, render=grade, sort="grade",
               card="meta", numeric=True),
        Column("missing", gettext_lazy("未落实措施数"), sort="missing", numeric=True, card="meta"),
        Column("process", gettext_lazy("重点监管工艺"), value=lambda row: _process(row.process), sort="process"),
        Column("assessed_by", gettext_lazy("评估单位")),
        Column("assessed_date", gettext_lazy("评估日期"), sort="assessed_date"),
        Column("review_date", gettext_lazy("下次评估日期"), sort="review_date"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("反应、企业、编号"), pinned=True,
               fields=("title", "code", "file__enterprise__name")),
        Choice(name="grade", label=gettext_lazy("工艺危险度"), choices=_GRADES, field="grade", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=REACTION.choices, field="status", multiple=True),
        Flag(name="lacking", label=gettext_lazy("只看有缺项的"), condition=lambda actor: queries.is_lacking()),
        Dates(name="review", label=gettext_lazy("下次评估日期"), field="review_date"),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("还没有反应安全风险评估")

    def queryset(self, actor: Actor) -> QuerySet[Reaction]:
        return queries.list_reactions(actor=actor)

    def url_of(self, row: Reaction) -> str:
        return reverse("risk:reaction", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("按企业查看"), reverse("risk:plants"))]


class ReactionPage(ObjectPage[Reaction]):
    """One reaction: its temperatures, why it has its grade, what the grade demands and what of it is done."""

    template = "risk/object.html"
    back = (gettext_lazy("反应安全风险评估"), lambda: reverse("risk:reactions"))
    forms = {"approve": NoteForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Reaction:
        return queries.get_reaction(actor=actor, reaction_id=kwargs["pk"])

    def head(self, row: Reaction, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=_("反应安全风险评估"))

    def facts(self, row: Reaction, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        temperatures = [
            Fact(label=f"{told(name)}（℃）", value=getattr(row, code), filled_by=own)
            for code, name in TEMPERATURES.items()
        ]
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("重点监管工艺"), value=_process(row.process)),
            *temperatures,
            Fact(label=_("工艺危险度"), value=grade(row)),
            Fact(label=_("未落实措施数"), value=row.missing),
            Fact(label=_("评估单位"), value=row.assessed_by, filled_by=own),
            Fact(label=_("评估日期"), value=row.assessed_date, filled_by=own),
            Fact(label=_("评估报告编号"), value=row.report_no),
            Fact(label=_("审核人"), value=row.approved_by),
            Fact(label=_("下次评估日期"), value=row.review_date),
        ]

    def tabs(self, row: Reaction, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Reaction, [row.pk]).get(row.pk, [])
        result = row.result or {"steps": [], "doubts": []}
        return [
            Tab(name="controls", label=_("应有的管控措施"), count=len(row.controls), template="risk/_controls.html",
                context=lambda: {"controls": [(one, in_language(one)) for one in row.controls]}),
            Tab(name="why", label=_("定级依据"), template="risk/_lopa_steps.html",
                context=lambda: {"steps": words.steps(result["steps"]), "doubts": words.reasons(result["doubts"])}),
            Tab(name="files", label=_("评估报告"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Reaction, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary or one.name == "control",
                   asks=one.name not in ("submit", "renew"))
            for one in super().actions(row, actor)
        ]  # fmt: skip
        if row.status == "DRAFT" and may_analyse(actor, row.file_id):
            url = reverse("risk:reaction_change", args=[row.pk])
            found.append(Action(name="fill", label=_("修改"), url=url))
        return found

    def form_for(
        self, action: Action, row: Reaction, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "control":
            listed = [(str(place), in_language(one)) for place, one in enumerate(row.controls)]
            return forms.ControlForm(data, files, controls=listed)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Reaction, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "submit":
            services.submit_reaction(**common)
        elif name == "approve":
            services.approve_reaction(**common, text=given["text"])
        elif name == "control":
            kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
            services.set_control(
                **common, place=int(given["place"]), is_done=given["is_done"] == "yes", text=given["text"],
                evidence=kept,
            )  # fmt: skip
        elif name in ("return", "change", "order", "end", "renew"):
            services.answer_reaction(**common, name=name, reason=given.get("reason", ""))
        else:
            raise NotFound


class NewReaction(AnalystPage):
    title = gettext_lazy("登记反应安全风险评估")
    lead = gettext_lazy("每个反应一项；工艺危险度由四个温度的次序推算，不能直接填写。")
    form = forms.ReactionForm
    button = gettext_lazy("保存")

    def known(self) -> dict[str, Any]:
        return {"processes": _processes()}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
        made = services.enter_reaction(
            actor=actor, file=self.file, known=self.asked.known(), evidence=kept, now=now, client_id=client_id
        )
        return reverse("risk:reaction", args=[made.pk])


class ChangeReaction(KeeperPage):
    title = gettext_lazy("修改反应安全风险评估")
    lead = NewReaction.lead
    form = forms.ReactionForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_reaction(actor=actor, reaction_id=kwargs["pk"])
        if not may_analyse(actor, self.row.file_id):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.ReactionForm(*args, file=self.row.file, processes=_processes(), **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in services.FIELDS}

    def back_url(self) -> str:
        return reverse("risk:reaction", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
        services.change_reaction(actor=actor, row=self.row, known=self.asked.known(), evidence=kept, now=now)
        return self.back_url()


# Enterprises and the four clearings ------------------------------------------------------------------------------


def _cell(code: str) -> Column:
    def word(row: Enterprise) -> str:
        status = getattr(row, f"cell_{code}")
        return str(CLEARING.states[status].label) if status else _("未启动")

    def drawn(row: Enterprise) -> Any:
        status = getattr(row, f"cell_{code}")
        tone = {"CLEARED": "done", "EXEMPT": "quiet", "OPEN": "active"}.get(status or "", "plain")
        return marks.badge(word(row), tone)

    return Column(f"cell_{code}", ClearingKind(code).label, value=word, render=drawn, sort=f"cell_{code}")


class PlantList(ListPage):
    """Fine-chemical enterprises: which reactions lack something (S5-3.3a), and the four clearings, a cell each."""

    code = "risk.plants"
    title = gettext_lazy("精细化工企业反应风险和四个清零")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("reactions", gettext_lazy("反应数"), value=lambda row: row.reaction_count, numeric=True,
               sort="reaction_count", card="meta"),
        Column("lacking", gettext_lazy("有缺项的反应"), value=lambda row: row.lacking_count, numeric=True,
               sort="lacking_count", card="meta"),
        *(_cell(code) for code in ClearingKind.values),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Flag(name="gaps", label=gettext_lazy("只看有缺项或未登记的"), condition=lambda actor: queries.has_gaps(),
             pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), field="kind",
               choices=[(code, Kind(code).label) for code in queries.FINE_KINDS]),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("没有精细化工企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_plants(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:file", args=[row.pk]) + "?tab=reactions"

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("四个清零办理"), reverse("risk:clearings"))]
        if actor.has(JUDGE):
            found.append((gettext_lazy("启动四个清零"), reverse("risk:clearings_begin")))
        return found


class ClearingList(ListPage):
    """The four clearings, one line a cell."""

    code = "risk.clearings"
    title = gettext_lazy("精细化工“四个清零”")
    columns = (
        Column("title", gettext_lazy("事项"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("清零事项"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("due_date", gettext_lazy("清零期限"), sort="due_date", card="meta"),
        Column("verified_date", gettext_lazy("现场核查日期"), sort="verified_date", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("title",), pinned=True),
        Choice(name="kind", label=gettext_lazy("清零事项"), choices=ClearingKind.choices, field="kind", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=CLEARING.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="due", label=gettext_lazy("清零期限"), field="due_date"),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("还没有启动四个清零")

    def queryset(self, actor: Actor) -> QuerySet[Clearing]:
        return queries.list_clearings(actor=actor)

    def url_of(self, row: Clearing) -> str:
        return reverse("risk:clearing", args=[row.pk])


class ClearingPage(ObjectPage[Clearing]):
    """One clearing of one enterprise: what it shows, what was found on site."""

    template = "risk/object.html"
    back = (gettext_lazy("精细化工“四个清零”"), lambda: reverse("risk:clearings"))
    forms = {"report": forms.NeededFilesForm, "verify": forms.VerifyForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Clearing:
        return queries.get_clearing(actor=actor, clearing_id=kwargs["pk"])

    def head(self, row: Clearing, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=_("四个清零"))

    def facts(self, row: Clearing, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("清零事项"), value=row.get_kind_display()),
            Fact(label=_("清零期限"), value=row.due_date),
            Fact(label=_("清零情况"), value=row.evidence_text, wide=True, filled_by=_("企业")),
            Fact(label=_("现场核查日期"), value=row.verified_date),
            Fact(label=_("核查情况"), value=row.verified_text, wide=True),
        ]
        if row.kind == ClearingKind.REACTION:
            lacking, count = queries.lacking_of(row.file)
            said = _("%(count)s个反应，其中%(lacking)s个有缺项") % {"count": count, "lacking": lacking}
            url = reverse("risk:file", args=[row.file_id]) + "?tab=reactions"
            found.append(Fact(label=_("平台登记情况"), value=format_html('<a href="{}">{}</a>', url, said), wide=True))
        return found

    def tabs(self, row: Clearing, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Clearing, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("佐证材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Clearing, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name not in ("report", "verify"):
            services.answer_clearing(**common, name=name, reason=given["reason"])
            return
        kept = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
        if name == "report":
            services.report_clearing(**common, text=given["text"], evidence=kept)
        else:
            services.verify_clearing(**common, day=given["day"], text=given["text"], evidence=kept)


class BeginClearings(CreatePage):
    title = gettext_lazy("启动四个清零")
    duty = JUDGE
    form = forms.BeginClearingsForm
    back = "risk:plants"
    button = gettext_lazy("启动")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"kinds": ClearingKind.values, "due": Calendar().local_date(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.begin_clearings(actor=actor, kinds=given["kinds"], due=given["due"], now=now)
        return reverse("risk:clearings")


def reactions_tab(row: Enterprise, actor: Actor) -> Tab:
    """What an enterprise's page says of its reactions and clearings; read when it is opened."""

    def context() -> dict[str, Any]:
        rows = [(one, grade(one)) for one in queries.reactions_of(row)]
        return {"reactions": rows, "clearings": queries.clearings_of(row)}

    return Tab(name="reactions", label=_("反应风险、四个清零"), template="risk/_reactions.html", context=context)
