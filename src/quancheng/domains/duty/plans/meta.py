"""Head and foot of a plan document: issuer, number, date, period, addressees, openness, parent plans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from quancheng.domains.duty.plans.charts import is_task_header
from quancheng.domains.duty.plans.dates import Calendar, find_deadlines, safe_date
from quancheng.domains.duty.plans.lines import number_of
from quancheng.domains.duty.plans.model import Doubt, PlanMeta
from quancheng.domains.duty.plans.paragraphs import Block
from quancheng.domains.duty.plans.units import split_names

_D = r"[\d〇零一二三四五六七八九十]"
_DATE = re.compile(
    rf"(?P<y>20\d\d|二[〇零][〇零一二三四五六七八九]{{2}})[年.-](?P<m>{_D}{{1,3}})[月.-](?P<d>{_D}{{1,3}})日?"
)
_DATE_ONLY = re.compile(
    rf"（?(?:20\d\d|二[〇零][〇零一二三四五六七八九]{{2}})年{_D}{{1,3}}月{_D}{{1,3}}日(?:印发|印|发布)?）?"
)
_NUMBER = re.compile(r"(?P<n>[\u4e00-\u9fff]{2,14}(?:字)?[〔\[（﹝](?P<y>20\d\d)[〕\]）﹞](?:第)?\d{1,4}号)")
_TITLE_END = re.compile(
    r"(?:方案|要点|计划|意见|办法|清单|措施|细则|规划|通知|安排|任务书|责任书|行动|责任表|分工|工作表|指引)(?:（[^）]{2,20}）)?$"
)
_ORG_END = re.compile(
    r"(?:办公室|委员会|政府|局|委|部|办事处|管委会|党工委|指挥部|领导小组|安委办|公司|中心|大队|支队)$"
)
_PLAIN = re.compile(r"[\u4e00-\u9fff]{4,30}")
_ADDRESSEE = re.compile(
    r"(?:各|区[级直]|县[级直]|市[级直]|镇[级直]|有关|相关|机关|人民政府|街道|单位|部门|村|社区|企业|委员会|成员)"
)
_OPEN = re.compile(
    r"此件(?:主动公开|公开发布|依申请公开|不予公开|公开|不公开|删减后公开)|(?:公开(?:属性|方式|类型|形式|类别)|信息公开(?:属性|选项|类别|形式)?)：(?P<v>主动公开|依申请公开|不予公开|公开|不公开)|^（?(?P<w>主动公开|依申请公开|不予公开)）?$"
)
_YEARS = re.compile(r"(?P<a>20\d\d)年?(?:—+|-+|~|至|到)(?P<b>20\d\d)(?:年|）|$)")
_YEAR = re.compile(r"(?P<y>20\d\d|二[〇零][〇零一二三四五六七八九]{2})年")
_WINDOW_LABEL = re.compile(
    r"(?:(?:专项)?(?:行动|整治|治理|实施|工作|活动|检查|攻坚|时间)(?:时间|期限|周期|时限|步骤|安排)|时间安排|实施期)[：。]?(?P<t>[^。；]{4,60})"
)
_WINDOW_TEXT = re.compile(
    r"(?:自|从|定于|决定(?:自|从|于|在)?|于|利用)(?P<t>(?:20\d\d年)?[\d一二三四五六七八九十]{1,2}月[^。；，]{0,12}?(?:至|到|—|-)[^。；，]{2,14})[，]?(?:在全|开展|集中|组织|利用|为期|，)"
)
_SPAN = re.compile(r"(?:利用|用|为期|通过|力争用|经过)(?P<n>[一二两三四五1-5])年(?:时间|左右|的)?")
_PARENT = re.compile(
    r"《(?P<t>[^》]{4,60}?(?:方案|计划|要点|意见|通知|办法|规划|规定|细则)(?:〉的通知|（[^）]{2,16}）)?)》(?:（(?P<n>[^）]{4,30}号)）)?"
)

NO_ISSUER = Doubt("no_issuer", "未找到发文机关，请补录。")
NO_DATE = Doubt("no_date", "未找到成文日期，请补录。")
NO_YEAR = Doubt("no_year", "未找到方案所属年份，未写年份的时限无法推定，请补录。")
GUESSED_PERIOD = Doubt("guessed_period", "文中未写明实施期限，按文件日期和年份推定，请核对。")


def head_of(blocks: Sequence[Block]) -> int:
    """Index of the first block of the body: the first 一、 (or the first structural mark where there is none)."""
    for kinds in (("L1", "part"), ("L2", "task"), ("L3",)):
        for index, block in enumerate(blocks):
            if block.cells is not None and (is_task_header(block) or (index > 0 and kinds[0] != "L1")):
                return index
            if block.mark is not None and block.mark.kind in kinds and block.mark.value <= 1:
                return index
    return next((index for index, block in enumerate(blocks) if block.cells is not None), len(blocks))


def read_meta(blocks: Sequence[Block], head_end: int, *, year: int | None = None) -> PlanMeta:
    """Read what the document says about itself. ``year`` overrides the plan's year where the reviewer knows better."""
    head = [block for block in blocks[:head_end] if block.cells is None]
    foot = [block for block in blocks[head_end:] if block.cells is None][-14:]
    texts = [block.text for block in head]
    whole = [block.text for block in blocks]
    issued = _issued(texts, [block.text for block in foot])
    number = _number(texts)
    title, notice = _title(texts)
    circulated = re.search(r"(?:印发|下发)《?(?P<t>[^》]{4,60}?)》?的?通知$", notice)
    parts = [
        text
        for text in (block.text for block in blocks[head_end:] if block.mark is None and block.cells is None)
        if len(text) <= 40 and _TITLE_END.search(text)
    ]
    if (
        circulated
        and _YEAR.search(circulated["t"])
        and (not _YEAR.search(title) or circulated["t"].strip("《》") != title)
        and any(not part.startswith("附") for part in parts)
    ):
        # The document has several parts, each with a title of its own: the notice names the whole.
        title = circulated["t"].strip("《》")
    issuer = _issuer(texts, [block.text for block in foot], notice, title)
    copies: tuple[str, ...] = ()
    for text in [*texts, *(block.text for block in foot)]:
        found = re.match(r"(?:抄送|抄报)：(.+)", text)
        if found:
            copies = (*copies, *split_names(found.group(1)))
    openness = next((_openness(text) for text in whole[:40] + whole[-12:] if _OPEN.search(text)), "")
    first, last, guessed = _period(title or notice, texts, whole, issued, year)
    doubts = []
    if not issuer:
        doubts.append(NO_ISSUER)
    if issued is None:
        doubts.append(NO_DATE)
    if first is None:
        doubts.append(NO_YEAR)
    elif guessed:
        doubts.append(GUESSED_PERIOD)
    return PlanMeta(
        title or notice,
        issuer,
        number,
        issued,
        first,
        last,
        _addressees(texts),
        copies,
        openness,
        _parents(texts, whole[: head_end + 4], title),
        tuple(doubts),
    )


