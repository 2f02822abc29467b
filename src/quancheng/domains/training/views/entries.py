"""Pages of people from outside: the register with the four steps, one person's entry, his card, the gate."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import segno
from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View
from django.views.decorators.cache import never_cache

from quancheng.domains.training.forms import entries as forms
from quancheng.domains.training.models import Direction, Employment, EntryStep, GatePass, Person, StepKind
from quancheng.domains.training.queries import entries as queries
from quancheng.domains.training.queries.entries import GATE, KEEP, Entry
from quancheng.domains.training.queries.persons import VIEW, get_person, photo_of
from quancheng.domains.training.services import entries as services
from quancheng.domains.training.services.contractors.blacklist import PROPOSE
from quancheng.domains.training.services.contractors.violations import RECORD
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError, NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import client_id_of, redirect_to
from quancheng.kernel.people.actors import actor_of

_OUTSIDE = [one for one in Employment.choices if one[0] != Employment.OWN]


def today() -> Any:
    return Calendar().local_date(timezone.now())


def _trade(row: Person) -> str:
    site = getattr(row, "site_entry", None)
    return site.trade.shown if site is not None and site.trade is not None else ""


def _area(row: Person) -> str:
    site = getattr(row, "site_entry", None)
    return site.work_area if site is not None else ""


_WHO = (
    Column("name", gettext_lazy("姓名"), link=True, sort="pinyin", card="title"),
    Column("employment", gettext_lazy("用工类型"), value=lambda row: row.get_employment_display(), sort="employment",
           card="meta"),
    Column("employer_name", gettext_lazy("用人单位"), sort="employer_name", card="meta", width="wide"),
    Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta",
           width="wide"),
)  # fmt: skip
_FILTERS = (
    Search(name="q", label=gettext_lazy("姓名、工号、用人单位"), pinned=True,
           fields=("name", "staff_no", "employer_name", "enterprise__name"), pinyin=("pinyin", "initials")),
    Choice(name="employment", label=gettext_lazy("用工类型"), choices=_OUTSIDE, field="employment", multiple=True,
           pinned=True),
)  # fmt: skip


class EntryList(ListPage):
    """People from outside with the four steps (外来人员)."""

    code = "training.entries"
    title = gettext_lazy("外来人员入厂")
    duty = VIEW
    imports = ("training.own_outsiders",)
    columns = (
        *_WHO,
        Column("done_count", gettext_lazy("四个统一已完成"), value=lambda row: f"{row.done_count} / 4",
               sort="done_count", card="meta"),
        Column("trade", gettext_lazy("工种"), value=_trade),
        Column("work_area", gettext_lazy("作业区域"), value=_area, sort="site_entry__work_area"),
        Column("last", gettext_lazy("在厂"), card="meta", sort="last_direction",
               value=lambda row: _("在厂") if row.last_direction == Direction.IN else ""),
    )  # fmt: skip
    filters = (
        *_FILTERS,
        Flag(name="open", label=gettext_lazy("只看四个统一未完成的"), condition=lambda actor: Q(done_count__lt=4)),
        Flag(name="in", label=gettext_lazy("只看在厂的"), condition=lambda actor: Q(last_direction=Direction.IN)),
    )
    empty_title = gettext_lazy("没有外来人员")
    empty_hint = gettext_lazy("外来人员先在从业人员中登记，再办理四个统一。")

    def queryset(self, actor: Actor) -> QuerySet[Person]:
        return queries.list_outsiders(actor=actor)

    def url_of(self, row: Person) -> str:
        return reverse("training:entry", args=[row.pk])


class OnSiteList(ListPage):
    """Who is in now (在厂外来人员)."""

    code = "training.on_site"
    title = gettext_lazy("在厂外来人员")
    duty = VIEW
    columns = (
        *_WHO,
        Column("since", gettext_lazy("进入时间"), sort="since", card="meta"),
        Column("work_area", gettext_lazy("作业区域"), value=_area),
        Column("trade", gettext_lazy("工种"), value=_trade),
    )
    filters = _FILTERS
    empty_title = gettext_lazy("没有外来人员在厂")

    def queryset(self, actor: Actor) -> QuerySet[Person]:
        return queries.list_on_site(actor=actor)

    def url_of(self, row: Person) -> str:
        return reverse("training:person" if row.employment == Employment.OWN else "training:entry", args=[row.pk])


class PassList(ListPage):
    """The gate's records (进出厂记录)."""

    code = "training.gate_passes"
    title = gettext_lazy("进出厂记录")
    duty = VIEW
    columns = (
        Column("person", gettext_lazy("姓名"), value=lambda row: row.person.name, link=True, card="title"),
        Column("direction", gettext_lazy("进出"), value=lambda row: row.get_direction_display(), sort="direction",
               card="meta"),
        Column("is_allowed", gettext_lazy("放行"), sort="is_allowed", card="meta",
               value=lambda row: _("放行") if row.is_allowed else _("拒绝")),
        Column("at", gettext_lazy("时间"), sort="at", card="meta"),
        Column("gate", gettext_lazy("门岗"), sort="gate"),
        Column("employer", gettext_lazy("用人单位"), value=lambda row: row.person.employer_name, width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin"),
        Column("by_name", gettext_lazy("登记人")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、用人单位、企业"), pinned=True,
               fields=("person__name", "person__employer_name", "enterprise__name")),
        Choice(name="direction", label=gettext_lazy("进出"), choices=Direction.choices, field="direction"),
        Dates(name="at", label=gettext_lazy("时间"), field="at", times=True),
        Flag(name="refused", label=gettext_lazy("只看拒绝的"), condition=lambda actor: Q(is_allowed=False)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有进出厂记录")

    def queryset(self, actor: Actor) -> QuerySet[GatePass]:
        return queries.list_passes(actor=actor)

    def url_of(self, row: GatePass) -> str:
        return reverse("training:entry", args=[row.person_id])


def entry_mark(entry: Entry) -> Any:
    return marks.badge(_("可以入厂"), "done") if entry.may_enter else marks.badge(_("不得入厂"), "active")


class EntryPage(ObjectPage[Person]):
    """One person from outside: the four steps, whether he may enter, where he went."""

    back = (gettext_lazy("外来人员入厂"), lambda: reverse("training:entries"))
    duty = VIEW

    def get_row(self, actor: Actor, **kwargs: Any) -> Person:
        row = get_person(actor=actor, person_id=kwargs["pk"])
        if row.employment == Employment.OWN:
            raise NotFound
        self.entry = queries.as_heard(queries.may_enter(row, today()), actor=actor)
        return row

    def head(self, row: Person, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.staff_no, subtitle=row.employer_name, marks=[entry_mark(self.entry)])

    def facts(self, row: Person, actor: Actor) -> Sequence[Fact]:
        site, own = self.entry.site, _("企业")
        return [
            Fact(label=_("企业"), value=words.link_to_file(row)),
            Fact(label=_("用工类型"), value=row.get_employment_display()),
            Fact(label=_("用人单位"), value=f"{row.employer_name} {row.employer_code}".strip()),
            Fact(label=_("作业区域"), value=site.work_area if site else "", filled_by=own),
            Fact(label=_("准入范围"), value=site.zones if site else ""),
            Fact(label=_("工种"), value=site.trade.shown if site and site.trade else ""),
            Fact(label=_("四个统一有效至"), value=self.entry.valid_to),
            Fact(label=_("人员档案"), value=words.person_link(row)),
        ]

    def tabs(self, row: Person, actor: Actor) -> Sequence[Tab]:
        keeps = may_keep(actor, row)
        steps = self.entry.every
        return [
            Tab(name="steps", label=_("四个统一"), count=len(self.entry.steps), template="training/_entry_steps.html",
                context=lambda: {"kinds": self._kinds(), "entry": self.entry, "keeps": keeps}),
            Tab(name="records", label=_("落实记录"), count=len(steps), template="training/_entry_records.html",
                context=lambda: {"steps": _with_files(steps)}),
            Tab(name="passes", label=_("进出厂记录"), template="training/_gate_passes.html",
                context=lambda: {"passes": queries.passes_of(row)}),
        ]  # fmt: skip

    def _kinds(self) -> list[tuple[Any, EntryStep | None]]:
        return [(kind, self.entry.steps.get(kind.value)) for kind in StepKind]

    def actions(self, row: Person, actor: Actor) -> Sequence[Action]:
        beside = []
        for duty, name, label in (
            (RECORD, "violation", _("登记违章")), (PROPOSE, "black_list", _("提出列入黑名单")),
        ):  # fmt: skip
            if actor.has(duty):
                beside.append(Action(name=name, label=label, url=reverse(f"training:entry_{name}", args=[row.pk])))
        if not may_keep(actor, row):
            return beside
        found = [Action(name="register", label=_("入厂登记"), url=reverse("training:entry_register", args=[row.pk]))]
        following = next((one for one in StepKind.values if one not in self.entry.steps), "")
        for kind in StepKind:
            url = reverse("training:entry_step", args=[row.pk, kind.value])
            found.append(Action(name=kind.value, label=kind.label, url=url, primary=kind.value == following))
        if self.entry.site is not None:
            found.append(Action(name="card", label=_("入厂证"), url=reverse("training:entry_card", args=[row.pk])))
        return [*found, *beside]


def _with_files(steps: Sequence[EntryStep]) -> list[tuple[EntryStep, list[Any]]]:
    held = files_of_many(EntryStep, [one.pk for one in steps])
    return [(one, held.get(one.pk, [])) for one in steps]


def may_keep(actor: Actor, row: Person) -> bool:
    return actor.has(KEEP) and actor.organisation_id == row.file_id and row.left_date is None


class OfOutsider(CreatePage):
    """Something entered about a person from outside, by the enterprise."""

    duty = KEEP
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.person = get_person(actor=actor, person_id=kwargs["pk"])
        if not may_keep(actor, self.person):
            raise NotPermitted
        self.lead = self.person.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:entry", args=[self.person.pk])


class RegisterEntry(OfOutsider):
    title = gettext_lazy("入厂登记")
    form = forms.EntryForm

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        site = queries.may_enter(self.person, today()).site
        return {"work_area": site.work_area, "zones": site.zones, "trade": site.trade_id} if site else {}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.register_entry(actor=actor, person=self.person, now=now, **given)
        return self.back_url()


class RecordStep(OfOutsider):
    """One of the four steps; the address names which."""

    title = gettext_lazy("四个统一")
    form = forms.TrainingForm

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.kind = kwargs["kind"]
        if self.kind not in StepKind.values:
            raise NotFound
        super().open(actor, **kwargs)
        self.title = StepKind(self.kind).label  # type: ignore[misc]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.FORMS[self.kind](*args, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        site = queries.may_enter(self.person, today()).site
        return {"done_date": today(), "is_passed": True, "work_area": site.work_area if site else ""}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        services.record_step(
            actor=actor, person=self.person, kind=self.kind, known=given, files=files, now=now, client_id=client_id
        )
        return self.back_url()


@method_decorator(never_cache, name="dispatch")
class CardPage(View):
    """The card to print (入厂证): photo, trade, certificates, where, until when, and a code for the gate."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        person = get_person(actor=actor, person_id=pk)
        if not may_keep(actor, person):
            raise NotPermitted
        entry = queries.may_enter(person, today())
        if entry.site is None:
            raise NotFound
        url = request.build_absolute_uri(f"{reverse('training:gate')}?card={entry.site.card}")
        context = {
            "person": person, "entry": entry, "photo": photo_of(person), "mark": entry_mark(entry),
            "certificates": words.valid_certificates(person, today()),
            "picture": segno.make(url, error="q", micro=False).png_data_uri(scale=4, border=2),
        }  # fmt: skip
        return render(request, "training/entry_card.html", context)


@method_decorator(never_cache, name="dispatch")
class GatePage(View):
    """Somebody at the gate: his card or badge is read, the answer stands with every reason, and he goes in or out."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = self._actor(request)
        for name in request.GET:
            if name not in ("card", "gate"):
                raise unknown_parameter(name)
        card = request.GET.get("card", "").strip()
        context: dict[str, Any] = {"card": card, "gate": request.GET.get("gate", "").strip()[:60]}
        if not card:
            return render(request, "training/gate.html", context)
        try:
            person = queries.person_of_card(actor=actor, text=card)
        except NotFound as refused:
            return render(request, "training/gate.html", {**context, "error": refused.message}, status=404)
        entry = queries.may_enter(person, today())
        context |= {"person": person, "entry": entry, "mark": entry_mark(entry), "photo": photo_of(person),
                    "passes": queries.passes_of(person, most=5), "client_id": str(uuid.uuid4())}  # fmt: skip
        return render(request, "training/gate.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = self._actor(request)
        card = request.POST.get("card", "").strip()
        gate = request.POST.get("gate", "").strip()[:60]
        try:
            person = queries.person_of_card(actor=actor, text=card)
            made = services.pass_gate(
                actor=actor, person=person, direction=request.POST.get("direction", ""), gate=gate,
                now=timezone.now(), client_id=client_id_of(request),
            )  # fmt: skip
        except DomainError as refused:
            context: dict[str, Any] = {"card": card, "gate": gate, "error": refused.message}
            return render(request, "training/gate.html", context, status=refused.status)
        if not made.is_allowed:
            entry = queries.may_enter(person, today())
            context = {"card": card, "gate": gate, "person": person, "entry": entry, "mark": entry_mark(entry),
                       "photo": photo_of(person), "passes": queries.passes_of(person, most=5),
                       "client_id": str(uuid.uuid4()), "error": _("已拒绝入厂，本次已记录。")}  # fmt: skip
            return render(request, "training/gate.html", context, status=409)
        said = pgettext("gate", "已登记进入") if made.direction == Direction.IN else pgettext("gate", "已登记离开")
        again = f"{reverse('training:gate')}?{urlencode({'gate': gate})}"
        return redirect_to(request, again, toast=f"{person.name} {said}")

    def _actor(self, request: HttpRequest) -> Actor:
        actor = actor_of(request)
        actor.require(GATE)
        return actor


