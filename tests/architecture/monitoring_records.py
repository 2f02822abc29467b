"""Records of monitoring for the walk."""

from __future__ import annotations

from tests.architecture.records import Record
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.factories import make_source, own_file, tell_unknown
from tests.factories import NOW, District

from quancheng.domains.monitoring.models import Alarm, RiskWarning, Source, Tag, TellingRule, UnknownKey, WarningCheck
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.monitoring.services.telling_rules import RuleSpec, enter_rule
from quancheng.domains.monitoring.services.warning_clock import watch_all
from quancheng.domains.monitoring.services.warnings import respond


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


def told_alarm(district: District) -> Record:
    row = Alarm.objects.filter(tag__code="MARK.G1.LT1.PV", type="HH").first()
    if row is None:
        found = Tag.objects.get(pk=tag(district).arguments["pk"])
        row = raised(found, at=NOW, value=60.0)
    return Record({"pk": row.pk}, "标记点位")


def telling_rule(district: District) -> Record:
    row = TellingRule.objects.filter(name="标记规则").first() or enter_rule(
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
