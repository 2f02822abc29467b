"""The page on which rescue from a confined space is told (救援准备)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms.rescue import RescueForm
from quancheng.domains.permits.queries.rescue import rescues_of
from quancheng.domains.permits.services.rescue import Ready, tell_rescue
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.services import receive_uploads


class TellRescue(OfPermit):
    """As it was told last, to be told anew."""

    title = gettext_lazy("救援准备")
    duty = None
    form = RescueForm
    template = "permits/entry.html"
    button = gettext_lazy("登记救援准备")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        if self.kind != "CS":
            raise NotFound

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = next(iter(rescues_of(self.permit)), None)
        window = {"since": self.permit.window_start, "until": self.permit.window_end}
        if known is None:
            return window
        # Whether the team still comes is asked anew each time.
        return {one.name: getattr(known, one.name) for one in dataclass_fields(Ready)} | {"is_confirmed": False}

    def back_url(self) -> str:
        return super().back_url() + "?tab=papers"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {name: value for name, value in given.items() if name != "files"}
        files = receive_uploads(actor=actor, uploads=given["files"] or [], now=now)
        tell_rescue(
            actor=actor, permit=self.permit, ready=Ready(**told), file_ids=files, now=now, client_id=client_id
        )
        return self.back_url()
