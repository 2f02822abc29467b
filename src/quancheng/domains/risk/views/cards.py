"""Cards of posts (岗位卡): the list, one edition with its lists and cards, writing, printing, the district's rules."""

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
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views import View

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services.codes import spelled
from quancheng.domains.risk.card_parts import PHONES
from quancheng.domains.risk.card_sheets import SIZES, SOURCES, Sheet, sheets_of
from quancheng.domains.risk.forms import cards as forms
from quancheng.domains.risk.loops.cards import CARD
from quancheng.domains.risk.models import PostCard
from quancheng.domains.risk.queries import card_rules, posts
from quancheng.domains.risk.queries import cards as queries
from quancheng.domains.risk.queries.card_facts import facts_for, facts_of
from quancheng.domains.risk.services import card_marks
from quancheng.domains.risk.services import card_rules as rule_services
from quancheng.domains.risk.services import cards as services
from quancheng.domains.risk.views import card_prints, words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.longwork.services import start_work
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import first_of, told
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.vault import services as vault
from quancheng.standards.hidden_dangers.checklists import cards as card_specs


def share(done: int, of: int) -> str:
    """``3 / 4（75%）``; empty where nobody is asked."""
    return f"{done} / {of}（{done * 100 // of}%）" if of else ""


def language() -> str:
    return translation.get_language() or "zh"


def sheet_tabs(sheets: Mapping[str, Sheet]) -> list[Tab]:
    """A tab for each list or card."""
    return [
        Tab(name=code, label=one.name, template="risk/_card_sheet.html",
            context=lambda one=one: {"sheet": one, "sources": SOURCES})  # type: ignore[misc]
        for code, one in sheets.items()
    ]  # fmt: skip


def sheet_choices() -> list[tuple[str, str]]:
    specs = card_specs()
    return [(code, told(specs[code].name)) for code in SIZES]


class CardList(ListPage):
    """Editions of cards (岗位卡) with how many read and passed."""

    code = "risk.cards"
    title = gettext_lazy("岗位卡（两单两卡、明白卡）")
    columns = (
        Column("title", pgettext_lazy("post", "岗位"), link=True, sort="title", card="title"),
        Column("edition", gettext_lazy("版次"), numeric=True, sort="edition", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("department", gettext_lazy("所属部门"), value=lambda row: row.post.department, sort="post__department"),
        Column("is_key", gettext_lazy("关键岗位"), value=lambda row: _("是") if row.post.is_key else ""),
        Column("read", gettext_lazy("已阅读"), value=lambda row: share(row.read_count, row.asked_count),
               render=lambda row: _reading_link(row, row.read_count), sort="read_count"),
        Column("passed", gettext_lazy("测试合格"), value=lambda row: share(row.passed_count, row.asked_count),
               render=lambda row: _reading_link(row, row.passed_count), sort="passed_count"),
        Column("because", gettext_lazy("须更新的原因"), value=lambda row: "；".join(words.reasons(row.because)),
               render=lambda row: first_of(words.reasons(row.because)),
               width="wide"),
        Column("in_force_at", gettext_lazy("执行时间"), sort="in_force_at"),
        Column("review_date", gettext_lazy("复核日期"), sort="review_date"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("岗位、部门、企业"), pinned=True,
               fields=("title", "post__department", "file__enterprise__name", "code")),
        Choice(name="status", label=gettext_lazy("状态"), choices=CARD.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="force", label=gettext_lazy("只看现行版本"), condition=lambda actor: queries.IS_IN_FORCE),
        Flag(name="key", label=gettext_lazy("只看关键岗位"), condition=lambda actor: Q(post__is_key=True)),
        Dates(name="review", label=gettext_lazy("复核日期"), field="review_date"),
    )  # fmt: skip
    imports = ("risk.card_lines",)
    empty_title = gettext_lazy("还没有岗位卡")
    empty_hint = gettext_lazy("在岗位页面编写岗位卡。")

    def queryset(self, actor: Actor) -> QuerySet[PostCard]:
        return queries.list_cards(actor=actor)

    def url_of(self, row: PostCard) -> str:
        return reverse("risk:card", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("阅读测试情况"), reverse("risk:card_files"))]


def _reading_link(row: Any, done: int) -> Any:
    if not row.asked_count:
        return ""
    return format_html('<a href="{}?q={}">{}</a>', reverse("risk:readings"), row.code, share(done, row.asked_count))


