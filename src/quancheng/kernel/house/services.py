"""The one write: a database is born."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.house.models import DEMO, REAL, House
from quancheng.kernel.journal.services import record


@transaction.atomic
def found_house(*, actor: Actor, kind: str, district_code: str, district_name: str, now: datetime) -> House:
    """Say once and for life whether this database is a demonstration, and whose district it serves.

    The same words again are answered with the row that stands.

    :raises Invalid: an unknown kind, or no district.
    :raises Conflict: it was born otherwise.
    """
    if kind not in {DEMO, REAL} or not district_code or not district_name:
        raise Invalid(_("请选择区县，并说明是演示数据还是正式数据。"))
    house, created = House.objects.get_or_create(
        pk=1,
        defaults={"kind": kind, "district_code": district_code, "district_name": district_name, "born_at": now},
    )
    if not created:
        if (house.kind, house.district_code) != (kind, district_code):
            raise Conflict(
                _("该数据库已作为“%(name)s”的%(kind)s启用，不能更改；请使用新的数据库。")
                % {"name": house.district_name, "kind": house.get_kind_display()}
            )
        return house
    facts = {"kind": kind, "district_code": district_code, "district_name": district_name}
    record(actor=actor, act="house.found", subject_type="house.house", facts=facts, now=now)
    return house
