"""Writes of divisions."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area, AreaAlias
from quancheng.kernel.errors import Invalid
from quancheng.kernel.names import clean, initials, pinyin_key

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LOCK = 0x41524541


def create_area(
    *,
    actor: Actor,
    name: str,
    level: str,
    now: datetime,
    parent: Area | None = None,
    code: str = "",
    is_home: bool = False,
    valid_from: date | None = None,
    aliases: tuple[str, ...] = (),
) -> Area:
    """Enter a division under its parent.

    :raises Invalid: an empty name.
    """
    actor.require("people.organisations.manage")
    name = clean(name)
    if not name:
        raise Invalid(fields={"name": _("请填写区划名称。")})
    with transaction.atomic():
        seq = _next_seq()
        area = Area.objects.create(
            code=code,
            name=name,
            full_name=f"{parent.full_name if parent else ''}{name}",
            level=level,
            parent=parent,
            seq=seq,
            path=f"{parent.path if parent else '/'}{base36(seq)}/",
            pinyin=pinyin_key(name),
            initials=initials(name, limit=80),
            is_home=is_home,
            valid_from=valid_from,
        )
        AreaAlias.objects.bulk_create([AreaAlias(area=area, name=alias) for alias in aliases])
        journal.record(
            actor=actor, act="areas.area.create", subject_type="areas.area", subject_id=area.pk, now=now,
            facts={"name": name, "code": code},
        )  # fmt: skip
    return area


def _next_seq() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = Area.objects.order_by("-seq").values_list("seq", flat=True).first()
    return (last or 0) + 1


def base36(number: int) -> str:
    """A positive number in base 36, lower case."""
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = _DIGITS[rest] + text
    return text or "0"
