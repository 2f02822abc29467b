"""What people write on the cards of a post (岗位卡), part by part; all else comes from the risk list and registry.

Fields after the reporting schemes of ``standards/data/post_cards.csv``. Which parts must be filled in before a card is
handed in is ours [D].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.errors import Text
from quancheng.kernel.names import clean

#: Most lines of one part, and letters of one cell.
MOST_LINES, MOST_CELL = 60, 500
#: Between the cells of a line, as people type it.
BETWEEN = "｜"
_PHONE = re.compile(r"^[0-9+][0-9-]{1,19}$")


@dataclass(frozen=True, slots=True)
class Part:
    """One part that people write.

    :ivar kind: ``text`` (one text), ``lines`` (one thing a line), ``rows`` (cells of ``columns``, one row a line).
    :ivar is_needed: a card is not handed in without it.
    """

    name: str
    label: Text
    kind: str
    columns: tuple[tuple[str, Text], ...] = ()
    is_needed: bool = False
    help: Text = ""
    most: int = 300


_TEXT = gettext_lazy("内容")
PARTS: tuple[Part, ...] = (
    Part("dept_head", gettext_lazy("部门负责人"), "text", most=60),
    Part("risk_jingle", gettext_lazy("风险清单顺口溜"), "text"),
    Part("duties", gettext_lazy("岗位职责"), "rows", is_needed=True,
         columns=(("text", gettext_lazy("职责内容")), ("standard", gettext_lazy("检查标准")),
                  ("frequency", gettext_lazy("频次"))),
         help=gettext_lazy("每行一条：职责内容｜检查标准｜频次")),
    Part("duty_jingle", gettext_lazy("职责清单顺口溜"), "text"),
    Part("steps", gettext_lazy("操作步骤"), "rows", is_needed=True,
         columns=(("text", gettext_lazy("作业程序")), ("standard", gettext_lazy("作业标准及注意事项"))),
         help=gettext_lazy("按作业顺序每行一步：作业程序｜作业标准及注意事项")),
    Part("step_jingle", gettext_lazy("操作卡顺口溜"), "text"),
    Part("limits", gettext_lazy("关键参数及限值"), "rows",
         columns=(("text", gettext_lazy("参数")), ("standard", gettext_lazy("限值"))),
         help=gettext_lazy("最多三行：参数｜限值，例如：液位｜不高于80%")),
    Part("forbidden", gettext_lazy("禁止行为"), "lines", is_needed=True),
    Part("operating", gettext_lazy("开停和正常操作要点"), "lines"),
    Part("abnormal", gettext_lazy("异常处置要点"), "lines"),
    Part("gear", gettext_lazy("防护用品和灭火器使用"), "lines"),
    Part("tickets", gettext_lazy("特殊作业票规则"), "lines"),
    Part("process_note", gettext_lazy("工艺说明"), "text", most=500),
    Part("accident_signs", gettext_lazy("事故征兆"), "lines"),
    Part("first_acts", gettext_lazy("三分钟内的处置步骤"), "lines", is_needed=True,
         help=gettext_lazy("每行一步，第一行是第一动作。")),
    Part("valves", gettext_lazy("切断阀编号"), "lines"),
    Part("cautions", gettext_lazy("应急注意事项"), "lines"),
    Part("main_person", gettext_lazy("应急负责人"), "text", most=60),
    Part("escape", gettext_lazy("逃生路线"), "text", is_needed=True),
    Part("muster", gettext_lazy("集合点"), "text", is_needed=True, most=120),
    Part("withdraw", gettext_lazy("何时撤离"), "text"),
    Part("leader", gettext_lazy("分管领导"), "text", most=60),
    Part("promises", gettext_lazy("承诺事项"), "lines"),
)  # fmt: skip
BY_NAME = {one.name: one for one in PARTS}
#: Parts that a spreadsheet fills line by line.
SHEET_PARTS = ("duties", "steps")
#: Telephone numbers, sealed: name and label; the first must be there before a card is handed in.
PHONES = (("inner_phone", gettext_lazy("内部报警电话")), ("outer_phone", gettext_lazy("外部电话")))


def read_parts(given: Mapping[str, Any], wrong: dict[str, Text]) -> dict[str, Any]:
    """What was given, cleaned: a text, a list of texts or of rows. What is wrong goes into ``wrong`` by part."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        part = BY_NAME.get(name)
        if part is None:
            wrong[name] = _("没有这一项。")
        elif part.kind == "text":
            found[name] = clean(str(value or ""))
            if len(found[name]) > part.most:
                wrong[name] = _("最多%(count)s个字。") % {"count": part.most}
        else:
            found[name] = _read_lines(part, value or [], wrong)
    return found


def _read_lines(part: Part, value: Any, wrong: dict[str, Text]) -> list[Any]:
    if not isinstance(value, list | tuple):
        wrong[part.name] = _("应当是多行内容。")
        return []
    most = 3 if part.name == "limits" else MOST_LINES
    if len(value) > most:
        wrong[part.name] = _("最多%(count)s行。") % {"count": most}
    found: list[Any] = []
    for line in value:
        cells = line if isinstance(line, Mapping) else {"text": line}
        kept = {key: clean(str(cells.get(key) or "")) for key, _label in part.columns or (("text", _TEXT),)}
        if any(len(cell) > MOST_CELL for cell in kept.values()):
            wrong[part.name] = _("每格最多%(count)s个字。") % {"count": MOST_CELL}
        if kept["text"]:
            found.append(kept if part.kind == "rows" else kept["text"])
        elif any(kept.values()):
            wrong[part.name] = _("每行的第一格不能为空。")
    return found


def read_phone(name: str, value: str, wrong: dict[str, Text]) -> str:
    """A telephone number of the plant, short numbers too; digits and dashes."""
    number = clean(value or "")
    if number and not _PHONE.match(number):
        wrong[name] = _("电话只写数字和连字符，2至20位。")
    return number


def lacking(parts: Mapping[str, Any], *, has_phone: bool) -> dict[str, Text]:
    """Needed parts that are empty, with the sentence for each."""
    found: dict[str, Text] = {one.name: _("请填写此项。") for one in PARTS if one.is_needed and not parts.get(one.name)}
    if not has_phone:
        found["inner_phone"] = _("请填写内部报警电话。")
    return found