def _openness(text: str) -> str:
    match = _OPEN.search(text)
    if match is None:
        return ""
    return match["v"] or match["w"] or match.group()


def date_in(text: str) -> date | None:
    """The first full date of a text; None where it has none or it does not exist."""
    match = _DATE.search(text)
    if match is None:
        return None
    year, month, day = (number_of(match[name]) for name in "ymd")
    return safe_date(year or 0, month or 0, day or 0)


def _issued(head: Sequence[str], foot: Sequence[str]) -> date | None:
    for text in head:
        if _DATE_ONLY.fullmatch(text) and not text.endswith("印发"):
            return date_in(text)
    for text in head:
        labelled = re.search(r"(?:成文|印发|发文|签发)日期：", text)
        if labelled:
            found = date_in(text[labelled.end() :])
            if found:
                return found
        if len(text) < 50 and re.search(rf"(?:办公室|委员会|政府|局|办事处|部|委){_DATE.pattern}$", text):
            return date_in(text)
    for text in reversed(foot):
        if (
            _DATE_ONLY.fullmatch(text)
            or re.search(r"日印发$", text)
            or (len(text) < 50 and re.search(rf"(?:办公室|委员会|政府|局|办事处){_DATE.pattern}$", text))
        ):
            return date_in(text)
    for text in head:
        labelled = re.search(r"(?:发布|公开)(?:日期|时间)：", text)
        if labelled:
            return date_in(text[labelled.end() :])
    return None


