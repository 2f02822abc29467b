"""An event is assessed; the district sets how risks are graded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.risk.forms.assessing import AssessForm, RulesForm
from quancheng.domains.risk.kinds import Method
from quancheng.domains.risk.queries import risks as queries
from quancheng.domains.risk.queries.settings import past_rules, rules_on
from quancheng.domains.risk.services import assessing as services
from quancheng.domains.risk.services.settings import RULES, set_rules
from quancheng.domains.risk.views.keeping import KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.people.actors import actor_of


class Assess(KeeperPage):
    """One assessment by one method: its factors in words; the colour follows."""

    title = gettext_lazy("评估风险")
    lead = gettext_lazy("等级由各项因素推算，不能直接填写；新的评估不会覆盖以前的记录。")
    form = AssessForm
    button = gettext_lazy("保存评估")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.event = queries.get_event(actor=actor, event_id=kwargs["pk"])
        self.allow(actor, self.event.unit.object.file)
        self.method = kwargs["method"].upper()
        if self.method not in Method.values:
            raise Http404

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = AssessForm(*args, method=self.method, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        stage = "residual" if self.event.inherent_level is not None else "inherent"
        return {"stage": stage, "day": Calendar().local_date(now)}

    def back_url(self) -> str:
        return reverse("risk:event", args=[self.event.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.assess(
            actor=actor, event=self.event, stage=given["stage"], method=self.method, values=self.asked.values(),
            facts=self.asked.facts(), assessed_by=given["assessed_by"], day=given["day"], text=given["text"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("risk:event", args=[self.event.pk])


class GradingRules(View):
    """How the district grades risks now, and what it set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(RULES)
        context = {"rules": rules_on(timezone.localdate()), "past": past_rules()}
        return render(request, "risk/rules.html", context)


class NewGradingRule(CreatePage):
    title = gettext_lazy("设置风险分级口径")
    lead = gettext_lazy("自起用日期起的评估按新口径分级，以前的评估不变。")
    duty = RULES
    form = RulesForm
    back = "risk:rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        day = Calendar().local_date(now)
        known = rules_on(day)
        return {"ls_limits": known.ls_limits, "lec_convention": known.lec_convention,
                "raise_per_failure": known.raise_per_failure, "from_date": day}  # fmt: skip

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        set_rules(actor=actor, now=now, **given)
        return reverse("risk:rules")
