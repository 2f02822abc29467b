"""Ticket and alarm records: every identifier, code and state, what is refused, the envelope."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards import aq3064
from quancheng.standards.gb30871.endings import STATES

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
AT = datetime(2026, 9, 8, 1, 0, tzinfo=UTC)
#: As the printed tables name them.
TICKET = (
    "ID", "COMPANY_NAME", "COMPANY_CODE", "TICKET_TYPE", "GAS_NAME", "GAS_TIME", "GAS_VALUE", "ISSUE_TIME",
    "START_TIME", "END_TIME", "TICKET_POSITION", "TICKET_CONTENT", "CHECKED_TIME", "LONGITUDE", "LATITUDE",
    "TICKET_STATUS", "SUPERVISOR_NAME", "WORKER_NAME", "WORKER_CERTI_NAME", "WORKER_CERTI_NUM", "WORK_DEPARTMENT",
    "IS_CONTRACTOR_WORK", "TICKET_RESPONS_NAME", "MAJOR_PERSON_MOBILE", "IS_CHANGED", "CHANGED_CAUSE", "IS_CANCELLED",
    "CANCELLED_CAUSE", "DELETED", "CREATE_DATE", "CREATE_BY", "UPDATE_DATE", "UPDATE_BY",
)  # fmt: skip
ALARM = (
    "ID", "TICKET_ID", "ALARM_START_TIME", "ALARM_TYPE", "ALARM_END_TIME", "ALARM_RESULT", "DELETED", "CREATE_DATE",
    "CREATE_BY", "UPDATE_DATE", "UPDATE_BY",
)  # fmt: skip


def ticket(**more: Any) -> dict[str, Any]:
    return {
        "ID": KEY, "COMPANY_NAME": "示例化工", "COMPANY_CODE": "990100001", "TICKET_TYPE": "02", "GAS_NAME": "可燃气体",
        "GAS_TIME": "2026-09-08 08:40:00", "GAS_VALUE": "0.05", "ISSUE_TIME": "2026-09-08 08:55:00",
        "START_TIME": "2026-09-08 09:00:00", "END_TIME": "2026-09-08 16:00:00", "TICKET_POSITION": "罐区T-101",
        "TICKET_CONTENT": "更换管段", "LONGITUDE": "120.5", "LATITUDE": "31.2", "TICKET_STATUS": "2",
        "SUPERVISOR_NAME": "示例甲", "WORKER_NAME": "示例乙,示例丙", "WORK_DEPARTMENT": "设备部",
        "IS_CONTRACTOR_WORK": "0", "TICKET_RESPONS_NAME": "示例丁", "MAJOR_PERSON_MOBILE": "13900000000",
        "IS_CHANGED": "0", "IS_CANCELLED": "0", "DELETED": "0", "CREATE_DATE": "2026-09-07 10:00:00",
        "CREATE_BY": "示例丁", "UPDATE_DATE": "2026-09-08 09:00:00", "UPDATE_BY": "示例丁", **more,
    }  # fmt: skip


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "ID": KEY, "TICKET_ID": KEY, "ALARM_START_TIME": "2026-09-08 10:00:00", "ALARM_TYPE": "31", "DELETED": "0",
        "CREATE_DATE": "2026-09-08 10:00:00", "CREATE_BY": "系统", "UPDATE_DATE": "2026-09-08 10:00:00",
        "UPDATE_BY": "系统", **more,
    }  # fmt: skip


def codes(code: str, row: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one.code, one.field) for one in aq3064.read_record(code, row).faults]


def test_both_tables_hold_the_items_of_the_standard_in_its_order() -> None:
    assert tuple(one.name for one in aq3064.table("ticket").fields) == TICKET
    assert [one.number for one in aq3064.table("ticket").fields] == list(range(1, 34))
    assert tuple(one.name for one in aq3064.table("alarm").fields) == ALARM
    assert [one.order for one in aq3064.tables().values()] == [11, 12]


@pytest.mark.parametrize("name", TICKET)
def test_each_item_of_a_ticket_is_read_and_each_required_one_is_asked_for(name: str) -> None:
    whole = ticket(CHECKED_TIME="2026-09-08 16:30:00", WORKER_CERTI_NAME="焊工", WORKER_CERTI_NUM="T1",
                   CHANGED_CAUSE="变更", CANCELLED_CAUSE="取消", TICKET_STATUS="3")  # fmt: skip
    assert aq3064.read_record("ticket", whole).faults == []
    assert aq3064.read_record("ticket", whole).values[name] is not None
    faults = codes("ticket", {**whole, name: ""})
    optional = name in ("CHANGED_CAUSE", "CANCELLED_CAUSE")
    # Without its kind or state nobody knows what else would be asked for.
    assert ((4009, name) in faults) is not optional


@pytest.mark.parametrize("name", ALARM)
def test_each_item_of_an_alarm_is_read_and_each_required_one_is_asked_for(name: str) -> None:
    whole = alarm(ALARM_END_TIME="2026-09-08 10:20:00", ALARM_RESULT="已到岗")
    assert aq3064.read_record("alarm", whole).values[name] is not None
    optional = name in ("ALARM_END_TIME", "ALARM_RESULT")
    assert ((4009, name) in codes("alarm", {**whole, name: None})) is not optional


@pytest.mark.parametrize(("kind", "level", "code"), [
    ("HW", "S", "01"), ("HW", "I", "02"), ("HW", "II", "03"), ("TE", "", "10"), ("WH", "1", "21"), ("WH", "2", "22"),
    ("WH", "3", "23"), ("WH", "4", "24"), ("EX", "", "30"), ("RC", "", "40"), ("BL", "", "50"), ("LF", "1", "61"),
    ("LF", "2", "62"), ("LF", "3", "63"), ("CS", "", "70"),
])  # fmt: skip
def test_kinds_and_levels_have_the_codes_of_table_a2(kind: str, level: str, code: str) -> None:
    assert aq3064.ticket_type(kind, level) == code
    assert aq3064.kind_of(code) == (kind, level)


def test_an_unknown_type_is_none_and_a_level_not_told_is_the_mildest() -> None:
    with pytest.raises(ValueError, match="TICKET_TYPE"):
        aq3064.kind_of("04")
    assert aq3064.ticket_type("HW", "") == "03"


@pytest.mark.parametrize(("state", "code"), [
    ("BOOKED", None), ("APPLIED", "0"), ("RISK_DONE", "0"), ("MEASURES_DONE", "0"), ("GAS_OK", "0"), ("BRIEFED", "0"),
    ("SIGNING", "0"), ("ISSUED", "1"), ("READY", "1"), ("WORKING", "2"), ("SUSPENDED", "6"), ("FINISHED", "2"),
    ("ACCEPTED", "3"), ("ARCHIVED", "3"), ("VOID", "4"), ("CANCELLED", "5"),
])  # fmt: skip
def test_states_have_the_codes_of_item_16(state: str, code: str | None) -> None:
    assert aq3064.status_of(state) == code
    assert state in STATES


def test_alarms_are_those_of_table_a4_and_our_own_stay_here() -> None:
    told = [code for code in aq3064.alarm_codes() if aq3064.exchanged(code)]
    assert told == [
        "01", "02", "03", "04", "05", "10", "20", "30", "31", "40", "41", "42", "43", "50", "51", "52", "60", "61",
        "62", "70", "80", "90",
    ]  # fmt: skip
    assert all(code[0] == aq3064.alarm_codes()[code].group for code in told)
    assert (4002, "ALARM_TYPE") in codes("alarm", alarm(ALARM_TYPE="GAS"))


@pytest.mark.parametrize(("change", "fault"), [
    ({"ID": "17"}, (4004, "ID")), ({"TICKET_TYPE": "99"}, (4002, "TICKET_TYPE")),
    ({"TICKET_STATUS": "7"}, (4002, "TICKET_STATUS")), ({"START_TIME": "昨天"}, (4003, "START_TIME")),
    ({"LONGITUDE": "181"}, (4004, "LONGITUDE")), ({"GAS_VALUE": "NaN"}, (4004, "GAS_VALUE")),
    ({"GAS_VALUE": "低"}, (4004, "GAS_VALUE")), ({"IS_CHANGED": "是"}, (4002, "IS_CHANGED")),
    ({"GAS_TIME": ""}, (4009, "GAS_TIME")), ({"WORKER_CERTI_NAME": "焊工"}, (4009, "WORKER_CERTI_NUM")),
    ({"TICKET_STATUS": "3"}, (4009, "CHECKED_TIME")), ({"END_TIME": "2026-09-08 09:00:00"}, (4003, "END_TIME")),
    ({"IS_CANCELLED": "1"}, (4002, "IS_CANCELLED")), ({"WORKER_NAME": {"a": 1}}, (4004, "WORKER_NAME")),
    ({"UPDATE_DATE": "2026-09-06 09:00:00"}, (4003, "UPDATE_DATE")),
    ({"TICKET_CONTENT": "\0"}, (4004, "TICKET_CONTENT")),
])  # fmt: skip
def test_what_cannot_be_is_told_with_item_and_code(change: dict[str, Any], fault: tuple[int, str]) -> None:
    assert codes("ticket", ticket()) == []
    assert fault in codes("ticket", ticket(**change))


def test_gas_is_asked_of_issued_hot_work_and_confined_spaces_alone() -> None:
    bare = {"GAS_NAME": "", "GAS_TIME": "", "GAS_VALUE": ""}
    assert codes("ticket", ticket(**bare, TICKET_STATUS="0", ISSUE_TIME="")) == []
    assert len(codes("ticket", ticket(**bare, TICKET_TYPE="70"))) == 3
    assert codes("ticket", ticket(**bare, TICKET_TYPE="10")) == []


def test_a_record_in_its_envelope_is_the_same_record() -> None:
    facts = {**aq3064.read_record("ticket", ticket()).values, "GAS_VALUE": Decimal("0.05")}
    written = aq3064.write_record("ticket", facts)
    assert written.faults == []
    sent = aq3064.wrap("ticket", written.row, company="990100001", park="PARK01")
    assert (sent["IDENTIFIER"], sent["UUID"], sent["PARK_CODE"]) == ("SPECIAL_WORK_TICKET", KEY, "PARK01")
    assert (sent["UPDATE_TIME"], sent["UPDATE_BY"], sent["DELETE_BY"]) == ("2026-09-08 09:00:00", "示例丁", "")
    assert aq3064.read_record("ticket", aq3064.unwrap(sent)).values == facts
    bare = {name: value for name, value in sent.items() if name not in ("ID", "CREATE_DATE", "UPDATE_DATE")}
    assert aq3064.read_record("ticket", aq3064.unwrap(bare)).faults == []
    assert aq3064.version_of(sent) == "20260908090000/0"
    with pytest.raises(ValueError, match="no items"):
        aq3064.write_record("ticket", {"NOTHING": 1})


@given(st.dictionaries(
    st.sampled_from(TICKET), st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.text()))
))  # fmt: skip
def test_anything_is_read_or_told_why_not(row: dict[str, Any]) -> None:
    found = aq3064.read_record("ticket", row)
    assert set(found.values) == set(TICKET)
    assert found.faults
