"""Names of responsible units (责任单位): lists, groups, joint and leading roles, units as grammatical subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from quancheng.domains.duty.plans.model import Doubt

_GOV_END = (
    "局|委|办|办公室|厅|部|署|委员会|管委会|中心|支队|大队|中队|总队|分局|政府|街道办事处|街道办|街道|镇|乡|法院|检察院|总工会|工会|团委|妇联"
    "|科协|工商联|红十字会|公司|集团|医院|供电所|派出所|卫生院|监管所|管理所|司法所|财政所|税务所|市场所|执法队|消防救援站|所|站|科|股|室|专班|领导小组|专委会|安委会|协会|联社"
)
_GROUP_END = (
    "部门|单位|企业|镇街|街镇|镇（街道）|乡镇（街道）|街道（镇）|镇（街）|街道|乡镇|镇|乡|村（社区）|社区|村|村居|村（居）|园区|开发区|机构|学校|医院|加油站|高校"
    "|院校|科研院所|党委党组|党委|党组|政府|办事处|街道办事处|委员会|成员|经营者|经营户|业主|网格员|安全员|负责人|责任人|负责同志|领导干部|人员|支行|科室|股室|站所|分管领导|主要领导|领导"
)
_GOV = rf"[\u4e00-\u9fff]{{0,14}}?(?:{_GOV_END})(?:（[^）]{{1,12}}）)?"
GOV_NAME = re.compile(
    rf"(?:[区县市省镇乡]|[\u4e00-\u9fff]{{2,6}}(?:区|县|市|镇|乡|街道))(?:{_GOV_END}|[\u4e00-\u9fff]{{1,14}}?(?:{_GOV_END}))(?:（[^）]{{1,12}}）)?$"
    rf"|(?:公安|交警|消防|海事|税务|气象|国土|生态环境|市场监管|住建|应急|交通|水务|邮政|供电|燃气)[\u4e00-\u9fff]{{0,10}}(?:局|支队|大队|分局|所|中心|公司|部门|站)$"
    rf"|国网[\u4e00-\u9fff]{{1,10}}公司$|[\u4e00-\u9fff]{{2,8}}(?:街道办事处|街道|镇|乡|园区|管委会|开发区|派出所|卫生院|执法大队|消防救援(?:支|大|中)队|消防救援站)$"
    rf"|镇?[\u4e00-\u9fff]{{2,8}}(?:办公室|服务中心|执法大队|办|中心)$|区[委府]$|[区县市镇]委[\u4e00-\u9fff]{{2,6}}[部办委]$"
)
GROUP_NAME = re.compile(
    rf"(?:各级?|全[区县市镇]|区[级直]|县[级直]|市[级直]|镇级|有关|相关|其他|负有|承担|涉及|涉危|辖区|本)[\u4e00-\u9fff（）、“”]{{0,34}}?(?:{_GROUP_END})(?:（[^）]{{1,8}}）)?(?:主要负责人|负责人)?$"
    r"|[区县市镇](?:委|政府|级)?(?:党政)?(?:分管|主要|包保|包联)?领导$"
    rf"|[\u4e00-\u9fff（）“”、]{{0,30}}(?:部门|单位|企业|成员单位|机构|学校|医院|加油站|镇（街道）|乡镇（街道）|镇街|街镇|街道办事处|村（社区）|村（居）|社区)(?:主要负责人|法定代表人|负责人)?$"
)
_TAIL = re.compile(
    r"(?:等(?:(?:相关|有关|成员|区级|县级|市级|负有安全监管职责的)?(?:部门|单位|企业|部门和单位|职能部门|单位和部门))?)?"
    r"(?:[，、]?(?:分别|共同|联合|各自)?(?:依据|依照|根据|按照?)(?:各自|有关)?(?:的)?(?:法定|工作|部门|安全监管)?(?:职责|职能|分工|权限)(?:和)?(?:分工|范围|权限)?(?:分别|共同|抓好|具体)?(?:负责|落实|配合|组织实施|推进)?"
    r"|[，、]?(?:分别|分工|共同|联合|具体|各自|总|抓好|依职责)(?:负责|落实|牵头|实施)|负责(?:落实|组织实施|实施)?|抓好落实|组织实施|落实)?[。；，]*$"
)
_OPEN_LIST = re.compile(
    r"等(?:(?:相关|有关)[\u4e00-\u9fff]{2,6}|[\u4e00-\u9fff]{0,4}(?:部门|单位|企业)(?:和单位)?)?(?=分|按|依|根|共|各|负|落|组|抓|，|。|；|$)"
)
_BARE_GENERIC = re.compile(r"(?:有关|相关)?(?:企业|单位|部门|有关单位|机构|村|乡|企事业单位)$")
_LEAD_MARK = re.compile(r"（(?:牵头|牵头单位|牵头部门|主办|总牵头|第一牵头)）$")
_SUPPORT_MARK = re.compile(r"（(?:配合|配合单位|参与|协办|协助)）$")

OPEN_LIST = Doubt("open_list", "名单以“等”结尾，未列明的单位请核对。")
BARE_NAMES = Doubt("abbreviated_units", "单位为合并简称，请核对各自全称。")
ODD_UNIT = Doubt("odd_unit", "单位名称不像机构名称，请核对。")


@dataclass(frozen=True, slots=True)
class Units:
    """Leading and supporting units with persons, where a list names them."""

    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    due: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lead or self.support)


def split_names(text: str) -> list[str]:
    """Split a list at 、 outside brackets; 各涉危单位、企业 and 各部门和单位 stay one group name."""
    pieces, depth, current = [], 0, ""
    for index, char in enumerate(text):
        if char == "（":
            depth += 1
        elif char == "）":
            depth = max(0, depth - 1)
        graded = char == "、" and index > 0 and _GRADES.match(text, index - 1)
        if not graded and ((depth == 0 and char in "、，；/|+") or char in "\t\n"):
            pieces.append(current)
            current = ""
        else:
            current += char
    pieces.append(current)
    names: list[str] = []
    for piece in pieces:
        for name in _split_and(piece):
            if names and _BARE_GENERIC.fullmatch(name) and re.match(r"各|全[区县市镇]", names[-1]):
                names[-1] = f"{names[-1]}、{name}"
            else:
                names.append(name)
    return [name for name in names if name]


def _split_and(piece: str) -> list[str]:
    piece = piece.strip("。； ：")
    if not piece:
        return []
    for match in re.finditer(r"以及|及其|[和与及暨]", piece):
        left, right = piece[: match.start()], piece[match.end() :]
        if match.group() == "及其" or piece[: match.start()].count("（") != piece[: match.start()].count("）"):
            continue
        if _is_unit(left) and _is_unit(right) and not _BARE_GENERIC.fullmatch(right):
            return [*_split_and(left), *_split_and(right)]
    return [piece]


_SHORT_NAME = re.compile(
    r"派出所|卫生院|供电所|司法所|财政所|党政办|应急办|安监办|经发办|规建办|平安办|综治办|交警中队|消防队|消防站"
    r"|[\u4e00-\u9fff]{1,6}(?:站|所|队|办|科|中心|公司|学校|医院|局|支队|大队|分局)"
)


def _is_unit(name: str) -> bool:
    return bool(GOV_NAME.match(name) or GROUP_NAME.match(name) or _SHORT_NAME.fullmatch(name))


def is_official(name: str) -> bool:
    """Whether a name reads like one office or bureau (区应急局), not like a group."""
    return bool(GOV_NAME.match(name))


def looks_like_unit(name: str) -> bool:
    """Whether a name reads like a unit or a group of units."""
    return _is_unit(name) or bool(_BARE_GENERIC.fullmatch(name))


def clean_name(name: str) -> str:
    """A printed unit name without the words around it; an unclosed bracket is closed."""
    name = re.sub(r"^(?:由|请|和|及|以及|与|会同)(?=[\u4e00-\u9fff])", "", name.strip("。；，、： \t"))
    name = _LEAD_MARK.sub("", _SUPPORT_MARK.sub("", name))
    if name.count("（") > name.count("）"):
        name += "）" * (name.count("（") - name.count("）"))
    while name.count("）") > name.count("（"):
        index = name.rfind("）")
        name = name[:index] + name[index + 1 :]
    return name


def names_of(text: str) -> tuple[list[str], list[Doubt]]:
    """Names of one plain list, with what is doubtful about it."""
    text = text.strip("。；，、： \t")
    doubts: list[Doubt] = []
    short = re.fullmatch(r"(.*?)等(部门|单位)(?:.*)", text)
    if _OPEN_LIST.search(text):
        doubts.append(OPEN_LIST)
    core = _TAIL.sub("", text)
    core = core if core else text
    names = [clean_name(name) for name in split_names(core)]
    names = [name for name in names if name and name not in ("等", "相关部门和单位等")]
    if short and any(not _is_unit(name) for name in names):
        doubts.append(BARE_NAMES)
    elif any(len(name) > 34 or (not _is_unit(name) and not _BARE_GENERIC.fullmatch(name)) for name in names):
        doubts.append(ODD_UNIT)
    return _unique(names), doubts


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


_GRADES = re.compile(r"[一二三四]、[一二三四]级")
_NOTE = re.compile(
    r"[，；。、](?:以下|下同|不再列出|均需|(?:排|列)(?:在)?(?:第一|首)位?(?:的)?(?:单位|部门)?为|第一(?:个|位)?(?:单位|部门)?为)[^）]*$"
)
_ROLE_WORD = re.compile(
    r"^(?P<names>.*?)(?P<verb>牵头(?:负责|组织|抓总)?|配合|协助|参与|参加|协同|支持|督导"
    r"|(?:等[^，；]{0,14})?(?:分别|共同|联合|各自)?(?:依据|根据|按照?)(?:各自)?(?:职责|职能|分工)[^，；]{0,10}|等?分工(?:负责|落实)|(?:共同|分别|具体|总)?负责(?:落实|实施)?|落实)[。]?$"
)


def assign_roles(text: str, *, default: str = "lead") -> Units:
    """Read a list with role words: A牵头，B、C配合; A、B分工负责 (joint leads); A（牵头）、B.

    :param default: role of names no word claims.
    """
    noted = _NOTE.search(text)
    first_leads = noted is not None and "第一" in noted.group()
    text = _NOTE.sub("", text)
    if first_leads and "牵头" not in text:
        names, doubts = names_of(text)
        return Units(tuple(names[:1]), tuple(names[1:]), tuple(doubts))
    lead: list[str] = []
    support: list[str] = []
    doubts = []
    pending = ""
    has_leader = "牵头" in text
    for clause in _split_clauses(text):
        together = re.match(r"(?P<a>.+?)牵头[、，]?(?:会同|联合)(?P<b>.+)$", clause)
        if together:
            lead += names_of(together["a"].removeprefix("由"))[0]
            found, more = names_of(re.sub(r"(?:配合|参与|落实|负责)$", "", together["b"]))
            support += found
            doubts += more
            continue
        role = _ROLE_WORD.match(clause)
        if role is None:
            pending = f"{pending}、{clause}" if pending else clause
            continue
        listed = f"{pending}、{role['names']}" if pending else role["names"]
        pending = ""
        verb = role["verb"]
        if re.match(r"等", verb):
            doubts.append(OPEN_LIST)
        found, more = names_of(listed) if listed else ([], [])
        doubts += more
        if verb.startswith("牵头"):
            lead += found
        elif verb[:2] in ("配合", "协助", "参与", "参加", "协同", "支持") or (has_leader and lead):
            support += found
        else:
            lead += found
    if pending:
        for name in split_names(_TAIL.sub("", pending) or pending):
            marked_lead, marked_support = _LEAD_MARK.search(name), _SUPPORT_MARK.search(name)
            clean = clean_name(name)
            found, more = names_of(clean)
            doubts += [one for one in more if one is not OPEN_LIST]
            if marked_lead:
                lead = [*found, *lead] if not lead else [*lead, *found]
            elif marked_support or (has_leader and (lead or "（牵头" in text)) or default == "support":
                support += found
            else:
                lead += found
        if _OPEN_LIST.search(pending):
            doubts.append(OPEN_LIST)
        if re.search(r"等(?:部门|单位)", pending) and ODD_UNIT in doubts:
            doubts = [BARE_NAMES if one is ODD_UNIT else one for one in doubts]
    lead = _unique(lead)
    return Units(
        tuple(lead), tuple(name for name in _unique(support) if name not in lead), tuple(dict.fromkeys(doubts))
    )


def _split_clauses(text: str) -> list[str]:
    clauses, depth, current = [], 0, ""
    for char in text:
        depth += (char == "（") - (char == "）" and depth > 0)
        if depth == 0 and char in "，；。":
            clauses.append(current)
            current = ""
        else:
            current += char
    clauses.append(current)
    return [clause.strip() for clause in clauses if clause.strip()]


# --- the unit as grammatical subject -------------------------------------------------------------------------------
VERBS = (
    "健全|完善|落实|开展|推进|推动|建立|严格|强化|加强|督促|组织|实施|做到|做好|确保|严查|严控|严厉|严防|严禁|打击|聘请|推广|聚焦|压实|深化|全面|提升|提高|统筹|制定|编制|修订|排查|整治|整改|治理|监督"
    "|检查|抽查|核查|复核|指导|引导|鼓励|支持|培育|发挥|利用|依托|运用|坚持|聚力|狠抓|抓好|抓实|抓紧|配齐|配强|配备|规范|优化|突出|紧盯|围绕|结合|对照|对|将|把|按照|按|依法|依托|根据|每|于|在|自|要|应|须|需|必须|不得|负责"
    "|牵头|会同|联合|协助|配合|认真|积极|定期|持续|及时|主动|集中|深入|进一步|切实|大力|广泛|举办|召开|举行|成立|组建|设立|明确|公布|公示|报送|上报|汇总|通报|考核|评估|审核|审批|核发|查处|查验|履行|承担|采取|通过|动态|重点|分级|分类|逐"
    "|至少|力争|立即|继续|具体|统一|分别|共同|协调|跟踪|监测|巡查|宣传|培训|演练|完成|启动|建设|建成|拆除|关闭|取缔|淘汰|搬迁|更新|改造|安装|录入|登记|备案|摸清|摸排|梳理|梳理|列出|形成|收集|整理|研究|分析|年底|上半年|下半年|年内|\\d"
)
_VERB_START = re.compile(rf"(?:{VERBS})")
_MODAL = re.compile(
    r"(?:要|应当|应|须|需|必须|将|负责|牵头|会同|每|于|不得|按照|按|在|对|结合|根据|依法|分别|认真|严格|全面|定期|及时|统筹|组织|制定|至少)"
)
_TIME_HEAD = re.compile(
    r"(?:(?:\d{4}年|今年|每年|本年度)?[^，。；、\u4e00-\u9fff]{0,3}(?:[\d一二三四五六七八九十]{1,3}月(?:份)?)?(?:[\d一二三四五六七八九十]{1,3}[日号])?(?:上旬|中旬|下旬)?(?:底|末|年底|年末|上半年|下半年)?(?:以?前|之前|止)?，)"
    r"|(?:20\d\d年|\d{1,2}月|每年|每月|年底|上半年)[^，。；]{0,12}?(?:前|底|末|旬)，?(?=各|[区县市镇]|企业|全)"
)
_CONNECTIVE = re.compile(
    r"(?:同时|此外|另外|其中|一是|二是|三是|四是|五是|六是|七是|八是|九是|十是|[一二三四五六七八九十]要|首先|其次|再次|最后|并且|并|由|请|凡|对此|为此|期间|原则上)[，：]?"
)
_STOP_WORDS = re.compile(
    r"的$|^(?:对|把|将|向|与|为|以|从|在|按|据|因|使|让|被|凡|如|若|当|经|该|其|这|那|此|并|也|还|又)"
)


_VERB_HEAD = re.compile(
    r"每|向|于|自|将|发挥|组织(?!部)|督促|依托|运用|推动|指导|协调|配合|会同|加强|强化|落实|通过|利用|建立|完善|支持|引导|鼓励|推进|成立|设立|聘请|严格|规范|健全|深化|提升|充实|选派|邀请|委托|要求|压实|开展|明确|聚焦|接受|服务|保障|协助|联合|责令|做好|统筹"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit standing as the grammatical subject: the names, and where they end in the sentence."""

    names: tuple[str, ...]
    end: int
    strong: bool
    doubts: tuple[Doubt, ...] = ()
    support: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def subject_of(sentence: str) -> Subject | None:
    """The unit or units a canonical sentence demands something of; None where it opens with a verb or a thing."""
    start = 0
    for pattern in (_CONNECTIVE, _TIME_HEAD, _CONNECTIVE):
        match = pattern.match(sentence, start)
        if match and match.end() > start:
            start = match.end()
    rest = sentence[start : start + 160]
    led = re.match(
        r"(?P<names>[^，。；：]{2,60}?)牵头(?:负责|组织)?[，、]?(?:(?:会同|联合)?(?P<help>[^。；：]{2,90}?)(?:配合|参与|协助|协同|按(?:照)?(?:各自)?职责分工[^，。；]{0,4}|分工负责))?",
        rest,
    )
    if led and all(looks_like_unit(name) for name in split_names(_strip_open(led["names"]))):
        names, doubts = names_of(led["names"])
        helpers = names_of(led["help"])[0] if led["help"] else []
        return Subject(tuple(names), start + led.end(), True, tuple(doubts), tuple(helpers))
    best: Subject | None = None
    for match in re.finditer(
        r"要|应当|应(?!急|用|对|知|会)|必须|须(?!知)|需(?!求|要求)|将|负责(?!人|同志|制|任)|会同|每(?!个|名|家)|督促|组织(?!部|人事)|制定|指导|监督|严格|加强|全面|认真|定期|开展|建立|落实|按照|依法|牵头|于|对|至少|统筹|完成|配合|协助|汇总|承担|明确(?!的)|确定|安排|指定|报送|上报|提交|成立|做好|抓好|强化|健全|完善|深入|切实|高度|积极|主动|持续|及时|集中|参照|自(?=[\d一二三四五六七八九十])|(?<=，)|：",
        rest,
    ):
        at = match.start()
        if at < 2 or at > 110:
            continue
        head = rest[:at].rstrip("，：")
        word = match.group()
        modal = word in ("要", "应当", "应", "必须", "须", "需", "将", "负责", "会同", "牵头", "每", "：")
        names = split_names(_strip_open(head))
        if not names or not _good_names(names, modal=modal, original=head):
            continue
        clean, doubts = names_of(head)
        support: tuple[str, ...] = ()
        if word == "会同":
            helped = re.match(
                r"会同(?P<b>[^，。；]{2,60}?)(?=开展|组织|对|制定|建立|要|应|，|加强|推进|落实|负责)", rest[at:]
            )
            if helped and all(looks_like_unit(name) for name in split_names(_strip_open(helped["b"]))):
                support = tuple(names_of(helped["b"])[0])
        best = Subject(tuple(clean), start + at, modal, tuple(doubts), support)
        break
    return best


