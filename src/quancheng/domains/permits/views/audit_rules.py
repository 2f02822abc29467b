"""Rules of the audit (审计规则): the list as it stands, one rule, and setting it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms.audits import PARAMS, RuleForm
from quancheng.domains.permits.models import Kind, Severity
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services import audit_findings as services
from quancheng.domains.permits.views.audits import severity_mark
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.audit.registry import AuditRule


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _shown(rule: AuditRule) -> dict[str, Any]:
    kinds = dict(Kind.choices)
    return {
        "rule": rule, "mark": severity_mark(rule.severity),
        "kinds": [kinds[code] for code in rule.kinds if code in kinds],
        "params": [(PARAMS[name], value) for name, value in rule.params.items() if name in PARAMS],
    }  # fmt: skip


class RuleList(View):
    """All rules as they stand, read by whoever reads permits; who may set them finds the link."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            raise unknown_parameter(name)
        rows = [_shown(one) for one in queries.all_rules(_today())]
        context = {
            "rows": [one for one in rows if one["rule"].code.startswith("A")],
            "enterprise_rows": [one for one in rows if one["rule"].code.startswith("E")],
            "may_set": actor.has(queries.RULES),
        }
        return render(request, "permits/audit_rules.html", context)


class SetRule(CreatePage):
    """One rule, set from a day on."""

    title = gettext_lazy("设置审计规则")
    lead = gettext_lazy("起用日期及以后的作业按新设置判定，以前的作业和已有的审计结果不变。")
    duty = queries.RULES
    form = RuleForm
    template = "permits/audit_rule.html"
    button = gettext_lazy("保存设置")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.rule = queries.get_rule(kwargs["code"], _today())

    @property
    def shown(self) -> dict[str, Any]:
        return _shown(self.rule)

    @property
    def changes(self) -> list[tuple[Any, Any]]:
        return [(one, Severity(one.severity).label) for one in queries.changes_of(self.rule.code)]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return RuleForm(*args, rule=self.rule, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        rule = self.rule
        params = {f"param_{name}": value for name, value in rule.params.items()}
        return {
            "is_on": rule.is_on, "severity": rule.severity, "valid_from": rule.valid_from, "valid_to": rule.valid_to,
            **params,
        }  # fmt: skip

    def back_url(self) -> str:
        return reverse("permits:audit_rules")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        names = ("is_on", "severity", "valid_from", "valid_to", "reason")
        params = {
            name.removeprefix("param_"): f"{value.normalize():f}"
            for name, value in given.items() if name.startswith("param_")
        }  # fmt: skip
        services.set_rule(
            actor=actor, code=self.rule.code, params=params, now=now, client_id=client_id,
            **{name: given[name] for name in names},
        )  # fmt: skip
        return reverse("permits:audit_rule", args=[self.rule.code])

