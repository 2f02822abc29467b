"""Who reads which card and is asked (阅读与测试), the quarterly draws, how far enterprises and towns have come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.risk.card_sheets import sheets_of
from quancheng.domains.risk.forms import cards as forms
from quancheng.domains.risk.kinds import ReadingKind
from quancheng.domains.risk.loops.cards import READING, SPOT
from quancheng.domains.risk.models import CardReading, SpotRound
from quancheng.domains.risk.queries import card_coverage
from quancheng.domains.risk.queries import cards as queries
from quancheng.domains.risk.queries.card_facts import facts_for
from quancheng.domains.risk.services import readings as services
from quancheng.domains.risk.services import spots
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.cards import language, share, sheet_tabs
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, StaleState
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


class ReadingList(ListPage):
    """Readings and quizzes (阅读与测试)."""

    code = "risk.readings"
    title = gettext_lazy("岗位卡阅读与测试")
    columns = (
        Column("title", gettext_lazy("事项"), link=True, sort="title", card="title", width="wide"),
        Column("reader", gettext_lazy("人员"), value=lambda row: row.reader.name, card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("due_date", gettext_lazy("完成期限"), sort="due_date", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin"),
        Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("read_at", gettext_lazy("阅读时间"), sort="read_at"),
        Column("tries", gettext_lazy("测试次数"), value=lambda row: row.tries, numeric=True),
        Column("passed_at", gettext_lazy("合格时间"), sort="passed_at"),
        Column("card", gettext_lazy("岗位卡编号"), value=lambda row: row.card.code, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事项、岗位卡编号、企业"), pinned=True,
               fields=("title", "card__code", "file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=READING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("类别"), choices=ReadingKind.choices, field="kind"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="open", label=gettext_lazy("只看未完成的"), condition=lambda actor: queries.IS_LATE),
        Flag(name="mine", label=gettext_lazy("只看本人的"), condition=lambda actor: Q(reader=actor.user_id)),
        Dates(name="due", label=gettext_lazy("完成期限"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("没有需要阅读的岗位卡")

    def queryset(self, actor: Actor) -> QuerySet[CardReading]:
        return queries.list_readings(actor=actor)

    def url_of(self, row: CardReading) -> str:
        return reverse("risk:reading", args=[row.pk])


class ReadingPage(ObjectPage[CardReading]):
    """One person and one edition: the cards to read, signing, the tries."""

    template = "risk/object.html"
    back = (gettext_lazy("岗位卡阅读与测试"), lambda: reverse("risk:readings"))
    forms = {"read": forms.SignForm, "quiz": django_forms.Form}

    def get_row(self, actor: Actor, **kwargs: Any) -> CardReading:
        return queries.get_reading(actor=actor, reading_id=kwargs["pk"])

    def head(self, row: CardReading, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.card.code, subtitle=row.get_kind_display())

    def facts(self, row: CardReading, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("岗位卡"), value=words.link("card", row.card)),
            Fact(label=_("人员"), value=row.reader.name),
            Fact(label=_("完成期限"), value=row.due_date),
            Fact(label=_("签名"), value=row.signed_name),
            Fact(label=_("阅读时间"), value=row.read_at),
            Fact(label=_("合格时间"), value=row.passed_at),
        ]

    def tabs(self, row: CardReading, actor: Actor) -> Sequence[Tab]:
        tries = queries.attempts_of(row)
        files = files_of_many(CardReading, [row.pk]).get(row.pk, [])
        found = sheet_tabs(sheets_of(row.card, facts_for(row.card), language=language()))
        return [
            *found,
            Tab(name="tries", label=_("测试记录"), count=len(tries), template="risk/_attempts.html",
                context=lambda: {"tries": tries}),
            Tab(name="files", label=_("签名图片"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: CardReading, actor: Actor) -> Sequence[Action]:
        if row.reader_id != actor.user_id or not actor.has(services.READ):
            return ()
        if row.status == "TO_READ":
            return [Action(name="read", label=_("确认已阅读并签名"), primary=True, asks=True)]
        if row.status != "TO_TEST":
            return ()
        begun = queries.open_attempt(row)
        if begun is None:
            return [Action(name="quiz", label=_("开始测试"), primary=True)]
        return [Action(name="go_on", label=_("答题"), primary=True, url=reverse("risk:quiz", args=[begun.pk]))]

    def perform(
        self, *, actor: Actor, row: CardReading, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "read":
            signature = receive_uploads(actor=actor, uploads=given["signature"] or [], now=now)
            services.read_card(actor=actor, row=row, signed=given["signed"], signature=signature, now=now,
                               client_id=client_id)  # fmt: skip
        elif name == "quiz":
            services.start_quiz(actor=actor, row=row, now=now)
        else:
            raise NotFound


class Quiz(CreatePage):
    """The questions of a try that is begun."""

    title = gettext_lazy("岗位卡测试")
    duty = services.READ
    form = forms.QuizForm
    button = gettext_lazy("交卷")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.attempt = queries.get_attempt(actor=actor, attempt_id=kwargs["pk"])
        if self.attempt.answered_at is not None:
            raise StaleState(_("该次测试已交卷。"))

    @property
    def lead(self) -> str:  # type: ignore[override]
        return _("共%(count)s题，%(mark)s分合格。") % {
            "count": len(self.attempt.questions), "mark": self.attempt.pass_mark,
        }  # fmt: skip

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.QuizForm(*args, questions=queries.spoken(self.attempt), **kwargs)

    def back_url(self) -> str:
        return reverse("risk:reading", args=[self.attempt.reading_id])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        answers = [given[f"question_{place}"] for place in range(len(self.attempt.questions))]
        services.answer_quiz(actor=actor, attempt=self.attempt, answers=answers, now=now)
        return f"{self.back_url()}?tab=tries"


class SpotList(ListPage):
    """Quarterly draws (季度抽查) with how many passed."""

    code = "risk.spots"
    title = gettext_lazy("岗位卡季度抽查")
    columns = (
        Column("title", gettext_lazy("抽查"), link=True, sort="title", card="title"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("pool_count", gettext_lazy("在岗人数"), numeric=True, sort="pool_count"),
        Column("drawn", gettext_lazy("抽查人数"), value=lambda row: row.drawn_count, numeric=True, sort="drawn_count"),
        Column("passed", gettext_lazy("测试合格"), value=lambda row: share(row.passed_count, row.drawn_count),
               sort="passed_count", card="meta"),
        Column("due_date", gettext_lazy("完成期限"), sort="due_date"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("抽查、企业"), fields=("title", "file__enterprise__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=SPOT.choices, field="status", pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有抽查")
    empty_hint = gettext_lazy("有现行岗位卡的企业，每季度自动抽取一次。")

    def queryset(self, actor: Actor) -> QuerySet[SpotRound]:
        return queries.list_spots(actor=actor)

    def url_of(self, row: SpotRound) -> str:
        return reverse("risk:spot", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("抽取本季度"), reverse("risk:spot_new"))] if actor.has(spots.KEEP) else ()


class NewSpot(CreatePage):
    """This quarter's draw at once, instead of waiting for the night."""

    title = gettext_lazy("抽取本季度")
    lead = gettext_lazy("按种子和在岗人员名单抽取，任何人可以复算；每季度一次。")
    duty = spots.KEEP
    form = django_forms.Form
    back = "risk:spots"
    button = gettext_lazy("抽取")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        file = own_file(actor=actor)
        if file is None:
            raise NotFound
        return reverse("risk:spot", args=[spots.draw_quarter(file=file, now=now, actor=actor).pk])


