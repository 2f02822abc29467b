"""Writes of divisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area, AreaAlias
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.names import clean, initials, pinyin_key

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LOCK = 0x41524541
ALIAS_KINDS = ("short", "historical", "colloquial")


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
        seq = next_seq()
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


def add_alias(*, actor: Actor, area: Area, name: str, now: datetime, kind: str = "colloquial") -> None:
    """Teach another name of a division; learning it twice changes nothing.

    :param kind: ``short``, ``historical`` or ``colloquial``.
    :raises Invalid: empty or longer than 80 characters.
    """
    actor.require("people.organisations.manage")
    name = clean(name)
    if not name or len(name) > 80:
        raise Invalid(fields={"name": _("请填写别名，不超过80个字。")})
    if name == area.name:
        return
    with transaction.atomic():
        AreaAlias.objects.bulk_create([AreaAlias(area=area, name=name, kind=kind)], ignore_conflicts=True)
        journal.record(
            actor=actor, act="areas.area.alias", subject_type="areas.area", subject_id=area.pk, now=now,
            facts={"alias": name, "kind": kind},
        )  # fmt: skip


def set_aliases(*, actor: Actor, area: Area, names: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Say everything else that a division is or was called, by kind of alias; what is not named is forgotten.

    :raises Invalid: an unknown kind, or a name of more than 80 characters.
    """
    actor.require("people.organisations.manage")
    wanted = {clean(name): kind for kind, some in names.items() for name in some if clean(name) and name != area.name}
    if any(len(name) > 80 for name in wanted) or set(wanted.values()) - set(ALIAS_KINDS):
        raise Invalid(fields={"name": _("请填写别名，不超过80个字。")})
    with transaction.atomic():
        area.aliases.exclude(name__in=wanted).delete()
        AreaAlias.objects.bulk_create(
            [AreaAlias(area=area, name=name, kind=kind) for name, kind in sorted(wanted.items())],
            update_conflicts=True,
            unique_fields=["area", "name"],
            update_fields=["kind"],
        )
        journal.record(
            actor=actor, act="areas.area.aliases", subject_type="areas.area", subject_id=area.pk, now=now,
            facts={"aliases": wanted},
        )  # fmt: skip


def rename_area(*, actor: Actor, area: Area, name: str, now: datetime) -> None:
    """Give a division another name; the old one stays findable as a historical alias.

    :raises Invalid: empty or longer than 80 characters.
    """
    actor.require("people.organisations.manage")
    name = clean(name)
    if not name or len(name) > 80:
        raise Invalid(fields={"name": _("请填写区划名称。")})
    with transaction.atomic():
        before = area.name
        rename(area, name)
        journal.record(
            actor=actor, act="areas.area.rename", subject_type="areas.area", subject_id=area.pk, now=now,
            facts={"before": before, "after": name},
        )  # fmt: skip


def retire_area(*, actor: Actor, area: Area, on: date, now: datetime, into: Area | None = None) -> None:
    """End a division (撤并): it takes no new rows; those it has keep it, since figures go by the day of the fact.

    :param into: what it was merged into, which then is found under the old name too.
    :raises Conflict: it is the home district, or divisions below it still stand.
    """
    actor.require("people.organisations.manage")
    with transaction.atomic():
        if area.is_home or Area.objects.filter(parent=area, valid_to__isnull=True).exists():
            raise Conflict(_("该区划仍有下级或为本区，不能撤销。"))
        if Area.objects.filter(pk=area.pk, valid_to__isnull=True).update(valid_to=on) != 1:
            return
        area.valid_to = on
        if into is not None:
            names = [area.name, *area.aliases.values_list("name", flat=True)]
            AreaAlias.objects.bulk_create(
                [AreaAlias(area=into, name=name, kind="historical") for name in names if name != into.name],
                ignore_conflicts=True,
            )
        journal.record(
            actor=actor, act="areas.area.retire", subject_type="areas.area", subject_id=area.pk, now=now,
            facts={"on": on, "into": into.pk if into else None},
        )  # fmt: skip


def rename(area: Area, name: str) -> None:
    """Change name, keys and the full names below it; for services that journal it themselves."""
    AreaAlias.objects.bulk_create([AreaAlias(area=area, name=area.name, kind="historical")], ignore_conflicts=True)
    AreaAlias.objects.filter(area=area, name=name).delete()
    old_full = area.full_name
    area.full_name = f"{old_full[: len(old_full) - len(area.name)]}{name}"[:240]
    area.name, area.pinyin, area.initials = name, pinyin_key(name), initials(name, limit=80)
    area.save(update_fields=["name", "full_name", "pinyin", "initials"])
    below = Area.objects.filter(path__startswith=area.path, full_name__startswith=old_full).exclude(pk=area.pk)
    below.update(full_name=Concat(Value(area.full_name), Substr("full_name", len(old_full) + 1)))


def next_seq() -> int:
    """The number of the next row; whoever asks holds the lock to the end of the transaction."""
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
