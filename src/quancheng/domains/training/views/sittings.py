"""Pages of what came of exams: sittings, papers marked by hand, certificates of passing, one's own exams."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views import View

from quancheng.domains.training.forms import exams as forms
from quancheng.domains.training.models import ExamKind, ExamSitting, SittingState
from quancheng.domains.training.models.exams import SittingQuerySet, state_q
from quancheng.domains.training.queries import exams as queries
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.papers import SET_EXAMS
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services import exam_results, exams, sitting
from quancheng.domains.training.views import words
from quancheng.domains.training.views.exam_words import state_badge
from quancheng.domains.training.views.sitting import COOKIE, keep_key
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotFound, NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.middleware import origin_of


def _state_of(row: ExamSitting) -> str:
    return str(row.state_at(timezone.now()).label)


class SittingList(ListPage):
    """Who sat what and what came of it (考试成绩)."""

    code = "training.sittings"
    title = gettext_lazy("考试成绩")
    duty = VIEW
    columns = (
        Column("who", gettext_lazy("姓名"), value=lambda row: row.who, link=True, card="title",
               sort=("person__pinyin", "user__pinyin")),
        Column("staff_no", gettext_lazy("工号（胸卡号）"), value=lambda row: row.person.staff_no if row.person else ""),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name if row.enterprise else "",
               card="meta", width="wide"),
        Column("exam", gettext_lazy("考试名称"), value=lambda row: row.exam.name, width="wide", card="meta"),
        Column("programme", pgettext_lazy("one", "培训大纲"), value=lambda row: row.exam.programme.shown, shown=False),
        Column("state", gettext_lazy("状态"), value=_state_of, card="meta",
               render=lambda row: state_badge(row, timezone.now())),
        Column("score", gettext_lazy("成绩"), numeric=True, sort="score", card="meta"),
        Column("is_resit", gettext_lazy("补考"), value=lambda row: _("是") if row.is_resit else _("否"), shown=False),
        Column("started_at", gettext_lazy("开考时间"), sort="started_at"),
        Column("handed_in_at", gettext_lazy("交卷时间"), sort="handed_in_at", shown=False),
        Column("left_count", gettext_lazy("切屏次数"), numeric=True, sort="left_count"),
        Column("certificate_no", gettext_lazy("合格证明编号"), sort="certificate_no"),
        Column("not_counted", gettext_lazy("不计入原因"), sort="not_counted", shown=False,
               value=lambda row: row.get_not_counted_display()),
        Column("owner", gettext_lazy("组织单位"), value=lambda row: row.exam.owner_org.name, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、工号、企业、考试名称"), pinned=True,
               fields=("person__name", "user__name", "person__staff_no", "enterprise__name", "exam__name"),
               pinyin=("person__pinyin", "person__initials")),
        Choice(name="state", label=gettext_lazy("状态"), choices=SittingState.choices, pinned=True, multiple=True,
               narrows=lambda code: state_q(code, timezone.now())),
        Choice(name="kind", label=gettext_lazy("考试类别"), choices=ExamKind.choices, field="exam__kind"),
        Choice(name="programme", label=pgettext_lazy("one", "培训大纲"), field="exam__programme__code",
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Search(name="enterprise", label=gettext_lazy("企业名称"), fields=("enterprise__name",)),
        Dates(name="sat", label=gettext_lazy("开考时间"), field="started_at", times=True),
        Flag(name="unmarked", label=gettext_lazy("只看待阅卷"),
             condition=lambda actor: state_q(SittingState.MARKING, timezone.now())),
        Flag(name="left", label=gettext_lazy("只看有切屏的"), condition=lambda actor: Q(left_count__gt=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有考试成绩")

    def queryset(self, actor: Actor) -> SittingQuerySet:
        return queries.list_sittings(actor=actor)

    def url_of(self, row: ExamSitting) -> str:
        return reverse("training:sitting", args=[row.pk])


class SittingPage(ObjectPage[ExamSitting]):
    """One person's exam: result, paper and what was noted while he sat."""

    template = "training/exam.html"
    back = (gettext_lazy("考试成绩"), lambda: reverse("training:sittings"))
    own_acts: ClassVar = {
        "release": gettext_lazy("允许更换设备"), "absent": gettext_lazy("登记不在场"),
        "again": gettext_lazy("安排补考"),
    }  # fmt: skip
    forms: ClassVar = {"release": forms.ReasonForm, "absent": forms.ReasonForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> ExamSitting:
        return queries.get_sitting(actor=actor, sitting_id=kwargs["pk"])

    def head(self, row: ExamSitting, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.who, subtitle=row.exam.name, marks=[state_badge(row, timezone.now())])

    def facts(self, row: ExamSitting, actor: Actor) -> Sequence[Fact]:
        link = format_html('<a href="{}">{}</a>', reverse("training:exam", args=[row.exam_id]), row.exam.name)
        facts = [
            Fact(label=_("考试名称"), value=link if actor.has(VIEW) else row.exam.name),
            Fact(label=_("企业"), value=row.enterprise.name if row.enterprise else "—"),
            Fact(label=pgettext("one", "培训大纲"), value=row.exam.programme.shown),
            Fact(label=_("补考"), value=_("是") if row.is_resit else _("否")),
            Fact(label=_("开考时间"), value=row.started_at),
            Fact(label=_("交卷时间"), value=row.handed_in_at),
            Fact(label=_("交卷方式"), value=row.get_handed_in_by_display()),
            Fact(label=_("成绩"), value=row.score),
            Fact(label=_("合格分数"), value=row.exam.pass_mark),
            Fact(label=_("切屏次数"), value=row.left_count),
            Fact(label=_("合格证明编号"), value=row.certificate_no),
        ]
        if row.not_counted:
            facts.append(Fact(label=_("不计入原因"), value=row.get_not_counted_display()))
        if row.absent_at is not None:
            facts.append(Fact(label=_("不在场原因"), value=row.absent_reason))
        if row.retraining_id is not None and actor.has(VIEW):
            url = reverse("training:order", args=[row.retraining_id])
            facts.append(Fact(label=_("再培训令"), value=format_html('<a href="{}">{}</a>', url, _("查看"))))
        return facts

    def tabs(self, row: ExamSitting, actor: Actor) -> Sequence[Tab]:
        found = []
        if queries.shows_paper(actor, row, timezone.now()):
            items = queries.items_of(row)
            found.append(Tab(name="paper", label=_("答卷"), count=len(items), template="training/_sitting_paper.html",
                             context=lambda: {"items": items}))  # fmt: skip
        if actor.has(VIEW):
            noted = queries.facts_of(row)
            found.append(Tab(name="facts", label=_("过程记录"), count=len(noted),
                             template="training/_sitting_facts.html",
                             context=lambda: {"noted": noted, "photos": queries.photos_of(row)}))  # fmt: skip
        return found

    def history(self, row: ExamSitting, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: ExamSitting, actor: Actor) -> Sequence[Action]:
        now = timezone.now()
        state, found = row.state_at(now), []
        if row.certificate_no:
            url = reverse("training:exam_certificate", args=[row.pk])
            found.append(Action(name="certificate", label=_("合格证明"), url=url, primary=True))
        if not queries.runs(actor, row.exam):
            return found
        if state == SittingState.MARKING and not queries.is_own_paper(actor, row):
            url = reverse("training:sitting_mark", args=[row.pk])
            found.append(Action(name="mark", label=_("阅卷"), url=url, primary=True))
        if state == SittingState.RUNNING and row.device:
            found.append(Action(name="release", label=_("允许更换设备"), asks=True))
        if state == SittingState.WAITING and row.exam.is_spot:
            found.append(Action(name="absent", label=_("登记不在场"), asks=True))
        if state == SittingState.FAILED and row.exam.is_spot:
            found.append(Action(name="again", label=_("安排补考"), confirm=_("离岗再培训学时完成后才能补考，确定吗？")))
        return found

    def perform(
        self, *, actor: Actor, row: ExamSitting, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "release":
            exams.release_device(actor=actor, sitting=row, reason=given["reason"], now=now)
        elif name == "absent":
            exams.mark_absent(actor=actor, sitting=row, reason=given["reason"], now=now)
        elif name == "again":
            exams.sit_again(actor=actor, sitting=row, now=now, client_id=client_id)
        else:
            raise NotFound


class Marking(CreatePage):
    """Marks for what an examiner must see (阅卷)."""

    title = gettext_lazy("阅卷")
    duty = SET_EXAMS
    form = forms.MarkForm
    template = "training/sitting_mark.html"
    button = gettext_lazy("提交评分")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.sitting = queries.get_sitting(actor=actor, sitting_id=kwargs["pk"])
        if not queries.runs(actor, self.sitting.exam) or queries.is_own_paper(actor, self.sitting):
            raise NotPermitted
        self.items = [one for one in queries.items_of(self.sitting) if one.got is None]
        for one in self.items:
            if one.version.kind == "case":
                partial = self.sitting.exam.paper["is_partial"]
                one.closed = exam_results.parts_marks(one, is_partial=partial)  # type: ignore[attr-defined]

    def back_url(self) -> str:
        return reverse("training:sitting", args=[self.sitting.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.MarkForm(*args, items=self.items, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        places = [one.place for one in self.items]
        exam_results.mark_by_hand(
            actor=actor, sitting=self.sitting, given={place: given[f"got{place}"] for place in places},
            remarks={place: given[f"remark{place}"] for place in places}, now=now,
        )  # fmt: skip
        return self.back_url()


class Certificate(View):
    """A certificate of passing, to be printed (合格证明)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        for name in request.GET:
            raise unknown_parameter(name)
        row = queries.get_sitting(actor=actor_of(request), sitting_id=pk)
        if not row.certificate_no:
            raise Conflict(_("考试不合格或尚未阅卷，不能发给合格证明。"))
        return render(request, "training/exam_certificate.html", {"sitting": row, "exam": row.exam})


class OwnExams(View):
    """Exams that who is signed in sits himself (我的考试)."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        for name in request.GET:
            raise unknown_parameter(name)
        now = timezone.now()
        rows = queries.own_sittings(actor=actor_of(request))
        shown = [(one, state_badge(one, now), one.exam.is_open(now) or now < one.exam.opens_at) for one in rows[:50]]
        return render(request, "training/own_exams.html", {"rows": shown})

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        try:
            wanted = uuid.UUID(request.POST.get("sitting", ""))
        except ValueError:
            raise NotFound from None
        row = queries.own_sittings(actor=actor).filter(pk=wanted).first()
        if row is None or row.exam.cancelled_at is not None:
            raise NotFound
        kept = request.get_signed_cookie(COOKIE, default="") or ""
        entry = sitting.let_user_in(
            sitting=row, key=kept.partition(".")[2], device=origin_of(request).device, now=timezone.now()
        )
        return keep_key(redirect("exam:start", door=row.exam.door), request, entry)

