"""The list of permits, and one permit: its facts, what blocks it, who is on it, what is prepared and signed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import permits as forms
from quancheng.domains.permits.forms.asking import FOUND, asks_of, facts_told
from quancheng.domains.permits.forms.daily import RevalidateForm
from quancheng.domains.permits.forms.guarding import AcceptForm, told_items
from quancheng.domains.permits.forms.widgets import position_in
from quancheng.domains.permits.loops.permit import BEGUN, PERMIT
from quancheng.domains.permits.models import Kind, Permit, PermitPerson
from quancheng.domains.permits.queries import guarding, orders, simops
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.alarms import alarms_of
from quancheng.domains.permits.queries.approval_risk import is_raising, raised_of, reckon
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.blocks import (
    HEALTH,
    Wanted,
    approval_row,
    blocks_of,
    for_reader,
    is_own,
    level_of_permit,
    next_signature,
    warned_at,
)
from quancheng.domains.permits.queries.facts import user_code
from quancheng.domains.permits.queries.fire_watch import watch_of
from quancheng.domains.permits.queries.guardian_items import every_item, item_changes
from quancheng.domains.permits.queries.history import refusals_of
from quancheng.domains.permits.queries.isolations import plate_of
from quancheng.domains.permits.queries.loading import Loaded, is_seal_whole, load_rows
from quancheng.domains.permits.queries.permits import REQUEST, SIGN, SIGN_UNIT, WORK
from quancheng.domains.permits.queries.rescue import RESCUE_PLAN, rescues_of
from quancheng.domains.permits.queries.sketches import sketch_of
from quancheng.domains.permits.queries.staying import stays_of
from quancheng.domains.permits.services import drafting, preparing, rescue, revalidating, signing, working
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views import advice, daily, isolations, learning, words
from quancheng.domains.permits.views.alarms import alarm_mark, alarm_named
from quancheng.domains.permits.views.pairings import pairing_actions, pairing_rows
from quancheng.domains.permits.views.papers import paper_actions
from quancheng.domains.permits.views.sanctions import ask_action
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import fields, loopview, marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.standards.gb30871 import endings
from quancheng.standards.gb30871.facts import Signature
from quancheng.standards.gb30871.kinds import levels


def _levels() -> list[tuple[str, Any]]:
    """Levels of the kinds that have any, as ``HW:I``."""
    return [
        (f"{kind}:{code}", f"{label} {said(one.name)}")
        for kind, label in Kind.choices for code, one in levels(kind).items() if code
    ]  # fmt: skip


def _of_level(value: str) -> Q:
    kind, _sign, code = value.partition(":")
    return Q(kind=kind) & (Q(effective=code) | Q(effective="", level=code))


class PermitList(ListPage):
    """Permits of special work, each with where it stands."""

    code = "permits.permits"
    title = gettext_lazy("特殊作业票")
    columns = (
        Column("number", gettext_lazy("作业票编号"), value=lambda row: row.number or _("未编号"), link=True,
               sort="number", card="meta"),
        Column("content", gettext_lazy("作业内容"), link=True, card="title", width="wide"),
        Column("kind", gettext_lazy("作业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("level", gettext_lazy("作业级别"), value=words.level_shown, card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, render=words.state_mark,
               sort="status", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("place", gettext_lazy("作业地点和部位"), value=words.place_of, width="wide"),
        Column("window_start", gettext_lazy("作业开始时间"), sort="window_start", card="meta"),
        Column("window_end", gettext_lazy("作业结束时间"), sort="window_end", card="meta"),
        Column("work_unit", gettext_lazy("作业单位"), shown=False),
        Column("issued_at", gettext_lazy("签发时间"), sort="issued_at", shown=False),
        Column("started_at", gettext_lazy("实际开始时间"), sort="started_at", shown=False),
        Column("ended_at", gettext_lazy("办结时间"), sort="ended_at", shown=False),
        Column("booked_at", gettext_lazy("预约时间"), sort="booked_at", shown=False),
        Column("is_emergency", gettext_lazy("紧急预约"), value=lambda row: _("是") if row.is_emergency else "",
               shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("编号、内容、地点、企业"), pinned=True, fields=("words",)),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=PERMIT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="level", label=gettext_lazy("作业级别"), choices=lambda actor: _levels(), narrows=_of_level),
        Flag(name="running", label=gettext_lazy("只看作业中和暂停的"), pinned=True,
             condition=lambda actor: Q(status__in=BEGUN)),
        Flag(name="upgraded", label=gettext_lazy("只看升级管理的"), condition=lambda actor: Q(is_upgraded=True)),
        Flag(name="emergency", label=gettext_lazy("只看紧急预约的"), condition=lambda actor: Q(is_emergency=True)),
        Dates(name="starts", label=gettext_lazy("作业开始时间"), field="window_start", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有特殊作业票")
    empty_hint = gettext_lazy("企业申请动火、受限空间等八类特殊作业，审批后方可作业。")

    def queryset(self, actor: Actor) -> QuerySet[Permit]:
        return queries.list_permits(actor=actor)

    def url_of(self, row: Permit) -> str:
        return reverse("permits:permit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.has(REQUEST):
            found.append((gettext_lazy("申请作业"), reverse("permits:permit_new")))
        if actor.has(RULES):
            found.append((gettext_lazy("预约规则"), reverse("permits:booking_rule")))
        found.append((gettext_lazy("监护人检查清单"), reverse("permits:guardian_items")))
        return found


#: What one may do beside the moves, by state: name, label, duty.
_OWN: dict[str, tuple[tuple[str, Any, str], ...]] = {
    "DRAFT": (("analysis", gettext_lazy("作业危害分析"), WORK), ("plan", gettext_lazy("上传作业方案"), REQUEST),
              ("relate", gettext_lazy("关联作业票"), REQUEST)),
    "REQUESTED": (("analysis", gettext_lazy("作业危害分析"), WORK), ("plan", gettext_lazy("上传作业方案"), REQUEST)),
    "PREPARING": (("analysis", gettext_lazy("作业危害分析"), WORK), ("site", gettext_lazy("现场核查"), WORK),
                  ("gas", gettext_lazy("气体分析"), WORK), ("briefing", gettext_lazy("安全交底"), WORK),
                  ("plan", gettext_lazy("上传作业方案"), REQUEST), ("relate", gettext_lazy("关联作业票"), REQUEST)),
    "APPROVING": (("site", gettext_lazy("现场核查"), WORK), ("gas", gettext_lazy("气体分析"), WORK)),
    "ISSUED": (("site", gettext_lazy("现场核查"), WORK), ("gas", gettext_lazy("气体分析"), WORK)),
    "WORKING": (("site", gettext_lazy("现场核查"), WORK), ("gas", gettext_lazy("气体分析"), WORK)),
    "SUSPENDED": (("site", gettext_lazy("现场核查"), WORK), ("gas", gettext_lazy("气体分析"), WORK)),
}  # fmt: skip
_SIGNS = ("sign", "issue", "verify")
_MOVES: Mapping[str, Any] = {
    "submit": drafting.submit_permit, "take_up": drafting.take_up, "return": drafting.send_back,
    "present": preparing.present_permit, "reject": signing.reject_permit, "start": working.start_work,
    "suspend": working.suspend_work, "resume": working.resume_work, "finish": working.finish_work,
    "close": working.close_permit, "revalidate": revalidating.revalidate, "cancel": working.cancel_permit,
    "void": working.void_permit,
}  # fmt: skip


#: What is told while work runs, on pages of its own: name, label, states, kinds (all where none is named).
_RUNNING_ACTS: tuple[tuple[str, Any, tuple[str, ...], tuple[str, ...]], ...] = (
    ("look", gettext_lazy("监护检查"), ("WORKING",), ()),
    ("fire_watch", gettext_lazy("监火"), ("FINISHED",), ("HW",)),
    ("rescue", gettext_lazy("救援准备"), rescue.OPEN, ("CS",)),
    ("space_enter", gettext_lazy("进入登记"), ("WORKING",), ("CS",)),
    ("hand_over", gettext_lazy("监护交接、人员变更"), ("ISSUED", "SUSPENDED"), ()),
    ("observer_new", gettext_lazy("委派第三方旁站"), ("PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED"), ()),
)
#: Moves of which checks ask, and of what only warns who moves gives a reason.
_PHASES = {"submit": "apply", "present": "sign", "start": "start", "resume": "resume"}


class PermitPage(ObjectPage[Permit]):
    """One permit."""

    template = "permits/object.html"
    back = (gettext_lazy("特殊作业票"), lambda: reverse("permits:permits"))
    forms: ClassVar = {
        "analysis": forms.AnalysisForm, "gas": forms.GasForm, "plan": forms.PlanForm, "return": forms.ReasonForm,
        "reject": forms.ReasonForm, "cancel": forms.ReasonForm, "suspend": forms.SuspendForm, "finish": forms.NoteForm,
        "void": forms.VoidForm, "revalidate": RevalidateForm,
    }  # fmt: skip
    own_acts: ClassVar = {
        **isolations.LABELS, **learning.LABELS, **daily.LABELS,
        **{name: label for acts in _OWN.values() for name, label, _duty in acts},
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> Permit:
        self.rows: Loaded | None = None
        self.people: Sequence[PermitPerson] = ()
        return queries.get_permit(actor=actor, permit_id=kwargs["pk"])

    def loaded(self, row: Permit) -> Loaded:
        """What hangs on the row, read once a request; anew where an act changed where it stands."""
        if self.rows is None or self.rows.permit.status != row.status:
            self.rows = load_rows(row)
        return self.rows

    def head(self, row: Permit, actor: Actor) -> ObjectHead:
        # The page itself shows the state.
        shown = []
        whole = self.rows.is_unaltered if self.rows else is_seal_whole(row, self.people)
        if not whole:
            shown.append(marks.badge(_("内容被改动"), "active"))
        return ObjectHead(title=row.content, code=row.number, subtitle=words.enterprise_of(row), marks=shown)

    def facts(self, row: Permit, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("作业类别"), value=row.get_kind_display()),
            Fact(label=_("申请级别"), value=words.level_named(row, row.level)),
            Fact(label=_("判定级别"), value=words.level_named(row, row.base)),
            Fact(label=_("升级后级别"), value=words.level_named(row, row.effective)),
            Fact(label=_("判定依据"), value=words.why_of(row), wide=True),
            Fact(label=_("作业地点和部位"), value=words.place_of(row)),
            Fact(label=_("作业点"), value=words.point_of(row), filled_by=_("作业申请单位"), wide=bool(row.ties)),
            Fact(label=_("申请单位"), value=row.apply_unit),
            Fact(label=_("作业单位"), value=row.work_unit),
            Fact(label=_("作业开始时间"), value=row.window_start),
            Fact(label=_("作业结束时间"), value=row.window_end),
            *([Fact(label=_("作业时段"), value=words.slots_of(row), wide=True)] if row.slots else []),
            Fact(label=_("预约时间"), value=row.booked_at),
            *words.emergency_of(row),
            *self._risk(row),
            Fact(label=_("签发时间"), value=row.issued_at),
            Fact(label=_("实际开始时间"), value=row.started_at),
            Fact(label=_("完工时间"), value=row.finished_at),
            Fact(label=_("作业报备"), value=words.filing_shown(row, actor)),
            Fact(label=_("审计得分"), value=words.audit_of(row)),
        ]
        if row.stopped_at is not None:
            reason = endings.STOP_REASONS.get(row.stop_reason)
            facts.append(Fact(label=_("暂停时间"), value=row.stopped_at))
            facts.append(Fact(label=_("暂停原因"), value=said(reason) if reason else row.stop_reason))
        if row.supersedes is not None:
            facts.append(Fact(label=_("替代的原作业票"), value=words.link_of(row.supersedes)))
        if row.escalated_at is not None:
            facts.append(Fact(label=_("超时上报负责人时间"), value=row.escalated_at))
        if row.end_event:
            facts.append(Fact(label=_("结束方式"), value=said(endings.endings()[row.end_event].why.text)))
            facts.append(Fact(label=_("撤销、作废原因"), value=row.end_reason))
        return facts

    def _risk(self, row: Permit) -> Sequence[Fact]:
        """Who approves by the risk of the job, and why; nothing where the enterprise did not switch it on."""
        raised, now = raised_of(row), timezone.now()
        if raised is None and row.status == "PREPARING" and is_raising(row, now):
            # What would be asked for if it were presented now.
            rows = self.loaded(row)
            level = level_of_permit(rows, now)
            raised = reckon(rows, level, approval_row(row, level).approver, now)
        return () if raised is None else (Fact(label=_("风险审批"), value=words.raised_said(raised), wide=True),)

    def tabs(self, row: Permit, actor: Actor) -> Sequence[Tab]:
        own = self._is_own(row, actor)
        self.people = self.rows.people if self.rows else queries.people_of(row)
        people = [(one, words.tasks_said(row.kind, one.tasks)) for one in self.people]
        # Only the tab that is looked at is read; to tell what blocks costs most.
        return [
            Tab("people", _("人员"), template="permits/_people.html", count=len(people),
                context=lambda: {"people": people, "sees_health": own,
                                 "keeps": own and row.status == "DRAFT" and actor.has(REQUEST)}),
            Tab("blocks", _("下一步的阻碍"), template="permits/_blocks.html",
                context=lambda: self._blocking(row, actor)),
            Tab("guarding", _("过程监护"), template="permits/_guarding.html",
                context=lambda: self._guarding(row, actor)),
            Tab("simops", _("交叉作业"), template="permits/_simops.html",
                context=lambda: self._other_work(row, actor)),
            Tab("measures", _("安全措施"), template="permits/_measures.html",
                context=lambda: {"measures": words.measure_rows(row.kind, queries.measures_of(row),
                                                                advice.measure_hints(row, actor)),
                                 "keeps": own and row.status == "PREPARING" and actor.has(WORK)}),
            Tab("learning", _("小结和案例"), template="permits/_learning.html",
                context=lambda: learning.shown_on(row, actor)),
            daily.daily_tab(row, actor),
            Tab("alarms", _("作业报警"), template="permits/_alarms.html",
                context=lambda: {"alarms": [(one, alarm_named(one), alarm_mark(one)) for one in alarms_of(row)]}),
            Tab("isolations", _("能量隔离"), template="permits/_isolations.html",
                context=lambda: isolations.link_rows(row)),
            Tab("gas", _("气体分析"), template="permits/_gas.html",
                context=lambda: {"gas": words.gas_rows(queries.gas_of(row))}),
            Tab("detectors", _("便携检测仪"), template="permits/_detectors.html",
                context=lambda: pairing_rows(row, actor)),
            Tab("papers", _("分析、交底和核查"), template="permits/_papers.html",
                context=lambda: self._papers(row, actor) | learning.shown_on(row, actor)),
            Tab("signatures", _("签字"), template="permits/_signatures.html",
                context=lambda: {"signatures": words.signature_rows(
                    queries.signatures_of(row), queries.pictures_of(row)
                )}),
        ]  # fmt: skip

    def _guarding(self, row: Permit, actor: Actor) -> dict[str, Any]:
        looks = guarding.checks_of(row)
        now = timezone.now()
        watch, stays = watch_of(row, now), {one.entry.pk: one for one in stays_of([row], now).get(row.pk, ())}
        # By another list than its own he may have looked who had no signal.
        asked = every_item(row.kind, item_changes()) if any(not one.is_good for one in looks) else ()
        return {
            "due": guarding.next_look(row, looks[0].checked_at if looks else None),
            "checks": [(one, guarding.items_said(asked, one.items, said)) for one in looks],
            "hand_overs": guarding.hand_overs_of(row),
            "entries": [(one, stays.get(one.pk)) for one in guarding.entries_of(row)] if row.kind == "CS" else (),
            "watch": watch, "watch_left": watch.left_min(now) if watch else 0,
            "observers": guarding.observers_of(row), "own_org": actor.organisation_id, "told": words.field_rows(row),
            "keeps": self._is_own(row, actor) and actor.has(WORK),
            "sends": (self._is_own(row, actor) and actor.has(WORK)) or (actor.supervises and actor.has(orders.ORDER)),
        }  # fmt: skip

    def _other_work(self, row: Permit, actor: Actor) -> dict[str, Any]:
        found = simops.still(simops.met_by(row), timezone.now())
        return {
            "met": words.met_rows(found, simops.sides_of(found), row.file_id if self._is_own(row, actor) else None),
            "orders": [one for one in orders.in_force() if orders.is_for(one, row)],
            "coordinates": self._is_own(row, actor) and actor.has(SIGN_UNIT),
        }  # fmt: skip

    def _papers(self, row: Permit, actor: Actor) -> dict[str, Any]:
        analysis = queries.analysis_of(row)
        briefing = queries.briefing_of(row)
        here = queries.attended_in(briefing)
        return {
            "analysis": analysis, "briefing": briefing,
            "drafts": analysis is None and advice.offers(row, actor),
            "attended": [one.person.name for one in self.people if one.pk in here],
            "checks": [(one, words.found_rows(row.kind, one.found)) for one in queries.site_checks_of(row)],
            "sketch": sketch_of(row),
            "rescues": rescues_of(row) if row.kind == "CS" else (),
            "rescue_files": list(files_of(row, role=RESCUE_PLAN)) if row.kind == "CS" else (),
            "plans": list(queries.plans_of(row)), "related": list(row.related.order_by("pk")),
        }  # fmt: skip

    def _blocks(self, row: Permit, actor: Actor) -> Sequence[Any]:
        return for_reader(blocks_of(row, timezone.now(), self.loaded(row)), row, actor)

    def _is_own(self, row: Permit, actor: Actor) -> bool:
        return actor.organisation_id == row.file_id

    def actions(self, row: Permit, actor: Actor) -> Sequence[Action]:
        return [*self._acts(row, actor), *paper_actions(row, actor)]

    def _acts(self, row: Permit, actor: Actor) -> Sequence[Action]:
        if not self._is_own(row, actor):
            stops = actor.supervises and actor.has(orders.ORDER) and row.status in ("ISSUED", "WORKING", "SUSPENDED")
            url = reverse("permits:permit_order", args=[row.pk])
            sent = Action(name="observer", label=_("委派第三方旁站"), url=self._to("observer_new", row))
            return [Action(name="order", label=_("责令停工"), url=url), sent] if stops else []
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
            if one.name not in _SIGNS and one.name != "reject"
        ]
        if row.status in ("APPROVING", "ISSUED") and actor.has(SIGN):
            found = [*self._signing(row, actor), *found]
        for name, label, duty in _OWN.get(row.status, ()):
            if actor.has(duty):
                found.append(Action(name=name, label=label, asks=True))
        if actor.has(WORK):
            acts = [(name, label) for name, label, states, kinds in _RUNNING_ACTS
                    if row.status in states and row.kind in (kinds or (row.kind,))]  # fmt: skip
            found += [Action(name=name, label=label, url=self._to(name, row)) for name, label in acts]
        found += [*isolations.link_actions(row, actor), *learning.acts(row, actor), *ask_action(row, actor)]
        found += pairing_actions(row, actor)
        found += daily.actions_of(row, actor)
        if row.status in preparing.ON_SITE and actor.has(WORK):
            found.append(Action(name="gas_reading", label=_("取仪器读数"), url=self._to("gas_reading", row)))
        if row.status in ("DRAFT", "REQUESTED", "PREPARING") and actor.has(WORK):
            found.append(Action(name="place", label=_("作业位置"), url=reverse("permits:place", args=[row.pk])))
        if row.status in drafting.RENEWED and actor.has(REQUEST):
            found.append(Action(name="renew", label=_("重新办票"), url=reverse("permits:renew", args=[row.pk])))
        if row.status == "DRAFT" and actor.has(REQUEST):
            found.append(Action(name="change", label=_("修改"), url=reverse("permits:change", args=[row.pk])))
            found.append(Action(name="person", label=_("登记人员"), url=reverse("permits:person_new", args=[row.pk])))
        return found

    def _to(self, name: str, row: Permit) -> str:
        return reverse(f"permits:{name}", args=[row.pk])

    def _signing(self, row: Permit, actor: Actor) -> list[Action]:
        rows = self.loaded(row)
        wanted = next_signature(rows, level_of_permit(rows, timezone.now()))
        if wanted is None or not actor.has(signing.duty_of(wanted)):
            return []
        name = "verify" if row.status == "ISSUED" else "sign"
        label = _("签字：%(step)s") % {"step": signing.step_name(wanted)}
        found = [Action(name=name, label=label, asks=True, primary=True)]
        if row.status == "APPROVING":
            found.append(Action(name="reject", label=_("不同意，退回准备"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Permit, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name in _SIGNS:
            rows = self.loaded(row)
            wanted = next_signature(rows, level_of_permit(rows, timezone.now())) if row.status in (
                "APPROVING", "ISSUED") else None  # fmt: skip
            # Who signs on the spot is asked as the page showed it, also where another signature is next by now.
            step = data.get("step", "") if data is not None else wanted.step if wanted else ""
            part = signing.ON_THE_SPOT.get(step)
            shown = {"step": wanted.step, "department": wanted.department, "seal": row.seal} if wanted else {}
            people = [one for one in rows.people if part and one.part == part]
            warned = self._warned_at_signing(rows, wanted, row, actor, data) if data is not None and wanted else ()
            return forms.SignForm(data, people=people, initial=shown, warned=warned)
        if action.name in isolations.LABELS:
            return isolations.link_form(action.name, row, actor, data)
        if action.name in learning.LABELS:
            return learning.form_of(action.name, row, data)
        if action.name == "accept":
            plate = plate_of(row) if row.kind == "BL" and data is None else None
            return AcceptForm(data, kind=row.kind, initial={"plate_no": plate.tag} if plate else {})
        if action.name in _PHASES:
            warned = warned_at(self.loaded(row), _PHASES[action.name], timezone.now()) if data is not None else ()
            return forms.ConfirmForm(data, warned=warned)
        if action.name == "site":
            return forms.FoundForm(data, kind=row.kind)
        if action.name == "briefing":
            form: django_forms.Form = forms.BriefingForm(data)
            offered = [(str(one.pk), f"{one.person.name} {one.get_part_display()}") for one in self.loaded(row).people]
            form.fields["attended"].choices = offered  # type: ignore[attr-defined]
            return form
        if action.name == "relate":
            form = forms.RelateForm(data)
            others = queries.list_permits(actor=actor).filter(file=row.file_id).exclude(pk=row.pk)
            form.fields["other"].queryset = others.exclude(status__in=PERMIT.finals)  # type: ignore[attr-defined]
            return form
        if action.name == "plan":
            return forms.PlanForm(data, files)
        return super().form_for(action, row, actor, data, files)

    def _warned_at_signing(
        self, rows: Loaded, wanted: Wanted, row: Permit, actor: Actor, data: Any
    ) -> Sequence[Any]:
        """What warns about the signature that is about to be given."""
        now = timezone.now()
        signer = next((one.code for one in rows.people if str(one.pk) == data.get("person")), "")
        code = signer or user_code(rows, actor.user_id, actor.name)
        figures = signing.figures_of(signing.where(row, position_in(data)))
        given = Signature(step=wanted.step, role=wanted.role, person=code, signed_at=now, **figures)
        return warned_at(rows, "sign", now, more=(given,), department=wanted.department)

    def perform(
        self, *, actor: Actor, row: Permit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        same: dict[str, Any] = {"actor": actor, "permit": row, "now": now}
        if name == "accept":
            items = told_items(row.kind, given)
            working.accept_work(
                **same, note=given["note"], items=items, plate_no=given.get("plate_no", ""), client_id=client_id
            )
        elif name in _MOVES:
            told = {"confirmed": forms.confirmed_in(given)} if name in _PHASES else given
            _MOVES[name](**same, client_id=client_id, **told)
        elif name in _SIGNS:
            person = given.get("person")
            signer = queries.get_permit_person(permit=row, row_id=uuid.UUID(person)) if person else None
            shown = signing.Shown(given["step"], given["department"], given["seal"])
            signing.sign_permit(**same, opinion=given["opinion"], person=signer, shown=shown, client_id=client_id,
                                confirmed=forms.confirmed_in(given), position=given["position"],
                                image=given["image"])
        elif name == "analysis":
            steps = forms.steps_in(given["steps"])
            preparing.analyse(**same, steps=steps, participants=fields.lines(given["participants"]))
        elif name == "gas":
            preparing.enter_gas(**same, sample=preparing.Sample(**given))
        elif name == "briefing":
            people = [uuid.UUID(one) for one in given["attended"]]
            preparing.brief(**same, **{**given, "attended": people})
        elif name == "site":
            preparing.check_site(**same, found=facts_told(asks_of(FOUND, row.kind), given))
        elif name == "relate":
            drafting.relate(**same, other=given["other"])
        elif name in isolations.LABELS:
            isolations.perform_link(name, actor=actor, row=row, given=given, now=now, client_id=client_id)
        elif name in learning.LABELS:
            learning.perform(name, actor=actor, row=row, given=given, now=now, client_id=client_id)
        elif name == "plan":
            drafting.attach_plan(**same, file_ids=receive_uploads(actor=actor, uploads=given["plan"], now=now))
        else:
            raise NotFound
        self.rows = None

    def _blocking(self, row: Permit, actor: Actor) -> dict[str, Any]:
        """What blocks the next move, what was passed with a reason, and what was refused before."""
        own = is_own(row, actor)
        refused = [
            {
                "at": one.at, "who": one.who or one.system_name,  # type: ignore[attr-defined]
                "what": _("未通过：%(move)s") % {"move": _move_said(one.facts["move"])},
                "note": _("、").join(code for code in one.facts["checks"] if own or code != HEALTH),
            }
            for one in refusals_of(row)
        ]  # fmt: skip
        blocks = [_block(one) for one in self._blocks(row, actor)]
        confirmed = self.rows.warnings if self.rows else queries.warnings_of(row)
        missing = [
            (one, said) for one in (self.rows.crew if self.rows else ())
            if (said := self.rows and self.rows.registered.missing_of(one))
        ]  # fmt: skip
        return {"blocks": blocks, "confirmed": confirmed, "refused": refused, "missing": missing}


def _move_said(name: str) -> Any:
    """What was refused: a move, or a hand-over or revalidation, which are none."""
    step = PERMIT.moves.get(name)
    return step.label if step is not None else daily.LABELS.get(name, _("监护交接、人员变更"))


def _block(one: Any) -> dict[str, Any]:
    """A failing check as the page lists it."""
    return {
        "code": one.code, "is_stop": one.verdict == "BLOCK", "text": said(one.text), "clause": one.clause,
        "value": said(one.value), "limit": said(one.limit), "remedy": said(one.remedy),
    }  # fmt: skip


