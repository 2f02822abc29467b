"""Pages of the terms within which dangers are put right (隐患整改期限)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.forms import terms as forms
from quancheng.domains.hazards.models import TERMS
from quancheng.domains.hazards.queries import terms as queries
from quancheng.domains.hazards.services import terms as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.people.actors import actor_of


class Terms(View):
    """The table in force, what will be, and what was set before; enterprises read it as well."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(READ)
        today = Calendar().local_date(timezone.now())
        known, past = queries.terms_on(today), queries.past_terms()
        context = {
            "figures": [(forms.LABELS[name], getattr(known, name)) for name in TERMS],
            "past": [(one, [(forms.LABELS[name], one.figures.get(name)) for name in TERMS]) for one in past],
            "is_ours": any(one.from_date <= today for one in past),
            "may_set": actor.has(services.MANAGE),
        }
        return render(request, "hazards/terms.html", context)


class NewTerms(CreatePage):
    title = gettext_lazy("设置隐患整改期限")
    lead = gettext_lazy("起用日期之后登记的隐患按新的期限；正在整改的隐患不变。")
    duty = services.MANAGE
    form = forms.TermsForm
    back = "hazards:terms"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        known = queries.terms_on(today)
        return {**{name: getattr(known, name) for name in TERMS}, "from_date": today}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        figures = {name: given[name] for name in TERMS}
        services.set_terms(
            actor=actor, figures=figures, reason=given["reason"], from_date=given["from_date"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("hazards:terms")
