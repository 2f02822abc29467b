"""Records of monitoring for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.records import Record
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.factories import make_source, own_file, tell_unknown
from tests.factories import NOW, District

from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmFlood,
    AlarmHold,
    FirstOut,
    Source,
    SuppressionRule,
    Tag,
    UnknownKey,
)
from quancheng.domains.monitoring.services.holds import HoldSpec, ask_hold
from quancheng.domains.monitoring.services.suppression import enter_rule
from quancheng.domains.monitoring.services.tags import enter_tag


def source(district: District) -> Record:
    row = Source.objects.filter(code="GW-MARK-01").first() or make_source(district, code="GW-MARK-01", name="标记网关")
    return Record({"pk": row.pk}, "标记网关")


def tag(district: District) -> Record:
    row = Tag.objects.filter(code="MARK.G1.LT1.PV").first() or enter_tag(
        actor=district.enterprise, file=own_file(district), code="MARK.G1.LT1.PV",
        known={"name": "标记点位", "kind": "flammable", "h": 25.0, "hh": 50.0, "range_lo": 0.0, "range_hi": 100.0},
        now=NOW,
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记点位")


def unknown(district: District) -> Record:
    made = source(district)
    row = Source.objects.get(pk=made.arguments["pk"])
    tell_unknown({row.number: {"标记名称": 1}})
    return Record({"pk": row.pk, "key_id": UnknownKey.objects.get(key="标记名称").pk}, "标记名称")


def _level(district: District, code: str) -> Tag:
    """A tag of its own, which no other record's acts end."""
    return Tag.objects.filter(code=code).first() or enter_tag(
        actor=district.enterprise, file=own_file(district), code=code,
        known={"name": f"标记{code}", "kind": "level", "h": 2000.0, "range_lo": 0.0, "range_hi": 2500.0, "priority": 3,
               "first_out_group": "标记首出组"},
        now=NOW,
    )  # fmt: skip


def alarm(district: District) -> Record:
    tag = _level(district, "MARK.ALARM")
    row = Alarm.objects.filter(tag=tag).first() or raised(tag, "H", at=NOW, value=2100)
    return Record({"pk": row.pk}, "标记MARK.ALARM")


def hold(district: District) -> Record:
    tag = _level(district, "MARK.HOLD")
    row = AlarmHold.objects.filter(tag=tag).first()
    if row is None:
        spec = HoldSpec(kind="shelf", reason="等待备件", until=NOW + timedelta(minutes=30))
        row = ask_hold(actor=district.enterprise, tag=tag, spec=spec, now=NOW)
    return Record({"pk": row.pk}, "标记MARK.HOLD")


def rule(district: District) -> Record:
    tag, by_tag = _level(district, "MARK.RULE"), _level(district, "MARK.BY")
    row = SuppressionRule.objects.filter(tag=tag).first() or enter_rule(
        actor=district.enterprise, tag=tag, by_tag=by_tag, comparison="active", value=None, reason="同罐两表", now=NOW
    )
    return Record({"pk": row.pk}, "标记MARK.RULE")


def flood(district: District) -> Record:
    file = own_file(district)
    row = AlarmFlood.objects.filter(file=file).first() or AlarmFlood.objects.create(
        file=file, began_at=NOW, ended_at=NOW, count=10, most=10
    )
    return Record({"pk": row.pk}, "标记")


def first_out(district: District) -> Record:
    alarm(district)
    return Record({"pk": FirstOut.objects.get(group="标记首出组").pk}, "标记首出组")
