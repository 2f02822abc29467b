"""Pages on which something is entered into a risk list, by whoever keeps it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from quancheng.domains.registry.views import keeping
from quancheng.domains.risk.services.analyses import may_analyse
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


class AnalystPage(FilePage):
    """Something is entered for an enterprise by whoever analyses its risks, in a form that knows the enterprise."""

    def allow(self, actor: Actor, file: Any) -> None:
        if not may_analyse(actor, file.pk):
            raise NotPermitted

    def known(self) -> dict[str, Any]:
        """What else the form has to know."""
        return {}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        make: Any = self.form
        self.asked = make(*args, **kwargs, file=self.file, **self.known())
        return self.asked
