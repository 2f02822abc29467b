"""Pages of the figures by which alarms are answered (报警处置参数)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.forms.alarms import TermsForm
from quancheng.domains.monitoring.queries.alarm_terms import NAMES, Terms, list_terms, terms_on
from quancheng.domains.monitoring.services import alarm_terms as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.people.actors import actor_of

#: Tables shown of what was set before.
MOST_SHOWN = 20


class AlarmTermsPage(View):
    """The table in force, what will be, and what was set before; enterprises read it as well."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        today = Calendar().local_date(timezone.now())
        known, usual = terms_on(today), Terms()
        past = list(list_terms()[:MOST_SHOWN])
        lines = [(one.words, getattr(known, name), getattr(usual, name), one.unit)
                 for name, one in services.FIGURES.items()]  # fmt: skip
        context = {
            "lines": lines, "today": today, "may_set": actor.has(services.MANAGE),
            "past": [(one, _changed(one.figures, usual)) for one in past],
        }  # fmt: skip
        return render(request, "monitoring/alarm_terms.html", context)


def _changed(figures: Mapping[str, int], usual: Terms) -> list[tuple[str, int, Any]]:
    """What of a table is not as shipped."""
    return [
        (one.words, figures[name], one.unit)
        for name, one in services.FIGURES.items()
        if name in figures and figures[name] != getattr(usual, name)
    ]


class NewAlarmTerms(CreatePage):
    title = gettext_lazy("设置报警处置参数")
    lead = gettext_lazy("起用日期之后的报警按新的参数；已发出的报警期限不变。")
    duty = services.MANAGE
    form = TermsForm
    back = "monitoring:alarm_terms"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        usual = Terms()
        return TermsForm(*args, shipped=[(name, getattr(usual, name)) for name in NAMES], **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        known = terms_on(today)
        return {**{name: getattr(known, name) for name in NAMES}, "from_date": today}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        figures = {name: given[name] for name in NAMES}
        services.set_terms(actor=actor, figures=figures, reason=given["reason"], from_date=given["from_date"], now=now)
        return reverse("monitoring:alarm_terms")
