"""The key of a person's notes on a device, and what the device's clock says held against ours."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.phone.models import DeviceKey
from quancheng.kernel.vault import services as vault

KIND = "device_key"
#: Days that a device may keep the key by itself: seven days out, and the one of the return. [D]
KEPT_DAYS = 8
#: A clock that differs by no more than this is right. [D]
CLOCK_TOLERANCE = timedelta(minutes=10)
#: Devices of one person whose keys are kept; the one that rested longest goes.
MOST_DEVICES = 50


def key_for(*, actor: Actor, device: uuid.UUID, now: datetime) -> bytes:
    """The 32 bytes under which this person's notes lie on this device; made at the first asking.

    :raises NotPermitted: nobody who is a person.
    """
    if actor.user_id is None:
        raise NotPermitted
    with transaction.atomic():
        mine = DeviceKey.objects.filter(user=actor.user_id)
        found = mine.filter(device=device).first()
        if found is None:
            found = _make(actor, actor.user_id, device, now)
            old = mine.order_by("-told_at", "-pk")[MOST_DEVICES:]
            DeviceKey.objects.filter(pk__in=[one.pk for one in old]).delete()
        else:
            DeviceKey.objects.filter(pk=found.pk).update(told_at=now)
    return base64.b64decode(vault.reveal(KIND, found.key))


def _make(actor: Actor, user_id: uuid.UUID, device: uuid.UUID, now: datetime) -> DeviceKey:
    """A new key; of two askings at once both get the one that stands."""
    key = vault.seal(KIND, base64.b64encode(secrets.token_bytes(32)).decode())
    made = DeviceKey(user_id=user_id, device=device, key=key, made_at=now, told_at=now)
    DeviceKey.objects.bulk_create([made], ignore_conflicts=True)
    found = DeviceKey.objects.get(user=user_id, device=device)
    if found.pk == made.pk:
        journal.record(
            actor=actor, act="phone.key.make", subject_type="phone.devicekey", subject_id=found.pk,
            facts={"device": device}, now=now,
        )  # fmt: skip
    return found


def list_unused_keys(before: datetime) -> QuerySet[DeviceKey]:
    """For retention: keys that no device asked for since."""
    return DeviceKey.objects.filter(told_at__lt=before)


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """When something was done on a device, by its clock, and that clock held against ours.

    :ivar made_at: as the device wrote it. :ivar difference: how far the device is behind; negative where it is ahead.
    """

    made_at: datetime
    difference: timedelta

    @classmethod
    def told(cls, *, made_at: datetime, sent_at: datetime, now: datetime) -> DeviceTime:
        """:param sent_at: what the device's clock showed when it sent; ``now`` is ours."""
        return cls(made_at, now - sent_at)

    @property
    def is_wrong(self) -> bool:
        return abs(self.difference) > CLOCK_TOLERANCE

    def ours(self, now: datetime) -> datetime:
        """When it was done by our clock: corrected where theirs is wrong, and never after now."""
        at = self.made_at + self.difference if self.is_wrong else self.made_at
        return min(at, now)

    def doubts(self) -> Sequence[dict[str, str]]:
        """What a person should know who judges the time; in both languages."""
        if not self.is_wrong:
            return ()
        minutes = round(abs(self.difference).total_seconds() / 60)
        zh, en = ("慢", "slow") if self.difference > timedelta() else ("快", "fast")
        span_zh = f"{minutes}分钟" if minutes < 180 else f"{round(minutes / 60)}小时"
        span_en = f"{minutes} minutes" if minutes < 180 else f"{round(minutes / 60)} hours"
        seen = f"{self.made_at:%Y-%m-%d %H:%M}"
        return ({
            "zh": f"设备时钟{zh}{span_zh}，已按服务器时间校正（设备时间{seen}，UTC）",
            "en": f"the device's clock was {span_en} {en}; corrected by ours (it showed {seen} UTC)",
        },)  # fmt: skip
