"""How far the limits of a tag may go (报警限值): by the standard, and by an exemption that stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from quancheng.domains.monitoring.models import Tag, TagExemption
from quancheng.standards.signals import gb50493
from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.gb50493 import LegalLimits

#: Kinds of tags whose limits the standard of detectors sets.
LEGAL_KINDS = ("flammable", "toxic", "oxygen")
#: Limits that the standard sets, and an exemption can move.
LEGAL_LEVELS = ("l", "h", "hh")


def legal_limits(*, kind: str, unit: str, medium: str, range_hi: float | None) -> LegalLimits | None:
    """What the standard sets for such a detector; None where it sets nothing, or does not know the gas."""
    if kind not in LEGAL_KINDS:
        return None
    if kind == "flammable" and unit == "LEL.m":
        return gb50493.legal_limits("flammable_path")
    if kind != "toxic":
        return gb50493.legal_limits(kind)
    gas = gb50493.gases().get(medium)
    if gas is None:
        return None
    try:
        return gb50493.legal_limits("toxic", gas=gas, range_high=range_hi)
    except Refused:
        return None


@dataclass(frozen=True, slots=True)
class Allowed:
    """How far the limits of a tag may go: the standard's, and moved as an exemption says.

    :ivar exemption: the newest decision, where it grants something that has not ended.
    """

    legal: LegalLimits
    moved: LegalLimits
    exemption: TagExemption | None


def exemption_of(tag: Tag, *, today: date) -> TagExemption | None:
    """The exemption of a tag that stands on a day; the newest decision counts."""
    newest = tag.exemptions.order_by("-decided_at", "-pk").first()
    stands = newest is not None and newest.is_granted and (newest.until_date or date.min) >= today
    return newest if stands else None


def moved(legal: LegalLimits, exemption: TagExemption | None) -> LegalLimits:
    """The standard's limits as an exemption moves them: outwards, never inwards."""
    if exemption is None:
        return legal
    return replace(
        legal,
        h=max(legal.h, legal.h if exemption.h is None else exemption.h),
        hh=None if legal.hh is None else max(legal.hh, legal.hh if exemption.hh is None else exemption.hh),
        l=None if legal.l is None else min(legal.l, legal.l if exemption.l is None else exemption.l),
    )


def allowed_of(tag: Tag, *, today: date) -> Allowed | None:
    """How far the limits of a tag may go; None where the standard sets nothing. One query."""
    legal = legal_limits(kind=tag.kind, unit=tag.unit, medium=tag.medium, range_hi=tag.range_hi)
    if legal is None:
        return None
    exemption = exemption_of(tag, today=today)
    return Allowed(legal, moved(legal, exemption), exemption)
