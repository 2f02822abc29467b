"""Pages of government special inspection rounds for the office: drafting, issuing, drawing, the numbers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import rounds as forms
from quancheng.domains.hazards.loops.round import ROUND
from quancheng.domains.hazards.models import InspectionRound
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.criteria import name_in_language
from quancheng.domains.hazards.services import rounds as services
from quancheng.domains.hazards.views import round_words as words
from quancheng.domains.hazards.views.words import coded
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted, StaleState
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.standards.hidden_dangers.kinds import code_list

#: Units of a draft that its page names; the count tells all.
SHOWN = 100


def _answered(row: Any) -> str:
    return f"{row.answered_count} / {row.target_count}"


def _kinds(actor: Actor) -> list[tuple[str, str]]:
    return [(one.code, coded("gov_list_type", one.code)) for one in code_list("gov_list_type").items]


class RoundList(ListPage):
    """Rounds that offices issued (政府专项检查)."""

    code = "hazards.rounds"
    title = gettext_lazy("政府专项检查")
    columns = (
        Column("title", gettext_lazy("任务名称"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("owner", gettext_lazy("发布机关"), value=lambda row: row.owner_org.label),
        Column("kind", gettext_lazy("政府清单类型"), value=lambda row: coded("gov_list_type", row.kind), sort="kind"),
        Column("issued_at", gettext_lazy("下发时间"), sort="issued_at"),
        Column("due_date", gettext_lazy("自查反馈期限"), sort="due_date", card="meta"),
        Column("rhythm", gettext_lazy("检查频次"), value=words.rhythm, shown=False),
        Column("target_count", gettext_lazy("下发单位"), numeric=True, sort="target_count"),
        Column("answered", gettext_lazy("已填报"), value=_answered, numeric=True, sort="answered_count", card="meta"),
        Column("abnormal_units", gettext_lazy("有异常的单位"), numeric=True, sort="abnormal_units"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ROUND.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("政府清单类型"), choices=_kinds, field="kind", multiple=True),
        Dates(name="issued", label=gettext_lazy("下发时间"), field="issued_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有政府专项检查")

    def queryset(self, actor: Actor) -> QuerySet[InspectionRound]:
        return queries.list_rounds(actor=actor)

    def url_of(self, row: InspectionRound) -> str:
        return reverse("hazards:round", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("专项检查任务"), reverse("hazards:round_targets"))]
        if actor.supervises and actor.has(services.ISSUE):
            # The first one is the main one.
            found.insert(0, (gettext_lazy("拟订专项检查"), reverse("hazards:round_new")))
            found.append((gettext_lazy("高危细分领域"), reverse("hazards:sub_fields")))
        return found


class NewRound(CreatePage):
    """A round is drafted; its page then shows how many units the filter means."""

    title = gettext_lazy("拟订专项检查")
    lead = gettext_lazy("保存为草稿后，可以先查看符合条件的企业数，再下发。下发后检查项和企业不再改变。")
    duty = services.ISSUE
    form = forms.RoundForm
    button = gettext_lazy("保存草稿")
    back = "hazards:rounds"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        if not actor.supervises:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        later = today + timedelta(days=15)
        return {"kind": "campaign", "item_type": "by_item", "valid_type": "dates", "start_date": today,
                "due_date": later, "end_date": later + timedelta(days=30), "recheck_percent": 20,
                "frequency": "once"}  # fmt: skip

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.RoundForm(*args, actor=actor, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.draft_round(actor=actor, spec=_spec(given), now=now, client_id=client_id)
        return reverse("hazards:round", args=[made.pk])


class EditRound(NewRound):
    """A draft is changed."""

    title = gettext_lazy("修改专项检查")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_round(actor=actor, round_id=kwargs["pk"])
        if self.row.owner_org_id != actor.organisation_id:
            raise NotPermitted
        if self.row.status != "DRAFT":
            raise StaleState(_("该任务已下发或作废，不能再修改。"))

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        row, edition = self.row, self.row.edition
        own = {name: getattr(row, name) for name in (
            "title", "text", "kind", "item_type", "valid_type", "start_date", "end_date", "due_date", "frequency",
            "cycle", "cycle_number", "submit", "agency", "recheck_percent", "verify_mode", "verify_date",
        )}  # fmt: skip
        return {**own, **row.asked, "checklist": edition.text_id if edition is not None else None}

    def back_url(self) -> str:
        return reverse("hazards:round", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_round(actor=actor, row=self.row, spec=_spec(given), now=now)
        return self.back_url()


def _spec(given: Mapping[str, Any]) -> services.RoundSpec:
    asked = queries.Asked(
        colours=tuple(int(one) for one in given["colours"]), kinds=tuple(given["kinds"]), town=given["town"],
        major=given["major"], sub_field=given["sub_field"], links=tuple(given["links"]),
    )  # fmt: skip
    rest = {key: value for key, value in given.items() if key not in asked.plain()}
    return services.RoundSpec(asked=asked, **rest)


class RoundPage(ObjectPage[InspectionRound]):
    """One round: what is asked of whom, who answered, what was seen, the numbers."""

    template = "hazards/object.html"
    back = (gettext_lazy("政府专项检查"), lambda: reverse("hazards:rounds"))

    def get_row(self, actor: Actor, **kwargs: Any) -> InspectionRound:
        return queries.get_round(actor=actor, round_id=kwargs["pk"])

    def head(self, row: InspectionRound, actor: Actor) -> ObjectHead:
        shown = [marks.badge(words.rhythm(row), "plain")] if row.frequency == "cyclic" else []
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label, marks=shown)

    def facts(self, row: InspectionRound, actor: Actor) -> Sequence[Fact]:
        edition = f"{name_in_language(row.edition.text)} {row.edition.number}" if row.edition is not None else ""
        validity = coded("valid_type", row.valid_type)
        if row.end_date is not None:
            validity = f"{row.start_date:%Y-%m-%d} — {row.end_date:%Y-%m-%d}"
        shown = [
            Fact(label=_("检查内容和要求"), value=row.text, wide=True),
            Fact(label=_("检查对象"), value=words.asked(row), wide=True),
            Fact(label=_("政府清单类型"), value=coded("gov_list_type", row.kind)),
            Fact(label=_("检查方式"), value=coded("item_type", row.item_type)),
            Fact(label=_("检查表"), value=edition),
            Fact(label=_("有效期"), value=validity),
            Fact(label=_("检查频次"), value=words.rhythm(row)),
            Fact(label=_("提交方式"), value=coded("submit", row.submit)),
            Fact(label=_("第三方评估"), value=row.get_agency_display()),
            Fact(label=_("下发时间"), value=row.issued_at),
            Fact(label=_("自查反馈期限"), value=row.due_date),
            Fact(label=_("现场核查比例（%）"), value=row.recheck_percent),
            Fact(label=_("核查方式"), value=row.get_verify_mode_display()),
            Fact(label=_("现场核查期限"), value=row.verify_date),
        ]
        if row.series is not None:
            shown.append(Fact(label=_("首期任务"), value=words.round_link(row.series)))
        if row.seed:
            # Kept for whoever checks that the draw was by chance; the unit never reads this page.
            again = _("可重现") if services.is_reproducible(row) else _("不能重现，请核查")
            told = _("%(seed)s（%(word)s）") % {"seed": row.seed, "word": again}
            shown.append(Fact(label=_("抽取种子"), value=told, wide=True))
        if row.comment:
            shown.append(Fact(label=_("办结意见"), value=row.comment, wide=True))
        return shown

    def tabs(self, row: InspectionRound, actor: Actor) -> Sequence[Tab]:
        shown = []
        if row.status == "DRAFT":
            meant = queries.candidates(actor=actor, asked=queries.Asked.of(row.asked))
            count = meant.count()
            shown.append(Tab(
                name="meant", label=_("符合条件的企业"), count=count, template="hazards/_round_meant.html",
                context=lambda: {"files": meant[:SHOWN], "count": count, "shown": SHOWN, "most": queries.MOST_UNITS},
            ))  # fmt: skip
        else:
            found = row.summary or queries.summary(row, actor=actor, now=timezone.now())
            shown.append(Tab(name="numbers", label=_("检查汇总"), template="hazards/_round_numbers.html",
                             context=lambda: {"numbers": words.numbers(row, found), "is_final": bool(row.summary)}))
            parts = queries.list_targets(actor=actor).filter(round=row)
            more = f"{reverse('hazards:round_targets')}?round={row.pk}"
            shown.append(Tab(
                name="targets", label=_("检查对象"), count=found["units"], template="hazards/_round_targets.html",
                context=lambda: {"targets": [(one, words.late_mark(one), words.result(one)) for one in parts[:SHOWN]],
                                 "more": more},
            ))  # fmt: skip
        if row.status != "DRAFT" and (row.edition is not None or found.get("section_units")):
            items = queries.items_of_round(row)
            shown.append(Tab(name="items", label=_("检查条目"), count=len(items), template="hazards/_round_items.html",
                             context=lambda: {"items": forms.headed(items)}))  # fmt: skip
        return shown

    def actions(self, row: InspectionRound, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        mine = row.owner_org_id == actor.organisation_id and actor.has(services.ISSUE)
        if mine and row.status == "DRAFT":
            found.append(Action(name="edit", label=_("修改"), url=reverse("hazards:round_edit", args=[row.pk])))
        if mine and row.status != "VOID" and services.is_cycling(row, Calendar().local_date(timezone.now())):
            found.append(Action(name="end_cycle", label=_("停止循环"), confirm=_("不再下发后续各期，本期照常办理。")))
        return [_asking(one) for one in found]

    def form_for(
        self, action: Any, row: InspectionRound, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "draw": lambda: forms.DrawForm(data, actor=actor), "close": lambda: forms.CommentForm(data),
            "close_bare": lambda: forms.CommentForm(data),
        }  # fmt: skip
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: InspectionRound, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "issue":
            services.issue_round(actor=actor, row=row, now=now, client_id=client_id)
        elif name == "draw":
            services.draw_round(actor=actor, row=row, verifier=given["verifier"], now=now, client_id=client_id)
        elif name in ("close", "close_bare"):
            services.close_round(actor=actor, row=row, comment=given["comment"], now=now, client_id=client_id)
        elif name == "void":
            services.void_round(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)
        elif name == "end_cycle":
            services.end_cycle(actor=actor, row=row, now=now)
        else:
            raise NotFound


def _asking(action: Action) -> Action:
    """A draw asks who looks, though its move needs nothing."""
    if action.name != "draw":
        return action
    return Action(name=action.name, label=action.label, primary=action.primary, asks=True)
