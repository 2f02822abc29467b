"""A record that goes out or came in, read by every rule that can be told without knowing other records.

Source: AQ 3064.2-2025, tables A.1 and A.3. Reject codes are those of the exchange of dual prevention [D].
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from quancheng.standards.aq3064.tables import STATUS, Field, Table, alarm_codes, kind_of, table
from quancheng.standards.dual_prevention_exchange.reading import Fault, Read, fault_of
from quancheng.standards.dual_prevention_exchange.times import read_time, write_time
from quancheng.standards.dual_prevention_exchange.writing import Written
from quancheng.standards.wording import Text

#: States in which a permit was issued: what issuing needs is known from then on.
_ISSUED = frozenset("1236")
#: Kinds whose gas is always tested; of temporary electricity the record does not tell whether the place asks for it.
_GAS = ("HW", "CS")
_RANGES = {"longitude": 180, "latitude": 90}
#: Years, in China's time, that a time of an exchange can lie in: beyond them it is a slip or a placeholder, and neither
#: databases nor sums of times bear the ends of the calendar [D].
_YEARS = range(2000, 2101)


class _Wrong(Exception):
    def __init__(self, code: int, zh: str = "", en: str = "") -> None:
        super().__init__(code)
        self.code, self.more = code, Text(zh, en)


def read_record(code: str, row: Mapping[str, Any], *, lengths: bool = True) -> Read:
    """Read one record. Unknown items are passed over, since later editions add some.

    Values are aware times, ``Decimal`` numbers and texts; what was empty is None. ``faults`` is empty where it may be
    taken.

    :param lengths: whether texts longer than we keep are refused.
    """
    known, found = table(code), Read({})
    for one in known.fields:
        try:
            found.values[one.name] = _value(one, row.get(one.name), lengths)
        except _Wrong as wrong:
            found.values[one.name] = None
            found.faults.append(fault_of(wrong.code, one, wrong.more))
    told = {fault.field for fault in found.faults}
    for one in known.fields:
        if found.values[one.name] is None and one.name not in told and _is_needed(one.required, found.values):
            found.faults.append(fault_of(4009, one, Text("必填", "is required")))
    if not found.faults:
        found.faults.extend(_together(known, found.values))
    return found


def write_record(code: str, facts: Mapping[str, Any], times: str = "dashed") -> Written:
    """Write one record from values as :func:`read_record` gives them; missing ones go out empty. Lengths are not asked
    of it: the standard sets none, and ours are those of our own intake.

    :param times: a style of ``dual_prevention_exchange.TIME_STYLES``. ValueError for a fact that is no item.
    """
    known = table(code)
    if alien := set(facts) - {one.name for one in known.fields}:
        raise ValueError(f"{code} has no items {sorted(alien)}")
    row = {one.name: _text(facts.get(one.name), times) for one in known.fields}
    return Written(row, read_record(code, row, lengths=False).faults)


def _text(value: Any, times: str) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return write_time(value, times)
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return str(value)


def _value(one: Field, given: Any, lengths: bool) -> Any:
    if given is None or given == "":
        return None
    if isinstance(given, bool | list | dict):
        raise _Wrong(4004, "类型有误", "of a wrong type")
    text = str(given).strip()
    if not text:
        return None
    if "\0" in text or any(unicodedata.category(mark) == "Cs" for mark in text):
        raise _Wrong(4004, "含有不能保存的字符", "has a character that cannot be kept")
    if one.type == "uuid":
        return _key(text)
    if one.type == "time":
        return _time(text)
    if one.type in ("number", "longitude", "latitude"):
        return _number(text, _RANGES.get(one.type))
    if not _is_code(one.type, text):
        raise _Wrong(4002)
    if lengths and one.length and len(text) > one.length:
        raise _Wrong(4004, f"最多{one.length}字", f"at most {one.length} characters")
    return text


def _time(text: str) -> datetime:
    try:
        at = read_time(text)
    except ValueError as bad:
        raise _Wrong(4003) from bad
    if at.year not in _YEARS:
        raise _Wrong(4003, "年份应在2000至2100之间", "a year from 2000 to 2100 is asked for")
    return at


def _is_code(kind: str, text: str) -> bool:
    """Whether a text is a code of its list; of a plain text always."""
    if kind == "flag":
        return text in ("0", "1")
    if kind == "status":
        return text in STATUS
    if kind == "alarm":
        return text in alarm_codes() and bool(alarm_codes()[text].group)
    if kind == "type":
        try:
            kind_of(text)
        except ValueError:
            return False
    return True


def _key(text: str) -> str:
    """One spelling of a key, so that the same key with and without dashes is the same."""
    try:
        if len(text) in (32, 36):
            return str(uuid.UUID(text))
    except ValueError:
        pass
    raise _Wrong(4004, "应为32或36位UUID", "a UUID of 32 or 36 characters is asked for")


def _number(text: str, most: int | None) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as bad:
        raise _Wrong(4004, "不是数字", "not a number") from bad
    if not value.is_finite() or value.copy_abs() >= 10**8:
        raise _Wrong(4004, "不是数字", "not a number")
    if most is not None and abs(value) > most:
        raise _Wrong(4004, f"应在-{most}到{most}之间", f"must lie between -{most} and {most}")
    return value


def _is_needed(when: str, values: Mapping[str, Any]) -> bool:
    status = values.get("TICKET_STATUS")
    if when == "gas":
        code = values.get("TICKET_TYPE")
        return status in _ISSUED and code is not None and kind_of(code)[0] in _GAS
    if when == "certificate":
        return (values.get("WORKER_CERTI_NAME") is None) != (values.get("WORKER_CERTI_NUM") is None)
    return {"Y": True, "issued": status in _ISSUED, "accepted": status == "3"}.get(when, False)


def _together(known: Table, values: Mapping[str, Any]) -> list[Fault]:
    """Rules about several items of one record."""
    faults = []

    def told(code: int, name: str, zh: str, en: str) -> None:
        faults.append(fault_of(code, known.field(name), Text(zh, en)))

    if values["UPDATE_DATE"] < values["CREATE_DATE"]:
        told(4003, "UPDATE_DATE", "早于创建时间", "before it was created")
    if known.code == "ticket":
        if values["END_TIME"] <= values["START_TIME"]:
            told(4003, "END_TIME", "应晚于作业开始时间", "must be later than the begin of work")
        if values["IS_CANCELLED"] == "1" and values["TICKET_STATUS"] not in ("4", "5"):
            told(4002, "IS_CANCELLED", "与作业票状态不符", "does not fit the state of the permit")
    elif values["ALARM_END_TIME"] is not None and values["ALARM_END_TIME"] < values["ALARM_START_TIME"]:
        told(4003, "ALARM_END_TIME", "早于报警开始时间", "before the alarm began")
    return faults
