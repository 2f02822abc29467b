"""Pages of the criteria for major hidden dangers: the list, one criterion, and suggestions for a description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.forms.criteria import CandidatesForm
from quancheng.domains.hazards.queries import criteria as queries
from quancheng.domains.hazards.queries.criteria import in_language
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause, Grade
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Choices, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage, Text
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers import criteria as module
from quancheng.standards.hidden_dangers.levels import penalty_hints
from quancheng.standards.hidden_dangers.matching import Candidate

_KINDS = [(one.value, one.label) for one in (Grade.DIRECT, Grade.ELEMENT, Grade.PRIORITY)]


def _words(vocabulary: Mapping[str, Any], codes: Sequence[str]) -> str:
    return listed([in_language(vocabulary[code]) for code in codes])


def _trades(actor: Actor) -> Choices:
    return [(code, in_language(name)) for code, name in module.trades().items()]


def _tags(actor: Actor) -> Choices:
    return [(code, in_language(name)) for code, name in module.tags().items()]


def _classes(actor: Actor) -> Choices:
    return [(code, in_language(one.name)) for code, one in enterprise_classes().items()]


def _sets(actor: Actor) -> Choices:
    return [(one.text_id, queries.name_in_language(one.text)) for one in queries.worded(on=timezone.localdate())]


def _state(clause: Clause) -> Any:
    """Whether the wording is that of the edition in force."""
    caveat = queries.caveat_of(clause.edition, on=timezone.localdate())
    return _("现行") if caveat is None else marks.badge(_("上一版本，须核对"), "active")


class CriterionList(ListPage):
    """The criteria of today, set by set (重大事故隐患判定标准)."""

    code = "hazards.criteria"
    duty = READ
    title = gettext_lazy("重大隐患判定标准")
    columns = (
        Column("place", gettext_lazy("编号"), link=True, sort=("edition__text", "position"), card="meta"),
        Column("text", gettext_lazy("内容"), value=queries.worded_in_language, card="title", width="wide"),
        Column("family", gettext_lazy("标准"), sort="edition__text", width="wide",
               value=lambda row: queries.name_in_language(row.edition.text)),
        Column("grade", gettext_lazy("判定方式"), value=lambda row: row.get_grade_display(), sort="grade", card="meta"),
        Column("trade", gettext_lazy("行业"),
               value=lambda row: _words(module.trades(), [code] if (code := queries.criterion_of(row).trade) else [])),
        Column("tags", gettext_lazy("四涉一有限"), card="meta",
               value=lambda row: _words(module.tags(), queries.criterion_of(row).tags)),
        Column("state", gettext_lazy("版本状态"), render=_state,
               value=lambda row: _("现行") if row.edition.stands_on(timezone.localdate()) else _("上一版本，须核对")),
        Column("mark", gettext_lazy("条文确信程度"), value=lambda row: row.get_mark_display(), sort="mark"),
        Column("edition", gettext_lazy("版本"), value=lambda row: row.edition.number, shown=False),
        Column("evidence", gettext_lazy("典型证据"), shown=False, width="wide",
               value=lambda row: in_language(queries.criterion_of(row).evidence)),
        Column("basis", gettext_lazy("依据"), shown=False, width="wide"),
        Column("authority", gettext_lazy("主管部门"), shown=False,
               value=lambda row: in_language(queries.criterion_of(row).authority)),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词、编号"), pinned=True,
               fields=("place", "summary", "summary_en", "basis")),
        Choice(name="family", label=gettext_lazy("标准"), choices=_sets, field="edition__text", pinned=True),
        Choice(name="trade", label=gettext_lazy("适用工贸行业"), choices=_trades, narrows=queries.of_trade,
               pinned=True),
        Choice(name="tag", label=gettext_lazy("四涉一有限"), choices=_tags, narrows=queries.tagged, multiple=True),
        Choice(name="place_kind", label=gettext_lazy("适用企业类别"), choices=_classes, narrows=queries.about),
        Choice(name="grade", label=gettext_lazy("判定方式"), choices=_KINDS, field="grade"),
        Flag(name="hinted", label=gettext_lazy("只看可由数据自动提示的"), condition=lambda actor: queries.hinted()),
    )  # fmt: skip
    empty_title = gettext_lazy("没有判定标准")
    empty_hint = gettext_lazy("判定标准登记在法规标准库中，类别为“判定标准”。")

    def queryset(self, actor: Actor) -> QuerySet[Clause]:
        return queries.list_criteria(on=timezone.localdate())

    def url_of(self, row: Clause) -> str:
        return reverse("hazards:criterion", args=[row.place])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("按描述查找判定标准"), reverse("hazards:candidates"))]


class CriterionPage(ObjectPage[Clause]):
    """One criterion: wording, evidence, base, editions, the items of checklists that lead to it."""

    duty = READ
    back = (gettext_lazy("重大隐患判定标准"), lambda: reverse("hazards:criteria"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Clause:
        return queries.get_criterion(kwargs["code"], on=timezone.localdate())

    def head(self, row: Clause, actor: Actor) -> ObjectHead:
        found = [marks.badge(row.get_grade_display(), "plain")]
        if queries.caveat_of(row.edition, on=timezone.localdate()):
            found.append(marks.badge(_("上一版本，须核对"), "active"))
        return ObjectHead(title=queries.worded_in_language(row), code=row.place, marks=found,
                          subtitle=queries.name_in_language(row.edition.text))  # fmt: skip

    def facts(self, row: Clause, actor: Actor) -> Sequence[Fact]:
        one, edition = queries.criterion_of(row), row.edition
        caveat = queries.caveat_of(edition, on=timezone.localdate())
        text = format_html('<a href="{}">{}</a>', reverse("law:text", args=[edition.text_id]),
                           queries.name_in_language(edition.text))  # fmt: skip
        return [
            Fact(_("内容"), row.summary, wide=True),
            Fact(_("典型证据"), in_language(one.evidence), wide=True),
            Fact(_("检查方法"), _words(module.methods(), one.methods)),
            Fact(_("主管部门"), in_language(one.authority)),
            Fact(_("依据"), row.basis, wide=True),
            Fact(_("标准"), text, wide=True),
            Fact(_("版本"), edition.number, help=in_language(caveat) if caveat else ""),
            Fact(_("施行日期"), edition.effective_from),
            Fact(_("条文确信程度"), row.get_mark_display()),
            Fact(_("证据和方法的确信程度"), dict(row._meta.get_field("mark").flatchoices).get(one.more_mark)),
            Fact(_("行业"), in_language(module.trades()[one.trade]) if one.trade else None),
            Fact(_("四涉一有限"), _words(module.tags(), one.tags)),
            Fact(_("可由数据自动提示"), _words(module.rules(), one.rules), wide=True,
                 help=_("只作提示，是否构成由人判定。") if one.rules else ""),
        ]  # fmt: skip

    def tabs(self, row: Clause, actor: Actor) -> Sequence[Tab]:
        today = timezone.localdate()
        items = list(law.list_referring(row.place, on=today))
        history = queries.history_of(row)
        return [
            Tab(name="items", label=_("检查表中的对应项"), template="hazards/_criterion_items.html", count=len(items),
                context=lambda: {"items": [
                    (one, queries.worded_in_language(one), queries.name_in_language(one.edition.text)) for one in items
                ]}),
            Tab(name="editions", label=_("版本"), template="hazards/_criterion_editions.html", count=len(history),
                context=lambda: {"wordings": [
                    (one, queries.worded_in_language(one.clause) if one.clause else "",
                     one.edition.stands_on(today)) for one in history
                ]}),
            Tab(name="penalties", label=_("处罚提示"), template="hazards/_criterion_penalties.html",
                context=lambda: {"hints": [(one, in_language(one.text)) for one in penalty_hints()]}),
        ]  # fmt: skip


class Candidates(View):
    """From a description to criteria that it may fall under; a person decides."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor_of(request).require(READ)
        for name in request.GET:
            if name not in CandidatesForm.base_fields:
                raise unknown_parameter(name)
        form, found, status = CandidatesForm(request.GET or None), None, 200
        if form.is_bound:
            status = 422
            if form.is_valid():
                given, status = form.cleaned_data, 200
                found = [
                    _shown(one)
                    for one in queries.suggest(
                        given["text"], on=timezone.localdate(), trade=given["trade"] or None,
                        place_kind=given["place_kind"] or None,
                    )
                ]  # fmt: skip
        context = {"form": form, "found": found, "is_asked": form.is_bound and status == 200}
        return render(request, "hazards/criteria_candidates.html", context, status=status)


def _shown(one: Candidate) -> dict[str, Any]:
    """A suggestion as the page shows it."""
    family = module.families().get(one.criterion.family)
    return {
        "code": one.criterion.code,
        "url": reverse("hazards:criterion", args=[one.criterion.code]),
        "text": in_language(one.criterion.text),
        "family": in_language(family.name) if family else one.criterion.family,
        "kind": in_language(module.kinds()[one.criterion.kind]),
        "evidence": in_language(one.criterion.evidence),
        "matched": one.matched,
        "through": one.through,
        "caveat": in_language(one.caveat) if one.caveat else "",
    }
