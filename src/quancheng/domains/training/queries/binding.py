"""Records of rooms above that name a person: while one stands, his file does.

Such a room keeps him by a protecting foreign key; here it says so beforehand, since this one does not know it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.training.models import Person
from quancheng.domains.training.models.persons import PersonQuerySet
from quancheng.kernel.errors import Text

#: Keys of all persons that a kind of record names, as a query set of one column; it is asked inside other queries.
Bound = Callable[[], "QuerySet[Any, uuid.UUID]"]
_bindings: dict[str, tuple[Text, Bound]] = {}


def register_binding(code: str, what: Text, bound: Bound) -> None:
    """Let records of a room above bind the persons that they name; called from its ``ready``.

    :param what: the kind of record as a refusal names it, e.g. 特殊作业票.
    """
    _bindings[code] = (what, bound)


def without_bound(rows: PersonQuerySet) -> PersonQuerySet:
    """Of these persons those whom no record binds; still one query."""
    for _what, bound in _bindings.values():
        rows = rows.exclude(pk__in=bound())
    return rows


def bound_by(person: Person) -> list[Text]:
    """Kinds of record that name a person; a query for each kind that is registered."""
    own = Person.objects.filter(pk=person.pk)
    return [what for what, bound in _bindings.values() if own.filter(pk__in=bound()).exists()]
