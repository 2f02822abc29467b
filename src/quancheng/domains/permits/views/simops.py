"""Pages of other work: operations that were told, how a permit is coordinated with what it meets."""

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

from quancheng.domains.permits.forms import simops as forms
from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.models import OperationNotice
from quancheng.domains.permits.queries import permits, simops
from quancheng.domains.permits.queries.permits import SIGN_UNIT, WORK
from quancheng.domains.permits.services import simops as services
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.services.positions import TIES
from quancheng.domains.permits.views import words
from quancheng.domains.registry.queries.enterprises import list_units, required_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.standards.gb30871.simops import ACTIVITIES


def activity_said(row: OperationNotice) -> str:
    return said(ACTIVITIES[row.activity])


class OperationList(ListPage):
    """Operations beside permits."""

    code = "permits.operations"
    title = gettext_lazy("作业活动通报")
    columns = (
        Column("activity", gettext_lazy("作业活动"), value=activity_said, link=True, card="title"),
        Column("place", gettext_lazy("地点"), width="wide", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, width="wide", card="meta"),
        Column("starts_at", gettext_lazy("开始时间"), sort="starts_at", card="meta"),
        Column("ends_at", gettext_lazy("结束时间"), sort="ends_at", card="meta"),
        Column("contact", gettext_lazy("联系方式"), shown=False),
        Column("told_by", gettext_lazy("通报人"), shown=False),
    )
    filters = (
        Search(name="q", label=gettext_lazy("地点、企业"), fields=("place", "enterprise__name"), pinned=True),
        Choice(name="activity", label=gettext_lazy("作业活动"), field="activity", multiple=True, pinned=True,
               choices=[(code, words_of(text)) for code, text in ACTIVITIES.items()]),
        Flag(name="now", label=gettext_lazy("只看未结束的"), condition=lambda actor: Q(ends_at__gt=timezone.now())),
        Dates(name="starts", label=gettext_lazy("开始时间"), field="starts_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有作业活动通报")
    empty_hint = gettext_lazy("采样、脱水、排放、装卸车等不办作业票的活动在此通报，附近的特殊作业据此受限。")

    def queryset(self, actor: Actor) -> QuerySet[OperationNotice]:
        return simops.list_operations(actor=actor)

    def url_of(self, row: OperationNotice) -> str:
        return reverse("permits:operation", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        own = actor.has(WORK) and not actor.supervises
        return [(gettext_lazy("通报作业活动"), reverse("permits:operation_new"))] if own else []


class NewOperation(CreatePage):
    title = gettext_lazy("通报作业活动")
    lead = gettext_lazy("通报后，附近与其冲突的特殊作业不能签发、开始；正在进行的自动暂停。")
    duty = WORK
    form = forms.OperationForm
    template = "permits/entry.html"
    back = "permits:operations"
    button = gettext_lazy("通报")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.OperationForm(*args, units=list_units(actor=actor).filter(file=self.file), **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        own = ("activity", "place", "unit", "starts_at", "ends_at", "lon", "lat", "radius_m", "contact")
        ties = {name: given[name] for name in TIES if given.get(name)}
        told = services.Operation(**{name: given[name] for name in own}, ties=ties)
        row = services.tell_operation(actor=actor, file=self.file, told=told, now=now, client_id=client_id)
        return reverse("permits:operation", args=[row.pk])


class OperationPage(ObjectPage[OperationNotice]):
    """One operation."""

    back = (gettext_lazy("作业活动通报"), lambda: reverse("permits:operations"))
    own_acts: ClassVar = {"end": gettext_lazy("结束")}

    def get_row(self, actor: Actor, **kwargs: Any) -> OperationNotice:
        return simops.get_operation(actor=actor, operation_id=kwargs["pk"])

    def head(self, row: OperationNotice, actor: Actor) -> ObjectHead:
        over = row.ends_at <= timezone.now()
        mark = marks.badge(_("已结束"), "quiet") if over else marks.badge(_("有效"), "active")
        return ObjectHead(title=activity_said(row), subtitle=words.enterprise_of(row), marks=[mark])

    def facts(self, row: OperationNotice, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("地点"), value=row.place, wide=True), Fact(label=_("所在单元"), value=row.unit),
            Fact(label=_("经纬度"), value=words.point_of(row)), Fact(label=_("开始时间"), value=row.starts_at),
            Fact(label=_("结束时间"), value=row.ends_at), Fact(label=_("联系方式"), value=row.contact),
            Fact(label=_("通报人"), value=row.told_by), Fact(label=_("通报时间"), value=row.told_at),
        ]  # fmt: skip

    def actions(self, row: OperationNotice, actor: Actor) -> Sequence[Action]:
        own = actor.organisation_id == row.file_id and actor.has(WORK)
        return [Action(name="end", label=_("结束"))] if own and row.ends_at > timezone.now() else []

    def perform(
        self, *, actor: Actor, row: OperationNotice, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_operation(actor=actor, operation=row, now=now)

    def form_for(
        self, action: Action, row: OperationNotice, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return django_forms.Form(data)


class Coordinate(CreatePage):
    """How a permit is coordinated with one other work."""

    title = gettext_lazy("协调交叉作业")
    duty = SIGN_UNIT
    form = forms.CoordinateForm
    button = gettext_lazy("确认协调")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = permits.get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, SIGN_UNIT)
        self.other, self.rule = kwargs["other"], kwargs["rule"]
        found = [one for one in simops.met_by(self.permit) if self.other == one.side]
        self.met = next((one for one in found if one.rule == self.rule), None)
        if self.met is None:
            raise NotFound
        self.lead = f"{said(self.met.text)}（{self.met.clause}）"  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk]) + "?tab=simops"

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = self.met.decision if self.met else None
        return {"coordinator": known.coordinator, "measures": known.measures} if known else {}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.coordinate(actor=actor, permit=self.permit, other=self.other, rule=self.rule, now=now, **given)
        return self.back_url()
