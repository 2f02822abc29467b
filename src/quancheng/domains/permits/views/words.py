"""Words and marks that several pages of permits share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quancheng.domains.permits.forms.asking import FOUND, asks_of
from quancheng.domains.permits.forms.permits import typed_slots
from quancheng.domains.permits.loops.filing import FILING
from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import FieldRecord, Permit
from quancheng.domains.permits.queries.advice import MeasureHint, hint_said
from quancheng.domains.permits.queries.approval_risk import Raised
from quancheng.domains.permits.queries.field import field_records_of
from quancheng.domains.permits.queries.filings import may_file
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.services.field import REASONS
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import Fact
from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.gas import POSITIONS, QUANTITIES
from quancheng.standards.gb30871.gases import gas_named
from quancheng.standards.gb30871.kinds import levels
from quancheng.standards.gb30871.parameters import bounds
from quancheng.standards.gb30871.simops import ACTIVITIES


def state_mark(row: Permit) -> SafeString:
    tone = "active" if row.status in BEGUN else "quiet" if row.is_closed else "plain"
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


def audit_of(row: Any) -> SafeString | str:
    """The score of the newest audit of a permit that ``get_permit`` gave, leading to it; empty where it was never
    issued."""
    if row.audit_told is None or not row.issued_at:
        return ""
    return format_html(
        '<a href="{}">{}</a>', reverse("permits:audit", args=[row.audit_told["pk"]]), row.audit_told["score"]
    )


def filing_shown(row: Any, actor: Actor) -> SafeString | str:
    """The filing of a permit that ``get_permit`` gave, or where its enterprise files it."""
    if row.filing_told is not None:
        state = FILING.states[row.filing_told["status"]].label
        return format_html('<a href="{}">{}</a>', reverse("permits:filing", args=[row.filing_told["pk"]]), state)
    may = actor.has(REQUEST) and actor.organisation_id == row.file_id
    if not may or not may_file(row):
        return ""
    return format_html('<a href="{}">{}</a>', reverse("permits:file_permit", args=[row.pk]), _("去报备"))


def emergency_of(row: Permit) -> Sequence[Fact]:
    """What is told of an emergency booking; nothing of any other."""
    if not row.is_emergency:
        return ()
    told = _("%(who)s，%(when)s") % {
        "who": row.emergency_by, "when": f"{timezone.localtime(row.emergency_at):%Y-%m-%d %H:%M}"
    }  # fmt: skip
    return (
        Fact(label=_("紧急预约"), value=told), Fact(label=_("紧急预约原因"), value=row.emergency_reason, wide=True),
    )  # fmt: skip


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


def measure_rows(
    kind: str, decided: Sequence[Any], hints: Mapping[str, MeasureHint]
) -> list[dict[str, Any]]:  # fmt: skip
    """The form's measures, each with how it was decided, and what is hinted of one that is not in place."""
    by_code = {one.code: one for one in decided}
    in_place = {one.code for one in decided if one.applies}
    return [
        {
            "code": row.code, "number": row.number, "text": said(row.text), "decided": by_code.get(row.code),
            "filled": _filled(by_code.get(row.code)),
            "hint": "" if row.code in in_place else hint_said(hints.get(row.code)),
        }
        for row in tickets.measures(kind)
    ]  # fmt: skip


def _filled(decided: Any) -> str:
    return "" if decided is None else _("；").join(
        f"{said(tickets.figure(name))} {value}" for name, value in decided.filled.items()
    )


