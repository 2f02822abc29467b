"""The seal of a permit (防涂改): the digest of everything that is signed, and whether it still fits (4.17, 4.18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quancheng.domains.permits.models import Permit, PermitPerson, PermitSignature
from quancheng.kernel.canonical import digest_of

#: ``version`` counts the editions of the text and its presentations, so that no two presentations share a seal.
_OWN = (
    "pk", "kind", "level", "base", "effective", "is_upgraded", "number", "unit_id", "facility_id", "place", "content",
    "apply_unit", "work_unit", "window_start", "window_end", "slots", "work", "requester_id", "version",
)  # fmt: skip


def content_of(
    permit: Permit, people: Sequence[PermitPerson], measures: Sequence[Any], analysis: Any, briefing: Any
) -> dict[str, Any]:
    """All of a permit that is signed, as plain facts."""
    # What was sealed before the form's own fields were kept holds its digest.
    own = {name: getattr(permit, name) for name in (*_OWN, *(["particulars"] if permit.particulars else []))}
    return {
        "permit": own,
        "people": [_person(one) for one in people],
        "measures": [
            [one.code, one.applies, one.filled, one.confirmed_name, one.confirmed_at]
            for one in sorted(measures, key=lambda each: each.code)
        ],
        "analysis": analysis and [analysis.pk, analysis.steps, analysis.participants, analysis.confirmed_at],
        "briefing": briefing
        and [
            briefing.pk, briefing.place, briefing.content, briefing.briefer, briefing.briefed_at,
            sorted(str(one.pk) for one in briefing.attended.all()),
        ],
    }  # fmt: skip


def _person(one: PermitPerson) -> list[Any]:
    told: list[Any] = [one.person_id, one.part, one.number, one.tasks, one.educated_on, one.medical_on]
    # What was sealed before these were asked keeps its digest. As numbers, for 90 and 90.00 are the same mark.
    figures = [None if value is None else float(value) for value in (one.exam_score, one.experience_years)]
    return [*told, *figures] if any(value is not None for value in figures) else told


def seal_of(
    permit: Permit, people: Sequence[PermitPerson], measures: Sequence[Any], analysis: Any, briefing: Any
) -> str:
    return digest_of(content_of(permit, people, measures, analysis, briefing))


def is_unaltered(
    permit: Permit, people: Sequence[PermitPerson], measures: Sequence[Any], analysis: Any, briefing: Any,
    signatures: Sequence[PermitSignature],
) -> bool:  # fmt: skip
    """Whether what is stored is what was presented, and each signature was given to it. True before that."""
    if not permit.seal:
        return True
    content = content_of(permit, people, measures, analysis, briefing)
    if digest_of(content) != permit.seal:
        # What was sealed before presentations were counted keeps its digest.
        content["permit"].pop("version")
        if digest_of(content) != permit.seal:
            return False
    return all(_fits(permit, one) for one in signatures if one.withdrawn_at is None)


def _fits(permit: Permit, one: PermitSignature) -> bool:
    """Those of the briefing alone are given before there is a seal."""
    return one.seal == permit.seal or (not one.seal and one.step in ("BRIEFER", "BRIEFED"))
