"""A permit, detectors of gas of its enterprise, and the store to which they tell."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.urls import reverse
from tests.domains.permits.factories import NOW, crew_of, make_permit, own_file
from tests.domains.registry.factories import make_unit
from tests.factories import client_of, make_district

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.permits.models import GasTest
from quancheng.stream.store import client as store

GOOD = 192


class Scene:
    """A permit, a detector of methane of its enterprise, and the store to which it tells."""

    def __init__(self, telemetry_url: str, settings: Any, to: str, at: list[datetime], kind: str = "HW") -> None:
        settings.TELEMETRY_URL = telemetry_url
        self.store, self.clock = store.connect(telemetry_url), at
        store.ensure_tables(self.store)
        self.district = make_district()
        self.crew = crew_of(self.district, kind)
        self.unit = make_unit(self.district.enterprise, own_file(self.district), code="U-0", name="空压站")
        self.permit = make_permit(self.district, kind, crew=self.crew, to=to, unit=self.unit)
        at[0] = self.permit.status_at + timedelta(minutes=5)
        self.client = client_of(self.crew.safety)
        self.url = reverse("permits:gas_reading", args=[self.permit.pk])

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def tag(self, code: str = "HF.GDS1", **known: Any) -> Tag:
        file = known.pop("file", None) or own_file(self.district)
        told = {
            "name": "空压站可燃气体", "kind": "flammable", "unit": "%LEL", "medium": "74-82-8",
            "calibrated_until": date(2027, 1, 1), "stale_after_s": 60,
            "unit_place": self.unit, **known,
        }  # fmt: skip
        row = Tag.objects.create(**file.row_scope(), file=file, code=code, created_at=NOW, **told)
        row.refresh_from_db()
        return row

    def tell(self, tag: Tag, value: float, *, ago_s: int = 5, quality: int = GOOD) -> str:
        at = int((self.now - timedelta(seconds=ago_s)).timestamp() * 1000)
        store.write(self.store, "latest", np.array([(tag.number, at, value, quality, 0)], store.LATEST))
        return f"{tag.number}.{at}"

    def take(self, code: str = "HF.GDS1", **known: Any) -> Any:
        given = {
            "instrument": code, "point": "取样点一", "position": "OUTSIDE", "phase": "RETEST", "distance_m": "3",
            "analyst": "某分析人", "client_id": str(uuid.uuid4()), **known,
        }  # fmt: skip
        return self.client.post(self.url, given)

    def tests(self) -> Any:
        return GasTest.objects.filter(permit=self.permit).exclude(reading="")
