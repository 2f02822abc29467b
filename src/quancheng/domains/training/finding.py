"""Persons in the search box, for whoever has the duty to see them."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from quancheng.domains.training.queries import persons as queries
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.search.registry import Hit, url_to


class Persons:
    """Persons at enterprises by name, initials, or whole identity number."""

    code = "training.persons"
    group = pgettext_lazy("several", "从业人员")
    order = 60

    def search(self, actor: Actor, text: str, limit: int) -> list[Hit]:
        rows = queries.find_persons(actor=actor, text=text, limit=limit)
        return [
            Hit(str(self.group), row.name, row.enterprise.name if row.enterprise else "",
                url_to("training:person", row.pk))
            for row in rows
        ]  # fmt: skip