def found_rows(kind: str, found: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """What a check of the place told, as pairs of question and answer in words."""
    flat = dict(found)
    zone = flat.get("zone", {})
    if "locked_by" in zone:
        flat["zone_state"] = zone["locked_by"] or "CLEAR"
    if "conflicts" in flat:
        results = {one["result"] for one in flat["conflicts"]}
        flat["other_work"] = next((one for one in ("FORBID", "CONDITIONAL") if one in results), "NONE")
    rows = []
    for one in asks_of(FOUND, kind):
        head, _dot, tail = one.path.partition(".")
        value = flat.get(head, {}).get(tail) if tail else flat.get(head)
        if value is not None and value != "":
            rows.append((one.label, one.shown(value)))
    return rows


def standard_of(name: str) -> str:
    """What the standard says of a figure, with its unit."""
    default = bounds()[name].default
    return figure_of(name, f"{default:%H:%M}" if isinstance(default, time) else f"{default.normalize():f}")


def figure_of(name: str, plain: str) -> str:
    """A figure with its unit; a switch says whether it is on."""
    unit = bounds()[name].unit
    if unit == "0/1":
        return _("启用") if plain == "1" else _("不启用")
    return plain if unit == "clock" else f"{plain} {unit}"


def point_of(row: Any) -> str:
    """Where the work is, in words."""
    if row.lon is None:
        return ""
    told = [f"{row.lon}, {row.lat}"]
    if row.radius_m is not None:
        told.append(_("半径%(m)s m") % {"m": row.radius_m.normalize()})
    low, high = getattr(row, "z_min_m", None), getattr(row, "z_max_m", None)
    if low is not None or high is not None:
        shown = {"low": "—" if low is None else low, "high": "—" if high is None else high}
        told.append(_("标高%(low)s至%(high)s m") % shown)
    return _("；").join((*told, *row.ties.values()))


def met_rows(found: Sequence[Any], sides: Mapping[Any, Any], own_file: Any) -> list[dict[str, Any]]:
    """What a permit meets, in words; of another enterprise no more than kind, place, time and its name."""
    rows = []
    for one in found:
        side = sides.get(one.side)
        is_permit = one.other is not None
        what = where = who = contact = ""
        if side is not None:
            is_operation = one.operation is not None
            what = said(ACTIVITIES[side.activity]) if is_operation else side.get_kind_display()
            where, who = side.place, enterprise_of(side)
            contact = side.contact if is_operation else side.work_unit
        if one.outside is not None:
            what = _("%(kind)s（外部作业票）") % {"kind": what}
        rows.append({
            "met": one, "text": said(one.text), "side": side, "what": what, "where": where, "who": who,
            "contact": contact, "is_own": side is not None and side.file_id == own_file, "is_permit": is_permit,
            "key": one.side, "is_stop": one.result == "FORBID",
        })  # fmt: skip
    return rows


def link_of(row: Permit) -> SafeString:
    """A permit, leading to its page."""
    return format_html('<a href="{}">{}</a>', reverse("permits:permit", args=[row.pk]), row)


def raised_said(one: Raised) -> str:
    """Score, approver and reasons of an approval by risk."""
    reasons = _("、").join(f"{said(each.text)} {each.points}" for each in one.score.reasons) or _("无")
    told = {
        "points": one.score.points, "reasons": reasons, "role": said(roles.roles()[one.approver].name),
        "table": said(roles.roles()[one.table].name), "clause": bounds()["risk_leader_from"].clause,
    }  # fmt: skip
    if one.is_raised:
        sentence = _("风险分%(points)s（%(reasons)s），由%(role)s审批；表B.1为%(table)s（%(clause)s）")
        return sentence % told
    return _("风险分%(points)s（%(reasons)s），按表B.1由%(role)s审批") % told


def slots_of(row: Permit) -> str:
    return "；".join(typed_slots(row.slots).splitlines())


def field_rows(row: Permit) -> list[dict[str, Any]]:
    """What phones told of a permit, in words."""
    tongue = "en" if (get_language() or "").startswith("en") else "zh"
    return [
        {
            "row": one, "held": held, "counts": one.outcome != FieldRecord.Outcome.KEPT,
            "reason": REASONS[one.reason] if one.reason else "", "doubts": [each[tongue] for each in one.doubts],
        }
        for one, held in field_records_of(row)
    ]  # fmt: skip


def signature_rows(rows: Sequence[Any], pictures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Signatures in words. :param pictures: links of pictures of names by their digest."""
    found = []
    for one in rows:
        step = said(roles.roles()[one.step].name)
        if one.department:
            step = f"{step} · {said(roles.DEPARTMENTS[one.department])}"
        found.append({
            "row": one, "step": step, "role": said(roles.roles()[one.role].name), "picture": pictures.get(one.image),
        })  # fmt: skip
    return found
