"""Records of monitoring for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.records import Record
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.factories import make_source, own_file, tell_unknown
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import NOW, District

from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmFlood,
    AlarmHold,
    BridgeRule,
    Broker,
    BrokerState,
    Bypass,
    FirstOut,
    OfflineNotice,
    Outage,
    OutageKind,
    RiskWarning,
    Source,
    SuppressionRule,
    SystemFunction,
    Tag,
    TellingRule,
    UnknownKey,
    WarningCheck,
)
from quancheng.domains.monitoring.services.bypasses import BypassSpec, ask_bypass
from quancheng.domains.monitoring.services.holds import HoldSpec, ask_hold
from quancheng.domains.monitoring.services.offline_notices import file_notice
from quancheng.domains.monitoring.services.outages import CLOCK
from quancheng.domains.monitoring.services.suppression import enter_rule
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.monitoring.services.telling_rules import RuleSpec
from quancheng.domains.monitoring.services.telling_rules import enter_rule as enter_telling_rule
from quancheng.domains.monitoring.services.warning_clock import watch_all
from quancheng.domains.monitoring.services.warnings import respond
from quancheng.domains.registry.models import Facility, Unit
from quancheng.kernel.loops.services import enter


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


def key_process(district: District) -> Record:
    row = Facility.objects.filter(name="标记工艺釜").first()
    if row is None:
        unit = make_unit(district.enterprise, own_file(district), code="MKP", name="工艺单元")
        row = make_facility(
            district.enterprise, unit, code="R-MKP", name="标记工艺釜", kind="reactor", processes=["P13"]
        )
    return Record({"pk": row.pk}, "标记工艺釜")


def installation(district: District) -> Record:
    """A tank of a major hazard, as the marked file has it: the grade is set as an assessment would."""
    row = Facility.objects.filter(name="标记危险源罐").first()
    if row is None:
        unit = make_unit(district.enterprise, own_file(district), code="MMH", name="危险源罐区")
        row = make_facility(district.enterprise, unit, code="V-MMH", name="标记危险源罐")
        Unit.objects.filter(pk=unit.pk).update(legal_grade=2)
    return Record({"pk": row.pk}, "标记危险源罐")


def system_function(district: District) -> Record:
    """Everybody who is signed in may know it."""
    row, _made = SystemFunction.objects.get_or_create(area="data", name="标记功能", defaults={"state": "building"})
    return Record({"pk": row.pk}, "标记功能")


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


def bridge_rule(district: District) -> Record:
    made, of = broker(district), source(district)
    row = BridgeRule.objects.create(
        broker_id=made.arguments["pk"], source_id=of.arguments["pk"], pattern="mark/#", form="json", created_at=NOW
    )
    return Record({"pk": row.broker_id, "rule_id": row.pk}, "mark/#")


def outage(district: District) -> Record:
    made = Source.objects.get(pk=source(district).arguments["pk"])
    row = Outage.objects.filter(source=made).first() or enter(
        actor=CLOCK, now=NOW, row=Outage(
            **made.file.row_scope(), file=made.file, source=made, kind=OutageKind.SOURCE, title="标记断线",
            began_at=NOW, due_at=NOW + timedelta(hours=24), created_at=NOW,
        ),
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记断线")


def offline_notice(district: District) -> Record:
    made = Source.objects.get(pk=source(district).arguments["pk"])
    row = OfflineNotice.objects.filter(source=made).first() or file_notice(
        actor=district.enterprise, source=made, tags=[], now=NOW,
        known={"begins_at": NOW, "ends_at": NOW + timedelta(days=300), "reason": "repair", "detail": "标记报备",
               "measures": "人工巡检"},
    )  # fmt: skip
    return Record({"pk": row.pk}, "标记报备")


def told_alarm(district: District) -> Record:
    row = Alarm.objects.filter(tag__code="MARK.G1.LT1.PV", type="HH").first()
    if row is None:
        found = Tag.objects.get(pk=tag(district).arguments["pk"])
        row = raised(found, at=NOW, value=60.0)
    return Record({"pk": row.pk}, "标记点位")


def telling_rule(district: District) -> Record:
    row = TellingRule.objects.filter(name="标记规则").first() or enter_telling_rule(
        actor=district.enterprise, spec=RuleSpec(name="标记规则"), now=NOW
    )
    return Record({"pk": row.pk}, "标记规则")


def warning(district: District) -> Record:
    """Orange, so that the office owes a check of it."""
    row = RiskWarning.objects.filter(hazard__isnull=True, response="标记响应").first()
    if row is None:
        told_alarm(district)
        watch_all(now=NOW)
        row = RiskWarning.objects.filter(file=own_file(district)).get()
        respond(actor=district.enterprise, row=row, response="标记响应", now=NOW)
    return Record({"pk": row.pk}, "标记响应")


def warning_check(district: District) -> Record:
    row = WarningCheck.objects.get(warning=warning(district).arguments["pk"])
    return Record({"pk": row.pk}, row.title)


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


def bypass(district: District) -> Record:
    row = Bypass.objects.filter(what="标记联锁").first() or ask_bypass(
        actor=district.enterprise, file=own_file(district), now=NOW,
        spec=BypassSpec(what="标记联锁", reason="检修", measure="专人监盘", until=NOW + timedelta(hours=8)),
    )
    return Record({"pk": row.pk}, "标记联锁")


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
    # It has no word of its own that a page could show.
    return Record({"pk": row.pk}, "标记FLOOD")


def first_out(district: District) -> Record:
    alarm(district)
    return Record({"pk": FirstOut.objects.get(group="标记首出组").pk}, "标记首出组")
