"""Pages of what exams show: by enterprise and programme, by subject, and each answer that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.training.models import QuestionKind, SittingItem
from quancheng.domains.training.queries import exam_figures as queries
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.queries.questions import subject_names
from quancheng.domains.training.templatetags.training import answer_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of


class Exactly(Search):
    """The whole text, nothing around it."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        text = given.get(self.name, "").strip()
        if "\x00" in text or len(text) > 100:
            raise self.refuse(_("含有无法识别的字符。"))
        return rows.filter(**{self.fields[0]: text}) if text else rows


class AnswerList(ListPage):
    """Answers that were marked (答题记录)."""

    code = "training.answers"
    title = gettext_lazy("答题记录")
    duty = VIEW
    columns = (
        Column("who", gettext_lazy("姓名"), value=lambda row: row.sitting.who, link=True, card="title"),
        Column("enterprise", gettext_lazy("企业"), card="meta",
               value=lambda row: row.sitting.enterprise.name if row.sitting.enterprise else ""),
        Column("exam", gettext_lazy("考试名称"), value=lambda row: row.sitting.exam.name, width="wide"),
        Column("question", gettext_lazy("题号"), value=lambda row: row.question.code, sort="question__code",
               card="meta"),
        Column("kind", gettext_lazy("题型"), value=lambda row: row.version.get_kind_display()),
        Column("stem", gettext_lazy("题干"), value=lambda row: row.version.stem, width="wide"),
        Column("answer", gettext_lazy("考生的回答"), value=answer_of, card="meta"),
        Column("got", gettext_lazy("得分"), numeric=True, sort="got", card="meta"),
        Column("marks", gettext_lazy("分值"), numeric=True, sort="marks"),
    )  # fmt: skip
    filters = (
        Exactly(name="question", label=gettext_lazy("题号"), pinned=True, fields=("question__code",)),
        Choice(name="subject", label=gettext_lazy("知识点"), pinned=True,
               choices=lambda actor: list(subject_names().items()),
               narrows=lambda code: Q(question__subjects__contains=[code])),
        Choice(name="option", label=gettext_lazy("所选选项"), narrows=lambda code: Q(told__contains=code),
               choices=[*((one, one) for one in "ABCDEFGH"), ("T", gettext_lazy("对")), ("F", gettext_lazy("错"))]),
        Choice(name="kind", label=gettext_lazy("题型"), choices=QuestionKind.choices, field="version__kind"),
        Choice(name="programme", label=pgettext_lazy("one", "培训大纲"), field="sitting__exam__programme__code",
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Search(name="enterprise", label=gettext_lazy("企业名称"), fields=("sitting__enterprise__name",)),
        Dates(name="sat", label=gettext_lazy("开考时间"), field="sitting__started_at", times=True),
        Flag(name="wrong", label=gettext_lazy("只看失分的"), condition=lambda actor: queries.WRONG),
    )  # fmt: skip
    empty_title = gettext_lazy("没有答题记录")

    def queryset(self, actor: Actor) -> QuerySet[SittingItem]:
        return queries.list_answers(actor=actor)

    def url_of(self, row: SittingItem) -> str:
        return reverse("training:sitting", args=[row.sitting_id])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("考试分析"), reverse("training:exam_figures"))]


class Figures(View):
    """What exams show (考试分析): by enterprise and programme, and the weak subjects."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            raise unknown_parameter(name)
        is_english = (get_language() or "").startswith("en")
        results = queries.results_by_enterprise(actor=actor, english=is_english)
        known = queries.known_subjects(actor=actor, names=subject_names())
        context = {
            "results": [
                (one, _sittings(one, ""), _sittings(one, "passed"), _sittings(one, "failed")) for one in results
            ],
            "known": [(one, f"{reverse('training:answers')}?{urlencode({'subject': one.code})}") for one in known],
            "weak": queries.WEAK,
        }
        return render(request, "training/exam_figures.html", context)


def _sittings(one: queries.Results, state: str) -> str:
    """The rows that a figure counts."""
    asked = {"enterprise": one.enterprise, "programme": one.programme_code}
    told = [*asked.items(), *(("state", each) for each in ([state] if state else ["passed", "failed"]))]
    return f"{reverse('training:sittings')}?{urlencode(told)}"

