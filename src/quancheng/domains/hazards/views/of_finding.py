"""Pages on which something is entered about one hidden danger."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from quancheng.domains.hazards.queries.findings import get_finding
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages.create import CreatePage


class FindingPage(CreatePage):
    """Something entered about a danger that the address names, by who supervises."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.finding = get_finding(actor=actor, finding_id=kwargs["pk"])
        self.allow(actor)

    def allow(self, actor: Actor) -> None:
        """:raises NotPermitted: the danger is not the actor's to act on."""
        if not actor.supervises:
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("hazards:finding", args=[self.finding.pk])


class OwnFindingPage(FindingPage):
    """The same by the enterprise whose danger it is."""

    def allow(self, actor: Actor) -> None:
        if self.finding.owner_org_id != actor.organisation_id:
            raise NotPermitted
