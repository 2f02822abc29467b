"""Filters of lists that several rooms share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Control, Filter
from quancheng.kernel.pages.given import known_key


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFilter(Filter):
    """The rows of one enterprise, as a number of another page names it."""

    field: str

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        text = given.get(self.name, "").strip()
        if not text:
            return rows
        key = known_key(text)
        if key is None:
            raise self.refuse(_("没有这家企业。"))
        return rows.filter(**{self.field: key})

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        text = given.get(self.name, "").strip()
        name = self._name(text, actor)
        return Control("choice", self.name, self.label, self.pinned, [text], error=error, active=bool(text),
                       choices=[(text, name, True)] if text else [])  # fmt: skip

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        text = given.get(self.name, "").strip()
        return f"{self.label}：{self._name(text, actor)}" if text else ""

    def _name(self, text: str, actor: Actor) -> str:
        key = known_key(text)
        found = list_enterprises(actor=actor).filter(pk=key).first() if key else None
        return found.enterprise.name if found is not None and found.enterprise else text
