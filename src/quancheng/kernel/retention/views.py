"""Pages of retention, for the system administrator: what goes when, what went, what is held."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from quancheng.kernel.errors import DomainError
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.retention import jobs, queries, services
from quancheng.kernel.retention.declare import rule_of
from quancheng.kernel.retention.forms import HoldForm, LiftForm

_ACTIONS = {"delete": gettext_lazy("删除"), "anonymise": gettext_lazy("匿名化"), "archive": gettext_lazy("归档后删除")}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every rule with its last round; holds and archives below."""
    actor = actor_of(request)
    rules = [
        {"standing": standing, "kept": kept_in_words(standing.rule.kept), "action": _ACTIONS[standing.rule.action]}
        for standing in queries.list_rules(actor=actor)
    ]
    context = {
        "rules": rules,
        "holds": [(hold, _name(hold.rule)) for hold in queries.list_holds(actor=actor)],
        "archives": [(each, _name(each.rule)) for each in queries.list_archives(actor=actor)],
        "nightly": time(jobs.HOUR, jobs.MINUTE),
    }
    return render(request, "retention/overview.html", context)


@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """Count what a round would do now; change nothing."""
    services.try_out(actor=actor_of(request), now=timezone.now())
    return redirect_to(request, reverse("retention:overview"), toast=_("已试算，没有改动任何记录。"))


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actor.require(services.MANAGE)

    def save(given: dict[str, Any]) -> None:
        services.set_hold(
            actor=actor, rule_code=given["rule"], subject=given["subject"], reason=given["reason"], now=timezone.now()
        )

    form = HoldForm(request.POST or None)
    return _form(request, form, save, title=_("设置保全"), toast=_("已保全，到期也不处理。"))


@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, hold_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    row = queries.get_hold(actor=actor, hold_id=hold_id)

    def save(given: dict[str, Any]) -> None:
        services.lift_hold(actor=actor, hold_id=row.pk, reason=given["reason"], now=timezone.now())

    title = _("解除保全：%(name)s") % {"name": _name(row.rule)}
    return _form(request, LiftForm(request.POST or None), save, title=title, toast=_("保全已解除。"))


def kept_in_words(kept: str) -> str:
    """``"90 days"`` as 90 天."""
    number, unit = kept.split()
    words = _("%(number)s 年") if unit.startswith("year") else _("%(number)s 天")
    return words % {"number": number}


def _name(code: str) -> Any:
    rule = rule_of(code)
    return rule.name if rule else code


def _form(
    request: HttpRequest, form: forms.Form, save: Callable[[dict[str, Any]], None], *, title: str, toast: str
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save(form.cleaned_data)
            except DomainError as refused:
                status = tell(form, refused)
            else:
                return redirect_to(request, reverse("retention:overview"), toast=toast)
    return render(request, "retention/form.html", {"form": form, "title": title}, status=status)
