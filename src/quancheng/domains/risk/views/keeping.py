"""Pages on which something is entered into a risk list, by whoever keeps it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages.create import CreatePage


class KeeperPage(CreatePage):
    """A record entered into somebody's risk list, by whoever keeps it."""

    duty = None

    def allow(self, actor: Actor, file: Any) -> None:
        if not may_keep(actor, file):
            raise NotPermitted


class FilePage(KeeperPage):
    """The same, where the address names the enterprise's file."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        self.allow(actor, self.file)

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk])
