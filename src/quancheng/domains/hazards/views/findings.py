"""Pages of hidden dangers: found on a phone in half a minute, then graded, planned, put right, accepted, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import findings as forms
from quancheng.domains.hazards.forms.design_diagnoses import year_choices
from quancheng.domains.hazards.forms.resumptions import ApplicationForm
from quancheng.domains.hazards.loops.finding import FINDING, GRADED_OPEN, NO_DANGER
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries import findings as queries
from quancheng.domains.hazards.queries import learning
from quancheng.domains.hazards.queries.design_diagnoses import of_year
from quancheng.domains.hazards.queries.finding_tabs import tab_counts
from quancheng.domains.hazards.queries.hand_overs import handed_over
from quancheng.domains.hazards.queries.listings import listings_of
from quancheng.domains.hazards.queries.lookbacks import lookbacks_of
from quancheng.domains.hazards.queries.resumptions import standing_report
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.judging import asks_lesson, proposed_grade
from quancheng.domains.hazards.services.learning import PUSH, told_in_lines
from quancheng.domains.hazards.services.listings import PROPOSE as LIST
from quancheng.domains.hazards.services.lookbacks import CONDUCT
from quancheng.domains.hazards.views.finding_parts import loop_actions, loop_facts, loop_tabs
from quancheng.domains.hazards.views.resumptions import report_spec
from quancheng.domains.hazards.views.words import coded, criterion_link, finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import in_language, link_to
from quancheng.domains.risk.views.words import link as risk_link
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Filter, Flag, Search
from quancheng.kernel.pages.given import known_key
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.hidden_dangers import levels
from quancheng.standards.hidden_dangers.kinds import code_list


def _grade(row: Finding) -> str:
    return told(levels.Grade(row.grade).word) if row.grade else ""


def _level(row: Finding) -> Any:
    return marks.badge(_("重大隐患"), "active") if row.is_major else ""


def _overdue() -> Q:
    today = Calendar().local_date(timezone.now())
    return Q(closed_at__isnull=True, deadline__lt=today)


class FindingList(ListPage):
    """Hidden dangers (隐患台账)."""

    code = "hazards.findings"
    title = gettext_lazy("隐患台账")
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", gettext_lazy("隐患名称"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("level", gettext_lazy("隐患等级"), value=lambda row: _("重大") if row.is_major else _("一般"),
               render=_level, sort="is_major", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
        Column("place", gettext_lazy("部位")),
        Column("found_at", gettext_lazy("发现时间"), sort="found_at"),
        Column("finder_name", gettext_lazy("发现人")),
        Column("channel", gettext_lazy("来源渠道"), value=lambda row: coded("channel", row.channel), sort="channel"),
        Column("deadline", gettext_lazy("整改期限"), sort="deadline", card="meta"),
        Column("closed_at", gettext_lazy("销号时间"), sort="closed_at"),
        Column("criterion", gettext_lazy("判定标准"), sort="criterion"),
        Column("grade", gettext_lazy("内部等级"), value=_grade, shown=False),
        Column("source", gettext_lazy("隐患来源"), value=lambda row: coded("source", row.source), shown=False),
        Column("type", gettext_lazy("隐患类型"), value=lambda row: coded("type", row.type), shown=False),
        Column("cost_yuan", gettext_lazy("治理资金（元）"), numeric=True, shown=False),
        Column("extension_count", gettext_lazy("延期次数"), numeric=True, shown=False),
        Column("is_repeat", gettext_lazy("重复隐患"), value=lambda row: _("是") if row.is_repeat else "", shown=False),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label, shown=False),
    )  # fmt: skip
    filters: ClassVar[tuple[Filter, ...]] = (
        Search(name="q", label=gettext_lazy("隐患、编号、企业"), pinned=True, fields=("words",)),
        Choice(name="status", label=gettext_lazy("状态"), choices=FINDING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="channel", label=gettext_lazy("来源渠道"), choices=lambda actor: forms.codes("channel"),
               field="channel", multiple=True),
        Flag(name="open", label=gettext_lazy("只看未销号的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Flag(name="overdue", label=gettext_lazy("只看超期的"), condition=lambda actor: _overdue()),
        Choice(name="level", label=gettext_lazy("隐患等级"), narrows=lambda code: Q(is_major=code == "major"),
               choices=(("major", gettext_lazy("重大")), ("general", gettext_lazy("一般")))),
        Dates(name="found", label=gettext_lazy("发现时间"), field="found_at", times=True),
        Dates(name="due", label=gettext_lazy("整改期限"), field="deadline"),
        Flag(name="repeat", label=gettext_lazy("只看重复的"), condition=lambda actor: Q(is_repeat=True)),
        Dates(name="accepted", label=gettext_lazy("验收时间"), field="accepted_at", times=True),
        Flag(name="first", label=gettext_lazy("只看一次验收合格的"),
             condition=lambda actor: Q(accepted_at__isnull=False, reject_count=0)),
        Flag(name="extended", label=gettext_lazy("只看延期的"), condition=lambda actor: Q(extension_count__gt=0)),
        Flag(name="on_time", label=gettext_lazy("只看按期销号的"),
             condition=lambda actor: Q(status="CLOSED", closed_at__date__lte=F("deadline"))),
        Flag(name="handed_over", label=gettext_lazy("只看移送的"), condition=lambda actor: handed_over()),
        Flag(name="stopped", label=gettext_lazy("只看停产未恢复的"),
             condition=lambda actor: ~Q(stop="none") & Q(resumed_at__isnull=True) & ~Q(status__in=NO_DANGER)),
        Choice(name="design", label=gettext_lazy("设计诊断年度"), choices=year_choices,
               narrows=lambda year: of_year(int(year))),
        Flag(name="ended", label=gettext_lazy("只看已销号的"), condition=lambda actor: Q(closed_at__isnull=False)),
        Flag(name="five", label=gettext_lazy("只看五落实的"), condition=lambda actor: Q(is_planned=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有隐患")

    def queryset(self, actor: Actor) -> QuerySet[Finding]:
        return queries.list_findings(actor=actor)

    def url_of(self, row: Finding) -> str:
        return reverse("hazards:finding", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if actor.has(services.REPORT) and not actor.supervises:
            return [(gettext_lazy("登记隐患"), reverse("hazards:report_own"))]
        return []


class ReportOwn(View):
    """Leads to the form for one's own enterprise, or to the page that opens its file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(services.REPORT)
        file = own_file(actor=actor)
        return redirect("registry:own_new") if file is None else redirect("hazards:finding_new", file.pk)


