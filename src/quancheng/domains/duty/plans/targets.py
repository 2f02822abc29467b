"""Numbers of a plan with their meaning (目标、指标): 100%, 14座, 至少2次, 同比下降3%, 零死亡, 全覆盖."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quancheng.domains.duty.plans.lines import number_of
from quancheng.domains.duty.plans.model import Target

_NUM = r"(?:\d+(?:,\d{3})*(?:\.\d+)?)"
_CN = r"[一二两三四五六七八九十百]{1,4}"
_AT_LEAST = "不低于|不少于|不小于|至少|最少|≥|大于等于|高于|超过|达到|提高到|提升到|提升至|提高至|达|保持在|稳定在"
_AT_MOST = "不超过|不高于|不大于|不多于|≤|小于等于|低于|控制在|降至|降到|压减到"
_PERCENT = re.compile(
    rf"(?P<pre>{_AT_LEAST}|{_AT_MOST})?(?P<who>[^，。；：、%]{{0,10}}?)(?P<n>{_NUM})(?P<u>%|‰|个百分点)(?P<post>以上|及以上|以下|以内|之内)?"
)
_PERCENT_CN = re.compile(rf"(?P<pre>{_AT_LEAST}|{_AT_MOST})?百分之(?P<n>{_CN})(?P<post>以上|以下|以内)?")
_FALL = re.compile(
    rf"(?P<yoy>同比|较上年|比上年|较去年|比去年|较20\d\d年)?(?:持续|平均|至少|继续)?"
    r"(?P<way>下降|减少|降低|压减|上升|增长|提高|增加)(?:了)?(?:不少于|不低于|至少)?"
    rf"(?P<n>{_NUM})(?P<u>%|‰|个百分点)(?P<post>以上)?"
)
_COUNT_UNITS = (
    "人次|家次|次|件|座|家|轮|批次|批|场次|场|期|遍|公里|千米|亿元|万元|元|学时|课时|吨|平方米|立方米|辆|台|套|户|条|处|起|项"
    "|名|个|人|支|部|所|份|篇|类|米|宗|例|栋|块|艘|只|路"
)
_COUNT = re.compile(
    rf"(?P<pre>{_AT_LEAST}|{_AT_MOST})?(?:组织|开展|召开|举办|进行|完成|检查|培训|演练|配备|建设|新建|建成|创建|打造|安装|聘请|处罚|罚款)?(?P<n>{_NUM}|{_CN})(?P<u>{_COUNT_UNITS})(?P<post>以上|及以上|以下|以内|之内)?"
)
_RANGE_BEFORE = re.compile(r"(?:第|届|[\d.—\-~至〔（]|[A-Za-z/]|新|每|再|首|同|逐|上|下|这|那|某|另|任|进)$")
_ZERO = re.compile(
    r"(?P<what>[\u4e00-\u9fff]{0,8})[“\"]?零[”\"]?[“\"]?(?P<of>死亡|事故|伤亡|发生|火灾|增长|容忍)[”\"]?"
)
_CLEAR = re.compile(
    r"(?P<what>(?:重大|一般|较大|安全|事故|火灾){0,3}隐患(?:存量)?)(?:排查整治)?[“]?(?:实现|保持)?(?:动态)?清零[”]?"
)
_ALL = re.compile(
    r"全覆盖|100％|全部(?:建设|建成|完成|达到|实现|纳入|整改|接入|安装|落实|配备|取得|通过|淘汰|关闭|建立)|覆盖所有|全员覆盖|应[训检装接纳]尽[训检装接纳]"
)
_GRADE = re.compile(r"(?P<n>[一二三四])级(?P<post>及?以上)")
_ORDINAL_NOUN = re.compile(
    r"(?:性|年|季度|全会|方面|根本|必须|至上|清零|统一|强度|责任人|能力|环节|阶段|大事|月|工作日|以来|中全会|领域|重点|到位|落实|明确|百分点|坚持|关键|是|要|一|体系)"
)
_VAGUE = {
    ("一", "批"),
    ("一", "个"),
    ("一", "项"),
    ("一", "条"),
    ("一", "类"),
    ("一", "部"),
    ("一", "起"),
    ("一", "套"),
    ("一", "人"),
    ("一", "件"),
    ("一", "家"),
    ("一", "处"),
    ("一", "户"),
    ("一", "块"),
    ("一", "所"),
    ("一", "路"),
    ("一", "支"),
    ("一", "只"),
}
_CN_OK = {
    "次",
    "轮",
    "场",
    "期",
    "遍",
    "家",
    "座",
    "批次",
    "场次",
    "人次",
    "名",
    "件",
    "公里",
    "万元",
    "元",
    "起",
    "处",
    "学时",
    "课时",
}
_PER = (
    ("day", "每[日天]"),
    ("week", "每周|每星期"),
    ("quarter", "每(?:个|一)?季度?|按季度?"),
    ("half-year", "每半年"),
    ("month", "每(?:个|一)?月|按月"),
    ("year", "每年|年度内|全年|每一年|年均|一年"),
)
_DATE_LIKE = re.compile(r"[年月日号时分]|个月|工作日|小时|分钟|周年|季度|世纪|年代|级")
_LEAD_VERB = re.compile(
    r"^(?:并|要|力争|争取|确保|实现|做到|达到|努力|使|推动|保持|确保实现|全区|同时|到|力争实现|开展|组织|完成|推进|坚决|切实|其中|以)+"
)


_TIME_WORDS = re.compile(
    r"^(?:到|于|在)?(?:20\d\d年)?(?:\d{1,2}月)?(?:\d{1,2}[日号])?(?:年?(?:底|末)|上旬|中旬|下旬|上半年|下半年|年内)?(?:以?后|以?前|之前)?"
    r"(?:每(?:个)?(?:半年|年度?|季度?|月|周|日)(?:至少)?)?"
)


@dataclass(frozen=True, slots=True)
class FoundTarget:
    """A target and its place in the text searched."""

    start: int
    target: Target


def find_targets(text: str, *, line_at: object = None) -> list[FoundTarget]:
    """Numbers with meaning in a canonical text, in printed order.

    :param line_at: function from an index in ``text`` to the source line; the line is 0 without it.
    """
    masked = re.sub(
        r"《[^》]{0,80}》|〔[^〕]{0,10}〕第?\d{0,4}号?|[A-Z]{1,4}(?:/[A-Z])?\d*[ ]?\d{3,6}(?:\.\d)?(?:[-—]\d{4})?"
        r"|[\w.+-]+@[\w.-]+",
        lambda found: "＿" * len(found.group()),
        text,
    )
    taken = [False] * len(text)
    found: list[FoundTarget] = []
    for start, end, made in _all(masked):
        if any(taken[start:end]):
            continue
        taken[start:end] = [True] * (end - start)
        clause = masked[max(0, start - 40) : start]
        strive = bool(re.search(r"力争|争取|努力", re.split(r"[。；，]", clause)[-1] + masked[start : start + 4]))
        line = line_at(start) if callable(line_at) else 0
        for value, unit, op, phrase, meaning, per in made:
            found.append(
                FoundTarget(
                    start,
                    Target(
                        value,
                        unit,
                        op,
                        text[phrase[0] : phrase[1]],
                        meaning.replace("＿", "").strip("的，、：“”（） "),
                        line,
                        per,
                        strive,
                    ),
                )
            )
    return sorted(found, key=lambda one: one.start)


Made = tuple[float, str, str, tuple[int, int], str, str | None]


def _all(text: str) -> Iterator[tuple[int, int, list[Made]]]:
    for match in _FALL.finditer(text):
        way = -1 if match["way"] in ("下降", "减少", "降低", "压减") else 1
        meaning = _before(text, match.start()) + (match["yoy"] or "") + match["way"]
        yield (
            match.start(),
            match.end(),
            [(way * _value(match["n"]), match["u"], "<=" if way < 0 else ">=", match.span(), meaning, None)],
        )
    yield from _percents(text)
    for match in _PERCENT_CN.finditer(text):
        value = number_of(match["n"]) or 0
        yield match.start(), match.end(), [(value, "%", _op(match), match.span(), _before(text, match.start()), None)]
    for match in _GRADE.finditer(text):
        if re.search(r"重大危险源|风险|响应|第", text[max(0, match.start() - 6) : match.start()]):
            continue
        yield (
            match.start(),
            match.end(),
            [
                (
                    number_of(match["n"]) or 0,
                    "级",
                    ">=",
                    match.span(),
                    _before(text, match.start()) or _after(text, match.end()),
                    None,
                )
            ],
        )
    for match in _ZERO.finditer(text):
        if match["of"] == "容忍":
            continue
        unit = {"死亡": "人", "伤亡": "人"}.get(match["of"], "起")
        start = match.start() + len(match["what"])
        yield (
            start,
            match.end(),
            [(0, unit, "=", (start, match.end()), _LEAD_VERB.sub("", match["what"]) + match["of"], None)],
        )
    for match in _CLEAR.finditer(text):
        if "执法" in match["what"]:
            continue
        yield match.start(), match.end(), [(0, "项", "=", match.span(), _LEAD_VERB.sub("", match["what"]), None)]
    for match in _ALL.finditer(text):
        before = _before(text, match.start())
        if match.group().startswith("全部") and re.search(r"未|没有|不$", before[-3:]):
            continue
        yield (
            match.start(),
            match.end(),
            [
                (
                    100,
                    "%",
                    "=",
                    match.span(),
                    before + (_after(text, match.end()) if match.group() != "全覆盖" or not before else ""),
                    None,
                )
            ],
        )
    for match in _COUNT.finditer(text):
        made = _count(text, match)
        if made is not None:
            yield match.start("n"), match.end(), [made]


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _op(match: re.Match[str], default: str = "=") -> str:
    pre, post = match["pre"] or "", match["post"] or ""
    if "以上" in post or re.fullmatch("不低于|不少于|不小于|至少|最少|≥|大于等于|高于|超过", pre):
        return ">="
    if post in ("以下", "以内", "之内") or (pre and re.fullmatch(_AT_MOST, pre)):
        return "<="
    if pre in ("提高到", "提升到", "提升至", "提高至", "保持在", "稳定在"):
        return ">="
    return default


def _percents(text: str) -> Iterator[tuple[int, int, list[Made]]]:
    runs = list(_PERCENT.finditer(text))
    index = 0
    while index < len(runs):
        run = [runs[index]]
        while index + len(run) < len(runs) and text[run[-1].end() : runs[index + len(run)].start("n")] in (
            "、",
            "和",
            "及",
            ",",
            "，",
        ):
            run.append(runs[index + len(run)])
        index += len(run)
        first = run[0]
        clause_start = max(text.rfind(mark, 0, first.start("n")) for mark in "，。；：") + 1
        stop = first.start("n")
        head = text[clause_start:stop]
        head = re.sub(
            rf"(?:分别|均|全部|都|要|应|须|力争|争取|确保)*(?:{_AT_LEAST}|{_AT_MOST}|为|不得低于)?(?:分别)?$", "", head
        )
        rates = _rates(head)
        start, end = first.start("n"), run[-1].end()
        after = _after(text, run[-1].end())
        if len(run) > 1 and len(rates) == len(run):
            yield (
                start,
                end,
                [
                    (_value(one["n"]), one["u"], _op(one, _op(first)), (one.start("n"), one.end()), rate, None)
                    for rate, one in zip(rates, run, strict=True)
                ],
            )
            continue
        for position, one in enumerate(run):
            meanings = (
                rates if position == 0 and len(run) == 1 else [rates[min(position, len(rates) - 1)]] if rates else [""]
            )
            own = [
                meaning + after if not re.search(r"率$|度$|覆盖|比例|比$", meaning) and len(meanings) == 1 else meaning
                for meaning in meanings
            ] or [after]
            phrase_start = one.start() if one["pre"] and not one["who"] else one.start("n")
            op = _op(one)
            if op == "=" and re.search(
                r"(?:不低于|不少于|至少|不小于|≥)[^，。；]{0,14}$", text[max(0, one.start("n") - 18) : one.start("n")]
            ):
                op = ">="
            elif op == "=" and re.search(
                r"(?:不超过|不高于|控制在|低于)[^，。；]{0,10}$", text[max(0, one.start("n") - 14) : one.start("n")]
            ):
                op = "<="
            if one["pre"] and one["who"] and one["pre"] in ("不低于", "不少于", "至少"):
                phrase_start = one.start()
            yield (
                one.start("n"),
                one.end(),
                [(_value(one["n"]), one["u"], op, (phrase_start, one.end()), meaning, None) for meaning in own],
            )


def _rates(head: str) -> list[str]:
    """What a percentage belongs to: A率、B率、C率100% are three rates, a plain clause is one."""
    items = [_LEAD_VERB.sub("", item) for item in re.split(r"、|以及|和(?=[^、]*率$)|及(?=[^、]*率$)", head)]
    items = [item for item in items if item]
    if not items:
        return []
    named: list[str] = []
    for item in reversed(items):
        if re.search(r"(?:率|比例|覆盖面|达标度|满意度|合格度)$", item):
            named.insert(0, item)
        else:
            break
    if len(named) > 1:
        return named
    return [
        items[-1]
        if len(items) > 1 and re.search(r"率$|比例$|管理$|[”]$", items[-1])
        else _LEAD_VERB.sub("", items[-1] if len(head) > 30 else "、".join(items))
    ]


def _count(text: str, match: re.Match[str]) -> Made | None:
    raw, unit = match["n"], match["u"]
    before, after = text[: match.start("n")], text[match.end() :]
    chinese = not raw[0].isdigit()
    if _RANGE_BEFORE.search(before) and (chinese or not before.endswith(("新", "上", "下", "任", "进"))):
        return None
    if re.match(r"[、至—-](?:\d|[一二三四五六七八九十])+(?:次|级|期)", after) or re.match(
        r"届|中|、[一二三四五六七八九十]次", after
    ):
        return None
    if chinese and (((raw, unit) in _VAGUE and not match["pre"]) or (unit not in _CN_OK and not match["pre"])):
        return None
    if _ORDINAL_NOUN.match(after) and not match["post"]:
        return None
    if unit in ("个", "项", "类", "条", "级") and (re.match(r"[“\"]", after) or before.endswith(("“", '"'))):
        return None
    if unit in ("部", "路", "所", "米", "只", "支") and not match["pre"] and chinese:
        return None
    if unit == "起" and (re.search(r"[月日年号]$", before) or (re.match(r"[，、]", after) and chinese)):
        return None
    if re.search(r"[月日年]$", before) and unit in ("起", "次"):
        return None
    value = float(number_of(raw) or 0) if chinese else _value(raw)
    if not chinese and 1990 <= value <= 2100 and unit in ("个",):
        return None
    clause = re.split(r"[。；]", before)[-1][-24:]
    per = next(
        (
            name
            for name, words in _PER
            if re.search(rf"(?:{words})[^，。；]{{0,14}}$", re.split(r"[，]", clause)[-1] + (match["pre"] or ""))
        ),
        None,
    )
    if per is None and re.match(r"(?:/|每)?(?:年|月|季度)", after[:2]) and after[:1] == "/":
        per = {"年": "year", "月": "month", "季": "quarter"}[after[1]]
    op = _op(match)
    if op == "=" and re.search(r"(?:至少|不少于|不低于)[^，。；、]{0,10}$", before[-14:]):
        op = ">="
    if op == "=" and re.search(r"(?:不超过|控制在)[^，。；、]{0,6}$", before[-10:]):
        op = "<="
    noun = _after(text, match.end())
    meaning = (
        noun
        if len(noun) >= 2
        else _before(text, match.start()) or _telling_verb(match) or _clause_before(text, match.start())
    )
    start = match.start("n")
    if match["pre"] and match.end("pre") == match.start("n"):
        start = match.start("pre")
    return value, unit, op, (start, match.end()), meaning, per


def _telling_verb(match: re.Match[str]) -> str:
    """The verb standing right before the number where it says what is counted: 培训500人次."""
    verb = match.group()[
        (match.end("pre") if match["pre"] else match.start()) - match.start() : match.start("n") - match.start()
    ]
    return verb if verb in ("培训", "演练", "检查", "处罚", "罚款") else ""


def _clause_before(text: str, index: int) -> str:
    """The clause before, where the number's own clause says nothing: 开展应急演练，全区不少于10场次."""
    clauses = re.split(r"[，；：]", re.split(r"[。]", text[max(0, index - 60) : index])[-1])
    return _LEAD_VERB.sub("", clauses[-2]) if len(clauses) > 1 else ""


def _before(text: str, index: int) -> str:
    clause = re.split(r"[，。；：、（）“]", text[max(0, index - 40) : index])[-1]
    return _LEAD_VERB.sub("", _TIME_WORDS.sub("", clause))


def _after(text: str, index: int) -> str:
    return re.split(r"[，。；：、）（”]|的|进行|以上", text[index : index + 18])[0].lstrip("以上").strip("“")
