"""The daily study of risks and announcement of commitment (安全风险研判与承诺公告), 应急〔2018〕74号.

What an announcement states and where each number comes from in the national interface, which numbers cannot stand
together, what contradicts a fact, how the promise reads, and how a sample is drawn that an outsider can verify.
The text of the notice itself was not read in full: topics and names of fields are verified [V], whether the three
numbers of units must sum up is a default [D].
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from quancheng.standards.wording import Text

#: No count of an announcement reaches this.
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Number:
    """One statement of an announcement (公告事项): a count, ``yes`` (0 or 1), or a ``level`` (1 gravest to 4).

    ``national`` is its name in the national interface, where it has one.
    """

    code: str
    name: Text
    group: str
    national: str = ""
    kind: str = "count"
    mark: str = "V"
    #: Amounts of chemicals are shown to nobody outside.
    is_public: bool = True


GROUPS: dict[str, Text] = {
    "state": Text("装置、罐区和重大危险源", "Plants, tanks and major hazards"),
    "special": Text("特殊作业", "Special work"),
    "other": Text("其他作业", "Other work"),
    "judged": Text("研判结论", "Result of the study"),
}

NUMBERS: tuple[Number, ...] = (
    Number("units", Text("生产装置套数", "Plants"), "state", "unitsNumber"),
    Number("running", Text("运行套数", "Plants running"), "state", "runNumber"),
    Number("stopped", Text("停产套数", "Plants stopped"), "state", "parkNumber"),
    Number("overhaul", Text("检维修套数", "Plants under overhaul"), "state", "overhaulWorkNumber"),
    Number("starting", Text("正在开车装置数", "Plants starting up"), "state", "workNumber"),
    Number("stopping", Text("正在停车装置数", "Plants shutting down"), "state", "notWorkNumber"),
    Number("trial", Text("试生产装置数", "Plants in trial production"), "state", "testNumber"),
    Number("pilot", Text("是否开展中（扩）试", "Pilot tests"), "state", "test", "yes"),
    Number("tanks", Text("储罐数", "Tanks"), "state", mark="G"),
    Number("hazards_1", Text("一级重大危险源", "Major hazards of grade 1"), "state", mark="G"),
    Number("hazards_2", Text("二级重大危险源", "Major hazards of grade 2"), "state", mark="G"),
    Number("hazards_3", Text("三级重大危险源", "Major hazards of grade 3"), "state", mark="G"),
    Number("hazards_4", Text("四级重大危险源", "Major hazards of grade 4"), "state", mark="G"),
    Number("processes", Text("重点监管危险工艺数", "Key regulated processes"), "state", "dangerProcessNumber"),
    Number("chemicals_t", Text("危险化学品现存量（吨，取整）", "Hazardous chemicals present (t, whole)"), "state",
           mark="D", is_public=False),
    Number("hot_special", Text("特级动火", "Hot work, special grade"), "special", "firesNumber"),
    Number("hot_1", Text("一级动火", "Hot work, grade 1"), "special", "fire1Number"),
    Number("hot_2", Text("二级动火", "Hot work, grade 2"), "special", "fire2Number"),
    Number("confined", Text("受限空间", "Confined space"), "special", "spaceworkNumber"),
    Number("blind_plate", Text("盲板抽堵", "Blind plates"), "special", "blindplateNumber"),
    Number("height", Text("高处作业", "Work at height"), "special", "highworkNumber"),
    Number("lifting", Text("吊装作业", "Lifting"), "special", "liftingworkNumber"),
    Number("temporary_power", Text("临时用电", "Temporary power"), "special", "electricityworkNumber"),
    Number("excavation", Text("动土作业", "Excavation"), "special", "soilworkNumber"),
    Number("road_closure", Text("断路作业", "Road closure"), "special", "roadworkNumber"),
    Number("maintenance", Text("检维修作业", "Maintenance"), "other", "inspectionNumber"),
    Number("transfer", Text("倒罐作业", "Tank-to-tank transfer"), "other", "pourOutNumber"),
    Number("cleaning", Text("清罐作业", "Tank cleaning"), "other", "cleanTankNumber"),
    Number("draining", Text("切水作业", "Water draining"), "other", "drainingNumber"),
    Number("contractor", Text("承包商作业", "Contractors' work"), "other", "contractorNumber"),
    Number("change", Text("变更作业", "Work under change management"), "other", "changedTaskNumber"),
    Number("major_dangers", Text("有无重大隐患", "Open major hidden dangers"), "judged", "mHazards", "yes"),
    Number("level", Text("风险级别", "Level of risk"), "judged", "riskGrade", "level"),
)  # fmt: skip
BY_CODE: dict[str, Number] = {one.code: one for one in NUMBERS}
SPECIAL = tuple(one.code for one in NUMBERS if one.group == "special")
HOT = ("hot_special", "hot_1", "hot_2")
HAZARDS = ("hazards_1", "hazards_2", "hazards_3", "hazards_4")

#: What each level studies (研判内容). [V-part]
TOPICS: dict[str, Text] = {
    "A1": Text("装置运行：工艺参数、密封、报警联锁", "Plants running: parameters, seals, alarms, interlocks"),
    "A2": Text("罐区、仓库和其他重大危险源", "Tank farms, warehouses, other major hazards"),
    "A3": Text("高危活动：开停车、试生产、特殊作业、承包商、变更",
               "High-risk activities: start-up, trial, special work, contractors, changes"),
    "A4": Text("较大以上风险和重大隐患的管控措施", "Controls of larger risks and of major dangers"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be announced: the number, and why."""

    field: str
    text: Text


