"""Pages of the bank of questions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.examining import LETTERS
from quancheng.domains.training.forms import questions as forms
from quancheng.domains.training.models import Question, QuestionKind, QuestionState
from quancheng.domains.training.models.questions import QuestionQuerySet
from quancheng.domains.training.queries import questions as queries
from quancheng.domains.training.queries.exam_figures import chosen_of
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.questions import BANK
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services import questions as services
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed

_TONES = {QuestionState.DRAFT: "quiet", QuestionState.IN_USE: "done", QuestionState.RETIRED: "quiet"}


def bank_of(row: Question) -> str:
    return row.file.enterprise.name if row.file and row.file.enterprise else str(_("区级题库"))


def state_mark(row: Question) -> Any:
    return marks.badge(row.get_state_display(), _TONES[QuestionState(row.state)])


def named(codes: Sequence[str], names: Mapping[str, str]) -> str:
    return listed(names.get(one, one) for one in codes)


def _subjects(row: Question) -> str:
    return "、".join(row.subjects)


def _option(place: int) -> Column:
    return Column(
        f"option_{LETTERS[place].lower()}", format_lazy(gettext_lazy("选项 {letter}"), letter=LETTERS[place]),
        shown=False, value=lambda row: row.options[place] if place < len(row.options) else "",
    )  # fmt: skip


class QuestionList(ListPage):
    """The bank of questions (题库)."""

    code = "training.questions"
    title = gettext_lazy("考试题库")
    duty = BANK
    columns = (
        Column("code", gettext_lazy("题号"), link=True, sort="code", card="meta"),
        Column("kind", gettext_lazy("题型"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("stem", gettext_lazy("题干"), card="title", width="wide"),
        *(_option(place) for place in range(6)),
        Column("answer", gettext_lazy("答案"), shown=False),
        Column("explanation", gettext_lazy("解析"), shown=False, width="wide"),
        Column("subjects", gettext_lazy("知识点"), value=_subjects, shown=False, width="wide"),
        Column("posts", gettext_lazy("适用岗位角色"), value=lambda row: "、".join(row.posts), shown=False),
        Column("industries", gettext_lazy("适用企业类别"), value=lambda row: "、".join(row.industries), shown=False),
        Column("difficulty", gettext_lazy("难度"), numeric=True, sort="difficulty"),
        Column("basis", gettext_lazy("依据"), width="wide"),
        Column("mark", gettext_lazy("确信程度"), value=lambda row: row.get_mark_display(), shown=False),
        Column("state", gettext_lazy("状态"), value=lambda row: row.get_state_display(), render=state_mark,
               sort="state", card="meta"),
        Column("version", gettext_lazy("版本"), numeric=True, shown=False),
        Column("used_count", gettext_lazy("使用次数"), numeric=True, sort="used_count"),
        Column("correct_rate", gettext_lazy("得分率（%）"), numeric=True, sort="correct_rate"),
        Column("discrimination", gettext_lazy("区分度"), numeric=True, sort="discrimination"),
        Column("bank", gettext_lazy("所属题库"), value=bank_of, sort="file__pinyin"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("题号、题干、依据"), pinned=True, fields=("code", "stem", "basis")),
        Choice(name="kind", label=gettext_lazy("题型"), choices=QuestionKind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="subject", label=gettext_lazy("知识点"), pinned=True, multiple=True,
               choices=lambda actor: list(queries.subject_names().items()),
               narrows=lambda code: Q(subjects__contains=[code])),
        Choice(name="post", label=gettext_lazy("适用岗位角色"),
               choices=lambda actor: [(one.code, one.shown) for one in list_roles()],
               narrows=lambda code: Q(posts__contains=[code]) | Q(posts=[])),
        Choice(name="industry", label=gettext_lazy("适用企业类别"), choices=Kind.choices,
               narrows=lambda code: Q(industries__contains=[code]) | Q(industries=[])),
        Choice(name="difficulty", label=gettext_lazy("难度"), field="difficulty", multiple=True,
               choices=[(str(one), str(one)) for one in range(1, 6)]),
        Choice(name="state", label=gettext_lazy("状态"), choices=QuestionState.choices, field="state", multiple=True),
        Flag(name="own", label=gettext_lazy("只看企业自有题"), condition=lambda actor: Q(file__isnull=False)),
    )  # fmt: skip
    imports = ("training.questions",)
    empty_title = gettext_lazy("没有试题")

    def queryset(self, actor: Actor) -> QuestionQuerySet:
        return queries.list_questions(actor=actor)

    def url_of(self, row: Question) -> str:
        return reverse("training:question", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        if not actor.has(BANK):
            return []
        return [
            (_("增加%(kind)s") % {"kind": label}, reverse("training:question_new", args=[kind]))
            for kind, label in QuestionKind.choices
        ]


class NewQuestion(CreatePage):
    title = gettext_lazy("增加试题")
    lead = gettext_lazy("保存后为草稿，在试题页面预览、核对后再启用。")
    duty = BANK
    form: ClassVar[type[forms.QuestionForm]] = forms.NewQuestionForm
    back = "training:questions"
    button = gettext_lazy("保存草稿")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.kind = kwargs["kind"]
        if self.kind not in QuestionKind.values:
            raise NotFound

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"difficulty": "3", "mark": "D"}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.typed = self.form(*args, kind=self.kind, **kwargs)
        return self.typed

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.enter_question(actor=actor, known=self.typed.known(), now=now)
        return reverse("training:question", args=[row.pk])


class ChangeQuestion(NewQuestion):
    """Another version of a question."""

    title = gettext_lazy("修改试题")
    lead = gettext_lazy("修改后成为新版本；已经考过的试卷保留当时的题目。")
    form = forms.ChangeQuestionForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.question = queries.get_question(actor=actor, question_id=kwargs["pk"])
        self.kind = self.question.kind

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return forms.initial_of(self.question)

    def back_url(self) -> str:
        return reverse("training:question", args=[self.question.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = self.typed.known()
        services.change_question(
            actor=actor, question=self.question, version=known.pop("version"), known=known, now=now
        )
        return self.back_url()


class QuestionPage(ObjectPage[Question]):
    """One question as it will be asked, its answer, its versions."""

    duty = BANK
    template = "training/question.html"
    back = (gettext_lazy("考试题库"), lambda: reverse("training:questions"))
    own_acts: ClassVar = {"use": gettext_lazy("启用"), "retire": gettext_lazy("停用")}

    def get_row(self, actor: Actor, **kwargs: Any) -> Question:
        return queries.get_question(actor=actor, question_id=kwargs["pk"])

    def head(self, row: Question, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.stem[:60], code=row.code, subtitle=bank_of(row), marks=[state_mark(row)])

    def facts(self, row: Question, actor: Actor) -> Sequence[Fact]:
        roles = {one.code: one.shown for one in list_roles()}
        kinds = {code: str(label) for code, label in Kind.choices}
        return [
            Fact(label=_("题型"), value=row.get_kind_display()),
            Fact(label=_("知识点"), value=named(row.subjects, queries.subject_names()), wide=True),
            Fact(label=_("适用岗位角色"), value=named(row.posts, roles) or _("都适用")),
            Fact(label=_("适用企业类别"), value=named(row.industries, kinds) or _("都适用")),
            Fact(label=_("难度"), value=row.difficulty),
            Fact(label=_("依据"), value=row.basis),
            Fact(label=_("确信程度"), value=row.get_mark_display()),
            Fact(label=_("使用次数"), value=row.used_count),
            Fact(label=_("得分率（%）"), value=row.correct_rate),
            Fact(label=_("区分度"), value=row.discrimination),
        ]

    def tabs(self, row: Question, actor: Actor) -> Sequence[Tab]:
        versions = queries.versions_of(row)
        return [
            Tab(name="preview", label=_("预览"), template="training/_question_preview.html",
                context=lambda: {"question": row}),
            Tab(name="figures", label=_("作答分析"), template="training/_question_figures.html",
                context=lambda: {"question": row, "chosen": chosen_of(row, actor=actor) if actor.has(VIEW) else ()}),
            Tab(name="versions", label=pgettext("several", "版本"), count=len(versions),
                template="training/_question_versions.html", context=lambda: {"versions": versions}),
        ]  # fmt: skip

    def history(self, row: Question, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: Question, actor: Actor) -> Sequence[Action]:
        if not queries.may_keep(actor, row):
            return []
        change = Action(name="change", label=_("修改"), url=reverse("training:question_change", args=[row.pk]))
        if row.state == QuestionState.IN_USE:
            return [change, Action(name="retire", label=_("停用"), confirm=_("停用后不再进入新试卷，确定吗？"))]
        return [Action(name="use", label=_("启用"), primary=True), change]

    def perform(
        self, *, actor: Actor, row: Question, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        states = {"use": QuestionState.IN_USE, "retire": QuestionState.RETIRED}
        if name not in states:
            raise NotFound
        services.set_state(actor=actor, question=row, state=states[name], now=now)


