"""Pages of visits at which posts are asked about their cards (现场抽考岗位卡): list, drawing, one, asking a post."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.forms import card_visits as forms
from quancheng.domains.risk.loops.card_visit import CARD_VISIT
from quancheng.domains.risk.models import CardVisit
from quancheng.domains.risk.queries import card_visits as queries
from quancheng.domains.risk.queries.cards import spoken
from quancheng.domains.risk.services import card_visits as services
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.cards import share
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.pages import loopview
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab

#: Posts that a visit draws where nobody says otherwise. [D]
_POSTS = 3


class VisitList(ListPage):
    """Visits, open ones first, with how many posts passed."""

    code = "risk.card_visits"
    title = gettext_lazy("现场抽考岗位卡")
    columns = (
        Column("title", gettext_lazy("抽考"), link=True, sort="title", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("occasion", gettext_lazy("检查事由"), width="wide"),
        Column("drawn", gettext_lazy("抽中岗位"), value=lambda row: row.drawn_count, numeric=True, sort="drawn_count"),
        Column("passed", pgettext_lazy("card visit", "合格岗位"), sort="passed_count", card="meta",
               value=lambda row: share(row.passed_count, row.asked_count)),
        Column("failed", pgettext_lazy("card visit", "不合格岗位"), value=lambda row: row.failed_count, numeric=True,
               sort="failed_count"),
        Column("owner", gettext_lazy("抽考单位"), value=lambda row: row.owner_org.label),
        Column("created_at", gettext_lazy("抽取时间"), sort="created_at", card="meta"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("抽考、企业"), fields=("title", "file__enterprise__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=CARD_VISIT.choices, field="status", pinned=True),
        Flag(name="failed", label=gettext_lazy("只看有不合格岗位的"), condition=lambda actor: Q(failed_count__gt=0)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="drawn", label=gettext_lazy("抽取时间"), field="created_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有现场抽考")
    empty_hint = gettext_lazy("检查时随机抽取岗位，向在岗人员提问岗位卡内容，逐岗登记是否合格。")

    def queryset(self, actor: Actor) -> QuerySet[CardVisit]:
        return queries.list_visits(actor=actor)

    def url_of(self, row: CardVisit) -> str:
        return reverse("risk:card_visit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        may = actor.supervises and actor.has(queries.VISIT)
        return [(gettext_lazy("抽取岗位"), reverse("risk:card_visit_new"))] if may else ()


class NewVisit(CreatePage):
    """Posts of an enterprise drawn."""

    title = gettext_lazy("抽取岗位")
    lead = gettext_lazy("先固定岗位名单，再生成随机种子；种子和名单都保留，任何人可以重算核对。")
    duty = queries.VISIT
    form = forms.VisitForm
    back = "risk:card_visits"
    button = gettext_lazy("抽取")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = forms.VisitForm(*args, **kwargs)
        form.fields["file"].queryset = queries.files_to_visit(actor=actor)  # type: ignore[attr-defined]
        return form

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"count": _POSTS, "keys_only": False}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.draw_visit(actor=actor, now=now, client_id=client_id, **given)
        return reverse("risk:card_visit", args=[made.pk])


class VisitPage(ObjectPage[CardVisit]):
    """One visit: the draw, each post with who was asked and whether he passed."""

    template = "risk/object.html"
    back = (gettext_lazy("现场抽考岗位卡"), lambda: reverse("risk:card_visits"))
    forms: ClassVar = {"drop": forms.DropForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> CardVisit:
        return queries.get_visit(actor=actor, visit_id=kwargs["pk"])

    def head(self, row: CardVisit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label)

    def facts(self, row: CardVisit, actor: Actor) -> Sequence[Fact]:
        again = _("可重现") if services.is_reproducible(row) else _("不能重现，请核查")
        seed = _("%(seed)s（%(word)s）") % {"seed": row.seed, "word": again}
        if not queries.knows_draw(row):
            seed = _("该单位下次抽考沿用，抽考完成后公开")
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("检查事由"), value=row.occasion, wide=True),
            Fact(label=_("只抽关键岗位"), value=_("是") if row.keys_only else _("否")),
            Fact(label=_("岗位总数"), value=len(row.pool)),
            Fact(label=_("合格分"), value=row.pass_mark),
            Fact(label=_("合格岗位"), value=share(getattr(row, "passed_count", 0), getattr(row, "asked_count", 0))),
            Fact(label=_("完成期限"), value=row.due_date),
            Fact(label=_("完成时间"), value=row.closed_at),
            Fact(label=_("抽取种子"), value=seed, wide=True),
            Fact(label=_("岗位名单摘要"), value=row.pool_digest, wide=True),
            Fact(label=_("取消理由"), value=row.reason, wide=True),
        ]

    def tabs(self, row: CardVisit, actor: Actor) -> Sequence[Tab]:
        asks = queries.asks_of(row)
        may = row.status == "OPEN" and row.owner_org_id == actor.organisation_id and actor.has(queries.VISIT)
        return [
            Tab(name="asks", label=_("抽中岗位"), count=len(asks), template="risk/_card_asks.html",
                context=lambda: {"asks": asks, "may": may})
        ]  # fmt: skip

    def actions(self, row: CardVisit, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
        ]

    def perform(
        self, *, actor: Actor, row: CardVisit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("finish", "drop"):
            raise NotFound
        services.end_visit(actor=actor, visit=row, name=name, reason=given.get("reason", ""), now=now,
                           client_id=client_id)  # fmt: skip


class AskPost(CreatePage):
    """The questions of one post, read aloud to who holds it; the answers are chosen as he gave them."""

    title = gettext_lazy("岗位抽考")
    duty = queries.VISIT
    button = gettext_lazy("登记结果")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.ask = queries.get_ask(actor=actor, ask_id=kwargs["pk"])
        if self.ask.visit.owner_org_id != actor.organisation_id:
            raise NotPermitted
        if self.request.method != "POST" and (self.ask.asked_at is not None or self.ask.visit.status != "OPEN"):
            raise StaleState(_("该岗位的结果已登记。"))

    @property
    def lead(self) -> str:  # type: ignore[override]
        return _("%(post)s：逐题念给在岗人员，选他所答的一项；%(mark)s分合格。") % {
            "post": self.ask.card.title, "mark": self.ask.visit.pass_mark,
        }  # fmt: skip

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.AskForm(*args, holders=queries.holders_of(self.ask), questions=spoken(self.ask), **kwargs)

    def back_url(self) -> str:
        return reverse("risk:card_visit", args=[self.ask.visit_id])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        answers = [given[f"question_{place}"] for place in range(len(self.ask.questions))]
        services.record_ask(
            actor=actor, ask=self.ask, holder=uuid.UUID(given["holder"]) if given["holder"] else None,
            other=given["other"], answers=answers, absent=given["absent"], remark=given["remark"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return self.back_url()
