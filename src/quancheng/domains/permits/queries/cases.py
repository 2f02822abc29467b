"""The library of accident cases (事故案例库): what ships, what offices changed, what an enterprise keeps for itself."""

from __future__ import annotations

from collections.abc import Sequence

from quancheng.domains.permits.models import CaseChange, Permit
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.cases import AccidentCase, accident_cases, media_told
from quancheng.standards.wording import Text

#: Codes of an enterprise's own cases begin so, and no others do.
OWN = "Q-"


def case_of(row: CaseChange) -> AccidentCase:
    """A row as the standard has a case; what was typed stands in one language."""
    named = {name: Text(getattr(row, name), getattr(row, name)) for name in (
        "equipment", "title", "cause", "lesson", "hazard", "measure", "source"
    )}  # fmt: skip
    return AccidentCase(
        code=row.code, kinds=tuple(row.kinds), media=tuple(row.media), year=row.year, deaths=row.deaths,
        injured=row.injured, mark=row.mark, own=str(row.file_id or ""), **named,
    )  # fmt: skip


def all_cases(*, actor: Actor) -> Sequence[AccidentCase]:
    """The library as the actor reads it, by code: enterprises' own are theirs and of who supervises them. One query."""
    actor.require(VIEW)
    found = {("", code): one for code, one in accident_cases().items()}
    for row in CaseChange.objects.visible_to(actor).order_by("entered_at", "pk"):
        key = (str(row.file_id or ""), row.code)
        if row.is_on:
            found[key] = case_of(row)
        else:
            found.pop(key, None)
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[1], key[0])))


def list_cases(*, actor: Actor, kind: str = "", medium: str = "", q: str = "") -> Sequence[AccidentCase]:
    """Cases of a kind, a medium and with some words in them."""
    words = q.strip().casefold()
    return tuple(
        one for one in all_cases(actor=actor)
        if (not kind or kind in one.kinds) and (not medium or medium in one.media)
        and (not words or any(
            words in part.casefold()
            for text in (one.title, one.equipment, one.cause, one.lesson) for part in (text.zh, text.en)
        ))
    )  # fmt: skip


def get_case(*, actor: Actor, code: str, own: str = "") -> AccidentCase:
    """One case. Raise NotFound for absent, withdrawn and out of scope alike."""
    for one in all_cases(actor=actor):
        if one.code == code and one.own == own:
            return one
    raise NotFound


def media_of(permit: Permit) -> frozenset[str]:
    """Media that a job tells; empty: none. The facility is read where it was not."""
    return media_told(permit.kind, permit.work, f"{permit.facility or ''} {permit.place} {permit.content}")


def cases_for(*, actor: Actor, permit: Permit) -> Sequence[AccidentCase]:
    """Cases that a job is shown: of its kind and medium, the enterprise's own first. One query."""
    media, own = media_of(permit), str(permit.file_id)
    fitting = (one for one in all_cases(actor=actor) if one.fits(permit.kind, media) and one.own in ("", own))
    return tuple(sorted(fitting, key=lambda one: (not one.own, one.code)))


def changes_of(*, actor: Actor, code: str, file: Enterprise | None) -> Sequence[CaseChange]:
    """How a case was written, the newest first. One query."""
    return list(CaseChange.objects.visible_to(actor).filter(code=code, file=file).order_by("-entered_at", "-pk"))
