"""Pairing a portable detector with a permit (便携检测仪), made for a phone, and what the tab tells of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import pairings as forms
from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries import pairings as queries
from quancheng.domains.permits.queries import permits as permit_queries
from quancheng.domains.permits.queries.instruments import InstrumentsAway, instruments_for
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services import pairings as services
from quancheng.domains.permits.services.checking import require_own, said
from quancheng.domains.permits.services.instruments import Drawn
from quancheng.domains.permits.services.preparing import ON_SITE
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.objects import Action
from quancheng.standards.gb30871.gas import POSITIONS, QUANTITIES


class _Pairing(OfPermit):
    duty = None
    template = "permits/entry.html"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = permit_queries.get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, WORK)
        self.kind, self.file = self.permit.kind, self.permit.file
        self.lead = str(self.permit)  # type: ignore[misc]

    def back_url(self) -> str:
        return super().back_url() + "?tab=detectors"


class PairDetector(_Pairing):
    title = gettext_lazy("配对便携检测仪")
    form = forms.PairForm
    button = gettext_lazy("配对")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"analyst": actor.name, "position": "INSIDE" if self.kind == "CS" else "OUTSIDE"}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        try:
            found = [one for one in instruments_for(actor=actor, permit=self.permit) if one.is_portable]
        except InstrumentsAway as away:
            found, self.lead = [], away.message  # type: ignore[misc]
        offered = [(one.code, f"{one.code} {one.name} {said(QUANTITIES[one.quantity])}") for one in found]
        return forms.PairForm(*args, instruments=offered, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {name: given[name] for name in ("analyst", "point", "position", "distance_m", "gas")}
        services.pair_detector(
            actor=actor, permit=self.permit, instrument=given["instrument"], drawn=Drawn(**told, phase="PERIODIC"),
            now=now, client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class PartDetector(_Pairing):
    title = gettext_lazy("解除检测仪配对")
    form = forms.PartForm
    button = gettext_lazy("解除配对")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        self.pairing = queries.get_pairing(permit=self.permit, pairing_id=kwargs["pairing"])
        self.lead = str(self.pairing)  # type: ignore[misc]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.part_detector(actor=actor, pairing=self.pairing, now=now, client_id=client_id)
        return self.back_url()


def pairing_rows(permit: Permit, actor: Actor) -> dict[str, Any]:
    """What the tab of a permit's page shows."""
    now = timezone.now()
    return {
        "row": permit, "keeps": _keeps(permit, actor),
        "pairings": [
            (one, queries.is_streaming(one, now), said(QUANTITIES[one.quantity]), said(POSITIONS[one.position]))
            for one in queries.pairings_of(permit)
        ],
    }  # fmt: skip


def pairing_actions(permit: Permit, actor: Actor) -> list[Action]:
    """What the enterprise may do about detectors while the permit is prepared and at work."""
    if not _keeps(permit, actor):
        return []
    url = reverse("permits:detector_pair", args=[permit.pk])
    return [Action(name="detector_pair", label=gettext_lazy("配对便携检测仪"), url=url)]


def _keeps(permit: Permit, actor: Actor) -> bool:
    return permit.status in ON_SITE and actor.organisation_id == permit.file_id and actor.has(WORK)
