"""The seal of a permit (防涂改): the digest of everything that is signed, and whether it still fits (4.17, 4.18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quancheng.domains.permits.models import IsolationLink, LinkRole, Permit, PermitPerson, PermitSignature
from quancheng.kernel.canonical import digest_of

#: ``version`` counts the editions of the text and its presentations, so that no two presentations share a seal.
_OWN = (
    "pk", "kind", "level", "base", "effective", "is_upgraded", "number", "unit_id", "facility_id", "place", "content",
    "apply_unit", "work_unit", "window_start", "window_end", "slots", "work", "requester_id", "version",
)  # fmt: skip

_PLACE = ("lon", "lat", "radius_m", "z_min_m", "z_max_m", "ties")


#: What annex A.3 has of a plate and who signs a blinding permit signs.
_OF_PLATE = ("place", "equipment", "drawing", "plate_form", "diameter_mm", "rated_mpa", "material", "medium")


def content_of(
    permit: Permit, people: Sequence[PermitPerson], measures: Sequence[Any], analysis: Any, briefing: Any,
    links: Sequence[IsolationLink] = (),
) -> dict[str, Any]:  # fmt: skip
    """All of a permit that is signed, as plain facts. Of its points those that it named when it was presented."""
    # What was sealed before points were sealed, or names none, keeps its digest.
    points = sorted((_point(one) for one in links if one.is_sealed), key=lambda told: (told[0], told[2], str(told[1])))
    # What was sealed before places were told, or the form's own fields were kept, keeps its digest.
    where = {} if permit.lon is None else {"place": [getattr(permit, name) for name in _PLACE]}
    own = (*_OWN, "particulars") if permit.particulars else _OWN
    # So does what holds no picture: its digest stands for the bytes.
    own = (*own, "sketch") if permit.sketch else own
    # So does what was booked in time.
    own = (*own, "is_emergency", "emergency_reason") if permit.is_emergency else own
    # And what was presented where no enterprise asked for the approval by risk.
    own = (*own, "approval_risk") if permit.approval_risk else own
    return {
        **where,
        **({"isolations": points} if points else {}),
        "permit": {name: getattr(permit, name) for name in own},
        # Who came while work ran stands with his hand-over.
        "people": [_person(one) for one in people if one.joined_at is None],
        "measures": [
            [one.code, one.applies, one.filled, one.confirmed_name, one.confirmed_at]
            for one in sorted(measures, key=lambda each: each.code)
        ],
        "analysis": analysis and [analysis.pk, analysis.steps, analysis.participants, analysis.confirmed_at],
        "briefing": briefing
        and [
            briefing.pk, briefing.place, briefing.content, briefing.briefer, briefing.briefed_at,
            sorted(str(one) for one in briefing.attended_keys),
        ],
    }  # fmt: skip


def _point(one: IsolationLink) -> list[Any]:
    told: list[Any] = [one.role, one.point_id, one.point.tag]
    return [*told, *(getattr(one.point, name) for name in _OF_PLATE)] if one.role == LinkRole.FITS else told


def _person(one: PermitPerson) -> list[Any]:
    told: list[Any] = [one.person_id, one.part, one.number, one.tasks, one.educated_on, one.medical_on]
    # What was sealed before these were asked keeps its digest. As numbers, for 90 and 90.00 are the same mark.
    figures = [None if value is None else float(value) for value in (one.exam_score, one.experience_years)]
    told = [*told, *figures] if any(value is not None for value in figures) else told
    # Who he was when it was presented; what was sealed before that was kept keeps its digest.
    return [*told, one.sealed_name, one.sealed_identity] if one.sealed_name else told


def image_seal(image: str, seal: str, step: str) -> str:
    """What binds the picture of a name to what was signed by it."""
    return digest_of({"image": image, "seal": seal, "step": step})


def seal_of(
    permit: Permit, people: Sequence[PermitPerson], measures: Sequence[Any], analysis: Any, briefing: Any,
    links: Sequence[IsolationLink] = (),
) -> str:  # fmt: skip
    return digest_of(content_of(permit, people, measures, analysis, briefing, links))


def is_unaltered(
    permit: Permit, people: Sequence[PermitPerson], measures: Sequence[Any], analysis: Any, briefing: Any,
    signatures: Sequence[PermitSignature], links: Sequence[IsolationLink] = (),
) -> bool:  # fmt: skip
    """Whether what is stored is what was presented, and each signature was given to it. True before that."""
    if not permit.seal:
        return True
    content = content_of(permit, people, measures, analysis, briefing, links)
    if digest_of(content) != permit.seal:
        # What was sealed before presentations were counted keeps its digest.
        content["permit"].pop("version")
        if digest_of(content) != permit.seal:
            return False
    if not permit.is_closed and not all(_is_himself(one) for one in people):
        return False
    return all(_fits(permit, one) for one in signatures if one.withdrawn_at is None)


def _is_himself(one: PermitPerson) -> bool:
    """Whether a living permit's person is whom it was presented with: his file may since be another's (4.18). What was
    sealed before names were kept tells nothing; what ended is judged by what it was presented with alone."""
    if not one.sealed_name:
        return True
    return (one.sealed_name, one.sealed_identity) == (one.person.name, one.person.id_index)


def _fits(permit: Permit, one: PermitSignature) -> bool:
    """Those of the briefing alone are given before there is a seal. A picture of a name is bound to the seal."""
    if one.image and one.image_seal != image_seal(one.image, one.seal, one.step):
        return False
    return one.seal == permit.seal or (not one.seal and one.step in ("BRIEFER", "BRIEFED"))
