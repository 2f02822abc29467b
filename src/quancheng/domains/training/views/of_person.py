"""The base of pages on which the enterprise enters something in a person's file."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy

from quancheng.domains.training.queries.persons import KEEP, get_person
from quancheng.domains.training.services.keeping import require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.create import CreatePage


class OfPerson(CreatePage):
    """Something entered in a person's file, by the enterprise; the address names the person."""

    duty = KEEP
    button = gettext_lazy("保存")
    tab: ClassVar[str]

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.person = get_person(actor=actor, person_id=kwargs["pk"])
        require_keeper(actor, self.person.file)
        self.lead = self.person.name  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:person", args=[self.person.pk]) + f"?tab={self.tab}"
