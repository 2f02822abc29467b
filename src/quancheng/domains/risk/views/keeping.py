"""Pages on which something is entered into a risk list, by whoever keeps it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from quancheng.domains.registry.views import keeping
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted


class KeeperPage(keeping.KeeperPage):
    """A record entered into somebody's risk list, by whoever keeps it."""

    def allow(self, actor: Actor, file: Any) -> None:
        if not may_keep(actor, file):
            raise NotPermitted


class FilePage(KeeperPage, keeping.FilePage):
    """The same, where the address names the enterprise's file."""

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk])
