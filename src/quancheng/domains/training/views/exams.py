"""Pages on which exams are arranged and run, and what came of them is read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views import View

from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.registry.views.codes import picture
from quancheng.domains.training.forms import exams as forms
from quancheng.domains.training.models import Exam, ExamKind, Person
from quancheng.domains.training.models.exams import ExamQuerySet
from quancheng.domains.training.queries import exams as queries
from quancheng.domains.training.queries.exams import SPOT
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.papers import SET_EXAMS, policy, usable_rules
from quancheng.domains.training.queries.persons import VIEW, list_persons
from quancheng.domains.training.queries.programmes import list_programmes, programme_of
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services import exams as services
from quancheng.domains.training.views import words
from quancheng.domains.training.views.exam_words import state_badge
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


def exam_state(row: Exam, now: datetime) -> tuple[str, str]:
    """Word and tone of where an exam stands."""
    if row.cancelled_at is not None:
        return _("已取消"), "quiet"
    if now < row.opens_at:
        return pgettext("exam", "未开始"), "quiet"
    return (_("进行中"), "active") if now < row.closes_at else (_("已结束"), "done")


class ExamList(ListPage):
    """Exams (考试)."""

    code = "training.exams"
    title = pgettext_lazy("several", "考试")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("考试名称"), link=True, card="title", width="wide", sort="name"),
        Column("kind", gettext_lazy("考试类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("programme", pgettext_lazy("one", "培训大纲"), value=lambda row: row.programme.shown, width="wide"),
        Column("opens_at", pgettext_lazy("exam", "开始时间"), sort="opens_at", card="meta"),
        Column("closes_at", pgettext_lazy("exam", "结束时间"), sort="closes_at"),
        Column("state", gettext_lazy("状态"), value=lambda row: exam_state(row, timezone.now())[0],
               render=lambda row: marks.badge(*exam_state(row, timezone.now())), card="meta"),
        Column("listed", gettext_lazy("考生人数"), numeric=True, sort="listed"),
        Column("came", gettext_lazy("参考人数"), numeric=True, sort="came"),
        Column("passed", gettext_lazy("合格人数"), numeric=True, sort="passed"),
        Column("failed", gettext_lazy("不合格人数"), numeric=True, sort="failed"),
        Column("owner", gettext_lazy("组织单位"), value=lambda row: row.owner_org.name, sort="owner_org__name"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name if row.enterprise else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("考试名称"), pinned=True, fields=("name", "occasion")),
        Choice(name="kind", label=gettext_lazy("考试类别"), choices=ExamKind.choices, field="kind", pinned=True),
        Choice(name="programme", label=pgettext_lazy("one", "培训大纲"), field="programme__code",
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Dates(name="opens", label=pgettext_lazy("exam", "开始时间"), field="opens_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有考试")

    def queryset(self, actor: Actor) -> ExamQuerySet:
        return queries.list_exams(actor=actor)

    def url_of(self, row: Exam) -> str:
        return reverse("training:exam", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.has(SET_EXAMS):
            found.append((gettext_lazy("安排考试"), reverse("training:exam_new")))
        if actor.has(SPOT) and actor.supervises:
            found.append((gettext_lazy("现场抽考"), reverse("training:spot_new")))
        return found


def _persons(actor: Actor) -> Any:
    """Who may be chosen by name."""
    return list_persons(actor=actor).at_work().order_by("enterprise__name", "pinyin", "pk")


class NewExam(CreatePage):
    title = gettext_lazy("安排考试")
    lead = gettext_lazy("安排后打印考生的考试码或二维码；考生没有账号也能在手机或电脑上考试。")
    duty = SET_EXAMS
    form = forms.ExamForm
    back = "training:exams"
    button = gettext_lazy("安排考试")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        today = timezone.localdate()
        chosen: dict[str, Any] = {"programme": list_programmes().on(today), "rule": usable_rules(actor=actor)}
        if actor.supervises:
            chosen |= {"enterprises": list_enterprises(actor=actor), "users": queries.regulators(actor=actor)}
            roles = [(one.code, one.shown) for one in list_roles()]
            form.fields["roles"].choices = roles  # type: ignore[attr-defined]
            del form.fields["persons"]
        else:
            chosen["persons"] = _persons(actor)
            for name in ("enterprises", "roles", "users"):
                del form.fields[name]
        for name, rows in chosen.items():
            form.fields[name].queryset = rows  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        if actor.supervises:
            chosen = queries.persons_at(actor=actor, files=given["enterprises"], roles=given["roles"])
        else:
            chosen = given["persons"]
        persons: list[Person] = list(chosen.select_related("file"))
        row = services.arrange_exam(
            actor=actor, name=given["name"], rule=given["rule"], programme=given["programme"],
            opens_at=given["opens_at"], closes_at=given["closes_at"], persons=persons,
            users=list(given.get("users") or ()), now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("training:exam", args=[row.pk])


class AddCandidates(CreatePage):
    title = gettext_lazy("增加考生")
    duty = SET_EXAMS
    form = forms.PersonsForm
    button = gettext_lazy("增加")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.exam = queries.get_exam(actor=actor, exam_id=kwargs["pk"])
        if not queries.runs(actor, self.exam):
            raise NotPermitted
        self.lead = self.exam.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:exam", args=[self.exam.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        rows = _persons(actor).filter(file__in=queries.enterprises_of(self.exam))
        form.fields["persons"].queryset = rows  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        persons = list(given["persons"].select_related("file"))
        services.add_candidates(actor=actor, exam=self.exam, persons=persons, now=now)
        return self.back_url()


class NewSpot(CreatePage):
    title = gettext_lazy("现场抽考")
    lead = gettext_lazy("从企业在岗人员中随机抽取，被抽中的扫码在手机上答题；不合格的离岗再培训，补考合格后返岗。")
    duty = SPOT
    form = forms.SpotForm
    back = "training:exams"
    button = gettext_lazy("随机抽取并开考")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"count": policy().spot_least, "programme": programme_of("retraining").pk}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        programmes = list_programmes().on(timezone.localdate()).exclude(kind="regulator")
        form.fields["file"].queryset = list_enterprises(actor=actor)  # type: ignore[attr-defined]
        form.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.draw_spot(actor=actor, now=now, client_id=client_id, **given)
        return reverse("training:exam", args=[row.pk])


class ExamPage(ObjectPage[Exam]):
    """One exam with everybody who sits it."""

    template = "training/exam.html"
    back = (pgettext_lazy("several", "考试"), lambda: reverse("training:exams"))
    own_acts: ClassVar = {"cancel": gettext_lazy("取消考试")}
    forms: ClassVar = {"cancel": forms.ReasonForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Exam:
        return queries.get_exam(actor=actor, exam_id=kwargs["pk"])

    def head(self, row: Exam, actor: Actor) -> ObjectHead:
        badge = marks.badge(*exam_state(row, timezone.now()))
        return ObjectHead(title=row.name, subtitle=row.owner_org.name, marks=[badge])

    def facts(self, row: Exam, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("考试类别"), value=row.get_kind_display()),
            Fact(label=pgettext("one", "培训大纲"), value=row.programme.shown),
            Fact(label=_("组卷规则"), value=row.rule.name if row.rule else _("区级抽考规定")),
            Fact(label=pgettext("exam", "开始时间"), value=row.opens_at),
            Fact(label=pgettext("exam", "结束时间"), value=row.closes_at),
            Fact(label=_("考试时间（分钟）"), value=row.minutes),
            Fact(label=_("合格分数"), value=row.pass_mark),
            Fact(label=_("重大事故隐患试题占比（%）"), value=row.paper["major_share"]),
        ]
        if row.is_spot:
            facts += [
                Fact(label=_("检查事由"), value=row.occasion), Fact(label=_("抽取范围人数"), value=row.drawn_from),
                Fact(label=_("抽取种子"), value=row.draw_seed),
                Fact(label=_("检查人员"), value=row.created_by.name if row.created_by else ""),
            ]  # fmt: skip
        if row.cancelled_at is not None:
            facts.append(Fact(label=_("取消原因"), value=row.cancel_reason))
        return facts

    def tabs(self, row: Exam, actor: Actor) -> Sequence[Tab]:
        now = timezone.now()
        sat = queries.sittings_of(row)
        return [
            Tab(name="sittings", label=pgettext("several", "考生"), count=len(sat),
                template="training/_exam_sittings.html",
                context=lambda: {"sittings": [(one, state_badge(one, now)) for one in sat]}),
        ]  # fmt: skip

    def history(self, row: Exam, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: Exam, actor: Actor) -> Sequence[Action]:
        now = timezone.now()
        if not queries.runs(actor, row) or row.cancelled_at is not None or row.closes_at <= now:
            return []
        slips = Action(
            name="slips", label=_("考试码和二维码"), url=reverse("training:exam_slips", args=[row.pk]), primary=True
        )
        cancel = Action(name="cancel", label=_("取消考试"), asks=True)
        if row.is_spot:
            return [slips, cancel]
        add = Action(name="add", label=_("增加考生"), url=reverse("training:exam_add", args=[row.pk]))
        return [slips, add, cancel]

    def perform(
        self, *, actor: Actor, row: Exam, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "cancel":
            raise NotFound
        services.cancel_exam(actor=actor, exam=row, reason=given["reason"], now=now)


class Slips(View):
    """Codes and QR codes of candidates, to be shown or printed by who runs the exam."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            raise unknown_parameter(name)
        exam = queries.get_exam(actor=actor, exam_id=pk)
        if not queries.runs(actor, exam):
            raise NotPermitted
        slips = []
        for one in queries.sittings_of(exam):
            if one.absent_at is None and one.handed_in_at is None and one.person is not None:
                code = services.code_of(one)
                slips.append((one, f"{code[:4]}-{code[4:]}", picture(_address(request, exam, code))))
        door = _address(request, exam, "")
        return render(request, "training/exam_slips.html", {"exam": exam, "slips": slips, "door": door})


def _address(request: HttpRequest, exam: Exam, code: str) -> str:
    path = reverse("exam:slip", args=[exam.door, code]) if code else reverse("exam:door", args=[exam.door])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


