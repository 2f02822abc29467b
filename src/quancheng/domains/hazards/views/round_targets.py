"""Pages of a unit's part of a round: the unit signs, answers item by item; who looks on site says what was seen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.hazards.forms import rounds as forms
from quancheng.domains.hazards.loops.round import ROUND_CHECK, ROUND_TARGET
from quancheng.domains.hazards.models import AgencyRule, ItemResult, RoundAnswer, RoundCheck, RoundTarget, SeenResult
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.sections import of_section
from quancheng.domains.hazards.services import round_answers as services
from quancheng.domains.hazards.services import rounds
from quancheng.domains.hazards.views import round_words as words
from quancheng.domains.hazards.views.words import coded, finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted, StaleState
from quancheng.kernel.files.queries import files_of, files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Control, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundChoice(Choice):
    """One round: the newest are offered, any that the actor sees is taken, since its numbers lead here."""

    def _naming(self, given: QueryDict, actor: Actor) -> Choice:
        offered = queries.round_choices(actor, self._values(given))
        return Choice(name=self.name, label=self.label, choices=offered, field=self.field)

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return self._naming(given, actor).narrow(rows, given, actor) if self._values(given) else rows

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        return self._naming(given, actor).control(given, actor, error)

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return self._naming(given, actor).spoken(given, actor) if self._values(given) else ""


_ROUND = RoundChoice(name="round", label=gettext_lazy("任务"), choices=queries.round_choices, field="round")
#: What became of an answer's danger.
DANGERS = {
    "new": (gettext_lazy("新登记"), Q(finding__isnull=False, is_known=False)),
    "known": (gettext_lazy("关联已有"), Q(is_known=True)),
    "closed": (gettext_lazy("已销号"), Q(finding__status="CLOSED")),
    "seen": (gettext_lazy("核查发现"), Q(seen_finding__isnull=False)),
}


class TargetList(ListPage):
    """Units' parts of rounds (专项检查任务)."""

    code = "hazards.round_targets"
    title = gettext_lazy("专项检查任务")
    columns = (
        Column("title", gettext_lazy("任务名称"), link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("late", gettext_lazy("超期"), render=words.late_mark, card="meta",
               value=lambda row: _("是") if queries.is_late(row, timezone.now()) else ""),
        Column("due_date", gettext_lazy("自查反馈期限"), sort="due_at", card="meta"),
        Column("received_at", gettext_lazy("签收时间"), sort="received_at"),
        Column("answered_at", pgettext_lazy("round", "填报时间"), sort="answered_at"),
        Column("result", gettext_lazy("检查结论"), value=words.result),
        Column("item_count", gettext_lazy("检查项数"), numeric=True, sort="item_count"),
        Column("abnormal_count", gettext_lazy("异常项数"), numeric=True, sort="abnormal_count"),
        Column("owner", gettext_lazy("发布机关"), value=lambda row: row.round.owner_org.label, shown=False),
        Column("agency", gettext_lazy("第三方机构"), shown=False),
        Column("report_number", gettext_lazy("评估报告编号"), shown=False),
        Column("text", gettext_lazy("自查情况"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("任务、企业"), fields=("title", "file__enterprise__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ROUND_TARGET.choices, field="status", multiple=True,
               pinned=True),
        _ROUND,
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="late", label=gettext_lazy("只看超期的"), condition=lambda actor: queries.late_q(timezone.now())),
        Flag(name="received", label=gettext_lazy("只看已签收的"), condition=lambda actor: Q(received_at__isnull=False)),
        Flag(name="abnormal", label=gettext_lazy("只看有异常的"), condition=lambda actor: Q(abnormal_count__gt=0)),
        Flag(name="section", label=gettext_lazy("只看有特殊作业必检部分的"),
             condition=lambda actor: queries.with_section()),
        Dates(name="answered", label=pgettext_lazy("round", "填报时间"), field="answered_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有专项检查任务")

    def queryset(self, actor: Actor) -> QuerySet[RoundTarget]:
        return queries.list_targets(actor=actor)

    def url_of(self, row: RoundTarget) -> str:
        return reverse("hazards:round_target", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("逐项结果"), reverse("hazards:round_answers"))]
        if actor.supervises:
            found.append((gettext_lazy("政府专项检查"), reverse("hazards:rounds")))
        return found


class TargetPage(ObjectPage[RoundTarget]):
    """One unit's part: what it is to check, what it answered, what was seen on site."""

    template = "hazards/object.html"
    back = (gettext_lazy("专项检查任务"), lambda: reverse("hazards:round_targets"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RoundTarget:
        return queries.get_target(actor=actor, target_id=kwargs["pk"])

    def head(self, row: RoundTarget, actor: Actor) -> ObjectHead:
        shown = [mark for mark in (words.late_mark(row),) if mark]
        if row.inspect_result in ("normal", "abnormal"):
            shown.append(marks.badge(words.result(row), "active" if row.abnormal_count else "done"))
        return ObjectHead(title=row.round.title, code=row.round.code, subtitle=queries.name_of(row.file), marks=shown)

    def facts(self, row: RoundTarget, actor: Actor) -> Sequence[Fact]:
        own, asked = _("企业"), row.round
        shown = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("发布机关"), value=asked.owner_org.label),
            Fact(label=_("检查内容和要求"), value=asked.text, wide=True),
            Fact(label=_("政府清单类型"), value=coded("gov_list_type", asked.kind)),
            Fact(label=_("检查方式"), value=coded("item_type", asked.item_type)),
            Fact(label=_("检查项数"), value=row.item_count),
            *(Fact(label=_("必检部分"), value=words.section(one), wide=True) for one in queries.sections_of(row)),
            Fact(label=_("签收时限"), value=row.receive_by),
            Fact(label=_("签收时间"), value=row.received_at),
            Fact(label=_("自查反馈期限"), value=row.due_date),
            Fact(label=pgettext("round", "填报时间"), value=row.answered_at),
            Fact(label=_("填报人"), value=row.answerer_name),
            Fact(label=_("自查情况"), value=row.text, wide=True),
        ]
        if asked.agency != AgencyRule.NONE:
            shown.append(Fact(label=_("第三方机构"), value=row.agency,
                              filled_by=own if asked.agency == AgencyRule.REQUIRED else ""))  # fmt: skip
            shown.append(Fact(label=_("评估报告编号"), value=row.report_number))
        return shown

    def tabs(self, row: RoundTarget, actor: Actor) -> Sequence[Tab]:
        shown = []
        if row.status == "ANSWERED":
            answers = queries.answers_of(row)
            held = files_of_many(RoundAnswer, [one.pk for one in answers])
            shown.append(Tab(
                name="answers", label=_("逐项结果"), count=len(answers), template="hazards/_round_answers.html",
                context=lambda: {"answers": [(one, forms.worded(one.item), held.get(one.pk, [])) for one in answers]},
            ))  # fmt: skip
        else:
            items = queries.items_of(row)
            shown.append(Tab(name="items", label=_("检查条目"), count=len(items), template="hazards/_round_items.html",
                             context=lambda: {"items": forms.headed(items)}))  # fmt: skip
        if row.round.agency != AgencyRule.NONE:
            reports = list(files_of(row, role=services.REPORT))
            shown.append(Tab(name="reports", label=_("评估报告"), count=len(reports),
                             template="hazards/_check_photos.html", context=lambda: {"held": reports}))
        look = queries.check_of(row, actor=actor)
        if look is not None:
            shown.append(Tab(name="look", label=_("现场核查"), template="hazards/_round_look.html",
                             context=lambda: {"look": look, "held": list(files_of(look))}))  # fmt: skip
        return shown

    def actions(self, row: RoundTarget, actor: Actor) -> Sequence[Action]:
        url = reverse("hazards:round_target_answer", args=[row.pk])
        return [
            Action(name=one.name, label=one.label, primary=one.primary, url=url) if one.name == "answer" else one
            for one in super().actions(row, actor)
        ]

    def perform(
        self, *, actor: Actor, row: RoundTarget, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "receive":
            raise NotFound
        services.receive_target(actor=actor, row=row, now=now, client_id=client_id)


class _ByItem(CreatePage):
    """Base of pages on which something is told item by item."""

    subject: RoundTarget

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "target": self.subject, "back_url": self.back_url(), "must": _("必检"),
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        }  # fmt: skip
        return render(request, "hazards/round_by_item.html", context, status=status)


class AnswerTarget(_ByItem):
    """A unit answers every item."""

    title = gettext_lazy("填报专项检查")
    lead = gettext_lazy("逐项选择自查结果；异常的自动登记为隐患，此前已登记的可以关联。提交后不能修改。")
    duty = services.ANSWER
    button = gettext_lazy("提交自查结果")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.subject = queries.get_target(actor=actor, target_id=kwargs["pk"])
        if self.subject.owner_org_id != actor.organisation_id:
            raise NotPermitted
        if self.subject.is_closed and self.request.method != "POST":
            raise StaleState(_("该任务为“%(state)s”，不能再填报。") % {"state": self.subject.status_label})
        self.items = queries.items_of(self.subject)

    def back_url(self) -> str:
        return reverse("hazards:round_target", args=[self.subject.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.AnswerForm(*args, target=self.subject, items=self.items, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        def stored(name: str) -> tuple[uuid.UUID, ...]:
            return tuple(receive_uploads(actor=actor, uploads=given.get(name) or (), now=now))

        answers = []
        for one in self.items:
            number = one.position
            known = given.get(f"known_{number}")
            answers.append(services.ItemAnswer(
                number, int(given[f"item_{number}"]), given[f"note_{number}"], uuid.UUID(known) if known else None,
                given[f"major_{number}"], stored(f"photos_{number}"),
            ))  # fmt: skip
        spec = services.AnswerSpec(
            items=answers, text=given["text"], type=given["type"], agency=given.get("agency", ""),
            report_number=given.get("report_number", ""), reports=stored("reports"),
        )  # fmt: skip
        services.answer_target(actor=actor, row=self.subject, spec=spec, now=now, client_id=client_id)
        return self.back_url()


class AnswerList(ListPage):
    """Answers, item by item (逐项结果)."""

    code = "hazards.round_answers"
    title = gettext_lazy("专项检查逐项结果")
    columns = (
        Column("item", gettext_lazy("检查条目"), value=lambda row: f"{row.item.place} {forms.worded(row.item)}",
               link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.target.file.enterprise.name,
               sort="target__file__enterprise__pinyin", card="meta"),
        Column("round", gettext_lazy("任务"), value=lambda row: str(row.target.round), width="wide"),
        Column("result", gettext_lazy("自查结果"), value=lambda row: row.get_result_display(), sort="result",
               card="meta"),
        Column("note", gettext_lazy("说明"), width="wide"),
        Column("finding", gettext_lazy("隐患"), value=lambda row: str(row.finding or ""),
               render=lambda row: finding_link(row.finding), width="wide"),
        Column("known", gettext_lazy("此前已登记"), value=lambda row: _("是") if row.is_known else "", shown=False),
        Column("seen", gettext_lazy("核查结果"), sort="seen",
               value=lambda row: row.get_seen_display() if row.seen is not None else ""),
        Column("seen_note", gettext_lazy("核查说明"), width="wide", shown=False),
        Column("seen_finding", gettext_lazy("核查发现的隐患"), value=lambda row: str(row.seen_finding or ""),
               render=lambda row: finding_link(row.seen_finding), width="wide", shown=False),
        Column("answered_at", pgettext_lazy("round", "填报时间"), value=lambda row: row.target.answered_at,
               sort="target__answered_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("检查项、企业"), pinned=True,
               fields=("item__text", "note", "target__file__enterprise__name")),
        RoundChoice(name="round", label=gettext_lazy("任务"), choices=queries.round_choices, field="target__round"),
        Choice(name="result", label=gettext_lazy("自查结果"), field="result", multiple=True, pinned=True,
               choices=[(str(code), label) for code, label in ItemResult.choices]),
        Choice(name="seen", label=gettext_lazy("核查结果"), field="seen", multiple=True,
               choices=[(str(code), label) for code, label in SeenResult.choices]),
        Choice(name="danger", label=gettext_lazy("隐患"), narrows=lambda code: DANGERS[code][1],
               choices=[(code, label) for code, (label, _rows) in DANGERS.items()]),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(target__area__path__startswith=path)),
        Flag(name="section", label=gettext_lazy("只看特殊作业必检项"),
             condition=lambda actor: of_section()),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有填报结果")

    def queryset(self, actor: Actor) -> QuerySet[RoundAnswer]:
        return queries.list_answers(actor=actor)

    def url_of(self, row: RoundAnswer) -> str:
        return reverse("hazards:round_target", args=[row.target_id])


class LookList(ListPage):
    """Looks on site at units that were drawn (专项检查现场核查)."""

    code = "hazards.round_checks"
    title = gettext_lazy("专项检查现场核查")
    columns = (
        Column("title", gettext_lazy("核查事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("owner", gettext_lazy("核查单位"), value=lambda row: row.owner_org.label, card="meta"),
        Column("area", gettext_lazy("所在镇街"),
               value=lambda row: row.target.file.area.name if row.target.file.area else ""),
        Column("due_date", gettext_lazy("现场核查期限"), sort="due_date", card="meta"),
        Column("seen_date", gettext_lazy("核查日期"), sort="seen_date"),
        Column("seer_name", gettext_lazy("核查人")),
        Column("text", gettext_lazy("核查情况"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("任务、企业"), fields=("title", "target__file__enterprise__name"),
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ROUND_CHECK.choices, field="status", multiple=True,
               pinned=True),
        _ROUND,
        Flag(name="done", label=gettext_lazy("只看已核查的"),
             condition=lambda actor: Q(status__in=("MATCHED", "DIFFERED"))),
        Flag(name="mine", label=gettext_lazy("只看本单位核查的"),
             condition=lambda actor: Q(owner_org=actor.organisation_id)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有现场核查")

    def queryset(self, actor: Actor) -> QuerySet[RoundCheck]:
        return queries.list_checks(actor=actor)

    def url_of(self, row: RoundCheck) -> str:
        return reverse("hazards:round_check", args=[row.pk])


class LookPage(ObjectPage[RoundCheck]):
    """One look on site."""

    template = "hazards/object.html"
    back = (gettext_lazy("专项检查现场核查"), lambda: reverse("hazards:round_checks"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RoundCheck:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: RoundCheck, actor: Actor) -> ObjectHead:
        return ObjectHead(title=queries.name_of(row.target.file), code=row.round.code, subtitle=row.round.title)

    def facts(self, row: RoundCheck, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.target.file)),
            Fact(label=pgettext("round", "企业填报"), value=words.target_link(row.target)),
            Fact(label=_("核查单位"), value=row.owner_org.label),
            Fact(label=_("核查方式"), value=row.round.get_verify_mode_display()),
            Fact(label=_("现场核查期限"), value=row.due_date),
            Fact(label=_("核查日期"), value=row.seen_date),
            Fact(label=_("核查人"), value=row.seer_name),
            Fact(label=_("核查情况"), value=row.text, wide=True),
            Fact(label=_("核查发现的隐患"), value=finding_link(row.finding), wide=True),
        ]

    def tabs(self, row: RoundCheck, actor: Actor) -> Sequence[Tab]:
        answers = queries.answers_of(row.target)
        held, photos = files_of_many(RoundAnswer, [one.pk for one in answers]), list(files_of(row))
        return [
            Tab(name="answers", label=_("逐项结果"), count=len(answers), template="hazards/_round_answers.html",
                context=lambda: {
                    "answers": [(one, forms.worded(one.item), held.get(one.pk, [])) for one in answers]
                }),
            Tab(name="photos", label=_("现场照片"), count=len(photos), template="hazards/_check_photos.html",
                context=lambda: {"held": photos}),
        ]  # fmt: skip

    def actions(self, row: RoundCheck, actor: Actor) -> Sequence[Action]:
        """One page tells whether it matches: that follows from what was seen. The office that issued may drop it."""
        found = list(super().actions(row, actor))
        url = reverse("hazards:round_look", args=[row.pk])
        look = [Action(name="look", label=_("记录现场核查"), primary=True, url=url)]
        dropping = [one for one in found if one.name == "drop" and row.round.status == "CHECKING"]
        return (look if any(one.name == "match" for one in found) else []) + dropping

    def perform(
        self, *, actor: Actor, row: RoundCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "drop":
            raise NotFound
        rounds.drop_look(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)


class RecordLook(_ByItem):
    """What was seen on site."""

    title = gettext_lazy("记录现场核查")
    lead = gettext_lazy("对照企业填报现场核查；不符的自动登记为监管部门发现的隐患。")
    duty = services.VERIFY
    button = gettext_lazy("提交核查结果")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_check(actor=actor, check_id=kwargs["pk"])
        if self.row.owner_org_id != actor.organisation_id:
            raise NotPermitted
        if self.row.is_closed and self.request.method != "POST":
            raise StaleState(_("该任务为“%(state)s”，不能再填报。") % {"state": self.row.status_label})
        self.subject = self.row.target
        # Where the unit is judged as a whole its mandatory sections are looked at item by item all the same.
        self.answers = services.to_look_at(self.subject)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"seen_date": Calendar().local_date(now)}

    def back_url(self) -> str:
        return reverse("hazards:round_check", args=[self.row.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.LookForm(*args, mode=self.row.round.verify_mode, answers=self.answers, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        items = [
            services.SeenItem(one.item.position, int(given[f"seen_{one.item.position}"]),
                              given[f"seen_note_{one.item.position}"])
            for one in self.answers if f"seen_{one.item.position}" in given
        ]  # fmt: skip
        spec = services.LookSpec(
            text=given["text"], seen_date=given["seen_date"], items=items,
            matches=given["matches"] == "yes" if "matches" in given else None,
            photos=tuple(receive_uploads(actor=actor, uploads=given["photos"], now=now)),
        )  # fmt: skip
        services.record_look(actor=actor, row=self.row, spec=spec, now=now, client_id=client_id)
        return self.back_url()
