"""Pages of retraining orders and of hours entered from papers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.training.forms import orders as forms
from quancheng.domains.training.loops.retraining import RETRAINING
from quancheng.domains.training.models import OrderReason, Person, RetrainingOrder, TrainingRecord
from quancheng.domains.training.queries import education, orders
from quancheng.domains.training.queries.courses import list_courses
from quancheng.domains.training.queries.orders import ORDER
from quancheng.domains.training.queries.persons import VIEW, get_person, list_persons
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services import orders as services
from quancheng.domains.training.services import records
from quancheng.domains.training.services.keeping import may_keep
from quancheng.domains.training.views import words
from quancheng.domains.training.views.of_person import OfPerson
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab


class OrderList(ListPage):
    """Retraining orders (再培训令台账)."""

    code = "training.orders"
    title = gettext_lazy("再培训令")
    duty = VIEW
    columns = (
        Column("person", gettext_lazy("姓名"), value=lambda row: row.person.name, link=True, sort="person__pinyin",
               card="title"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("reason", gettext_lazy("再培训原因"), value=lambda row: row.get_reason_display(), sort="reason",
               card="meta"),
        Column("programme", gettext_lazy("培训大纲"), value=lambda row: row.programme.shown, width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("hours", gettext_lazy("要求学时"), numeric=True, sort="hours"),
        Column("hours_done", gettext_lazy("已完成学时"), numeric=True, sort="hours_done", card="meta",
               value=lambda row: education.hours_said(row.hours_done)),
        Column("off_post", gettext_lazy("离岗培训"), sort="off_post",
               value=lambda row: _("是") if row.off_post else _("否")),
        Column("due_date", gettext_lazy("完成期限"), sort="due_date", card="meta"),
        Column("ordered", gettext_lazy("下达单位"), value=lambda row: row.ordered_org.label, shown=False),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、企业、编号"), pinned=True,
               fields=("person__name", "enterprise__name", "code"), pinyin=("person__pinyin", "person__initials")),
        Choice(name="status", label=gettext_lazy("状态"), choices=RETRAINING.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="reason", label=gettext_lazy("再培训原因"), choices=OrderReason.choices, field="reason",
               multiple=True, pinned=True),
        Choice(name="programme", label=gettext_lazy("培训大纲"), field="programme__code",
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Dates(name="due", label=gettext_lazy("完成期限"), field="due_date"),
        Flag(name="late", label=gettext_lazy("只看逾期"),
             condition=lambda actor: Q(status="OPEN", due_date__lt=timezone.localdate())),
        Flag(name="off", label=gettext_lazy("只看离岗培训"), condition=lambda actor: Q(off_post=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有再培训令")
    empty_hint = gettext_lazy("在人员档案上下达；考试不合格、关键岗位变更的由系统下达。")

    def queryset(self, actor: Actor) -> QuerySet[RetrainingOrder]:
        return orders.list_orders(actor=actor)

    def url_of(self, row: RetrainingOrder) -> str:
        return reverse("training:order", args=[row.pk])


def person_link(person: Person, tab: str) -> str:
    return format_html('<a href="{}?tab={}">{}</a>', reverse("training:person", args=[person.pk]), tab, person.name)


class OrderPage(ObjectPage[RetrainingOrder]):
    """One order: what is owed, what is there."""

    back = (gettext_lazy("再培训令"), lambda: reverse("training:orders"))
    forms: ClassVar = {"exam": forms.ExamForm}
    own_acts: ClassVar = {"exam": gettext_lazy("登记考试合格")}

    def get_row(self, actor: Actor, **kwargs: Any) -> RetrainingOrder:
        return orders.get_order(actor=actor, order_id=kwargs["pk"])

    def head(self, row: RetrainingOrder, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.programme.shown, code=row.code, subtitle=words.enterprise_of(row))

    def facts(self, row: RetrainingOrder, actor: Actor) -> Sequence[Fact]:
        exam = _("不需考试")
        if row.exam_passed_at is not None:
            day = timezone.localtime(row.exam_passed_at).date()
            exam = _("%(day)s合格，%(score)s分") % {"day": day, "score": row.exam_score}
        elif row.needs_exam:
            exam = _("尚未合格")
        return [
            Fact(label=_("姓名"), value=person_link(row.person, "education")),
            Fact(label=_("再培训原因"), value=row.get_reason_display()),
            Fact(label=_("说明"), value=row.note),
            Fact(label=_("要求学时"), value=row.hours),
            Fact(label=_("已完成学时"), value=education.hours_said(row.hours_done)),
            Fact(label=_("考试"), value=exam),
            Fact(label=_("离岗培训"), value=_("是，完成前不得任职、作业") if row.off_post else _("否")),
            Fact(label=_("下达单位"), value=row.ordered_org.label),
            Fact(label=_("下达日期"), value=row.ordered_date),
            Fact(label=_("完成期限"), value=row.due_date),
            Fact(label=_("办结时间"), value=row.closed_at),
        ]

    def tabs(self, row: RetrainingOrder, actor: Actor) -> Sequence[Tab]:
        found = orders.records_for(row)
        return [
            Tab(name="records", label=_("学时记录"), count=len(found), template="training/_records.html",
                context=lambda: {"records": found}),
        ]  # fmt: skip

    def actions(self, row: RetrainingOrder, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if row.status != "OPEN":
            return found
        if may_keep(actor, row.person.file):
            url = reverse("training:record_new", args=[row.person_id]) + f"?programme={row.programme_id}"
            found.insert(0, Action(name="record", label=_("登记学时"), url=url, primary=True))
        judges = actor.has(ORDER) and (actor.supervises or actor.organisation_id == row.ordered_org_id)
        if judges and row.needs_exam and row.exam_passed_at is None:
            found.append(Action(name="exam", label=_("登记考试合格"), asks=True))
        return found

    def perform(
        self, *, actor: Actor, row: RetrainingOrder, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        acts: dict[str, Callable[[], None]] = {
            "withdraw": lambda: services.withdraw_order(
                actor=actor, order=row, reason=given["reason"], now=now, client_id=client_id
            ),
            "exam": lambda: services.pass_on_paper(
                actor=actor, order=row, score=given["score"], reason=given["reason"], now=now
            ),
        }
        if name not in acts:
            raise NotFound
        acts[name]()


class NewOrder(CreatePage):
    """An order on one person, by his enterprise or by an office."""

    title = gettext_lazy("下达再培训令")
    duty = ORDER
    form = forms.OrderForm
    button = gettext_lazy("下达")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.person = get_person(actor=actor, person_id=kwargs["pk"])
        self.lead = self.person.name  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"due_date": timezone.localdate() + timedelta(days=14), "needs_exam": True}

    def back_url(self) -> str:
        return reverse("training:person", args=[self.person.pk]) + "?tab=education"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.order_retraining(actor=actor, person=self.person, now=now, client_id=client_id, **given)
        return reverse("training:order", args=[row.pk])


class NewRecord(OfPerson):
    """Hours of one person from a paper that he signed."""

    title = gettext_lazy("登记学时")
    form = forms.RecordForm
    tab = "education"

    def get(self, request: Any, **kwargs: Any) -> Any:
        self.wanted = request.GET.get("programme", "")
        return super().get(request, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"held_date": timezone.localdate(), "programme": self.wanted}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["course"].queryset = list_courses(actor=actor)  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given.pop("evidence"), now=now)  # type: ignore[attr-defined]
        row = records.record_hours(
            actor=actor, person=self.person, learned=records.Learned(**given), evidence=evidence, now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("training:record", args=[row.pk])


class RecordList(ListPage):
    """Hours that people learned (培训记录)."""

    code = "training.records"
    title = gettext_lazy("培训记录")
    duty = VIEW
    imports = ("training.own_hours", "training.office_hours")
    columns = (
        Column("person", gettext_lazy("姓名"), value=lambda row: row.person.name, link=True, sort="person__pinyin",
               card="title"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
               width="wide"),
        Column("programme", gettext_lazy("培训大纲"), value=lambda row: row.programme.shown, card="meta",
               width="wide"),
        Column("level", gettext_lazy("教育级别"), value=lambda row: row.get_level_display()),
        Column("held_date", gettext_lazy("培训日期"), sort="held_date", card="meta"),
        Column("hours", gettext_lazy("学时"), numeric=True, sort="hours", card="meta",
               value=lambda row: education.hours_said(row.hours)),
        Column("teacher", gettext_lazy("授课人"), sort="teacher"),
        Column("place", gettext_lazy("培训地点"), shown=False),
        Column("content", gettext_lazy("培训内容"), width="wide", shown=False),
        Column("score", gettext_lazy("成绩"), numeric=True, sort="score"),
        Column("source", gettext_lazy("记录来源"), value=lambda row: row.get_source_display(), sort="source"),
        Column("struck", gettext_lazy("状态"), value=lambda row: _("已作废") if row.struck_at else _("有效")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、企业名称"), pinned=True,
               fields=("person__name", "enterprise__name"), pinyin=("person__pinyin", "person__initials")),
        Choice(name="programme", label=gettext_lazy("培训大纲"), field="programme__code", pinned=True,
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Dates(name="held", label=gettext_lazy("培训日期"), field="held_date", pinned=True),
        Flag(name="valid", label=gettext_lazy("不看已作废的"), condition=lambda actor: Q(struck_at__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有培训记录")

    def queryset(self, actor: Actor) -> QuerySet[TrainingRecord]:
        return education.list_records(actor=actor)

    def url_of(self, row: TrainingRecord) -> str:
        return reverse("training:record", args=[row.pk])


class RecordPage(ObjectPage[TrainingRecord]):
    """One record of hours."""

    back = (gettext_lazy("培训记录"), lambda: reverse("training:records"))
    forms: ClassVar = {"strike": forms.StrikeForm}
    own_acts: ClassVar = {"strike": gettext_lazy("作废")}

    def get_row(self, actor: Actor, **kwargs: Any) -> TrainingRecord:
        return education.get_record(actor=actor, record_id=kwargs["pk"])

    def head(self, row: TrainingRecord, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.programme.shown, subtitle=words.enterprise_of(row))

    def facts(self, row: TrainingRecord, actor: Actor) -> Sequence[Fact]:
        signed = timezone.localtime(row.signed_at).strftime("%Y-%m-%d %H:%M") if row.signed_at else ""
        facts = [
            Fact(label=_("姓名"), value=person_link(row.person, "education")),
            Fact(label=_("培训日期"), value=row.held_date),
            Fact(label=_("学时"), value=education.hours_said(row.hours)),
            Fact(label=_("教育级别"), value=row.get_level_display()),
            Fact(label=_("授课人"), value=row.teacher),
            Fact(label=_("培训地点"), value=row.place),
            Fact(label=_("培训内容"), value=row.content, wide=True),
            Fact(label=_("成绩"), value=row.score),
            Fact(label=_("签字"), value=f"{row.signature} {signed}".strip()),
            Fact(label=_("记录来源"), value=row.get_source_display()),
            Fact(label=_("来源编号"), value=row.source_number),
        ]
        if row.office is not None:
            facts.append(Fact(label=_("组织培训的部门"), value=row.office.label))
        if row.practice_score is not None:
            told = _("%(score)s分（%(assessor)s，%(day)s）") % {
                "score": row.practice_score, "assessor": row.assessor, "day": row.practice_date
            }  # fmt: skip
            facts.append(Fact(label=_("实操成绩"), value=told))
        elif row.programme.needs_practice:
            facts.append(Fact(label=_("实操成绩"), value=_("待实操考核")))
        if row.course is not None:
            title = row.course.title
            told = _("%(title)s（统一教材）") % {"title": title} if row.is_unified else title
            facts.append(Fact(label=_("所用课程"), value=told))
        if row.order is not None:
            link = format_html('<a href="{}">{}</a>', reverse("training:order", args=[row.order.pk]), row.order.code)
            facts.append(Fact(label=_("再培训令"), value=link))
        if row.struck_at is not None:
            facts.insert(0, Fact(label=_("作废原因"), value=row.struck_reason, wide=True))
        return facts

    def tabs(self, row: TrainingRecord, actor: Actor) -> Sequence[Tab]:
        held = list(files_of(row))
        return [
            Tab(name="files", label=_("签字的培训记录"), count=len(held), template="training/_held.html",
                context=lambda: {"files": held}),
        ]  # fmt: skip

    def actions(self, row: TrainingRecord, actor: Actor) -> Sequence[Action]:
        is_theirs = may_keep(actor, row.person.file)
        is_ours = row.office_id is not None and row.office_id == actor.organisation_id
        if row.struck_at is not None or not (is_theirs or (is_ours and actor.has(education.OFFICE_HOURS))):
            return []
        found = [Action(name="strike", label=_("作废"), asks=True)]
        if is_theirs and row.programme.needs_practice:
            found.insert(0, Action(name="practice", label=_("登记实操考核"), asks=True, primary=not row.is_practised))
        return found

    def form_for(
        self, action: Action, row: TrainingRecord, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name != "practice":
            return super().form_for(action, row, actor, data, files)
        form = forms.PracticeForm(data, initial={"assessed_date": timezone.localdate()})
        here = list_persons(actor=actor).at_work().filter(file=row.person.file_id).exclude(pk=row.person_id)
        form.fields["assessor"].queryset = here  # type: ignore[attr-defined]
        return form

    def perform(
        self, *, actor: Actor, row: TrainingRecord, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "practice":
            records.assess_record(actor=actor, record=row, now=now, **given)
            return
        if name != "strike":
            raise NotFound
        records.strike_record(actor=actor, record=row, reason=given["reason"], now=now)
