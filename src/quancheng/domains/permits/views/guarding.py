"""Pages of running work, made for a phone: a guardian's look, hand-overs, who is inside, observers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import guarding as forms
from quancheng.domains.permits.models import Part
from quancheng.domains.permits.queries import guarding as queries
from quancheng.domains.permits.queries.guardian_items import items_of
from quancheng.domains.permits.queries.permits import get_permit
from quancheng.domains.permits.services import guarding as services
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.domains.training.queries.persons import list_persons
from quancheng.kernel.access.actor import Actor


class _Running(OfPermit):
    """Something told while work runs."""

    duty = None
    template = "permits/entry.html"

    def back_url(self) -> str:
        return super().back_url() + "?tab=guarding"

    def crew(self, *parts: str) -> Any:
        return queries.crew_of(self.permit, *parts)


class Look(_Running):
    title = gettext_lazy("监护检查")
    form = forms.LookForm
    button = gettext_lazy("提交检查")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = list(self.crew(Part.GUARDIAN)[:2])
        return {"guardian": known[0].pk} if len(known) == 1 else {}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        guardians = self.crew(Part.GUARDIAN)
        items = items_of(self.permit, timezone.now())
        self.bound = forms.LookForm(*args, items=items, guardians=guardians, **kwargs)
        return self.bound

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.look(
            actor=actor, permit=self.permit, guardian=given["guardian"], items=self.bound.told(),
            remark=given["remark"], now=now,
        )  # fmt: skip
        return self.back_url()


class HandOver(_Running):
    title = gettext_lazy("监护交接、人员变更")
    form = forms.HandOverForm
    button = gettext_lazy("确认交接")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        people = list_persons(actor=actor).filter(file=self.file).at_work()
        crew = self.crew(Part.GUARDIAN, Part.WORKER)
        return forms.HandOverForm(*args, kind=self.kind, people=people, crew=crew, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.hand_over(actor=actor, permit=self.permit, now=now, **given)
        return self.back_url()


class EnterSpace(_Running):
    title = gettext_lazy("进入受限空间登记")
    form = forms.EnterForm
    button = gettext_lazy("登记进入")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.EnterForm(*args, crew=self.crew(Part.WORKER, Part.LEADER), **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.enter_space(actor=actor, permit=self.permit, now=now, **given)
        return self.back_url()


class LeaveSpace(_Running):
    title = gettext_lazy("离开受限空间登记")
    form = forms.LeaveForm
    button = gettext_lazy("登记离开")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.entry = queries.get_entry(permit=self.permit, entry_id=kwargs["entry"])
        self.lead = self.entry.person.person.name  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.leave_space(actor=actor, permit=self.permit, entry=self.entry, now=now, **given)
        return self.back_url()


class _OfObserver(_Running):
    """For the enterprise and for offices: the service says who may."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = get_permit(actor=actor, permit_id=kwargs["pk"])
        self.kind, self.file = self.permit.kind, self.permit.file
        self.lead = str(self.permit)  # type: ignore[misc]
        services.require_sends(actor, self.permit)


class NewObserver(_OfObserver):
    title = gettext_lazy("委派第三方旁站")
    form = forms.ObserverForm
    button = gettext_lazy("委派")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.observe(actor=actor, permit=self.permit, now=now, **given)
        return self.back_url()


class Observed(_OfObserver):
    title = gettext_lazy("报告旁站情况")
    form = forms.ObservedForm
    button = gettext_lazy("报告")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.observer = queries.get_observer(permit=self.permit, observer_id=kwargs["observer"])
        self.lead = f"{self.observer.org_name} {self.observer.name}"  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.report_observation(
            actor=actor, permit=self.permit, observer=self.observer, result=given["result"],
            is_good=given["is_good"] == "1", now=now,
        )  # fmt: skip
        return self.back_url()
