"""Rows of the exchange: what is written is read as the same, and each rule refuses with its code."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quancheng.standards import dual_prevention_exchange as exchange
from quancheng.standards.dual_prevention_exchange.tables import MOST_PICTURE

JPEG = b"\xff\xd8\xff" + b"x" * 40
KEY = "9b1d0000-0000-4000-8000-000000000001"
AT = datetime(2026, 5, 20, 2, 15, tzinfo=UTC)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1)


def common(**more: Any) -> dict[str, Any]:
    return {
        "id": KEY, "companyCode": "330100001", "deleted": "0", "createDate": AT, "createBy": "示例甲",
        "updateDate": AT, "updateBy": "示例甲", **more,
    }  # fmt: skip


FACTS: dict[str, dict[str, Any]] = {
    "unit": common(hazardCode="330100001001", hazardDep="储运部", hazardLiablePerson="示例甲", riskUnitName="V-101罐"),
    "event": common(riskUnitId=KEY, riskEventName="储罐超液位溢料引发火灾"),
    "measure": common(riskEventId=KEY, dataSrc="2", riskMeasureDesc="高液位报警", classify1="1", classify2="1-4",
                      troubleshootContent="试验报警"),
    "task": common(riskMeasureId=KEY, troubleshootContent="检查切断阀", checkCycle=Decimal(6), checkCycleUnit="月",
                   taskStartTime=AT, workDayType="0", workType="2", taskNum="3"),
    "stop": common(hazardCode="330100001001", riskUnitId=KEY, stopStartTime=AT, stopEndTime=AT, stopReason="大修"),
    "record": common(checkTaskId=KEY, checkTime=AT, checkStatus="0", isDefend="1", mobileMe="867000000000001",
                     createByMobile="00055500001", updateByMobile="00055500001"),
    "danger": common(hazardCode="330100001001", dangerName="报警无声光", dangerLevel="0", registTime=AT,
                     registrant="示例甲", dangerSrc="1", dangerManageType="1", hazardDangerType="4",
                     hazardCategory="0", dangerDesc="无声光", liablePerson="示例乙", dangerManageDeadline=AT,
                     dangerState="0"),
}  # fmt: skip


def faults(code: str, **changes: Any) -> list[tuple[int, str]]:
    row = exchange.write_row(code, FACTS[code]).row | changes
    return [(one.code, one.field) for one in exchange.read_row(code, row).faults]


def _values(field: exchange.Field) -> st.SearchStrategy[Any]:
    times = st.integers(946_684_800, 3_786_912_000).map(lambda at: datetime.fromtimestamp(at, UTC))
    made: dict[str, st.SearchStrategy[Any]] = {
        "uuid": st.uuids().map(str), "time": times,
        "clock": st.times().map(lambda at: at.replace(microsecond=0)),
        "decimal": st.decimals("0.01", "99.99", places=2), "picture": st.just(JPEG),
        "fixed": st.text("0123456789", min_size=field.length, max_size=field.length),
    }  # fmt: skip
    if field.type == "code":
        return st.sampled_from([one.code for one in exchange.codes(field.codes)])
    if field.type in made:
        return made[field.type]
    return _TEXTS.map(lambda text: text[: field.length or 50])


@pytest.mark.parametrize("code", list(exchange.tables()))
@settings(max_examples=60, deadline=None)
@given(data=st.data(), style=st.sampled_from([exchange.Style(times, park) for times in exchange.TIME_STYLES
                                             for park in (False, True)]))  # fmt: skip
def test_what_is_written_is_read_as_the_same(code: str, data: st.DataObject, style: exchange.Style) -> None:
    known = exchange.table(code)
    facts = {one.name: data.draw(_values(one), label=one.name) for one in known.fields
             if style.is_park or one.variant != "park"}  # fmt: skip
    written = exchange.write_row(code, facts, style)
    read = exchange.read_row(code, written.row)
    assert {name: read.values[name] for name in facts} == facts
    assert read.faults == written.faults


@pytest.mark.parametrize("code", list(exchange.tables()))
def test_a_whole_row_has_no_fault_and_each_required_field_is_asked_for(code: str) -> None:
    assert faults(code) == []
    for one in exchange.table(code).fields:
        if one.required == "Y":
            assert faults(code, **{one.name: ""}) == [(4009, one.name)]


def test_both_styles_of_time_are_read_and_nothing_else() -> None:
    assert exchange.read_time("20260520101500") == exchange.read_time("2026-05-20 10:15:00") == AT
    for text in ("2026-05-20", "20260520", "20261320101500", "2026-05-20T10:15:00", "２０２６０５２０１０１５００"):
        assert faults("unit", createDate=text)[0] == (4003, "createDate"), text
    assert exchange.write_time(AT, "dashed") == "2026-05-20 10:15:00"
    assert faults("unit", updateDate="20200101000000") == [(4003, "updateDate")]


def test_codes_lengths_and_keys_are_held_to() -> None:
    assert faults("measure", classify2="2-1") == [(4002, "classify2")]
    assert faults("measure", dataSrc="3") == [(4002, "dataSrc")]
    assert faults("unit", riskUnitName="罐" * 200) == []
    assert faults("unit", riskUnitName="罐" * 201) == [(4004, "riskUnitName")]
    assert faults("unit", companyCode="12345678") == [(4004, "companyCode")]
    assert faults("unit", id="x" * 36) == [(4004, "id")]
    dashed = exchange.read_row("unit", exchange.write_row("unit", FACTS["unit"]).row | {"id": KEY.replace("-", "")})
    assert dashed.values["id"] == KEY


def test_what_is_required_only_sometimes() -> None:
    assert faults("unit", hazardCode="") == [(4009, "hazardCode")]
    assert faults("unit", hazardCode="", hazardCode1="Q1") == []
    assert faults("task", checkCycleUnit="小时") == [(4009, "workStartTime"), (4009, "workEndTime")]
    assert faults("task", checkCycleUnit="小时", workStartTime="8:00:00", workEndTime="0:00:00") == [
        (4003, "workEndTime")
    ]
    assert faults("task", checkCycle=0) == [(4004, "checkCycle")]
    assert faults("task", taskNum="") == [(4009, "taskNum")]
    assert faults("task", taskNum="10") == [(4002, "taskNum")]
    assert faults("task", taskNum="10", workType="3") == []
    assert faults("danger", checkRecordId=KEY) == [(4009, "riskMeasureId")]
    row = exchange.write_row("danger", FACTS["danger"]).row | {"dangerLevel": 1}
    assert exchange.read_row("danger", row).faults == []
    assert {one.field for one in exchange.read_row("danger", row, strict=True).faults} == {
        "controlMeasures", "dangerImg",
    }  # fmt: skip


def test_an_accepted_danger_says_who_when_and_how_and_by_another() -> None:
    assert [code for code, _field in faults("danger", dangerState=9)] == [4007, 4007, 4007]
    told = {"checkAcceptPerson": "示例丙", "checkAcceptTime": "20260601080000", "checkAcceptComment": "合格"}
    assert faults("danger", dangerState=9, **told) == []
    assert faults("danger", dangerState=9, **told | {"checkAcceptPerson": "示例乙"}) == [(4007, "checkAcceptPerson")]


@pytest.mark.parametrize(
    ("before", "after", "reason", "may"),
    [(None, 9, "", True), (0, 1, "", True), (0, 9, "", True), (1, 0, "", True), (9, 0, "", False), (9, 0, " ", False),
     (9, 0, "复查不合格", True), (9, 1, "复查不合格", False), (9, 9, "", True)],
)  # fmt: skip
def test_states_do_not_jump(before: int | None, after: int, reason: str, may: bool) -> None:
    assert exchange.may_change_state(before, after, reason) is may


def test_a_picture_is_jpeg_or_png_of_at_most_five_megabytes() -> None:
    full = JPEG + b"x" * (MOST_PICTURE - len(JPEG))
    assert faults("danger", dangerImg=base64.b64encode(full).decode()) == []
    assert faults("danger", dangerImg="data:image/jpeg;base64," + base64.b64encode(JPEG).decode()) == []
    assert faults("danger", dangerImg=base64.b64encode(full + b"x").decode()) == [(4008, "dangerImg")]
    assert faults("danger", dangerImg=base64.b64encode(b"GIF89a").decode()) == [(4008, "dangerImg")]
    assert faults("danger", dangerImg="不是base64") == [(4008, "dangerImg")]


def test_the_digest_of_a_table_knows_no_order_but_every_change() -> None:
    one, two = ("a", "20260101000000/0"), ("b", "20260101000000/0")
    assert exchange.digest_of([one, two]) == exchange.digest_of([two, one])
    assert exchange.digest_of([one, two]) != exchange.digest_of([one, ("b", "20260101000000/1")])
    row = exchange.write_row("unit", FACTS["unit"]).row
    dashed = exchange.write_row("unit", FACTS["unit"], exchange.Style("dashed")).row
    assert exchange.version_of(row) == exchange.version_of(dashed) == "20260520101500/0"
    assert exchange.write_row("task", FACTS["task"] | {"workStartTime": time(8)}).row["workStartTime"] == "8:00:00"
    assert exchange.read_time("20260520101500") + timedelta(0) == AT


def test_every_reject_code_has_its_sentence_in_both_languages() -> None:
    assert list(exchange.rejects()) == list(range(4001, 4011))
    assert all(text.zh and text.en for text in exchange.rejects().values())
