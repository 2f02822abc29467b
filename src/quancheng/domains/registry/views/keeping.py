"""Pages on which something is entered into an enterprise's file, by whoever keeps it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse

from quancheng.domains.registry.queries import enterprises as queries
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages.create import CreatePage


class KeeperPage(CreatePage):
    """A record entered into somebody's file, by whoever keeps it."""

    duty = None

    def allow(self, actor: Actor, file: Any) -> None:
        if not may_keep(actor, file):
            raise NotPermitted


class FilePage(KeeperPage):
    """The same, where the address names the file itself.

    :cvar tab: of the file's page to which it leads back; empty for its first.
    """

    tab: ClassVar[str] = ""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = queries.get_enterprise(actor=actor, file_id=kwargs["pk"])
        self.allow(actor, self.file)

    def back_url(self) -> str:
        address = reverse("registry:enterprise", args=[self.file.pk])
        return f"{address}?tab={self.tab}" if self.tab else address