class NewCard(CreatePage):
    """The next edition of a post's cards, begun with what stands in the one in force."""

    title = gettext_lazy("编写岗位卡")
    lead = gettext_lazy("风险、措施、化学品由风险清单和企业档案自动生成；新版从现行版本的内容开始编写。")
    duty = None
    form = django_forms.Form
    button = gettext_lazy("开始编写")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = posts.get_post(actor=actor, post_id=kwargs["pk"])
        if not services.may_write(actor, self.row):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("risk:post", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.begin_edition(actor=actor, post=self.row, now=now, client_id=client_id)
        return reverse("risk:card_write", args=[made.pk])


class WriteCard(CreatePage):
    """The written parts of a draft; it may be saved with gaps, handed in without."""

    title = gettext_lazy("编写岗位卡")
    lead = gettext_lazy("可以先保存，补齐后在岗位卡页面提交审核。标“选填”的项目中，岗位职责、操作步骤、禁止行为、"
                        "三分钟内的处置步骤、逃生路线、集合点和内部报警电话提交前须填写。")  # fmt: skip
    duty = None
    form = forms.CardForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_card(actor=actor, card_id=kwargs["pk"])
        if not services.may_write(actor, self.row.post) or self.row.status != "DRAFT":
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        found = {**self.row.parts, "version": self.row.draft_version}
        for name, _label in PHONES:
            token = getattr(self.row, name)
            found[name] = vault.reveal(vault.PHONE, token) if token else ""
        return found

    def back_url(self) -> str:
        return reverse("risk:card", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        phones = {name: given[name] for name, _label in PHONES}
        parts = {name: value for name, value in given.items() if name not in (*phones, "version", "evidence")}
        evidence = receive_uploads(actor=actor, uploads=given["evidence"] or [], now=now)
        services.write_card(actor=actor, card=self.row, version=given["version"], parts=parts, phones=phones, now=now,
                            evidence=evidence)  # fmt: skip
        return self.back_url()


class CardPage(ObjectPage[PostCard]):
    """One edition: each list and card as it prints, where each line comes from, why it is to be brought up to date."""

    template = "risk/object.html"
    back = (gettext_lazy("岗位卡"), lambda: reverse("risk:cards"))
    forms = {"renew_mark": forms.WhyForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> PostCard:
        return queries.get_card(actor=actor, card_id=kwargs["pk"])

    def head(self, row: PostCard, actor: Actor) -> ObjectHead:
        level = self._facts(row)["level"]
        shown = [words.colour(level)] if level else []
        return ObjectHead(title=row.title, code=row.code, subtitle=_("第%(edition)s版") % {"edition": row.edition},
                          marks=shown)  # fmt: skip

    def facts(self, row: PostCard, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=pgettext("post", "岗位"), value=words.link("post", row.post)),
            Fact(label=_("执行时间"), value=row.in_force_at),
            Fact(label=_("复核日期"), value=row.review_date),
        ]
        if because := self._because(row):
            found.insert(0, Fact(label=_("须更新"), value="；".join(words.reasons(because)), wide=True))
        mark = queries.mark_of(post=row.post_id) if row.status in queries.IN_FORCE else None
        if mark is not None:
            address = format_html('<a href="{}">{}</a>', reverse("risk:mark", args=[mark.code]), spelled(mark.code))
            found.append(Fact(label=_("二维码"), value=address))
        return found

    def tabs(self, row: PostCard, actor: Actor) -> Sequence[Tab]:
        sheets = sheets_of(row, self._facts(row), language=language())
        files = files_of_many(PostCard, [row.pk]).get(row.pk, [])
        found = sheet_tabs(sheets)
        if row.status in queries.IN_FORCE:
            found.append(Tab(name="prints", label=_("打印"), template="risk/_card_prints.html",
                             context=lambda: {"card": row, "sheets": sheets.values()}))  # fmt: skip
        found.append(Tab(name="files", label=_("附件"), count=len(files), template="registry/_files.html",
                         context=lambda: {"files": files}))  # fmt: skip
        return found

    def actions(self, row: PostCard, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if not services.may_write(actor, row.post):
            return found
        if row.status == "DRAFT":
            found.insert(0, Action(name="write", label=_("编写"), url=reverse("risk:card_write", args=[row.pk])))
        elif row.status in queries.IN_FORCE:
            url = reverse("risk:card_new", args=[row.post_id])
            found.append(Action(name="new", label=_("编写新版"), url=url, primary=row.status == "OUTDATED"))
            found.append(Action(name="renew_mark", label=_("更换二维码"), asks=True))
        return found

    def perform(
        self, *, actor: Actor, row: PostCard, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "card": row, "now": now, "client_id": client_id}
        steps: dict[str, Callable[[], Any]] = {
            "submit": lambda: services.submit_card(**common),
            "approve": lambda: services.approve_card(**common),
            "return": lambda: services.answer_card(**common, name=name, reason=given["reason"]),
            "drop": lambda: services.answer_card(**common, name=name, reason=given["reason"]),
            "renew_mark": lambda: card_marks.renew_mark(
                actor=actor, post=row.post, board=None, reason=given["reason"], now=now
            ),
        }
        if name not in steps:
            raise NotFound
        steps[name]()

    def _facts(self, row: PostCard) -> Mapping[str, Any]:
        if not hasattr(row, "told"):
            row.told = facts_for(row)  # type: ignore[attr-defined]
        found: Mapping[str, Any] = row.told  # type: ignore[attr-defined]
        return found

    def _because(self, row: PostCard) -> list[dict[str, str]]:
        """As it is at this look: the row itself is told by the clock."""
        if row.status not in queries.IN_FORCE:
            return []
        return services.reasons_of(row, self._facts(row), Calendar().local_date(timezone.now()))


class CardPdf(View):
    """One list or card of an edition in force in its true size, or all of them."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID, sheet: str) -> HttpResponse:
        card = queries.get_card(actor=actor_of(request), card_id=pk)
        mark = queries.mark_of(post=card.post_id)
        if card.status not in queries.IN_FORCE or mark is None or sheet not in (*SIZES, "all"):
            raise NotFound
        only = () if sheet == "all" else (sheet,)
        host = request.build_absolute_uri("/")
        made = card_prints.cards_pdf([card], {card.pk: facts_of(card.post)}, {card.post_id: mark}, host=host, only=only)
        return pdf_answer(made, f"{card.code}-{sheet}.pdf")


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """A PDF for the browser to show or keep; no shared cache holds it."""
    answer = HttpResponse(content, content_type=card_prints.PDF)
    answer["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-cache"
    return answer


class PrintCards(CreatePage):
    """All cards in force of an enterprise in one PDF, made in the background."""

    title = gettext_lazy("打印全部岗位卡")
    lead = gettext_lazy("在后台生成一个PDF，每张卡按实际纸张大小排版，完成后会收到消息。")
    duty = None
    form = forms.SheetsForm
    button = gettext_lazy("生成PDF")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.SheetsForm(*args, choices=sheet_choices(), **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"sheets": ["worker_card"]}

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        params = {"file": self.file.pk, "sheets": given["sheets"], "host": self.request.build_absolute_uri("/")}
        name = self.file.enterprise.name  # type: ignore[union-attr]
        title = _("岗位卡：%(name)s") % {"name": name}
        work = start_work(
            actor=actor, kind=card_prints.KIND, title=title, params=params, now=now, client_id=client_id
        )  # fmt: skip
        return work.get_absolute_url()


class CardRules(View):
    """How cards are read and asked now, and what was set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor_of(request).require(rule_services.RULES)
        today = Calendar().local_date(timezone.now())
        context = {"rules": card_rules.card_rules_on(today), "past": card_rules.past_card_rules()}
        return render(request, "risk/card_rules.html", context)


class NewCardRule(CreatePage):
    title = gettext_lazy("设置岗位卡规则")
    lead = gettext_lazy("从起用日期起的阅读、测试和抽查按新规则；已开始的测试合格分不变。")
    duty = rule_services.RULES
    form = forms.CardRuleForm
    back = "risk:card_rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today: date = Calendar().local_date(now)
        rules = card_rules.card_rules_on(today)
        return {"pass_mark": rules.pass_mark, "spot_percent": rules.spot_percent, "read_days": rules.read_days,
                "review_months": rules.review_months, "from_date": today}  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        rule_services.set_card_rules(actor=actor, now=now, **given)
        return reverse("risk:card_rules")
