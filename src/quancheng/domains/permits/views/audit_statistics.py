"""Statistics of the audit (审计统计): a month by enterprise and rule, and one enterprise with rules and index."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from quancheng.domains.permits.loops.audit import FINDING
from quancheng.domains.permits.models import Severity
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.queries.audit_statistics import (
    Line,
    Statistics,
    judge_enterprise,
    months,
    outside_statistics,
    parts_of,
    statistics,
)
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.audits import severity_mark
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.given import asked_day
from quancheng.kernel.people.actors import actor_of

#: What is counted: all but what the office dropped.
_COUNTED = [code for code in FINDING.codes if code != "DROPPED"]


def _url(name: str, **given: Any) -> str:
    return f"{reverse(name)}?{urlencode({key: value for key, value in given.items() if value}, doseq=True)}"


def _cells(line: Line, days: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """A line with where each of its numbers leads."""
    return {
        "line": line, "audited_url": _url("permits:audits", **days),
        "failing_url": _url("permits:audits", failing="1", **days),
        "findings": [
            (line.findings[code], _url("permits:findings", severity=code, status=_COUNTED, **found))
            for code in Severity.values[:3]
        ],
        "late_url": _url("permits:findings", late="1", **found),
    }  # fmt: skip


def _outside(told: Statistics, days: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """Permits of other systems by enterprise and rule, each number leading to its rows."""
    def cells(line: Line, **more: Any) -> dict[str, Any]:
        return {
            "line": line, "url": _url("permits:outside", audited="1", **days, **more),
            "failing_url": _url("permits:outside", failing="1", audited="1", **days, **more),
            "of_url": reverse("permits:audit_enterprise", args=[line.key]) if line.key else "",
        }  # fmt: skip

    return {
        "rows": [cells(one, **({} if "file" in days else {"file": one.key})) for one in told.enterprises],
        "whole": cells(told.whole),
        "rules": [
            (code, said(named[code].text), severity_mark(named[code].severity), number,
             _url("permits:outside", rule=code, audited="1", **days))
            for code, number in told.rules if code in named
        ],
    }  # fmt: skip


class AuditStatistics(View):
    """One month of what the reader sees."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            if name not in ("day", "town"):
                raise unknown_parameter(name)
        now = timezone.now()
        day = asked_day(request.GET.get("day", ""), "day") or Calendar().local_date(now)
        town, towns = request.GET.get("town", ""), town_choices(actor)
        if town and town not in {path for path, _name in towns}:
            raise unknown_parameter("town")
        first, last = queries.month_of(day)
        told = statistics(actor=actor, first=first, last=last, now=now, town=town)
        days = {"work_from": first, "work_to": last, "town": town}
        found = {"found_from": first, "found_to": last, "town": town}
        named = {one.code: one for one in queries.all_rules(last)}
        context = {
            "whole": _cells(told.whole, days, found), "first": first, "last": last, "day": day,
            "before": first - timedelta(days=1),
            "rows": [
                (_cells(one, {**days, "q": one.name}, {**found, "q": one.name}),
                 reverse("permits:audit_enterprise", args=[one.key]))
                for one in told.enterprises
            ],
            "rules": [
                (named[code], said(named[code].text), severity_mark(named[code].severity), number,
                 _url("permits:audits", rule=code, **days))
                for code, number in told.rules if code in named
            ],
            "months": months(actor=actor, until=last), "severities": Severity.choices[:3],
            "towns": [(path, name, path == town) for path, name in towns],
            "outside": _outside(
                outside_statistics(actor=actor, first=first, last=last, town=town),
                {"window_from": first, "window_to": last, "town": town}, named,
            ),
        }  # fmt: skip
        return render(request, "permits/audit_statistics.html", context)


class EnterpriseAudit(View):
    """One enterprise: its months, its index with every part, the rules over all its permits."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        actor.require(VIEW)
        for name in request.GET:
            if name != "day":
                raise unknown_parameter(name)
        file = get_enterprise(actor=actor, file_id=pk)
        now = timezone.now()
        day = asked_day(request.GET.get("day", ""), "day") or Calendar().local_date(now)
        first, last = queries.month_of(day)
        told = statistics(actor=actor, first=first, last=last, now=now)
        line = next((one for one in told.enterprises if one.key == file.pk), Line(key=file.pk))
        index, parts = parts_of(line)
        verdicts = [
            (one, said(one.text), said(one.value), said(one.limit), severity_mark(one.severity))
            for one in judge_enterprise(file=file, now=now)
        ]  # fmt: skip
        name = file.enterprise.name if file.enterprise else ""
        context = {
            "file": file, "first": first, "last": last, "day": day, "index": index,
            "parts": [(one, said(one.text)) for one in parts], "verdicts": verdicts,
            "months": months(actor=actor, until=last, file_id=file.pk),
            "cells": _cells(line, {"work_from": first, "work_to": last, "q": name},
                            {"found_from": first, "found_to": last, "q": name}),
            "severities": Severity.choices[:3],
            "outside": _outside(
                outside_statistics(actor=actor, first=first, last=last, file_id=file.pk),
                {"window_from": first, "window_to": last, "file": file.pk},
                {one.code: one for one in queries.all_rules(last)},
            ),
        }  # fmt: skip
        return render(request, "permits/audit_enterprise.html", context)
