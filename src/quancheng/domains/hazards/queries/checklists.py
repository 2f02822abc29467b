"""Reads of checklists: those of a day, as the law register has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db.models import Q, QuerySet

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


def classes_of(text_code: str) -> tuple[str, ...]:
    """Classes of enterprises that a shipped checklist is for; empty where nobody says."""
    return _classes().get(text_code, ())


def for_class(enterprise_class: str) -> Q:
    """The checklists that are for a class of enterprises."""
    return Q(pk__in=[code for code, classes in _classes().items() if enterprise_class in classes])


def list_checklists(*, on: date) -> QuerySet[LegalText]:
    """All checklists by code, with number, first day and number of items of the edition in force on a day."""
    return law.list_in_force(on=on, kind=Kind.CHECKLIST)


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
    text = LegalText.objects.filter(pk=code, kind=Kind.CHECKLIST).prefetch_related("editions").first()
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
