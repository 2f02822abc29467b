"""Reads of checklists: those of a day, as the law register has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from quancheng.domains.hazards.queries.department_checklists import with_aspect
from quancheng.kernel.errors import NotFound
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause, Edition, Kind, LegalText
from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers import checklists as module
from quancheng.standards.hidden_dangers import criteria
from quancheng.standards.wording import Text

#: Classes that the screening guide binds: who makes chemicals, stores them or trades with a store of his own. [G]
_GUIDE_CLASSES = ("producer", "fine_chemical", "pharmaceutical", "depot", "trader_storage")


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    known = {one.text_code: one.classes for one in module.checklists().values()}
    return (
        known
        | {
            one.text_code: tuple(code for code in enterprise_classes() if one.is_for(code))
            for one in criteria.families().values()
            if not one.is_criteria
        }
        | {"CL-HDG78": _GUIDE_CLASSES}
    )


def classes_of(text: LegalText) -> tuple[str, ...]:
    """Classes of enterprises that a checklist of :func:`list_checklists` is for; empty where nobody says."""
    row: Any = text
    return _classes().get(text.pk, ()) if text.owner_id is None else tuple(row.own_kinds or ())


def for_class(enterprise_class: str) -> Q:
    """The checklists that are for a class of enterprises."""
    shipped = [code for code, classes in _classes().items() if enterprise_class in classes]
    return Q(pk__in=shipped) | Q(own_kinds__contains=[enterprise_class])


def list_checklists(*, on: date) -> QuerySet[LegalText]:
    """All checklists by code, with number, first day and number of items of the edition in force on a day; those of
    departments with owner, aspect and for whom they are."""
    return with_aspect(law.list_in_force(on=on, kind=Kind.CHECKLIST), on=on)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A checklist as it reads on a day.

    :ivar edition: in force that day; None, and no items, where none was.
    """

    text: LegalText
    edition: Edition | None
    items: Sequence[Clause]


def get_checklist(code: str, *, on: date) -> Sheet:
    """A checklist with its items. :raises NotFound: there is none of this code."""
    text = with_aspect(law.list_texts(kind=Kind.CHECKLIST), on=on).filter(pk=code).first()
    if text is None:
        raise NotFound
    edition = law.in_force(code, on=on)
    return Sheet(text, edition, list(law.list_clauses(edition)) if edition else [])


def note_of(clause: Clause) -> Text:
    """What ships as a note on an item; empty where nothing does."""
    try:
        return module.known_item(clause.place).note
    except ValueError:
        return Text("", "")