def faults(values: Mapping[str, int], *, sums: bool = True) -> list[Fault]:
    """What is wrong with the numbers among themselves; every number must be given.

    :param sums: whether running, stopped and under overhaul must add up to all units. [D]
    """
    found = []
    for one in NUMBERS:
        value = values[one.code]
        low, high = {"yes": (0, 1), "level": (1, 4)}.get(one.kind, (0, LARGEST))
        if isinstance(value, bool) or not low <= value <= high:
            found.append(Fault(one.code, Text(f"应在{low}到{high}之间", f"must lie between {low} and {high}")))
    if found:
        return found
    units = values["units"]
    most = Text(f"不能多于装置总数{units}套", f"cannot exceed the {units} plants")
    parts = ("running", "stopped", "overhaul", "starting", "stopping", "trial")
    found = [Fault(code, most) for code in parts if values[code] > units]
    told = values["running"] + values["stopped"] + values["overhaul"]
    if sums and not found and told != units:
        text = Text(f"运行、停产、检维修合计{told}套，与总数{units}套不符",
                    f"running, stopped and under overhaul make {told}, not {units}")  # fmt: skip
        found.append(Fault("units", text))
    return found


# Against the facts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an announcement is asked about: ``mode`` is how it ships: ``finding``, ``ask`` first, or ``off``. [D]"""

    code: str
    name: Text
    mode: str


