"""Reads of what is bypassed (联锁旁路), and of detectors that do not work, for permits of special work."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.monitoring.models import AlarmHold, Bypass, Outage, Tag, TagStatus
from quancheng.domains.monitoring.queries.instruments import QUANTITIES
from quancheng.domains.monitoring.queries.tags import unit_of
from quancheng.domains.permits.queries.impairments import Impairment
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.wording import Text

#: Kinds and prescribed parameters of detectors of gas and fire.
DETECTORS = ("flammable", "toxic", "oxygen", "gas_imaging")
_FIRE = ("smoke", "fire", "seal_fire")
_REPAIR = Text("检维修中", "under repair")
_SILENT = Text("断线", "offline")
_HELD = Text("报警已搁置或停用", "its alarm is shelved or out of service")
_UNCALIBRATED = Text("检定过期", "out of calibration")
_BYPASSED = Text("旁路中", "bypassed")
_OVERDUE = Text("旁路超期未恢复", "bypassed past its time")


def list_bypasses(*, actor: Actor) -> QuerySet[Bypass]:
    """What is or was bypassed, as far as the actor may see it, the newest first."""
    rows: QuerySet[Bypass] = Bypass.objects.visible_to(actor)
    related = ("tag", "unit", "file__enterprise", "enterprise", "area", "asked_by", "agreed_by", "allowed_by")
    return rows.select_related(*related).order_by("-asked_at", "pk")


def get_bypass(*, actor: Actor, bypass_id: uuid.UUID) -> Bypass:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_bypasses(actor=actor).filter(pk=bypass_id).first()
    if found is None:
        raise NotFound
    return found


def is_detector() -> Q:
    """Fixed detectors of gas and fire that are registered and did not end."""
    known = Q(kind__in=DETECTORS) | Q(parameter__in=_FIRE)
    return known & Q(is_portable=False, status__in=(TagStatus.LIVE, TagStatus.SERVICE))


def impairments(files: Collection[uuid.UUID], now: datetime) -> Mapping[uuid.UUID, Sequence[Impairment]]:
    """Detectors of these enterprises that do not work, and what is bypassed there. Two queries; none for nobody."""
    found: dict[uuid.UUID, list[Impairment]] = {file: [] for file in files}
    if not files:
        return found
    standing = Bypass.objects.filter(file__in=files, status="STANDING").select_related("tag__facility").order_by("pk")
    bypassed = set()
    for row in standing:
        bypassed.add(row.tag_id)
        found[row.file_id].append(impairment_of(row, now))
    for tag in _troubled(files, now):
        if tag.pk not in bypassed:
            found[tag.file_id].append(_of_tag(tag))
    return found


def _troubled(files: Collection[uuid.UUID], now: datetime) -> Sequence[Tag]:
    """Detectors under repair, of a silent source or silent themselves, with silent alarms, or out of calibration."""
    running = Outage.objects.filter(ended_at__isnull=True)
    of_source = running.filter(source=OuterRef("source"), kind="source")
    of_tag = running.filter(source=OuterRef("source"), tags__contains=[OuterRef("number")])
    held = AlarmHold.objects.filter(tag=OuterRef("pk"), status="STANDING")
    rows = Tag.objects.filter(is_detector(), file__in=files).annotate(
        is_silent=Exists(of_source) | Exists(of_tag), is_held=Exists(held)
    )
    wrong = Q(status=TagStatus.SERVICE) | Q(is_silent=True) | Q(is_held=True)
    wrong |= Q(calibrated_until__lt=Calendar().local_date(now))
    return list(rows.filter(wrong).select_related("facility").order_by("code", "pk"))


def _of_tag(tag: Tag) -> Impairment:
    why = (
        _REPAIR if tag.status == TagStatus.SERVICE
        else _SILENT if tag.is_silent  # type: ignore[attr-defined]
        else _HELD if tag.is_held  # type: ignore[attr-defined]
        else _UNCALIBRATED
    )  # fmt: skip
    return Impairment(
        code=tag.code, name=tag.name, is_detector=True, is_bypass=False, unit_id=unit_of(tag), lon=tag.lon, lat=tag.lat,
        why=why, quantity=_quantity(tag),
    )  # fmt: skip


def impairment_of(row: Bypass, now: datetime) -> Impairment:
    """What is bypassed, as permits are told of it."""
    tag = row.tag
    is_detector = tag is not None and not tag.is_portable and (tag.kind in DETECTORS or tag.parameter in _FIRE)
    code, _space, name = row.what.partition(" ")
    return Impairment(
        code=code, name=name, is_detector=is_detector, is_bypass=True,
        unit_id=row.unit_id or (unit_of(tag) if tag is not None else None),
        lon=tag.lon if tag is not None else None, lat=tag.lat if tag is not None else None,
        why=_OVERDUE if row.until <= now else _BYPASSED,
        quantity=_quantity(tag),
    )  # fmt: skip


def _quantity(tag: Tag | None) -> str:
    """What stands in for it: of a detector of fire or of an image one of combustible gas."""
    return QUANTITIES.get(tag.kind, "COMBUSTIBLE") if tag is not None else "COMBUSTIBLE"
