"""A described permit as JSON, and what the audit says of it as JSON: what ``quancheng calc gb30871-audit`` speaks.

Keys of the input are the fields of :class:`shapes.AuditedPermit`, with ``facts`` as ``calc gb30871`` reads them, and
besides ``calendar``, ``special_periods``, ``parameters``, ``mode`` and ``phase``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from quancheng.standards.gb30871.audit.registry import PHASES, SEVERITIES, audit, score
from quancheng.standards.gb30871.audit.shapes import AuditedPermit
from quancheng.standards.gb30871.basis import EDITION, BadInput
from quancheng.standards.gb30871.document import surroundings_told
from quancheng.standards.gb30871.reading import load, read
from quancheng.standards.wording import Text

_OWN = tuple(field.name for field in fields(AuditedPermit))
_AROUND = ("calendar", "special_periods", "parameters", "mode", "phase")


def audited(data: bytes, *, language: str = "zh") -> dict[str, Any]:
    """Read one permit and audit it. BadInput by place for whatever cannot be one."""
    given: Mapping[str, Any] = load(data)
    for key in given:
        if key not in (*_OWN, *_AROUND):
            said = ", ".join((*_OWN, *_AROUND))
            place = " ".join(key.split())[:60].encode("utf-8", "replace").decode("utf-8")
            raise BadInput(place, Text(f"没有这一项；有：{said}", f"there is no such key; there are {said}"))
    permit: AuditedPermit = read(AuditedPermit, {key: value for key, value in given.items() if key in _OWN})
    phase = given.get("phase", "NIGHT")
    if phase not in PHASES:
        raise BadInput("phase", Text(f"应为以下之一：{', '.join(PHASES)}", f"must be one of {', '.join(PHASES)}"))
    found = audit(permit, phase, surroundings_told(given))

    def said_in(text: Text) -> str | None:
        return text.in_language(language) or None

    return {
        "kind": permit.facts.kind,
        "phase": phase,
        "score": score(found),
        "counts": {outcome: sum(one.outcome == outcome for one in found) for outcome in ("PASS", "FAIL", "NO_DATA")},
        "verdicts": [
            {
                "code": one.code, "outcome": one.outcome, "severity": one.severity,
                "severity_name": said_in(SEVERITIES[one.severity]), "points": one.points, "alarm": one.alarm or None,
                "clause": one.clause or None, "mark": one.mark, "fact": one.fact or None, "value": said_in(one.value),
                "limit": said_in(one.limit), "text": said_in(one.text),
            }
            for one in found if one.outcome in ("FAIL", "NO_DATA")
        ],
        "edition": EDITION,
    }  # fmt: skip