REASONS: dict[str, Reason] = {
    one.code: one
    for one in (
        Reason("LATE", Text("未按时公告", "Not announced in time"), "finding"),
        Reason("MAJOR_DANGER", Text("重大隐患未销号而公告为无", "A major danger is open, not announced"), "finding"),
        Reason("RUNNING", Text("公告运行的装置多于可运行的", "More plants announced running than may run"), "finding"),
        Reason("UNITS", Text("装置、储罐、工艺数与档案不符", "Plants, tanks or processes differ from the file"), "ask"),
        Reason("HAZARDS", Text("重大危险源数与档案不符", "Major hazards differ from the file"), "finding"),
        Reason("LEVEL", Text("公告的风险级别低于系统评定的等级", "Level announced is below the one graded"), "finding"),
        Reason("BELOW", Text("班组、车间报告未受控而公告为受控", "A team or workshop reported no control"), "finding"),
        Reason("START_STOP", Text("开停车装置数与开停车通知不符", "Start-ups, shut-downs differ from notices"), "ask"),
        Reason("WORK", Text("特殊作业数与作业票不符", "Special work differs from the permits"), "finding"),
        Reason("SPOT", Text("抽查发现公告与实际作业不符", "A spot check found other work than announced"), "finding"),
    )
}  # fmt: skip
MODES: dict[str, Text] = {
    "finding": Text("登记隐患", "Register a hidden danger"),
    "ask": Text("先请企业说明", "Ask the enterprise first"),
    "off": Text("不核对", "Do not compare"),
}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One number against its fact."""

    reason: str
    code: str
    announced: int
    fact: int


def contradictions(values: Mapping[str, int], facts: Mapping[str, int]) -> list[Contradiction]:
    """Numbers that differ from facts in the direction that matters; a number without a fact says nothing.

    More plants stopped than known, or a graver level, contradicts nothing: the enterprise knows more than we.
    """
    found = []
    for code, fact in facts.items():
        said = values[code]
        if code == "major_dangers" and said < fact:
            found.append(Contradiction("MAJOR_DANGER", code, said, fact))
        elif code == "running" and said > fact:
            found.append(Contradiction("RUNNING", code, said, fact))
        elif code == "level" and said > fact:
            found.append(Contradiction("LEVEL", code, said, fact))
        elif code in ("units", "tanks", "processes") and said != fact:
            found.append(Contradiction("UNITS", code, said, fact))
        elif code in HAZARDS and said != fact:
            found.append(Contradiction("HAZARDS", code, said, fact))
        elif code in ("starting", "stopping") and said != fact:
            found.append(Contradiction("START_STOP", code, said, fact))
        elif code in SPECIAL and said != fact:
            found.append(Contradiction("WORK", code, said, fact))
    return sorted(found, key=lambda one: (list(REASONS).index(one.reason), list(BY_CODE).index(one.code)))


# Words and exchange -----------------------------------------------------------------------------------------------


def promise(values: Mapping[str, int], *, day: date, company: str, person: str) -> str:
    """The standard promise of an enterprise whose risks are all under control, in the words of this system.

    Where something is not under control it must not be used: then the text says what, and what is done about it.
    """
    others = sum(values[code] for code in SPECIAL if code not in (*HOT, "confined"))
    hazards = sum(values[code] for code in HAZARDS)
    duty = f"{hazards}处重大危险源包保责任已到位。" if hazards else ""
    return (
        f"{company}已完成{day.year}年{day.month}月{day.day}日安全风险研判。装置{values['units']}套，运行{values['running']}套，"
        f"停产{values['stopped']}套，检维修{values['overhaul']}套；今日特级、一级、二级动火分别为{values['hot_special']}、"
        f"{values['hot_1']}、{values['hot_2']}处，受限空间{values['confined']}处，其他特殊作业{others}处。"
        f"风险管控措施已经落实，装置、罐区和仓库处于安全受控状态。{duty}承诺人：{person}。"
    )


def as_national(values: Mapping[str, int]) -> dict[str, int]:
    """The numbers under the names of the national interface, with the flags that follow from counts."""
    told = {one.national: values[one.code] for one in NUMBERS if one.national}
    return told | {
        "contractor": int(values["contractor"] > 0),
        "trialProduction": int(values["trial"] > 0),
        "openParking": int(values["starting"] + values["stopping"] > 0),
        "openParkingNumber": values["starting"] + values["stopping"],
    }


# Samples ----------------------------------------------------------------------------------------------------------


def rank_of(seed: str, member: str) -> str:
    """Where a member of the pool stands in a draw: the smaller comes first; nobody can choose it without the seed."""
    return hashlib.sha256(f"{seed}|{member}".encode()).hexdigest()


def draw(pool: Iterable[str], *, seed: str, size: int) -> list[str]:
    """So many of a pool by a seed, in the order of their ranks; the same again for everybody who has both."""
    return sorted(set(pool), key=lambda one: (rank_of(seed, one), one))[:size]


def digest_of_pool(pool: Iterable[str]) -> str:
    """What shows later that the pool was this one: SHA-256 over its sorted members, a line each."""
    return hashlib.sha256("\n".join(sorted(set(pool))).encode()).hexdigest()
