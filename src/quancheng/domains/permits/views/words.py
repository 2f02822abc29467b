"""Words and marks that several pages of permits share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.audits import newest_audit
from quancheng.domains.permits.queries.filings import filing_of
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.services.checking import said
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.pages import marks
from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.gas import POSITIONS, QUANTITIES
from quancheng.standards.gb30871.gases import gas_named
from quancheng.standards.gb30871.kinds import levels

_ACTIVE = ("WORKING", "SUSPENDED")


def state_mark(row: Permit) -> SafeString:
    tone = "active" if row.status in _ACTIVE else "quiet" if row.is_closed else "plain"
    return marks.badge(row.status_label, tone)


def level_named(row: Permit, code: str) -> str:
    found = levels(row.kind).get(code)
    return said(found.name) if code and found is not None else ""


def level_shown(row: Permit) -> str:
    """The level that counts: after an upgrade, else as entered."""
    name = level_named(row, row.effective or row.level)
    return _("%(level)s（升级）") % {"level": name} if row.is_upgraded and name else name


def enterprise_of(row: Scoped) -> str:
    return row.enterprise.name if row.enterprise else ""


def place_of(row: Permit) -> str:
    where = str(row.facility or row.unit or "")
    return f"{where} {row.place}".strip()


def why_of(row: Permit) -> SafeString | str:
    """By which rules the level was found, one a line."""
    if not row.level_why:
        return ""
    tongue = "en" if (get_language() or "").startswith("en") else "zh"
    return format_html_join(mark_safe("<br>"), "{}（{}）", ((one[tongue], one["clause"]) for one in row.level_why))


def audit_of(row: Permit) -> SafeString | str:
    """The score of the newest audit, leading to it; empty where the permit was never issued. One query."""
    found = newest_audit(row) if row.issued_at else None
    if found is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("permits:audit", args=[found.pk]), found.score)


def filing_shown(row: Permit, actor: Actor) -> SafeString | str:
    """The permit's filing, or where its enterprise files it. One query."""
    found = filing_of(row)
    if found is not None:
        return format_html('<a href="{}">{}</a>', reverse("permits:filing", args=[found.pk]), found.status_label)
    may = actor.has(REQUEST) and actor.organisation_id == row.file_id
    if not may or row.is_closed or row.status == "DRAFT":
        return ""
    return format_html('<a href="{}">{}</a>', reverse("permits:file_permit", args=[row.pk]), _("去报备"))


def tasks_said(kind: str, tasks: Sequence[str]) -> str:
    names: dict[str, str] = {code: said(text) for code, text in tickets.HOT_WORK_METHODS.items()}
    for rule in roles.certificate_rules():
        if rule.kind in (kind, "*"):
            names |= {task: said(rule.text) for task in rule.tasks if task not in names}
    return _("、").join(names.get(one, _("一般作业")) for one in tasks)


def gas_rows(rows: Sequence[Any]) -> list[dict[str, Any]]:
    found = []
    for one in rows:
        named = gas_named(one.gas) if one.gas else None
        found.append({
            "row": one, "quantity": said(QUANTITIES[one.quantity]), "gas": said(named.name) if named else one.gas,
            "position": said(POSITIONS[one.position]), "verdict": verdict_mark(one.verdict),
        })  # fmt: skip
    return found


def verdict_mark(verdict: str) -> SafeString:
    word = {"PASS": _("合格"), "CONDITIONAL": _("有条件"), "FAIL": _("不合格")}[verdict]
    return marks.badge(word, "done" if verdict == "PASS" else "active")


def measure_rows(kind: str, decided: Sequence[Any]) -> list[dict[str, Any]]:
    """The form's measures, each with how it was decided."""
    by_code = {one.code: one for one in decided}
    return [
        {
            "code": row.code, "number": row.number, "text": said(row.text), "decided": by_code.get(row.code),
            "filled": _filled(by_code.get(row.code)),
        }
        for row in tickets.measures(kind)
    ]  # fmt: skip


def _filled(decided: Any) -> str:
    return "" if decided is None else _("；").join(f"{name} {value}" for name, value in decided.filled.items())


def signature_rows(rows: Sequence[Any]) -> list[dict[str, Any]]:
    found = []
    for one in rows:
        step = said(roles.roles()[one.step].name)
        if one.department:
            step = f"{step} · {said(roles.DEPARTMENTS[one.department])}"
        found.append({"row": one, "step": step, "role": said(roles.roles()[one.role].name)})
    return found
