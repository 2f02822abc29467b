"""Pages of checks led by the main person: what is owed, recording one on a phone, months without a check by town."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms as django_forms
from django.db.models import F, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import self_checks as forms
from quancheng.domains.hazards.loops.self_check import SELF_CHECK
from quancheng.domains.hazards.models import CheckSide, SelfCheck
from quancheng.domains.hazards.queries import self_checks as queries
from quancheng.domains.hazards.services import self_checks as services
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, StaleState
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.given import asked_day
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of

_RECORD = ("record", "record_deputed")


def _today() -> date:
    return Calendar().local_date(timezone.now())


def is_missed(row: SelfCheck, today: date) -> bool:
    """Whether the period went by without a check."""
    return row.is_late or (not row.is_closed and row.last_date < today)


def recorded_after(row: SelfCheck) -> bool:
    """Whether the record was made only after its period."""
    return row.closed_at is not None and Calendar().local_date(row.closed_at) > row.last_date


def _told(row: SelfCheck) -> str:
    if not is_missed(row, _today()):
        # Said to have been made in time, but nobody could see that before the period was over.
        return _("期满后登记") if recorded_after(row) else ""
    return _("逾期补查") if row.is_late else _("未按期排查")


def _mark(row: SelfCheck) -> Any:
    word = _told(row)
    return marks.badge(word, "active") if word else ""


def _towns(actor: Actor) -> list[tuple[str, Any]]:
    """Streets and towns, and what lies in none of them: a number of the table by town leads there."""
    return [*town_choices(actor), (queries.NO_TOWN, gettext_lazy("不在任何镇街"))]


def _in_town(path: str) -> Q:
    return queries.outside_towns() if path == queries.NO_TOWN else Q(file__area__path__startswith=path)


class SelfCheckList(ListPage):
    """Checks led by main persons, owed and done (主要负责人带队排查)."""

    code = "hazards.self_checks"
    title = gettext_lazy("主要负责人带队排查")
    columns = (
        Column("title", gettext_lazy("排查事项"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("side", gettext_lazy("带队责任人"), value=lambda row: row.get_side_display(), sort="side"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("missed", gettext_lazy("是否按期"), value=_told, render=_mark, card="meta"),
        Column("last_date", gettext_lazy("期间止"), sort="last_date"),
        Column("checked_date", gettext_lazy("排查日期"), sort="checked_date", card="meta"),
        Column("signed_name", gettext_lazy("带队并签字")),
        Column("gone_through", gettext_lazy("已对照判定标准"), numeric=True),
        Column("findings", gettext_lazy("发现的隐患"), value=lambda row: row.finding_count, numeric=True,
               sort="finding_count"),
        Column("none", gettext_lazy("声明未发现"), value=lambda row: _("是") if row.none_found else ""),
        Column("deputy", gettext_lazy("受委托人"), value=lambda row: row.deputy.name if row.deputy else "",
               shown=False),
        Column("deputed_reason", gettext_lazy("委托原因"), shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=SELF_CHECK.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="side", label=gettext_lazy("带队责任人"), choices=CheckSide.choices, field="side"),
        Flag(name="missed", label=gettext_lazy("只看未按期排查的"), pinned=True,
             condition=lambda actor: queries.missed(_today())),
        Flag(name="late", label=gettext_lazy("只看逾期补查的"), condition=lambda actor: Q(is_late=True)),
        Flag(name="in_time", label=gettext_lazy("只看按期排查的"),
             condition=lambda actor: Q(status="DONE", is_late=False)),
        Flag(name="open", label=gettext_lazy("只看未排查的"),
             condition=lambda actor: Q(status__in=("DUE", "DEPUTED"))),
        Flag(name="recorded_after", label=gettext_lazy("只看期满后登记的"),
             condition=lambda actor: Q(status="DONE", closed_at__date__gt=F("last_date"))),
        Flag(name="deputed", label=gettext_lazy("只看委托他人的"), condition=lambda actor: Q(deputy__isnull=False)),
        Dates(name="last", label=gettext_lazy("期间止"), field="last_date"),
        Dates(name="checked", label=gettext_lazy("排查日期"), field="checked_date"),
        Choice(name="town", label=gettext_lazy("镇街"), choices=_towns, narrows=_in_town),
    )  # fmt: skip
    empty_title = gettext_lazy("没有带队排查事项")

    def queryset(self, actor: Actor) -> QuerySet[SelfCheck]:
        return queries.list_checks(actor=actor)

    def url_of(self, row: SelfCheck) -> str:
        return reverse("hazards:self_check", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = []
        if actor.supervises:
            found.append((gettext_lazy("分镇街情况"), reverse("hazards:self_check_towns")))
        if actor.has(services.RULES):
            found.append((gettext_lazy("带队排查周期"), reverse("hazards:self_check_rules")))
        return found


class SelfCheckPage(ObjectPage[SelfCheck]):
    """One period of one enterprise: who led the check, each criterion, what was found."""

    template = "hazards/object.html"
    back = (gettext_lazy("主要负责人带队排查"), lambda: reverse("hazards:self_checks"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SelfCheck:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: SelfCheck, actor: Actor) -> ObjectHead:
        shown = [_mark(row)] if _told(row) else []
        if row.none_found:
            shown.append(marks.badge(_("声明未发现重大事故隐患"), "quiet"))
        return ObjectHead(title=row.title, subtitle=row.file.enterprise.name if row.file.enterprise else "",
                          marks=shown)  # fmt: skip

    def facts(self, row: SelfCheck, actor: Actor) -> Sequence[Fact]:
        own = row.get_side_display()
        deputed = ""
        if row.deputy is not None:
            deputed = _("%(name)s（%(reason)s）") % {"name": row.deputy.name, "reason": row.deputed_reason}
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("带队责任人"), value=row.get_side_display()),
            Fact(label=_("排查时限"), value=row.due_date),
            Fact(label=_("排查日期"), value=row.checked_date, filled_by=own),
            Fact(label=_("带队并签字"), value=row.signed_name, filled_by=own),
            Fact(label=_("委托带队"), value=deputed),
            Fact(label=_("登记时间"), value=row.closed_at),
            Fact(label=_("已对照判定标准"), value=row.gone_through if row.is_closed else ""),
            Fact(label=_("排查部位"), value=row.places),
            Fact(label=_("排查情况"), value=row.note, wide=True),
        ]

    def tabs(self, row: SelfCheck, actor: Actor) -> Sequence[Tab]:
        items, found, held = queries.items_of(row), queries.found_in(row), files_of(row)
        return [
            Tab(name="items", label=_("对照判定标准"), count=len(items), template="hazards/_check_answers.html",
                context=lambda: {"answers": items}),
            Tab(name="findings", label=_("发现的隐患"), count=len(found), template="hazards/_running_findings.html",
                context=lambda: {"findings": found}),
            Tab(name="files", label=_("照片和附件"), count=len(held), template="registry/_files.html",
                context=lambda: {"files": held}),
        ]  # fmt: skip

    def actions(self, row: SelfCheck, actor: Actor) -> Sequence[Action]:
        found = []
        for one in loopview.actions_of(row, actor):
            if one.name in _RECORD:
                url = reverse("hazards:self_check_record", args=[row.pk])
                one = Action(name=one.name, label=one.label, primary=one.primary, url=url)
            found.append(one)
        return found

    def form_for(
        self, action: Action, row: SelfCheck, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "depute":
            return forms.DeputeForm(data, row=row)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: SelfCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "depute":
            services.depute(actor=actor, row=row, person_id=uuid.UUID(given["deputy"]), reason=given["reason"],
                            now=now, client_id=client_id)  # fmt: skip
        elif name == "recall":
            services.recall(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)
        else:
            raise StaleState


class RecordSelfCheck(CreatePage):
    """The record of a check with each criterion and the signature, made for a thumb."""

    title = gettext_lazy("登记带队排查并签字")
    lead = gettext_lazy("逐条对照本单位适用的重大事故隐患判定标准；发现隐患的先登记隐患，再在下方勾选。")
    duty = None
    form = forms.SelfCheckForm
    button = gettext_lazy("签字并提交")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.check_row = queries.get_check(actor=actor, check_id=kwargs["pk"])
        mine = self.check_row.status == "DEPUTED" and self.check_row.deputy_id == actor.user_id
        if self.check_row.owner_org_id != actor.organisation_id or not (mine or actor.has(services.SIGN)):
            raise NotPermitted(_("只能由带队责任人或其委托的人员登记并签字。"))
        own = self.check_row.file_id == actor.organisation_id
        self.report_url = reverse("hazards:report_own" if own else "hazards:finding_new",
                                  args=[] if own else [self.check_row.file_id])  # fmt: skip
        self.clauses = queries.criteria_for(self.check_row.file, on=_today())

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"checked": Calendar().local_date(now)}

    def back_url(self) -> str:
        return reverse("hazards:self_check", args=[self.check_row.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.SelfCheckForm(*args, row=self.check_row, clauses=self.clauses, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        answers = {
            one.place: (int(given[f"item_{one.place}"]), given[f"note_{one.place}"])
            for one in self.clauses if given[f"item_{one.place}"]
        }  # fmt: skip
        spec = services.SelfCheckSpec(
            checked=given["checked"], signed=given["signed"], answers=answers, places=given["places"],
            note=given["note"], none_found=given["none_found"], findings=[one.pk for one in given["findings"]],
            files=tuple(receive_uploads(actor=actor, uploads=given["files"], now=now)),
        )  # fmt: skip
        services.record_self_check(actor=actor, row=self.check_row, spec=spec, now=now, client_id=client_id)
        return self.back_url()

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
            "back_url": self.back_url(),
        }  # fmt: skip
        return render(request, "hazards/self_check_new.html", context, status=status)


class Towns(View):
    """Periods that ended in a month by town: each number opens its rows (分镇街带队排查情况)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "month":
                raise unknown_parameter(name)
        today = _today()
        first, last = _month(request.GET.get("month", ""), today)
        base = f"{reverse('hazards:self_checks')}?side=enterprise&last_from={first}&last_to={last}"
        rows = []
        for line in queries.by_town(actor=actor, first=first, last=last, today=today):
            url = f"{base}&town={line.path or queries.NO_TOWN}"
            owed = f"{url}&status=DUE&status=DEPUTED&status=DONE"
            rows.append((line, owed, f"{url}&in_time=1", f"{url}&late=1", f"{url}&open=1"))
        before = (first - timedelta(days=1)).replace(day=1)
        context = {"rows": rows, "first": first, "last": last, "before": before, "ended": last < today}
        return render(request, "hazards/self_check_towns.html", context)


