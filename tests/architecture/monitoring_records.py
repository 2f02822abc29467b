"""Records of monitoring for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.monitoring.factories import make_source, own_file, tell_unknown
from tests.factories import NOW, District

from quancheng.domains.monitoring.models import BridgeRule, Broker, BrokerState, Source, Tag, UnknownKey
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


def broker(district: District) -> Record:
    row, made = Broker.objects.get_or_create(
        name="标记消息服务器",
        defaults={"owner_org": district.office_org, "host": "broker.example", "created_at": NOW, "reach": "own"},
    )
    if made:
        BrokerState.objects.create(broker=row, updated_at=NOW)
    return Record({"pk": row.pk}, "标记消息服务器")


def rule(district: District) -> Record:
    made, of = broker(district), source(district)
    row = BridgeRule.objects.create(
        broker_id=made.arguments["pk"], source_id=of.arguments["pk"], pattern="mark/#", form="json", created_at=NOW
    )
    return Record({"pk": row.broker_id, "rule_id": row.pk}, "mark/#")
