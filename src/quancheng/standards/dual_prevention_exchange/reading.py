"""A row that came in, read by every rule that can be told without knowing other rows."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from quancheng.standards.dual_prevention_exchange.tables import MOST_PICTURE, Field, Table, codes, reject_text, table
from quancheng.standards.dual_prevention_exchange.times import read_clock, read_time
from quancheng.standards.wording import Text

#: Numbers in the official lists of 包保 tasks, by ``workType``.
MOST_TASK_NUMBER = {"1": 9, "2": 9, "3": 10}
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused: reject code, field, and a sentence in both languages."""

    code: int
    field: str
    text: Text


@dataclass(frozen=True, slots=True)
class Read:
    """A row as values: aware times, ``Decimal`` numbers, pictures as bytes, codes and keys as text; what was empty is
    None. ``faults`` is empty where it may be taken."""

    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)


class Named(Protocol):
    """A field of a record, of whichever table."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> Text: ...


_NONE = Text("", "")


class _Wrong(Exception):
    def __init__(self, code: int, more: Text = _NONE) -> None:
        super().__init__(code)
        self.code, self.more = code, more


def read_row(code: str, row: Mapping[str, Any], *, strict: bool = False) -> Read:
    """Read one row of a table. Unknown fields are passed over, since later editions add some.

    :param strict: also asks for what is required of major dangers by default only ([D]).
    """
    found = Read({})
    known = table(code)
    for one in known.fields:
        try:
            found.values[one.name] = _value(one, row.get(one.name))
        except _Wrong as wrong:
            found.values[one.name] = None
            found.faults.append(fault_of(wrong.code, one, wrong.more))
    _needed(known, row, found, strict)
    if not found.faults:
        found.faults.extend(_together(known, found.values))
    return found


def may_change_state(before: int | None, after: int, reopen_reason: str = "") -> bool:
    """Whether a danger may go from one official state (0, 1, 9) to another: forward as it likes, back from 1 to 0, and
    from 9 to 0 only with a reason."""
    if before is None or before == after or before == 0:
        return True
    if before == 1:
        return True
    return after == 0 and bool(reopen_reason.strip())


def _value(one: Field, given: Any) -> Any:
    if given is None or given == "":
        return None
    if isinstance(given, bool | list | dict):
        raise _Wrong(4002 if one.type == "code" else 4004, Text("类型有误", "of a wrong type"))
    text = str(given).strip()
    if not text:
        return None
    if "\0" in text:
        raise _Wrong(4004, Text("含有不能保存的字符", "has a character that cannot be kept"))
    if one.type == "picture":
        return _picture(text)
    if one.type == "time":
        return _asked(read_time, text)
    if one.type == "clock":
        return _asked(read_clock, text)
    if one.type == "decimal":
        return _number(text)
    if one.type == "code":
        if text not in {each.code for each in codes(one.codes)}:
            raise _Wrong(4002)
        return text
    if one.type == "uuid":
        return _key(text)
    if one.type == "fixed" and len(text) != one.length:
        raise _Wrong(4004, Text(f"应为{one.length}位", f"{one.length} characters are asked for"))
    if one.length and len(text) > one.length:
        raise _Wrong(4004, Text(f"最多{one.length}字", f"at most {one.length} characters"))
    return text


def _asked(read: Any, text: str) -> Any:
    try:
        return read(text)
    except ValueError as bad:
        raise _Wrong(4003) from bad


def _key(text: str) -> str:
    """One spelling of a key, so that the same key with and without dashes is the same."""
    if len(text) not in (32, 36):
        raise _Wrong(4004, Text("应为32或36位UUID", "a UUID of 32 or 36 characters is asked for"))
    try:
        return str(uuid.UUID(text))
    except ValueError as bad:
        raise _Wrong(4004, Text("应为32或36位UUID", "a UUID of 32 or 36 characters is asked for")) from bad


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as bad:
        raise _Wrong(4004, Text("不是数字", "not a number")) from bad
    if not value.is_finite() or not 0 < value < 100 or value != round(value, 2):
        raise _Wrong(4004, Text("应为大于0、小于100、至多两位小数的数", "above 0, below 100, at most two decimals"))
    return value


def _picture(text: str) -> bytes:
    head, mark, rest = text.partition(";base64,")
    body = rest if mark and head.startswith("data:image/") else text
    if len(body) > MOST_PICTURE * 4 // 3 + 8:
        raise _Wrong(4008)
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as bad:
        raise _Wrong(4008) from bad
    if len(content) > MOST_PICTURE or not content.startswith(_PICTURES):
        raise _Wrong(4008)
    return content


def _needed(known: Table, row: Mapping[str, Any], found: Read, strict: bool) -> None:
    """What is required and was not given; what was given and is wrong was told before."""
    values, told = found.values, {fault.field for fault in found.faults}
    for one in known.fields:
        if values[one.name] is not None or one.name in told:
            continue
        if one.required == "accepted" and str(row.get("dangerState", "")) == "9":
            found.faults.append(fault_of(4007, one))
        elif one.required == "Y" or _is_needed(one.required, values, strict):
            found.faults.append(fault_of(4009, one, Text("必填", "is required")))


def _is_needed(when: str, values: Mapping[str, Any], strict: bool) -> bool:
    return {
        "hazard": values.get("hazardCode1") is None,
        "hours": values.get("checkCycleUnit") == "小时",
        "guarantor": values.get("workType") not in (None, "0"),
        "from_task": values.get("checkRecordId") is not None,
        "major": strict and values.get("dangerLevel") == "1",
    }.get(when, False)


def _together(known: Table, values: Mapping[str, Any]) -> list[Fault]:
    """Rules about several fields of one row."""
    faults = []

    def told(code: int, name: str, zh: str, en: str) -> None:
        faults.append(fault_of(code, known.field(name), Text(zh, en)))

    if values["updateDate"] < values["createDate"]:
        told(4003, "updateDate", "早于创建时间", "before it was created")
    if known.code == "measure" and not str(values["classify2"]).startswith(str(values["classify1"])):
        told(4002, "classify2", "不属于分类1", "of another class 1")
    if known.code == "task" and values["workType"] != "0":
        number, most = values["taskNum"], MOST_TASK_NUMBER[values["workType"]]
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= most):
            told(4002, "taskNum", f"应为1至{most}", f"1 to {most}")
    if known.code == "task" and values["checkCycleUnit"] == "小时" and values["workEndTime"] <= values["workStartTime"]:
        told(4003, "workEndTime", "应晚于工作开始时刻", "must be later than the beginning")
    if known.code == "stop" and values["stopEndTime"] < values["stopStartTime"]:
        told(4003, "stopEndTime", "早于停用开始时间", "before its beginning")
    if known.code == "danger" and values["dangerState"] == "9":
        if values["checkAcceptPerson"] == values["liablePerson"]:
            told(4007, "checkAcceptPerson", "验收人不能是整改责任人", "who rectified cannot accept")
        if values["checkAcceptTime"] < values["registTime"]:
            told(4003, "checkAcceptTime", "早于登记时间", "before it was registered")
    return faults


def fault_of(code: int, one: Named, more: Text = _NONE) -> Fault:
    """What is wrong with a field, by a reject code and its own words where there are any."""
    base = reject_text(code)
    zh = f"{one.label.zh}（{one.name}）：{more.zh or base.zh}"
    en = f"{one.label.en} ({one.name}): {more.en or base.en}"
    return Fault(code, one.name, Text(zh, en))