def _month(text: str, today: date) -> tuple[date, date]:
    """First and last day of the month asked for; of the last that is over where none is."""
    asked = asked_day(f"{text}-01" if len(text) == 7 else text, "month")
    first = (asked or today.replace(day=1) - timedelta(days=1)).replace(day=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first, following - timedelta(days=1)


class Rules(View):
    """How often a check is owed now and what was set before (带队排查周期)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(services.RULES)
        rhythm, names = queries.rhythm_on(_today()), dict(queries.kinds_of_rhythm())
        sides = ((rhythm.high_months, rhythm.high), (rhythm.other_months, rhythm.others))
        context = {
            "sides": [(months, [label for code, label in names.items() if code in those]) for months, those in sides],
            "is_shipped": queries.rule_on(_today()) is None,
            "is_shared": (rule := queries.rule_on(_today())) is not None and rule.three_persons,
            "past": [(one, [names.get(code, code) for code in one.high_kinds]) for one in queries.past_rules()],
        }  # fmt: skip
        return render(request, "hazards/self_check_rules.html", context)


class NewRule(CreatePage):
    title = gettext_lazy("调整带队排查周期")
    lead = gettext_lazy("从起用日期所在期间起按新的周期要求；已经产生的事项不变。")
    duty = services.RULES
    form = forms.RuleForm
    back = "hazards:self_check_rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        rhythm = queries.rhythm_on(today)
        return {"high_kinds": sorted(rhythm.high), "high_months": rhythm.high_months,
                "other_months": rhythm.other_months, "from_date": today,
                "three_persons": (rule := queries.rule_on(today)) is not None and rule.three_persons}  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_rule(
            actor=actor, high_kinds=given["high_kinds"], high_months=int(given["high_months"]),
            other_months=int(given["other_months"]), from_date=given["from_date"], reason=given["reason"], now=now,
            three_persons=given["three_persons"],
        )  # fmt: skip
        return self.back_url()
