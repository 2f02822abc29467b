"""Code lists of hidden dangers and of government inspection tasks (代码表), with the codes under which they go out.

Source: exchange spec of dual prevention, tables of hidden dangers [V] and of special inspection tasks [P]; lists of
our own [D] say so in their mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from quancheng.standards.hidden_dangers.data import both, rows
from quancheng.standards.wording import Text

#: What each list is, with the field's name in the exchange spec where it has one.
_LISTS: dict[str, tuple[Text, str]] = {
    "level": (Text("隐患等级", "Level"), "dangerLevel"),
    "source": (Text("隐患来源", "Source"), "dangerSrc"),
    "manage": (Text("治理类型", "Way of treatment"), "dangerManageType"),
    "type": (Text("隐患类型", "Type"), "hazardDangerType"),
    "category": (Text("隐患类别", "Category"), "hazardCategory"),
    "classification": (Text("管理分类", "Classification"), "managementClassification"),
    "link": (Text("产生环节", "Link where it arose"), "occurrenceLink"),
    "state": (Text("隐患状态", "State"), "dangerState"),
    "channel": (Text("来源渠道", "Channel"), ""),
    "listed": (Text("挂牌级别", "Listing"), ""),
    "stop": (Text("停产范围", "Scope of the stop"), ""),
    "aspect": (Text("检查方面", "Aspect"), ""),
    "answer": (Text("检查结果", "Answer"), ""),
    "inspect_list_cat": (Text("检查清单类别", "Category of the list"), "inspectListCat"),
    "gov_list_type": (Text("政府清单类型", "Type of the government's list"), "govInspectListType"),
    "valid_type": (Text("有效期类型", "Validity"), "validType"),
    "item_type": (Text("检查方式", "Way of inspection"), "inspectItemType"),
    "frequency": (Text("检查频次类型", "Frequency"), "inspectFrqType"),
    "cycle": (Text("循环周期单位", "Unit of the cycle"), "cycleFrqType"),
    "submit": (Text("提交方式", "Way of submission"), "submitType"),
    "inspect_status": (Text("任务状态", "State of the task"), "inspectStatus"),
    "inspect_result": (Text("检查结论", "Result of the task"), "inspectResult"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry: our code, its name, the code under which it is uploaded."""

    code: str
    name: Text
    upload: int
    mark: str
    note: Text


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list in its order; ``field`` is its name in the exchange spec, empty for lists of our own."""

    code: str
    name: Text
    field: str
    items: tuple[Kind, ...]


@cache
def code_lists() -> dict[str, CodeList]:
    """All lists by code."""
    found: dict[str, list[Kind]] = {code: [] for code in _LISTS}
    for row in rows("danger_kinds"):
        kind = Kind(row["code"], both(row), int(row["upload"]), row["mark"], both(row, "note", "note_en"))
        found[row["list"]].append(kind)
    return {code: CodeList(code, name, field, tuple(found[code])) for code, (name, field) in _LISTS.items()}


def code_list(code: str) -> CodeList:
    """One list. ValueError for an unknown one."""
    found = code_lists().get(code)
    if found is None:
        raise ValueError(f"no code list {code!r}; there are {', '.join(code_lists())}")
    return found


def upload_of(list_code: str, code: str) -> int:
    """The code under which an entry goes out. ValueError for an unknown list or entry."""
    for one in code_list(list_code).items:
        if one.code == code:
            return one.upload
    raise ValueError(f"no {list_code} {code!r}")


def from_upload(list_code: str, value: int) -> str:
    """Our code of a value that came in; where several share it, the first. ValueError for an unknown value."""
    for one in code_list(list_code).items:
        if one.upload == value:
            return one.code
    raise ValueError(f"no {list_code} with upload code {value}")