def _number(head: Sequence[str]) -> str:
    for text in head:
        match = re.fullmatch(rf"(?:(?:发文字号|文号|文件编号)：)?{_NUMBER.pattern}(?:签发人：.*)?", text)
        if match:
            return match["n"]
    for text in head:
        bare = re.sub(r"《[^》]*》（[^）]*）|（[^）]*号）", "", text)
        match = _NUMBER.search(bare)
        if match and len(text) < 80 and not re.search(r"根据|按照|贯彻|落实", text):
            return re.sub(r"^.*(?:发文字号|文号|文件)：?", "", match["n"])
    return ""


def _title(head: Sequence[str]) -> tuple[str, str]:
    """Titles of the plan and of the notice that circulates it; broken titles are joined."""
    plan = notice = ""
    run: list[str] = []
    for text in head:
        short = (
            len(text) <= 46
            and not re.search(r"[。；：]$", text)
            and not _DATE_ONLY.fullmatch(text)
            and not _NUMBER.fullmatch(text)
            and not text.startswith("（此件")
        )
        if not short or text.endswith("文件") or (_ORG_END.search(text) and not run and "关于" not in text):
            if _ORG_END.search(text) and short:
                run = [text] if not text.endswith("文件") else []
                continue
            run = []
            continue
        joined = "".join([*run, text])
        if _TITLE_END.search(text) or (re.fullmatch(r"（20\d\d.{0,14}）", text) and _TITLE_END.search("".join(run))):
            if text.endswith("通知"):
                notice = joined
                run = []
            else:
                plan = _strip_org(run, joined)
                run = [joined]
        elif _TITLE_END.search("".join(run)) and re.fullmatch(r"（.{2,24}）", text):
            plan = _strip_org(run[:-1], joined)
            run = [joined]
        else:
            run = [text] if _TITLE_END.search("".join(run)) else [*run, text]
    named = re.search(r"(?:印发|下发)《?(?P<t>[^》]{4,60}?)》?的?通知$", notice)
    if not plan and named:
        plan = named["t"].strip("《》")
    if not plan and not notice:
        first = next(
            (
                text
                for text in head
                if 6 <= len(text) <= 46
                and not re.search(r"[。；：]$", text)
                and not _NUMBER.fullmatch(text)
                and not _DATE_ONLY.fullmatch(text)
                and not text.endswith("文件")
                and not _ORG_END.search(text)
            ),
            "",
        )
        plan = first
    return plan, notice


def _strip_org(run: Sequence[str], joined: str) -> str:
    if run and _ORG_END.search(run[0]) and "关于" not in joined:
        return joined[len(run[0]) :] if len(joined) > len(run[0]) + 8 else joined
    return joined


def _issuer(head: Sequence[str], foot: Sequence[str], notice: str, title: str) -> str:
    for texts in (head, foot):
        for index, text in enumerate(texts):
            if (
                _DATE_ONLY.fullmatch(text)
                and index
                and _ORG_END.search(texts[index - 1])
                and len(texts[index - 1]) <= 34
                and not texts[index - 1].startswith("抄送")
            ) and (not text.endswith("印发") or texts is foot):
                first = index - 1
                while (
                    first
                    and _ORG_END.search(texts[first - 1])
                    and re.fullmatch(r"[\u4e00-\u9fff]{4,30}", texts[first - 1])
                ):
                    first -= 1
                return "、".join(texts[first:index])
            signed = re.match(
                rf"(?P<o>[\u4e00-\u9fff]{{4,30}}?(?:办公室|委员会|政府|局|办事处|管委会)){_DATE.pattern}(?:印发)?$",
                text,
            )
            if signed and len(text) < 50:
                return signed["o"]
    for text in head:
        labelled = re.search(
            r"(?:发布机构|发文机关|印发单位|制定机关|发文单位|来源)：(?P<o>[\u4e00-\u9fff]{4,30})", text
        )
        if labelled:
            return labelled["o"]
        if text.endswith("文件") and _ORG_END.search(text[:-2]):
            return text[:-2]
    about = re.match(r"(?P<o>[\u4e00-\u9fff]{4,40}?)(?:关于|印发)", notice)
    if about and _ORG_END.search(about["o"]):
        return about["o"]
    for text in head[:4]:
        if _ORG_END.search(text) and len(text) <= 34 and not _ADDRESSEE.match(text):
            return text
    return ""


