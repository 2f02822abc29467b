"""Gas analysis from an instrument's own message: which instruments there are, what each tells, and taking it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import permits as forms
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.instruments import Instrument, InstrumentsAway, instruments_for, unusable
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.services.instruments import Drawn, take_reading
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.kernel.access.actor import Actor
from quancheng.standards.gb30871.gas import QUANTITIES
from quancheng.standards.gb30871.gases import gas_named


class TakeReading(OfPermit):
    """The newest reading of an instrument as an analysis of the permit."""

    title = gettext_lazy("取仪器读数")
    duty = None
    form = forms.ReadingForm
    template = "permits/gas_reading.html"
    button = gettext_lazy("取最新读数")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = queries.get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, WORK)
        self.lead = str(self.permit)  # type: ignore[misc]
        now, found = timezone.now(), []
        self.trouble: Any = ""
        try:
            found = instruments_for(actor=actor, permit=self.permit)
        except InstrumentsAway as away:
            # The page says so, and where to go on.
            self.trouble = away.message
        self.rows = [(one, _shown(one), unusable(one, self.permit, now)) for one in found]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        is_at_work = self.permit.status == "WORKING"
        usable = next((one.code for one, _words, wrong in self.rows if not wrong), "")
        return {
            "analyst": actor.name, "instrument": usable, "phase": "PERIODIC" if is_at_work else "PRE",
            # Of no other does a fixed detector tell where it passes.
            "position": "OUTSIDE",
        }  # fmt: skip

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        offered = [(one.code, f"{one.code} {one.name} {words['value']}".strip()) for one, words, _wrong in self.rows]
        return forms.ReadingForm(*args, instruments=offered, **kwargs)

    def back_url(self) -> str:
        return super().back_url() + "?tab=gas"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {name: given[name] for name in ("analyst", "point", "position", "phase", "distance_m", "gas")}
        take_reading(
            actor=actor, permit=self.permit, instrument=given["instrument"], drawn=Drawn(**told), now=now,
            client_id=client_id,
        )  # fmt: skip
        return self.back_url()


def _shown(one: Instrument) -> dict[str, Any]:
    """What it measures and tells, in words."""
    known = gas_named(one.gas) if one.gas else None
    told = one.reading
    return {
        "quantity": said(QUANTITIES[one.quantity]), "gas": said(known.name) if known else one.gas,
        "value": _("没有读数") if told is None or told.value is None else f"{told.value:f} {one.unit}",
        "quality": said(told.quality_text) if told is not None else "",
    }  # fmt: skip