class NewFinding(CreatePage):
    """A danger is reported: photo first, few fields."""

    title = gettext_lazy("登记隐患")
    lead = gettext_lazy("先拍照，再写一句话；等级、责任人和期限由安全管理人员核实时填写。")
    duty = services.REPORT
    form = forms.ReportForm
    button = gettext_lazy("提交")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if self.file.pk != actor.organisation_id and not actor.supervises:
            raise NotPermitted
        self.unit = None
        wanted = known_key(self.request.GET.get("unit") or self.request.POST.get("unit") or "")
        if wanted is not None:
            self.unit = queries.units_of(self.file).filter(pk=wanted).first()

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        source = "daily" if self.file.pk == actor.organisation_id else "regulator"
        if self.request.GET.get("source") in {one.code for one in code_list("source").items}:
            source = self.request.GET["source"]
        return {"source": source, "type": "other", "unit": self.unit}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.ReportForm(*args, file=self.file, unit=self.unit, **kwargs)

    def back_url(self) -> str:
        return reverse("hazards:findings")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        photos = receive_uploads(actor=actor, uploads=given["photos"], now=now)
        known = {name: value for name, value in given.items() if name != "photos"}
        spec = services.FindingSpec(photos=tuple(photos), **known)
        row = services.report_finding(actor=actor, file=self.file, spec=spec, now=now, client_id=client_id)
        return reverse("hazards:finding", args=[row.pk])