def _addressees(head: Sequence[str]) -> tuple[str, ...]:
    for text in head:
        if (
            text.endswith("：")
            and len(text) >= 4
            and _ADDRESSEE.search(text)
            and len(text) < 400
            and not re.search(r"如下：|以下：|抄送|要求：|附件", text)
            and "。" not in text
        ):
            names = []
            for piece in re.split(r"[，；]", text[:-1]):
                names += split_names(piece)
            return tuple(name.removeprefix("主送：") for name in names)
        sent = re.match(r"主送：(.+)", text)
        if sent:
            return tuple(name for piece in re.split(r"[，；]", sent.group(1)) for name in split_names(piece))
    return ()


def _period(
    title: str, head: Sequence[str], whole: Sequence[str], issued: date | None, year: int | None
) -> tuple[date | None, date | None, bool]:
    if year is not None and not _YEARS.search(title):
        return date(year, 1, 1), date(year, 12, 31), False
    for text in (title, *head):
        bare = text if text is title else re.sub(r"《[^》]*》", "", text)
        match = _YEARS.search(bare)
        if match and int(match["a"]) <= int(match["b"]) <= int(match["a"]) + 10:
            return date(int(match["a"]), 1, 1), date(int(match["b"]), 12, 31), False
    in_title = _YEAR.search(title)
    known = number_of(in_title["y"]) if in_title else issued.year if issued else _likely_year(whole)
    if known is None:
        return None, None, True
    base = Calendar(date(known, 1, 1), date(known, 12, 31), issued)
    for text in whole[: max(12, len(whole) // 2)]:
        until = re.search(r"即日起(?:至|到)(?P<t>[^，。；在]{3,16})", text)
        if until and issued is not None:
            ends = [
                found.deadline.date for found in find_deadlines(until["t"], base, labelled=True) if found.deadline.date
            ]
            if ends and ends[-1] >= issued:
                return issued, ends[-1], False
        for pattern in (_WINDOW_LABEL, _WINDOW_TEXT):
            for match in pattern.finditer(text):
                for found in find_deadlines(match["t"], base):
                    if found.deadline.start is not None and found.deadline.date is not None:
                        return found.deadline.start, found.deadline.date, False
    if in_title and not re.search(r"[三五]年(?:行动|攻坚|计划|规划)", title):
        return date(known, 1, 1), date(known, 12, 31), False
    span = next((match for text in whole[:20] if (match := _SPAN.search(text))), None)
    years = number_of(span["n"]) if span else 3 if re.search(r"三年(?:行动|攻坚|计划)", title) else None
    if years:
        return date(known, 1, 1), date(known + years - 1, 12, 31), False
    if issued is not None:
        return issued, date(known, 12, 31), True
    return date(known, 1, 1), date(known, 12, 31), True


def _likely_year(whole: Sequence[str]) -> int | None:
    """The year most often named in time phrases, else in document numbers."""
    text = "\n".join(whole)
    years = Counter(int(found) for found in re.findall(r"(20\d\d)年(?:年?底|\d{1,2}月|全年|内|末)", text))
    if not years:
        years = Counter(int(found) for found in re.findall(r"〔(20\d\d)〕", text))
    if not years:
        return None
    best = max(years.values())
    return min(found for found, count in years.items() if count == best)


def _parents(head: Sequence[str], opening: Sequence[str], title: str) -> tuple[str, ...]:
    """Plans the document says it follows: titles with their numbers in the preamble."""
    found: list[str] = []
    for text in opening:
        if not re.search(r"根据|按照|贯彻|落实|结合|依据", text):
            continue
        for match in _PARENT.finditer(text):
            name = match["t"].split("〈")[-1].split("〉")[0]
            if name not in title and not any(name in one for one in found):
                found.append(name + (f"（{match['n']}）" if match["n"] else ""))
    del head
    return tuple(dict.fromkeys(found))
