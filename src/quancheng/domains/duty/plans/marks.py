"""Numbering marks (一、 （一） 1. （1） ① 重点任务N) and labels (责任单位：) at the head of a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quancheng.domains.duty.plans.lines import number_of

CN = "[一二三四五六七八九十百]"
PART, L1, L2, L3, L4, L5, TASK, DASH = "part", "L1", "L2", "L3", "L4", "L5", "task", "dash"
RANK = {PART: 0.0, L1: 1.0, L2: 2.0, L3: 3.0, L4: 4.0, L5: 5.0, DASH: 7.0}

_TASK_WORD = r"(?:重点任务|主要任务|工作任务|重点工作|任务|行动|措施|专项行动|重点行动|重点举措|举措|工程)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        TASK,
        re.compile(
            rf"(?:(?P<lead>\d{{1,2}})[.、]{{1,2}})?(?P<word>{_TASK_WORD})(?P<value>\d{{1,3}}|{CN}{{1,3}})[：、.—]"
        ),
    ),
    (PART, re.compile(rf"第(?P<value>{CN}{{1,3}}|\d{{1,2}})(?:部分|章|篇|编|节)[：、.]?(?=\S)")),
    (L1, re.compile(rf"(?P<value>{CN}{{1,3}})[、.](?!{CN}{{1,3}}(?:[、级类季批期]|$))(?=\S)")),
    (L2, re.compile(rf"（(?P<value>{CN}{{1,3}})）[、.]?")),
    (
        L3,
        re.compile(r"(?P<value>\d{1,3})(?:[.、]{1,2}(?!\d)|[.、]{1,2}(?=20\d\d年)|[.、](?=\d{1,3}(?:月|家|座|个|次)))"),
    ),
    (L4, re.compile(r"（(?P<value>\d{1,2})）[、.]?|(?P<value2>\d{1,2})）[、.]?")),
    (L5, re.compile(r"(?P<value>[①-⑳⑴-⒇㈠-㈩❶-❿])[、.]?")),
    (DASH, re.compile(r"(?P<value>[—-]{1,2}|[●•◆■▪★☆◇▲])(?=[^\d—-])")),
)
_ENUMERATION = re.compile(r"\d{1,2}、\d")


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbering mark. ``lead`` is the measure number printed before a task mark on the same line."""

    kind: str
    value: int
    printed: str
    end: int
    lead: int | None = None


def mark_of(text: str) -> Mark | None:
    """The mark a canonical text opens with; dates (2024年), decimals (1.5) and 一、二级 are none."""
    for kind, pattern in _PATTERNS:
        match = pattern.match(text)
        if match is None:
            continue
        if kind == L3 and (_ENUMERATION.match(text) or match.end() == len(text)):
            continue
        groups = match.groupdict()
        raw = groups.get("value") or groups.get("value2") or ""
        value = number_of(raw)
        if value is None:
            value = _circled(raw)
        lead = groups.get("lead")
        return Mark(kind, value, text[: match.end()], match.end(), int(lead) if lead else None)
    return None


def _circled(char: str) -> int:
    for first, last in (("①", "⑳"), ("⑴", "⒇"), ("㈠", "㈩"), ("❶", "❿")):
        if first <= char <= last:
            return ord(char) - ord(first) + 1
    return 0


# Labels and what they mean. "lead" is 牵头, "duty" 责任: where both stand, the second kind helps the first.
_LABELS: tuple[tuple[str, str], ...] = (
    (
        "lead",
        "牵头责任单位|牵头(?=：)|牵头(?:单位|部门|科室|股室|处室)(?:（[^）]{1,8}）)?|主责(?:单位|部门)|主要责任单位|主办单位|第一责任单位",
    ),
    (
        "duty",
        "责任(?:单位|部门|科室|股室|处室|主体|机构)(?:（[^）：]{1,8}）)?|(?:落实|实施|承办|执行|负责)(?:单位|部门|科室)|责任科（室）"
        "|责任单位[和及、]责任人",
    ),
    ("support", "配合(?=：)|(?:配合|参与|参加|协办|协同|协助|协作|支持|配合责任|参与责任)(?:单位|部门|科室|股室)"),
    ("leader", "(?:责任|牵头|分管|包保|包联|挂钩|联系|挂帅|区级|县级|市级|镇级|督办)领导"),
    ("person", "(?:具体|直接|第一|工作)?责任人员?|(?:经办|承办|负责|落实)人员?|具体负责人"),
    (
        "due",
        "(?:完成|整改|推进|工作|办理|办结|落实|实施)?(?:时限|期限)(?:要求)?|(?:完成|整治|行动|办结|整改)(?:时间|日期)|时间(?:节点|要求|进度|安排)"
        "|进度(?:要求|安排)",
    ),
    ("target", "(?:工作|任务|年度|量化|绩效)?(?:目标|指标)(?:要求|值)?|目标任务"),
)
_LABEL_ROLES = {f"label{index}": role for index, (role, _) in enumerate(_LABELS)}
_ANY_LABEL = "|".join(f"(?P<label{index}>{words})" for index, (_, words) in enumerate(_LABELS))
LABEL = re.compile(rf"(?:(?<=^)|(?<=[；，。、（\[：])|(?<=\]))(?:\[)?(?:{_ANY_LABEL})(?:\])?：")
LABEL_HEAD = re.compile(rf"（?\[?(?:{_ANY_LABEL})\]?：")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled value: role, and the bounds of the value in the text searched."""

    role: str
    start: int
    end: int
    at: int


def labels_in(text: str) -> list[Labelled]:
    """Labels of a canonical text with their values, in printed order."""
    found = list(LABEL.finditer(text))
    values = []
    for index, match in enumerate(found):
        role = next(_LABEL_ROLES[name] for name, value in match.groupdict().items() if value and name in _LABEL_ROLES)
        end = found[index + 1].start() if index + 1 < len(found) else len(text)
        while end > match.end() and text[end - 1] in "；，。、 ":
            end -= 1
        values.append(Labelled(role, match.end(), end, match.start()))
    return values


def opens_with_label(text: str) -> str | None:
    """Role of the label a text opens with, an opening bracket allowed."""
    match = LABEL_HEAD.match(text)
    if match is None:
        return None
    return next(
        (_LABEL_ROLES[name] for name, value in match.groupdict().items() if value and name in _LABEL_ROLES), None
    )