def _strip_open(text: str) -> str:
    return _TAIL.sub("", text) or text


def _good_names(names: list[str], *, modal: bool, original: str) -> bool:
    open_departments = re.search(r"等(?:相关|有关)?(?:部门|单位|企业|主管部门)$", original)
    for name in names:
        if _STOP_WORDS.search(name) or len(name) > 40 or _VERB_HEAD.match(name):
            return False
        if (
            not re.match(r"(?:各|全|区|县|市|镇|省|乡|村|有关|相关|负有|承担|涉)", name)
            and _VERB_START.match(name)
            and not GOV_NAME.match(name)
            and not (modal and re.fullmatch(r"[\u4e00-\u9fff]{2,4}部门", name))
        ):
            return False
        if GOV_NAME.match(name) and not re.search(r"问题|隐患|风险|工作$", name):
            continue
        if (
            modal
            and (GROUP_NAME.match(name) or _BARE_GENERIC.fullmatch(name))
            and not re.match(r"(?:重大|一般|较大|安全|事故)", name)
        ):
            continue
        if re.match(
            r"各(?:级|有关|相关|成员|镇|街|乡|村|部门|单位|企业|行业|责任|园区|学校)", name
        ) and GROUP_NAME.match(name):
            continue
        if open_departments and len(name) <= 8:
            continue
        return False
    return True
