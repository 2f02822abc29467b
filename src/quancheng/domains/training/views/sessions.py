"""Pages of training sessions: planned, enrolled, signed in by code or at the desk, closed, looked back at."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import segno
from django import forms as django_forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.training.forms import courses as forms
from quancheng.domains.training.loops.session import SESSION
from quancheng.domains.training.models import TrainingSession
from quancheng.domains.training.queries import courses as queries
from quancheng.domains.training.queries.courses import TEACH
from quancheng.domains.training.queries.education import hours_said, rules
from quancheng.domains.training.queries.persons import KEEP, VIEW
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services import sessions as services
from quancheng.domains.training.views.courses import owner_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, NotFound, NotPermitted
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.open import Unlisted
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.middleware import actor_beyond_steps, origin_of
from quancheng.kernel.throttle import Bound, count_use

#: A class shares one address of a mobile network: so many sign-ins to one session within so long.
_BOUND = Bound(2 * services.MOST_SEATS, timedelta(minutes=10))


def when(row: TrainingSession) -> str:
    first, last = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    return f"{first:%Y-%m-%d %H:%M}–{last:%H:%M}"


class SessionList(ListPage):
    """Training sessions (培训班)."""

    code = "training.sessions"
    title = gettext_lazy("培训班")
    duty = VIEW
    columns = (
        Column("title", gettext_lazy("课程名称"), value=lambda row: row.course.title, link=True, card="title",
               width="wide"),
        Column("code", gettext_lazy("编号"), sort="code", card="meta"),
        Column("starts_at", gettext_lazy("培训时间"), value=when, sort="starts_at", card="meta"),
        Column("owner", gettext_lazy("开课单位"), value=owner_of, sort="owner_org__pinyin", card="meta"),
        Column("place", gettext_lazy("培训地点"), sort="place"),
        Column("hours", gettext_lazy("学时"), numeric=True, value=lambda row: hours_said(row.hours), sort="hours"),
        Column("enrolled", gettext_lazy("报名人数"), numeric=True, sort="enrolled", card="meta"),
        Column("there", gettext_lazy("签到人数"), numeric=True, sort="there", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("课程名称、编号"), pinned=True, fields=("course__title", "code")),
        Choice(name="status", label=gettext_lazy("状态"), choices=SESSION.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="programme", label=gettext_lazy("培训大纲"), field="course__programme__code",
               choices=lambda actor: [(one.code, one.shown) for one in list_programmes()]),
        Dates(name="held", label=gettext_lazy("培训时间"), field="starts_at"),
        Flag(name="own", label=gettext_lazy("只看本单位的"),
             condition=lambda actor: Q(owner_org=actor.organisation_id)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有培训班")
    empty_hint = gettext_lazy("在课程页上安排培训班。")

    def queryset(self, actor: Actor) -> QuerySet[TrainingSession]:
        return queries.list_sessions(actor=actor)

    def url_of(self, row: TrainingSession) -> str:
        return reverse("training:session", args=[row.pk])


class NewSession(CreatePage):
    """A session of one's own course."""

    title = gettext_lazy("安排培训班")
    duty = TEACH
    form = forms.SessionForm
    button = gettext_lazy("安排")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.course = queries.get_course(actor=actor, course_id=kwargs["pk"])
        if actor.organisation_id != self.course.owner_org_id:
            raise NotPermitted
        self.lead = self.course.title  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"teacher": self.course.teacher, "hours": hours_said(self.course.hours), "capacity": 40}

    def back_url(self) -> str:
        return reverse("training:course", args=[self.course.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.plan_session(actor=actor, course=self.course, now=now, client_id=client_id, **given)
        return reverse("training:session", args=[row.pk])


class SessionPage(ObjectPage[TrainingSession]):
    """One session with its seats."""

    duty = VIEW
    back = (gettext_lazy("培训班"), lambda: reverse("training:sessions"))
    forms: ClassVar = {"sign": forms.SignForm, "check": forms.EffectForm}
    own_acts: ClassVar = {
        "enrol": gettext_lazy("报名"), "sign": gettext_lazy("现场登记签到"),
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> TrainingSession:
        return queries.get_session(actor=actor, session_id=kwargs["pk"])

    def head(self, row: TrainingSession, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.course.title, code=row.code, subtitle=owner_of(row))

    def facts(self, row: TrainingSession, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("培训大纲"), value=row.course.programme.shown),
            Fact(label=_("培训时间"), value=when(row)),
            Fact(label=_("培训地点"), value=row.place),
            Fact(label=_("授课人"), value=row.teacher),
            Fact(label=_("学时"), value=hours_said(row.hours)),
            Fact(label=_("名额"), value=row.capacity),
            Fact(label=_("含实操考核"), value=_("是") if row.course.is_practical else _("否")),
        ]
        if row.day_count > 1:
            days = [
                (reverse("training:session", args=[one.pk]), timezone.localtime(one.starts_at).date().isoformat())
                for one in queries.days_of(row)
            ]  # fmt: skip
            facts.append(Fact(label=_("培训日期"), wide=True, value=format_html(
                "{} {}", _("第%(number)s天，共%(count)s天") % {"number": row.day_number, "count": row.day_count},
                format_html_join(" ", '<a href="{}">{}</a>', days),
            )))  # fmt: skip
        if row.effect_date is not None:
            facts += [
                Fact(label=_("检查方式"), value=row.effect_method),
                Fact(label=_("达到要求的比例（%）"), value=row.effect_rate),
                Fact(label=_("检查情况和改进"), value=row.effect_text, wide=True),
                Fact(label=_("检查人"), value=f"{row.effect_by} {row.effect_date}"),
            ]
        return facts

    def tabs(self, row: TrainingSession, actor: Actor) -> Sequence[Tab]:
        seats = queries.seats_of(row, actor=actor)
        assesses = row.takes_practice and self._teaches(row, actor)
        return [
            Tab(name="seats", label=_("报名和签到"), count=len(seats), template="training/_seats.html",
                context=lambda: {"seats": seats, "assesses": assesses}),
        ]  # fmt: skip

    def actions(self, row: TrainingSession, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if row.status != "PLANNED":
            return found
        if timezone.now() < row.ends_at:
            found = [one for one in found if one.name != "close"]
        if self._teaches(row, actor):
            door = reverse("training:door", args=[row.pk])
            found.append(Action(name="door", label=_("显示签到码"), url=door))
            found.append(Action(name="sign", label=_("现场登记签到"), asks=True))
        is_own = actor.has(TEACH) and actor.supervises if row.course.programme.is_for_regulators else (
            actor.has(KEEP) and not actor.supervises
        )  # fmt: skip
        if is_own:
            found.insert(0, Action(name="enrol", label=_("报名"), asks=True,
                                   primary=not any(one.primary for one in found)))  # fmt: skip
        return found

    def form_for(
        self, action: Action, row: TrainingSession, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name != "enrol":
            return super().form_for(action, row, actor, data, files)
        if row.course.programme.is_for_regulators:
            form: django_forms.Form = forms.EnrolColleaguesForm(data)
            rows: Any = queries.may_enrol_colleagues(actor=actor, session=row)
        else:
            form = forms.EnrolForm(data)
            rows = queries.may_enrol(actor=actor, session=row)
        form.fields["people"].queryset = rows  # type: ignore[attr-defined]
        return form

    def perform(
        self, *, actor: Actor, row: TrainingSession, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "enrol":
            people = list(given["people"])
            if row.course.programme.is_for_regulators:
                services.enrol_colleagues(actor=actor, session=row, users=people, now=now)
            else:
                services.enrol(actor=actor, session=row, persons=people, now=now)
            return
        acts: dict[str, Callable[[], Any]] = {
            "sign": lambda: services.sign_at_desk(actor=actor, session=row, now=now, **given),
            "close": lambda: services.close_session(actor=actor, session=row, now=now, client_id=client_id),
            "check": lambda: services.check_effect(actor=actor, session=row, now=now, client_id=client_id, **given),
            "cancel": lambda: services.cancel_session(
                actor=actor, session=row, reason=given["reason"], now=now, client_id=client_id
            ),
        }
        if name in acts:
            acts[name]()
        else:
            super().perform(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)

    def _teaches(self, row: TrainingSession, actor: Actor) -> bool:
        return actor.has(TEACH) and actor.organisation_id == row.owner_org_id


class Practice(CreatePage):
    """What somebody who is there did with his hands."""

    title = gettext_lazy("登记实操成绩")
    duty = TEACH
    form = forms.PracticeForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.session = queries.get_session(actor=actor, session_id=kwargs["pk"])
        seats = queries.seats_of(self.session, actor=actor)
        found = next((one for one in seats if one.pk == kwargs["seat_id"]), None)
        if found is None:
            raise NotFound
        if actor.organisation_id != self.session.owner_org_id:
            raise NotPermitted
        self.seat = found
        who = found.person or found.user
        self.lead = who.name if who else ""  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:session", args=[self.session.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.assess_practice(actor=actor, session=self.session, seat=self.seat, score=given["score"], now=now)
        return self.back_url()


class Door(View):
    """What the teacher's device shows at the door: a code that changes. The page fetches itself anew."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        actor.require(TEACH)
        row = queries.get_session(actor=actor, session_id=kwargs["pk"])
        if actor.organisation_id != row.owner_org_id:
            raise NotPermitted
        path = reverse("training:sign_in", args=[services.door_code(row, now=timezone.now())])
        url = f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
        drawn = segno.make(url, error="m", micro=False).png_data_uri(scale=8, border=4)
        context = {
            "row": row, "when": when(row), "picture": drawn, "url": url, "seconds": rules().code_seconds,
        }  # fmt: skip
        answer = render(request, "training/door.html", context)
        answer.headers["Refresh"] = str(rules().code_seconds)
        add_never_cache_headers(answer)
        return answer


class SignIn(Unlisted):
    """What the code at the door opens on a phone: badge and name, or one's account. Open to everybody who is there."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = services.read_door_code(code, now=self.now)
        return self._show(request, row, forms.SignForm(), services.pass_for(row))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        given = request.POST.get("pass", "")
        row = services.read_pass(given)
        count_use(
            place="training.sign_in", address=origin_of(request).address, about=str(row.pk), bound=_BOUND,
            now=self.now,
        )  # fmt: skip
        user_id = self._user(request)
        form = forms.SignForm(request.POST)
        by_account = request.POST.get("as") == "account" and user_id is not None
        if not by_account and not form.is_valid():
            return self._show(request, row, form, given, status=422)
        if by_account:
            form.is_valid()
            form.errors.clear()
        try:
            told = {"staff_no": "", "name": ""} if by_account else form.cleaned_data
            seat = services.sign_in(
                session=row, now=self.now, user_id=user_id if by_account else None, **told
            )
        except DomainError as refused:
            return self._show(request, row, form, given, status=tell(form, refused))
        return render(request, "training/signed_in.html", {"row": row, "when": when(row), "seat": seat})

    def _user(self, request: HttpRequest) -> uuid.UUID | None:
        actor = actor_beyond_steps(request)
        return actor.user_id if actor is not None else None

    def _show(
        self, request: HttpRequest, row: TrainingSession, form: django_forms.Form, given: str, *, status: int = 200
    ) -> HttpResponse:
        context = {
            "row": row, "when": when(row), "form": form, "pass": given,
            "has_account": self._user(request) is not None and row.course.programme.is_for_regulators,
        }  # fmt: skip
        return render(request, "training/sign_in.html", context, status=status)
