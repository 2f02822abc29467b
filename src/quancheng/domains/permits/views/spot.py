"""Pages of spot checks (作业抽查): what is to be looked at, one check with its record on screen or phone, draws."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import audits as audit_forms
from quancheng.domains.permits.forms import spot as forms
from quancheng.domains.permits.loops.spot import SPOT
from quancheng.domains.permits.models import Kind, SpotCheck, SpotDraw, SpotMode
from quancheng.domains.permits.queries import audits as audit_queries
from quancheng.domains.permits.queries import spot as queries
from quancheng.domains.permits.services import spot as services
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import permit_link
from quancheng.domains.permits.views.words import enterprise_of
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.standards.gb30871.audit.spot import all_questions, questions, spot_points


def result_mark(row: SpotCheck) -> Any:
    if row.passed is None:
        return ""
    return marks.badge(_("合格"), "done") if row.passed else marks.badge(_("不合格"), "active")


def _result(row: SpotCheck) -> str:
    return "" if row.passed is None else _("合格") if row.passed else _("不合格")


class SpotCheckList(ListPage):
    """Spot checks, those still to be made first."""

    code = "permits.spot_checks"
    title = gettext_lazy("作业抽查")
    columns = (
        Column("title", gettext_lazy("作业票"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("due_date", gettext_lazy("抽查日期"), sort="due_date", card="meta"),
        Column("drawn", gettext_lazy("抽取方式"), card="meta",
               value=lambda row: _("随机抽取") if row.draw_id else _("人工选取")),
        Column("mode", gettext_lazy("抽查方式"), value=lambda row: row.get_mode_display(), sort="mode"),
        Column("passed", gettext_lazy("抽查结果"), value=_result, render=result_mark, card="meta"),
        Column("audit_score", gettext_lazy("审计得分"), numeric=True, sort="audit_score"),
        Column("checker_name", gettext_lazy("抽查人")),
        Column("checked_at", gettext_lazy("抽查时间"), sort="checked_at"),
        Column("score", gettext_lazy("抽取得分"), numeric=True, sort="score", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("作业票、企业"), fields=("title", "enterprise__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=SPOT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="mode", label=gettext_lazy("抽查方式"), choices=SpotMode.choices, field="mode", pinned=True),
        Flag(name="failed", label=gettext_lazy("只看不合格的"), condition=lambda actor: Q(passed=False), pinned=True),
        Flag(name="drawn", label=gettext_lazy("只看随机抽取的"), condition=lambda actor: Q(draw__isnull=False)),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="permit__kind"),
        Dates(name="due", label=gettext_lazy("抽查日期"), field="due_date"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有抽查")
    empty_hint = gettext_lazy("每天自动随机抽取正在作业的作业票，也可以在审计页面人工选取。")

    def queryset(self, actor: Actor) -> QuerySet[SpotCheck]:
        return queries.list_checks(actor=actor)

    def url_of(self, row: SpotCheck) -> str:
        return reverse("permits:spot_check", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.has(audit_queries.AUDIT):
            found.append((gettext_lazy("随机抽取记录"), reverse("permits:spot_draws")))
        if actor.has(audit_queries.RULES):
            found.append((gettext_lazy("抽查比例"), reverse("permits:spot_rates")))
        return found


class SpotCheckPage(ObjectPage[SpotCheck]):
    """One check: why it was chosen, what was seen, the questions with their answers."""

    back = (gettext_lazy("作业抽查"), lambda: reverse("permits:spot_checks"))
    forms: ClassVar = {"drop": audit_forms.ReasonForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> SpotCheck:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: SpotCheck, actor: Actor) -> ObjectHead:
        shown = [result_mark(row)] if row.passed is not None else []
        return ObjectHead(title=row.permit.content, code=row.permit.number, subtitle=enterprise_of(row), marks=shown)

    def facts(self, row: SpotCheck, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("作业票"), value=permit_link(row.permit)),
            Fact(label=_("抽查日期"), value=row.due_date),
            Fact(label=_("抽取方式"), value=self._drawn(row, actor)),
            Fact(label=_("抽取得分"), value=row.score),
            Fact(label=_("抽查方式"), value=row.get_mode_display()),
            Fact(label=_("审计得分"), value=row.audit_score),
            Fact(label=_("摄像头"), value=row.camera),
            Fact(label=_("查看时刻"), value=row.seen_at),
            Fact(label=_("视频所见"), value=row.seen, wide=True),
            Fact(label=_("抽查人"), value=row.checker_name),
            Fact(label=_("抽查时间"), value=row.checked_at),
            Fact(label=_("抽查说明"), value=row.note, wide=True),
        ]

    def _drawn(self, row: SpotCheck, actor: Actor) -> Any:
        if row.draw is None:
            return _("人工选取")
        if not actor.has(audit_queries.AUDIT):
            return _("随机抽取")
        return format_html('<a href="{}">{}</a>', reverse("permits:spot_draw", args=[row.draw_id]), _("随机抽取"))

    def tabs(self, row: SpotCheck, actor: Actor) -> Sequence[Tab]:
        held = files_of(row)
        found = [Tab("files", _("照片、附件"), template="registry/_files.html", count=len(held),
                     context=lambda: {"files": held})]  # fmt: skip
        if row.answers:
            found.insert(0, Tab("answers", _("检查项"), template="permits/_spot_answers.html", count=len(row.answers),
                                context=lambda: {"answers": _answers(row)}))  # fmt: skip
        return found

    def actions(self, row: SpotCheck, actor: Actor) -> Sequence[Action]:
        names = {one.name for one in loopview.actions_of(row, actor)}
        found = []
        if "record" in names:
            online, on_site = (reverse(f"permits:spot_{mode}", args=[row.pk]) for mode in SpotMode.values)
            found.append(Action(name="on_site", label=_("现场检查"), url=on_site, primary=True))
            found.append(Action(name="online", label=_("线上检查"), url=online))
        if "drop" in names:
            found.append(Action(name="drop", label=_("说明未抽查原因"), asks=True))
        return found

    def perform(
        self, *, actor: Actor, row: SpotCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "drop":
            raise NotFound
        services.drop_check(actor=actor, row=row, reason=given["text"], now=now, client_id=client_id)


def _answers(row: SpotCheck) -> list[tuple[str, str, Any, str]]:
    words = dict(forms.ANSWERS)
    found = []
    for one in all_questions():
        if one.code in row.answers:
            answer, note = row.answers[one.code]
            tone = {"YES": "done", "NO": "active"}.get(answer, "quiet")
            found.append((one.code, said(one.text), marks.badge(words[answer], tone), note))
    return found


class _Record(CreatePage):
    """A check that is recorded."""

    duty = audit_queries.AUDIT
    button = gettext_lazy("提交抽查结果")
    mode: ClassVar[str]

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_check(actor=actor, check_id=kwargs["pk"])
        if self.row.owner_org_id != actor.organisation_id:
            raise NotPermitted
        if self.row.is_closed:
            raise StaleState(_("抽查现为“%(state)s”，不能执行该操作。") % {"state": self.row.status_label})

    def back_url(self) -> str:
        return reverse("permits:spot_check", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["photos"] or [], now=now)
        seen = self.seen(given, tuple(kept))
        services.record_check(actor=actor, row=self.row, seen=seen, now=now, client_id=client_id)
        return self.back_url()

    def seen(self, given: Mapping[str, Any], files: tuple[uuid.UUID, ...]) -> services.Seen:
        raise NotImplementedError


class RecordOnline(_Record):
    """Rules and video: what the rules say stands above what is typed."""

    title = gettext_lazy("线上抽查")
    lead = gettext_lazy("提交时同时按审计规则重新审计这张作业票；有问题的自动推送企业。")
    form = forms.OnlineForm

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"seen_at": timezone.localtime(now)}

    def seen(self, given: Mapping[str, Any], files: tuple[uuid.UUID, ...]) -> services.Seen:
        names = ("camera", "seen_at", "seen", "problem", "severity", "note")
        return services.Seen(mode=SpotMode.ONLINE, files=files, **{name: given[name] for name in names})


class RecordOnSite(_Record):
    """The thirty questions, those that concern the kind, on a phone."""

    title = gettext_lazy("现场抽查")
    lead = gettext_lazy("逐项回答；答“否”的写明情况，提交后自动推送企业整改。")
    form = forms.OnSiteForm
    template = "permits/spot_on_site.html"

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.OnSiteForm(*args, asked=questions(self.row.permit.kind), **kwargs)

    def seen(self, given: Mapping[str, Any], files: tuple[uuid.UUID, ...]) -> services.Seen:
        asked = questions(self.row.permit.kind)
        answers = {one.code: (given[f"answer_{one.code}"], given[f"note_{one.code}"]) for one in asked}
        return services.Seen(mode=SpotMode.ON_SITE, answers=answers, note=given["note"], files=files)


# Draws and rates -----------------------------------------------------------------------------------------------------


class DrawList(ListPage):
    """Draws of offices, each with its seed."""

    code = "permits.spot_draws"
    title = gettext_lazy("随机抽取记录")
    duty = audit_queries.AUDIT
    columns = (
        Column("drawn_at", gettext_lazy("抽取时间"), link=True, sort="drawn_at", card="title"),
        Column("owner_org", gettext_lazy("监管部门"), value=lambda row: row.owner_org.label, card="meta"),
        Column("of", gettext_lazy("在作业张数"), value=lambda row: len(row.scored), numeric=True, card="meta"),
        Column("chosen_count", gettext_lazy("抽中张数"), numeric=True, sort="chosen_count", card="meta"),
        Column("extra", gettext_lazy("抽取方式"), value=lambda row: _("加抽") if row.is_extra else _("每日抽取")),
        Column("seed", gettext_lazy("随机种子"), width="wide"),
    )
    filters = (Dates(name="drawn", label=gettext_lazy("抽取日期"), field="drawn_date", pinned=True),)
    empty_title = gettext_lazy("还没有抽取记录")

    def queryset(self, actor: Actor) -> QuerySet[SpotDraw]:
        return queries.list_draws(actor=actor)

    def url_of(self, row: SpotDraw) -> str:
        return reverse("permits:spot_draw", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("现在加抽"), reverse("permits:spot_draw_new"))] if actor.supervises else []


class DrawPage(ObjectPage[SpotDraw]):
    """One draw: every permit that stood in it, with how its score came about."""

    back = (gettext_lazy("随机抽取记录"), lambda: reverse("permits:spot_draws"))
    duty = audit_queries.AUDIT

    def get_row(self, actor: Actor, **kwargs: Any) -> SpotDraw:
        return queries.get_draw(actor=actor, draw_id=kwargs["pk"])

    def head(self, row: SpotDraw, actor: Actor) -> ObjectHead:
        return ObjectHead(title=_("%(day)s 随机抽取") % {"day": row.drawn_date}, subtitle=row.owner_org.label)

    def facts(self, row: SpotDraw, actor: Actor) -> Sequence[Fact]:
        rates = row.rates
        told = _("%(high)s分及以上抽%(a)s%%，%(middle)s分及以上抽%(b)s%%，其余抽%(c)s%%") % {
            "high": rates["high"], "middle": rates["middle"], "a": rates["high_percent"],
            "b": rates["middle_percent"], "c": rates["low_percent"],
        }  # fmt: skip
        return [
            Fact(label=_("抽取时间"), value=row.drawn_at),
            Fact(label=_("抽取方式"), value=_("加抽") if row.is_extra else _("每日抽取")),
            Fact(label=_("在作业张数"), value=len(row.scored)),
            Fact(label=_("抽中张数"), value=row.chosen_count),
            Fact(label=_("抽查比例"), value=told, wide=True),
            Fact(label=_("随机种子"), value=row.seed, wide=True, help=_("同一种子和名单重新计算，抽中的相同。")),
        ]

    def tabs(self, row: SpotDraw, actor: Actor) -> Sequence[Tab]:
        return [
            Tab("scored", _("名单和得分"), template="permits/_spot_scored.html", count=len(row.scored),
                context=lambda: {"scored": _scored(row)}),
        ]  # fmt: skip


def _scored(row: SpotDraw) -> list[dict[str, Any]]:
    known, checks = spot_points(), queries.checks_of(row)
    return [
        {**one, "why": [(said(known[code].text), points) for code, points in one["lines"]],
         "check": checks.get(one["permit"])}
        for one in row.scored
    ]  # fmt: skip


class NewDraw(CreatePage):
    """Draw out of turn."""

    title = gettext_lazy("现在加抽")
    lead = gettext_lazy("从本单位监管企业正在作业、尚未待抽查的作业票中，按得分和比例随机抽取。")
    duty = audit_queries.AUDIT
    form = django_forms.Form
    back = "permits:spot_draws"
    button = gettext_lazy("抽取")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        return reverse("permits:spot_draw", args=[services.draw_by_hand(actor=actor, now=now, client_id=client_id).pk])


class SetRates(CreatePage):
    """How many are drawn a day."""

    title = gettext_lazy("抽查比例")
    lead = gettext_lazy("从下一次抽取起生效，抽取记录保留当时的比例。")
    duty = audit_queries.RULES
    form = forms.RatesForm
    back = "permits:spot_checks"
    button = gettext_lazy("保存设置")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        now_set = queries.rates()
        names = ("high", "middle", "high_percent", "middle_percent", "low_percent")
        return {name: getattr(now_set, name) for name in names}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        rates = {name: value for name, value in given.items() if name != "reason"}
        services.set_rates(actor=actor, given=rates, reason=given["reason"], now=now, client_id=client_id)
        return reverse("permits:spot_rates")