class FindingPage(ObjectPage[Finding]):
    """One danger: what it is, its photos before and after, its plan, who owes the next step."""

    template = "hazards/object.html"
    back = (gettext_lazy("隐患台账"), lambda: reverse("hazards:findings"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Finding:
        return queries.get_finding(actor=actor, finding_id=kwargs["pk"])

    def head(self, row: Finding, actor: Actor) -> ObjectHead:
        shown = [_level(row)] if row.is_major else []
        if queries.reopened_as(row):
            shown.append(marks.badge(_("虚假整改"), "active"))
        if row.is_repeat:
            shown.append(marks.badge(_("重复隐患"), "plain"))
        if row.is_stopped:
            shown.append(marks.badge(_("停产中"), "active"))
        return ObjectHead(title=row.name, code=row.code, subtitle=row.place, marks=shown)

    def facts(self, row: Finding, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        shown = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("部位"), value=row.place),
            Fact(label=_("风险分析单元"), value="" if row.unit is None else risk_link("unit", row.unit)),
            Fact(label=_("失效的管控措施"), value="" if row.measure is None else risk_link("measure", row.measure)),
            Fact(label=_("发现"), value=f"{row.finder_name} · {coded('channel', row.channel)}"),
            Fact(label=_("发现时间"), value=row.found_at),
            Fact(label=_("隐患类型"), value=coded("type", row.type)),
            Fact(label=_("等级"), value=_grade(row), filled_by="" if row.status == "DRAFT" else own),
            Fact(label=_("判定标准"), value=criterion_link(row.criterion), wide=True),
            Fact(label=_("监管部门"), value=row.supervisor.label),
            Fact(label=_("整改责任人"), filled_by=own,
                 value=row.rectifier.name if row.rectifier else str(row.plan.get("person") or "")),
            Fact(label=_("整改期限"), value=row.deadline, filled_by=own),
            *loop_facts(row, actor),
            Fact(label=_("隐患描述"), value=row.description, wide=True),
            Fact(label=_("原因分析"), value=row.cause, wide=True),
        ]
        others: tuple[tuple[str, Finding | None], ...] = (
            (_("重复发生，上一次是"), row.repeat_of), (_("重新立案，原隐患是"), row.reopens),
            (_("并入"), row.merged_into),
        )  # fmt: skip
        others += tuple((_("复查不合格，重新立案为"), one) for one in queries.reopened_as(row))
        for label, other in others:
            if other is not None:
                shown.append(Fact(label=label, value=finding_link(other), wide=True))
        if row.outside:
            shown.append(Fact(label=_("来源系统"), value=row.outside, wide=True, help=_(
                "由企业自己的系统报送，双方共同办理：按流程先办者为准，对方之后不合流程的报送会被拒绝。"
            )))  # fmt: skip
        if row.finished_at:
            shown.append(Fact(label=_("整改情况"), value=row.result, wide=True))
        if row.accepted_at:
            who = row.accepted_by.name if row.accepted_by else str(row.plan.get("accepted_by") or "")
            shown.append(Fact(label=_("验收"), value=f"{who} · {row.comment}", wide=True))
        return shown

    def tabs(self, row: Finding, actor: Actor) -> Sequence[Tab]:
        counts = tab_counts(row, actor=actor)
        found = [
            Tab(name="photos", label=_("照片"), count=counts["photos"], template="hazards/_photos.html",
                context=lambda: _photos(row)),
            Tab(name="plan", label=_("治理方案"), template="hazards/_plan.html", context=lambda: {"plan": _plan(row)}),
        ]  # fmt: skip
        if row.is_serious:
            lesson = getattr(row, "learned", None)
            found.append(Tab(
                name="lesson", label=_("举一反三"), template="hazards/_lesson.html",
                context=lambda: {"lesson": lesson, "pushes": learning.pushes_of(row, actor=actor)},
            ))  # fmt: skip
        if not row.is_closed:
            found.append(Tab(name="doubles", label=_("疑似同一隐患"), count=counts["doubles"],
                             template="hazards/_doubles.html",
                             context=lambda: {"doubles": queries.doubles_of(row)}))  # fmt: skip
        if row.is_major:
            found.append(Tab(name="reports", label=_("双报告"), count=counts["reports"],
                             template="hazards/_reports.html",
                             context=lambda: {"reports": queries.reports_of(row)}))  # fmt: skip
            if actor.supervises:
                from quancheng.domains.hazards.views.majors import mechanism

                found.append(Tab(name="mechanism", label=_("五类状态"), template="hazards/_mechanism.html",
                                 context=lambda: mechanism(row, actor)))  # fmt: skip
            found.append(Tab(name="listings", label=_("挂牌督办"), count=counts["listings"],
                             template="hazards/_listings.html",
                             context=lambda: {"listings": listings_of(row, actor=actor)}))  # fmt: skip
        found += loop_tabs(row, actor, counts)
        if actor.has(CONDUCT):
            found.append(Tab(name="lookbacks", label=_("责任倒查"), count=counts["lookbacks"],
                             template="hazards/_lookbacks.html",
                             context=lambda: {"lookbacks": lookbacks_of(row, actor=actor)}))  # fmt: skip
        if row.closed_at:
            found.append(Tab(name="rechecks", label=_("复查"), count=counts["rechecks"],
                             template="hazards/_rechecks.html",
                             context=lambda: {"rechecks": queries.rechecks_of(row, actor=actor)}))  # fmt: skip
        return found

    def actions(self, row: Finding, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if row.is_major and row.status in GRADED_OPEN and actor.has(LIST) and actor.supervises:
            url = reverse("hazards:listing_new", args=[row.pk])
            found.append(Action(name="list", label=_("提议挂牌督办"), url=url))
        found += loop_actions(row, actor)
        own = row.owner_org_id == actor.organisation_id and actor.has(services.CONFIRM)
        if own and row.classification in ("", "act") and row.status != "DRAFT":
            url = reverse("hazards:violation_new", args=[row.pk])
            found.append(Action(name="violation", label=_("登记三违"), url=url))
        if row.is_major and actor.supervises and actor.has(services.SUPERVISE) and row.status != "DRAFT":
            found.append(Action(name="mark", label=_("登记状态项"), url=reverse("hazards:mark_new", args=[row.pk])))
        if actor.has(CONDUCT) and actor.supervises and (row.is_major or row.is_repeat or row.closed_at):
            url = reverse("hazards:lookback_new", args=[row.pk])
            found.append(Action(name="look_back", label=_("启动责任倒查"), url=url))
        if row.is_serious and actor.has(PUSH) and actor.supervises and row.status != "DRAFT":
            url = f"{reverse('hazards:push_new')}?finding={row.pk}"
            found.append(Action(name="push", label=_("推送同类自查"), url=url))
        return found

    def form_for(
        self, action: Any, row: Finding, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        on = Calendar().local_date(row.found_at)
        shared = {"finding": row, "on": on}
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "confirm": lambda: self._grade_form(row, data, by_office=False),
            "order": lambda: self._grade_form(row, data, by_office=True),
            "plan": lambda: forms.PlanForm(data, major=False, initial=_planned(row)),
            "propose": lambda: forms.PlanForm(data, major=True, initial=_planned(row)),
            "finish": lambda: forms.FinishForm(data, files, serious=asks_lesson(row)),
            "fix_now": lambda: forms.FinishForm(data, files, serious=asks_lesson(row)),
            "ask_extension": lambda: forms.ExtensionForm(data),
            "ask_regulator": lambda: forms.ExtensionForm(data),
            "grant": lambda: forms.GrantForm(data),
            "grant_major": lambda: forms.GrantForm(data),
            "merge": lambda: forms.MergeForm(data, doubles=queries.doubles_of(row)),
            "raise": lambda: forms.RaiseForm(data, **shared),
            "accept": lambda: forms.CommentForm(data),
            "pass": lambda: ApplicationForm(data, files, asks_report=_asks_report(row)),
            "cancel": lambda: forms.CommentForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def _grade_form(self, row: Finding, data: Any, *, by_office: bool) -> django_forms.Form:
        grade, like = proposed_grade(row)
        said = _("建议：%(grade)s。") % {"grade": told(grade.word)}
        if like is not None:
            said = _(
                "与%(code)s（%(day)s）同一部位、同一条目，12个月内重复，建议升一级：%(grade)s。由您决定；定低的请写明原因。"
            ) % {
                "code": like.code, "day": Calendar().local_date(like.found_at).isoformat(), "grade": told(grade.word)
            }  # fmt: skip
        initial = {"criterion": row.criterion, "grade": row.grade or (grade if like else ""),
                   "deadline": row.deadline, "item": row.checklist_item}  # fmt: skip
        on = Calendar().local_date(row.found_at)
        return forms.GradeForm(data, finding=row, on=on, by_office=by_office, proposal=(grade, said), initial=initial)

    def perform(
        self, *, actor: Actor, row: Finding, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        reason = given.get("reason", "")
        acts: dict[str, Callable[[], Any]] = {
            "submit": lambda: services.submit_finding(**common),
            "accept": lambda: services.accept_finding(**common, comment=given["comment"]),
            "cancel": lambda: services.cancel_finding(**common, comment=given["comment"]),
            "reject": lambda: services.reject_finding(**common, reason=reason),
            "refuse": lambda: services.reject_finding(**common, reason=reason),
            "rework": lambda: services.reject_finding(**common, reason=reason),
            "plan": lambda: services.plan_finding(**common, plan=given),
            "propose": lambda: services.plan_finding(**common, plan=given),
            "approve": lambda: services.judge_plan(**common, approved=True, reason=""),
            "revise": lambda: services.judge_plan(**common, approved=False, reason=reason),
            "downgrade": lambda: services.regrade_finding(**common, name=name, reason=reason, criterion=""),
            "raise": lambda: services.regrade_finding(**common, name=name, reason=reason, criterion=given["criterion"]),
        }
        if name in ("confirm", "order"):
            who = known_key(given["rectifier"]) if given["rectifier"] else None
            services.grade_finding(
                **common, criterion=given["criterion"], grade=given["grade"], rectifier=who,
                deadline=given["deadline"], cause=given["cause"], measure=given["measure"],
                item=given["item"],
            )  # fmt: skip
        elif name in ("finish", "fix_now"):
            photos = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            lesson = told_in_lines(given) if "whys" in given else None
            services.finish_finding(**common, result=given["result"], lesson=lesson, photos=photos)
        elif name == "pass":
            report = report_spec(actor=actor, given=given, now=now)
            services.accept_finding(**common, comment=given["comment"], report=report)
        elif name in ("ask_extension", "ask_regulator"):
            of_regulator = name == "ask_regulator"
            services.ask_extension(**common, until=given["until"], reason=reason, of_regulator=of_regulator)
        elif name.startswith(("grant", "deny")):
            services.judge_extension(
                **common, granted=name.startswith("grant"), until=given.get("until"), reason=reason
            )  # fmt: skip
        elif name in ("withdraw", "discard", "drop"):
            services.discard_finding(**common, name=name, reason=reason)
        elif name == "merge":
            into = queries.get_finding(actor=actor, finding_id=uuid.UUID(given["into"]))
            services.merge_finding(**common, into=into, reason=reason)
        else:
            acts[name]()


def _photos(row: Finding) -> dict[str, Any]:
    held = list(files_of(row))
    before, after = ([one for one in held if one.role == role] for role in ("before", "after"))
    return {"before": before, "after": after, "doubts": [in_language(one) for one in row.doubts]}


def _asks_report(row: Finding) -> bool:
    """Whether the application must bring a review report along: one is asked for, and none stands that says so."""
    known = standing_report(row) if row.needs_review_report else None
    return row.needs_review_report and (known is None or known.verdict != "removed")


def _planned(row: Finding) -> dict[str, Any]:
    person = row.rectifier.name if row.rectifier else ""
    stop = "" if row.stop == "none" else row.stop
    written = {name: value for name, value in row.plan.items() if value}
    over = row.deadline is not None and row.deadline < Calendar().local_date(timezone.now())
    if over:
        written.pop("due_date", None)
    return {"person": person, "due_date": None if over else row.deadline, "stop": stop, **written}


def _plan(row: Finding) -> list[tuple[str, Any]]:
    """The plan for its template: label and value of what was written."""
    form = forms.PlanForm(major=True)
    shown = []
    for name, asked in form.fields.items():
        value = row.plan.get(name)
        if name == "stop":
            value = "" if row.stop == "none" else coded("stop", row.stop)
        if name == "interim" and value:
            value = [told(levels.INTERIM[code]) for code in value]
        if value not in (None, "", []):
            shown.append((str(asked.label), value))
    return shown