class SpotPage(ObjectPage[SpotRound]):
    """One draw: seed and persons from which it can be drawn again, who was drawn, who passed."""

    template = "risk/object.html"
    back = (gettext_lazy("岗位卡季度抽查"), lambda: reverse("risk:spots"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SpotRound:
        return queries.get_spot(actor=actor, spot_id=kwargs["pk"])

    def facts(self, row: SpotRound, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("完成期限"), value=row.due_date),
            Fact(label=_("在岗人数"), value=row.pool_count),
            Fact(label=_("抽查比例"), value=f"{row.percent}%"),
            Fact(label=_("测试合格"), value=share(getattr(row, "passed_count", 0), getattr(row, "drawn_count", 0))),
            Fact(label=_("抽取种子"), value=row.seed, wide=True,
                 help=_("以“种子 人员编号”的SHA-256由小到大排列，取前列人员，不足一人进一。")),
            Fact(label=_("名单摘要"), value=row.pool_digest, wide=True),
        ]  # fmt: skip

    def head(self, row: SpotRound, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code)

    def tabs(self, row: SpotRound, actor: Actor) -> Sequence[Tab]:
        drawn = queries.drawn_in(row, actor=actor)
        return [
            Tab(name="drawn", label=_("抽中人员"), count=len(drawn), template="risk/_drawn.html",
                context=lambda: {"drawn": drawn})
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: SpotRound, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "close":
            raise NotFound
        spots.close_spot(actor=actor, row=row, now=now, client_id=client_id)


class CoverageList(ListPage):
    """How far each enterprise has come (岗位卡覆盖情况): posts with cards, who read, who passed."""

    code = "risk.card_files"
    title = gettext_lazy("岗位卡覆盖情况")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("carded", gettext_lazy("有现行卡的岗位"), value=lambda row: share(row.carded_count, row.post_count),
               sort="carded_count", card="meta"),
        Column("outdated", gettext_lazy("须更新的卡"), value=lambda row: row.outdated_count, numeric=True,
               render=lambda row: _rows(row, "risk:cards", row.outdated_count, "status=OUTDATED"),
               sort="outdated_count"),
        Column("read", gettext_lazy("已阅读"), value=lambda row: share(row.read_count, row.asked_count),
               render=lambda row: _rows(row, "risk:readings", share(row.read_count, row.asked_count),
                                        "status=TO_TEST&status=PASSED&kind=edition"),
               sort="read_count", card="meta"),
        Column("passed", gettext_lazy("测试合格"), value=lambda row: share(row.passed_count, row.asked_count),
               render=lambda row: _rows(row, "risk:readings", share(row.passed_count, row.asked_count),
                                        "status=PASSED&kind=edition"),
               sort="passed_count", card="meta"),
        Column("open", gettext_lazy("未完成"), value=lambda row: row.asked_count - row.passed_count, numeric=True,
               render=lambda row: _rows(row, "risk:readings", row.asked_count - row.passed_count,
                                        "open=1&kind=edition"),
               sort=F("asked_count") - F("passed_count")),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path), pinned=True),
        Flag(name="lacking", label=gettext_lazy("只看有岗位缺卡的"),
             condition=lambda actor: Q(carded_count__lt=F("post_count"))),
        Flag(name="open", label=gettext_lazy("只看有人未完成的"),
             condition=lambda actor: Q(passed_count__lt=F("asked_count"))),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有岗位")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_coverage(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return f"{reverse('risk:cards')}?force=1&q={row.enterprise.name}"  # type: ignore[union-attr]

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("按镇街统计"), reverse("risk:card_towns"))]


def _rows(row: Any, name: str, shown: Any, query: str) -> Any:
    if not shown:
        return shown
    return format_html('<a href="{}?q={}&{}">{}</a>', reverse(name), row.enterprise.name, query, shown)


class CoverageByTown(View):
    """The same by street and town (按镇街统计); each figure opens its enterprises."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = card_coverage.by_town(actor=actor_of(request))
        shown = [(one, share(one.carded, one.posts), share(one.read, one.asked), share(one.passed, one.asked))
                 for one in rows]  # fmt: skip
        return render(request, "risk/card_towns.html", {"rows": shown})
