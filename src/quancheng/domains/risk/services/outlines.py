"""Outlines of towns (镇街边界) taken from a GeoJSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.geometry import read_ring
from quancheng.domains.risk.models import TownOutline
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.queries import home, list_below
from quancheng.kernel.errors import Invalid
from quancheng.kernel.names import clean

DUTY = "risk.rules"
MOST_BYTES = 5 * 1024 * 1024
#: Names of a feature's property in which its division may stand.
_CODES, _NAMES = ("code", "adcode", "区划代码"), ("name", "名称")


def set_outlines(*, actor: Actor, upload: UploadedFile, source: str, now: datetime) -> int:
    """Set the outlines of the streets and towns that a file names by code or name; others stay. Returns how many.

    Each feature is a polygon of one ring, CGCS2000, and ``code`` or ``name`` says which division it is.
    :raises Invalid: by field; then nothing was set.
    """
    actor.require(DUTY)
    if not clean(source):
        raise Invalid(fields={"source": _("请写明边界数据的来源。")})
    if (upload.size or 0) > MOST_BYTES:
        raise Invalid(fields={"geojson": _("文件最大5 MB。")})
    found = _read(upload.read())
    return save_outlines(actor=actor, rings=found, source=clean(source)[:120], now=now)


def save_outlines(*, actor: Actor, rings: Mapping[Area, Any], source: str, now: datetime) -> int:
    """Write outlines by division. :param rings: GeoJSON polygons."""
    actor.require(DUTY)
    with transaction.atomic():
        for area in sorted(rings, key=lambda one: one.pk):
            TownOutline.objects.update_or_create(
                area=area,
                defaults={"ring": rings[area], "source": source, "entered_at": now, "entered_by_id": actor.user_id},
            )
            journal.record(
                actor=actor, act="risk.outline.set", subject_type="areas.area", subject_id=area.pk, now=now,
                facts={"source": source, "corners": len(rings[area]["coordinates"][0])},
            )  # fmt: skip
    return len(rings)


def _read(content: bytes) -> dict[Area, Any]:
    try:
        told = json.loads(content)
        features = told["features"]
        if not isinstance(features, list) or not features:
            raise ValueError("no features")
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        raise Invalid(fields={"geojson": _("读不出GeoJSON（FeatureCollection），请检查文件。")}) from bad
    whole = home()
    known = [] if whole is None else list(list_below(whole, levels=("street",)))
    by_text = {**{one.name: one for one in known}, **{one.code: one for one in known if one.code}}
    found: dict[Area, Any] = {}
    for number, feature in enumerate(features, 1):
        named = feature.get("properties") if isinstance(feature, dict) else None
        named = named if isinstance(named, dict) else {}
        texts = [str(named[name]).strip() for name in (*_CODES, *_NAMES) if named.get(name)]
        area = next((by_text[text] for text in texts if text in by_text), None)
        if area is None:
            said = {"number": number, "name": (texts or ["—"])[-1][:40]}
            raise Invalid(fields={"geojson": _("第%(number)s个图形“%(name)s”不是本区的镇街。") % said})
        ring = read_ring(feature.get("geometry"))
        if ring is None:
            said = {"number": number, "name": area.name}
            raise Invalid(fields={"geojson": _("第%(number)s个图形“%(name)s”不是单个多边形。") % said})
        corners = [[lon, lat] for lon, lat in ring]
        found[area] = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    return found
