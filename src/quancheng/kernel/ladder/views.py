"""Pages of the ladder: proposals to decide on (督办建议), and making one by hand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError
from quancheng.kernel.ladder import forms, queries
from quancheng.kernel.ladder.loops import ESCALATION
from quancheng.kernel.ladder.models import REMINDER, Escalation
from quancheng.kernel.ladder.services import deciding
from quancheng.kernel.notices.queries import address_of_row
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.filters import Choice, Dates, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to, respond
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.work.queries import get_item

_TONES = {"PROPOSED": "active", "POSTPONED": "plain"}


def _badge(row: Escalation) -> Any:
    return marks.badge(row.status_label, _TONES.get(row.status, "done"))


class EscalationList(ListPage):
    """Proposals, those that wait first; narrowed to one unit it is the unit's file."""

    code = "ladder.escalations"
    title = gettext_lazy("督办建议")
    empty_title = gettext_lazy("没有督办建议")
    empty_hint = gettext_lazy("事项超期后，系统按督办阶梯提出建议并拟好文书，由您决定。")
    columns = (
        Column("title", gettext_lazy("事项"), value=lambda row: row.facts.get("title", ""), link=True, card="title",
               width="wide"),
        Column("target", gettext_lazy("督办对象"), value=lambda row: row.target.label, sort="target__pinyin",
               card="meta"),
        Column("rung_name", pgettext_lazy("ladder", "措施"), sort="step", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=_badge, sort="status",
               card="meta"),
        Column("days_late", gettext_lazy("提出时超期天数"), sort="days_late", numeric=True),
        Column("item_due_at", gettext_lazy("办理期限"), sort="item_due_at"),
        Column("number", gettext_lazy("文号"), value=lambda row: row.paper.number_text if row.paper else ""),
        Column("proposed_at", gettext_lazy("提出时间"), sort="proposed_at", card="meta"),
        Column("postponed_until", gettext_lazy("暂缓至"), sort="postponed_until", shown=False),
        Column("reason", gettext_lazy("理由"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search("q", gettext_lazy("关键词"), fields=("facts__title", "draft_title"), pinned=True),
        Choice("status", gettext_lazy("状态"), field="status", choices=ESCALATION.choices, pinned=True, multiple=True),
        Organisations("target", gettext_lazy("督办对象"), field="target", pinned=True),
        Choice(
            "step",
            pgettext_lazy("ladder", "措施"),
            field="step",
            choices=lambda actor: [(str(one.step), one.name) for one in _rung_names()],
            multiple=True,
        ),
        Dates("proposed", gettext_lazy("提出日期"), field="proposed_at", times=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Escalation]:
        return queries.list_escalations(actor=actor)

    def url_of(self, row: Escalation) -> str:
        return reverse("ladder:escalation", args=[row.pk])

    def head_actions(self, actor: Actor) -> list[tuple[Any, str]]:
        return [(gettext_lazy("督办阶梯"), reverse("ladder:rungs"))]


class EscalationPage(ObjectPage[Escalation]):
    """One proposal: the facts as they stood, the paper as it would go out, and the decision."""

    template = "ladder/escalation.html"
    back = (gettext_lazy("督办建议"), lambda: reverse("ladder:list"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {
        "sign": forms.SignForm,
        "postpone": forms.PostponeForm,
        "drop": forms.DropForm,
    }

    def get_row(self, actor: Actor, **kwargs: Any) -> Escalation:
        return queries.get_escalation(actor=actor, escalation_id=kwargs["pk"])

    def head(self, row: Escalation, actor: Actor) -> ObjectHead:
        late = marks.light("red", _("提出时超期%(days)s天") % {"days": row.days_late})
        return ObjectHead(row.facts.get("title", ""), marks=[late], subtitle=f"{row.rung_name} · {row.target.label}")

    def facts(self, row: Escalation, actor: Actor) -> Sequence[Fact]:
        earlier = "；".join(f"{one['signed']} {one['name']} {one['number']}" for one in row.facts.get("earlier", ()))
        url = address_of_row(row.about_type, row.about_id)
        title = row.facts.get("title", "")
        found = [
            Fact(_("事项"), format_html('<a href="{}">{}</a>', url, title) if url else title, wide=True),
            Fact(_("督办对象"), row.target.name),
            Fact(pgettext("ladder", "措施"), row.rung_name),
            Fact(_("办理期限"), row.item_due_at),
            Fact(_("提出时超期天数"), row.days_late),
            Fact(_("发文机关"), row.issuer.name),
            Fact(_("已催办次数"), row.facts.get("urged", 0)),
            Fact(_("前次督办"), earlier or None, wide=True),
        ]
        if row.paper is not None:
            link = format_html(
                '<a href="{}">{}</a>', reverse("papers:paper", args=[row.paper.pk]), row.paper.number_text
            )
            found.append(Fact(_("文书"), link))
        if row.postponed_until:
            found.append(Fact(_("暂缓至"), row.postponed_until))
        if row.reason:
            found.append(Fact(_("理由"), row.reason, wide=True))
        return found

    def tabs(self, row: Escalation, actor: Actor) -> Sequence[Tab]:
        same = queries.rungs_of_item(actor=actor, subject_type=row.about_type, subject_id=row.about_id)
        file = queries.unit_file(actor=actor, organisation_id=row.target_id)
        return [
            Tab("draft", _("拟发文书"), template="ladder/_letter.html", context=lambda: {"escalation": row}),
            Tab("rungs", _("本事项督办记录"), template="ladder/_rungs.html", context=lambda: {"rows": list(same)}),
            Tab("file", _("该单位督办记录"), template="ladder/_rungs.html", context=lambda: {"rows": list(file[:100])}),
        ]

    def actions(self, row: Escalation, actor: Actor) -> Sequence[Action]:
        return [
            Action(each.name, each.label, primary=each.primary, asks=True) for each in loopview.actions_of(row, actor)
        ]

    def form_for(
        self, action: Action, row: Escalation, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "sign":
            return forms.SignForm(data, initial={"title": row.draft_title, "body": row.draft_body})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Escalation, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        match name:
            case "sign":
                deciding.sign_escalation(
                    actor=actor, escalation=row, title=given["title"], body=given["body"], now=now, client_id=client_id
                )
            case "postpone":
                deciding.postpone_escalation(
                    actor=actor, escalation=row, reason=given["reason"], until=given["until"], now=now,
                    client_id=client_id,
                )  # fmt: skip
            case "drop":
                deciding.drop_escalation(
                    actor=actor, escalation=row, reason=given["reason"], now=now, client_id=client_id
                )
            case _:
                loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


@require_safe
def rungs(request: HttpRequest) -> HttpResponse:
    """The ladder itself: every rung with its conditions, those that wait for other parts of the house too."""
    actor_of(request)
    kinds = {"task": _("任务"), "report": _("进展报告"), "danger": _("隐患")}
    context = {
        "rungs": [(kinds.get(one.kind, one.kind), one, _conditions(one.triggers)) for one in queries.list_rungs()]
    }
    return respond(request, page="ladder/rungs.html", part="ladder/_ladder.html", context=context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """Propose a rung for an open item by hand."""
    actor = actor_of(request)
    actor.require("ladder.propose")
    item = get_item(actor=actor, item_id=item_id)
    form = forms.ProposeForm(request.POST or None)
    kind = item.ladder or "task"
    step: Any = form.fields["step"]
    step.choices = [(one.step, one.name) for one in queries.list_rungs(kind=kind) if one.step > REMINDER]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = deciding.propose_by_hand(actor=actor, item=item, now=timezone.now(), **form.cleaned_data)
                url = reverse("ladder:escalation", args=[row.pk])
                return redirect_to(request, url, toast=_("已提出督办建议，待决定。"))
            except DomainError as refused:
                status = tell(form, refused)
    context = {"item": item, "form": form}
    return respond(request, page="ladder/propose.html", part="ladder/_propose.html", context=context, status=status)


def _rung_names() -> list[Any]:
    return [one for one in queries.list_rungs(kind="task") if one.step > REMINDER]


def _conditions(triggers: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Each condition in words, and why it is not asked yet; the latter empty where it is."""
    texts = {
        "near_due": _("期限临近"),
        "overdue": _("超期超过%(over_days)s天"),
        "missed_in_a_row": _("连续%(times)s期未按时报送"),
        "papers_in_months": _("%(months)s个月内第%(step)s级措施达%(times)s次"),
        "former_unmet": _("上一级措施期满仍未办结"),
        "orange_light": _("橙色预警"),
        "duty_rate_below": _("履职率低于%(percent)s%%"),
        "general_danger_overdue": _("一般隐患逾期"),
        "fake_rectification": _("虚假整改"),
        "ranked_last": _("排名末位%(times)s次"),
        "major_danger_overdue": _("重大隐患逾期"),
        "fatal_accident": _("一般亡人事故"),
        "verified_complaints": _("%(months)s个月内查实举报%(times)s件"),
        "major_danger_not_removed": _("重大隐患未按期消除"),
        "larger_accident": _("较大事故调查"),
        "repeated_fake_rectification": _("多次虚假整改"),
        "listed_missed_twice": _("挂牌事项两次逾期"),
        "responsible_accident": _("发生责任事故"),
        "concealed_accident": _("瞒报事故"),
    }
    return [
        (_words(texts, each) % dict(each), "" if each.get("active") else str(each.get("why", ""))) for each in triggers
    ]


def _words(texts: Mapping[str, str], trigger: Mapping[str, Any]) -> str:
    if trigger.get("over_days") == 0:
        return _("已超期")
    return texts.get(trigger["code"], trigger["code"])
