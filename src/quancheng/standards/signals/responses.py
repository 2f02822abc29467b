"""What an alarm asks of people: priority, escalation, shelving, reasons, and the colours of warnings (红橙黄蓝).

Two mappings to colours live side by side and are never mixed: that of a platform's operation, by facts of a signal, and
that of the five rules of the Ministry of 2021, by how an alarm is handled. Both are our design [D] until a province
gives its numbers. The colours of emergency plans mean something else again: see :data:`PLAN_COLOURS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from quancheng.standards.risk.colours import Colour
from quancheng.standards.signals.basis import Refused
from quancheng.standards.wording import Text

# Priority -----------------------------------------------------------------------------------------------------------

#: Consequences (后果), gravest first.
SEVERITIES: dict[str, Text] = {
    "fatal": Text("可能死亡或影响厂外", "A death or harm outside is possible"),
    "injury": Text("人员受伤或厂内泄漏", "Injury or release on site"),
    "minor": Text("轻伤或财产损失", "Minor injury or loss"),
    "nuisance": Text("无实际后果", "Nuisance"),
}
#: Time to respond in seconds: below 3 min, to 10 min, to 30 min, longer; the last number of each is its own [D].
_TIMES_S = (180.0, 600.0, 1800.0)
#: Priority by consequence and time to respond; None: no alarm but an event [D].
MATRIX: dict[str, tuple[int | None, int | None, int | None, int | None]] = {
    "fatal": (1, 1, 2, 2),
    "injury": (1, 2, 2, 3),
    "minor": (2, 3, 3, 4),
    "nuisance": (3, 4, 4, None),
}
#: Which share of configured alarms should have each priority, with three and with four of them [G].
TARGET_SHARES: dict[int, tuple[float, ...]] = {3: (0.05, 0.15, 0.80), 4: (0.01, 0.05, 0.15, 0.80)}


def priority(severity: str, time_to_respond_s: float) -> int | None:
    """Priority 1 (highest) to 4, or None where it should be an event and no alarm.

    :raises Refused: ``UNKNOWN_SEVERITY``, or ``BAD_TIME`` for a time that is negative or no number.
    """
    if severity not in MATRIX:
        raise Refused("UNKNOWN_SEVERITY", Text(f"没有后果“{severity}”", f"there is no severity {severity!r}"))
    if not time_to_respond_s >= 0:
        raise Refused("BAD_TIME", Text("响应时间不能为负", "the time to respond must not be negative"))
    if time_to_respond_s < _TIMES_S[0]:
        return MATRIX[severity][0]
    place = sum(time_to_respond_s > limit for limit in _TIMES_S[1:])
    return MATRIX[severity][1 + place]


# Escalation and shelving ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """A step of escalation (升级): who hears, and after how many seconds without acknowledgement by priority 1 to 3;
    priorities left out never get there.
    """

    number: int
    who: Text
    after_s: Mapping[int, int]


#: [D]
ESCALATION: tuple[EscalationStep, ...] = (
    EscalationStep(0, Text("现场操作员，声光和推送", "Operator: screen, sound, push"), {1: 0, 2: 0, 3: 0}),
    EscalationStep(1, Text("班长，短信和电话", "Shift leader: SMS and call"), {1: 60, 2: 180, 3: 900}),
    EscalationStep(2, Text("安全总监", "Safety manager"), {1: 180, 2: 600, 3: 3600}),
    EscalationStep(3, Text("主要负责人和包保责任人", "Principal and persons answering for the major hazard"),
                   {1: 300, 2: 1200, 3: 14400}),
    EscalationStep(4, Text("区县值班室和监管人员", "District duty room and inspector"), {1: 600, 2: 2700, 3: 43200}),
    EscalationStep(5, Text("区县局领导、园区、街镇", "District leader, park, town"), {1: 1200, 2: 7200}),
    EscalationStep(6, Text("市级平台", "City platform"), {1: 1800}),
)  # fmt: skip


def escalation_step(priority: int, unacknowledged_s: float) -> int:
    """The step that an alarm has reached; of priority 4, always 0. A re-raise starts again at step 1: the caller counts
    from there.
    """
    reached = [step.number for step in ESCALATION if unacknowledged_s >= step.after_s.get(priority, math.inf)]
    return max(reached, default=0)


#: How long an alarm of a priority may be shelved (搁置), how many of a site at once, how far apart they come back [D].
SHELF_S: dict[int, int] = {1: 1800, 2: 7200, 3: 43200, 4: 43200}
MOST_SHELVED, UNSHELVE_EVERY_S = 10, 2


def approvers_to_shelve(*, is_safety_critical: bool) -> int:
    """How many persons must agree."""
    return 2 if is_safety_critical else 1


# Reasons --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alarm came (报警原因), as a person states it. ``needs`` is what must come with it."""

    code: str
    name: Text
    needs: tuple[str, ...] = ()


#: [D]
REASONS: dict[str, Reason] = {
    one.code: one
    for one in (
        Reason("R01", Text("工艺波动/超限", "Real deviation of the process")),
        Reason("R02", Text("介质泄漏", "Real leak"), ("photo",)),
        Reason("R03", Text("装卸、倒罐、切罐等操作", "Planned operation")),
        Reason("R04", Text("检维修作业", "Maintenance")),
        Reason("R05", Text("仪表校验/标定", "Calibration")),
        Reason("R06", Text("仪表故障", "Instrument fault"), ("photo",)),
        Reason("R07", Text("通讯或网关故障", "Communication fault")),
        Reason("R08", Text("停电/断电", "Power failure")),
        Reason("R09", Text("报警值设置错误", "Wrong set point")),
        Reason("R10", Text("开停车", "Start-up or shutdown")),
        Reason("R11", Text("环境因素（高温、雷雨、水汽等）", "Weather or vapour")),
        Reason("R12", Text("演练/测试", "Drill or test")),
        Reason("R99", Text("其他", "Other"), ("note",)),
    )
}
#: Reasons for which an alarm counts as false.
INSTRUMENT_REASONS = frozenset({"R05", "R06", "R07", "R09"})


def reporter_may_close(*, reason: str, alarm_type: str, hazard_grade: int | None) -> bool:
    """Whether the one who states the reason may close the alarm as well: not a leak, nor a second-stage alarm on a
    major hazard of grade 1 or 2 [D].
    """
    is_grave = alarm_type in ("HH", "LL", "STAGE2") and hazard_grade in (1, 2)
    return reason != "R02" and not is_grave


# Colours --------------------------------------------------------------------------------------------------------------

#: What the colours mean in emergency plans: the accident that is expected [V].
PLAN_COLOURS: dict[Colour, Text] = {
    Colour.RED: Text("预计发生特别重大事故", "A particularly major accident is expected"),
    Colour.ORANGE: Text("预计发生重大以上事故", "A major accident or worse is expected"),
    Colour.YELLOW: Text("预计发生较大以上事故", "A larger accident or worse is expected"),
    Colour.BLUE: Text("预计发生一般以上事故", "A general accident or worse is expected"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a colour asks for [D]: of the enterprise within ``respond_s``, of the authority, and when it may end.

    ``report_s`` until the written answer, ``authority_s`` until the authority acts, ``calm_s`` for how long it must be
    quiet; None where nothing is said.
    """

    enterprise: Text
    authority: Text
    close: Text
    respond_s: int | None
    report_s: int | None = None
    authority_s: int | None = None
    calm_s: int | None = None
    mark: str = "D"


OPERATIONAL: dict[Colour, Response] = {
    Colour.RED: Response(
        enterprise=Text("启动应急预案，疏散，10分钟内电话报告", "Emergency plan, evacuation, phone in 10 min"),
        authority=Text("值班员核实，通知领导，调度，报市", "Duty officer verifies, dispatches, tells leader and city"),
        close=Text("原因消除，领导批准", "The cause is removed, the leader approves"),
        respond_s=60, report_s=3600, authority_s=180, calm_s=7200,
    ),
    Colour.ORANGE: Response(
        enterprise=Text("停止作业，班长10分钟内到场", "Stop the operation, shift leader on site in 10 min"),
        authority=Text("电话核实，监管人员1小时内决定", "Call, the inspector decides within an hour"),
        close=Text("处置报告被接受", "The report is accepted"),
        respond_s=180, report_s=14400, authority_s=600, calm_s=3600,
    ),
    Colour.YELLOW: Response(
        enterprise=Text("24小时内处理完毕", "Mended within 24 h"),
        authority=Text("当班在平台检查，线上巡查", "Checked on the platform in the same shift, remote patrol"),
        close=Text("其后8小时正常", "Normal for the next 8 h"),
        respond_s=600, report_s=86400, calm_s=28800,
    ),
    Colour.BLUE: Response(
        enterprise=Text("当班处理，不超过72小时", "Handled in the shift, at most 72 h"),
        authority=Text("每周统计", "Weekly statistics"),
        close=Text("已解决", "Resolved"),
        respond_s=None, report_s=259200,
    ),
}  # fmt: skip
#: By the five rules; the numbers of a province take their place.
FIVE_RULES: dict[Colour, Response] = {
    Colour.RED: Response(
        enterprise=Text("立即处置，通知主要负责人", "At once; the principal is informed"),
        authority=Text("区县立即电话，告知市、省，1小时内现场", "District phones, on site in 1 h, city, province told"),
        close=Text("市级核实后", "After verification by the city"),
        respond_s=0, report_s=600, authority_s=0,
    ),
    Colour.ORANGE: Response(
        enterprise=Text("通知技术负责人", "The technical person is informed"),
        authority=Text("区县15分钟内电话，2小时内现场，告知市", "District by phone in 15 min, on site in 2 h"),
        close=Text("区县", "By the district"),
        respond_s=900, authority_s=900,
    ),
    Colour.YELLOW: Response(
        enterprise=Text("通知操作负责人", "The operation person is informed"),
        authority=Text("区县或园区1小时内线上检查", "District or park checks online within 1 h"),
        close=Text("区县或园区", "By district or park"),
        respond_s=1800, authority_s=3600,
    ),
    Colour.BLUE: Response(
        enterprise=Text("自行检查", "Checks itself"),
        authority=Text("区县可见清单，抽查", "The district sees the list and samples"),
        close=Text("企业", "By the enterprise"),
        respond_s=3600,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour, None for none, with the codes of everything that speaks for it."""

    colour: Colour | None
    reasons: tuple[str, ...]


#: What speaks for a colour, in words.
WHY: dict[str, Text] = {
    "toxic_spread": Text("两个以上有毒气体探测器高高，或持续5分钟", "Toxic high-high at two detectors or for 5 min"),
    "flammable_spread": Text("两个以上探测器达到50%LEL", "50 %LEL at two detectors"),
    "fire": Text("火灾确认", "Fire confirmed"),
    "release": Text("紧急切断并泄漏", "Emergency stop with a release"),
    "index_red": Text("综合风险指数80以上", "Index of 80 or more"),
    "interlock_failed": Text(
        "一、二级重大危险源高高且联锁失效", "High-high on a hazard of grade 1 or 2, interlock failed"
    ),
    "second_stage": Text("高高或低低报警", "High-high or low-low"),
    "index_orange": Text("综合风险指数60至80", "Index of 60 to 80"),
    "bypass": Text("联锁摘除无票", "Interlock bypassed without a ticket"),
    "two_priority_1": Text("两个独立的一级优先报警", "Two independent alarms of priority 1"),
    "critical_high": Text("安全关键点位高报警超过10分钟", "First stage on a safety-critical tag for over 10 min"),
    "index_yellow": Text("综合风险指数40至60", "Index of 40 to 60"),
    "repeated": Text("24小时内重复5次以上", "Five times or more in 24 h"),
    "overdue_orange": Text("橙色预警整改逾期", "Rectification after orange is overdue"),
    "first_stage": Text("高或低报警", "High or low"),
    "standing": Text("报警持续24小时以上", "Standing for over 24 h"),
    "instrument": Text("仪表故障4小时以上", "Instrument fault for over 4 h"),
    "index_near": Text("综合风险指数接近40", "Index close to 40"),
    "several_tags": Text("一、二级重大危险源多点二级报警", "Second stage on several tags of a hazard of grade 1 or 2"),
    "unhandled": Text("升级后仍未处置", "Not handled after escalation"),
    "leak": Text("泄漏确认", "Leak confirmed"),
    "one_tag": Text("重大危险源单点二级报警", "Second stage on one tag of a major hazard"),
    "offline_long": Text("未报备离线超过1小时", "Offline over 1 h without notice"),
    "late": Text("一级报警30分钟未处置", "First stage not handled in 30 min"),
    "offline": Text("离线超过30分钟", "Offline over 30 min"),
    "data_quality": Text("数据质量事件", "Event of data quality"),
    "no_commitment": Text("未作承诺公告", "Commitment missing"),
}
#: From which index a colour begins, and how far below 40 it is close to it [D].
INDEX_RED, INDEX_ORANGE, INDEX_YELLOW, INDEX_NEAR = 80.0, 60.0, 40.0, 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Facts for the operational colour; durations in seconds, counts of tags or alarms, now and at one site."""

    toxic_hh: int = 0
    toxic_hh_longest_s: float = 0
    lel_50: int = 0
    fire_confirmed: bool = False
    emergency_stop_and_release: bool = False
    index: float = 0
    hh_with_failed_interlock_on_grade_1_or_2: bool = False
    second_stage: int = 0
    bypass_without_ticket: bool = False
    independent_priority_1: int = 0
    critical_first_stage_longest_s: float = 0
    repeats_24h: int = 0
    orange_overdue: bool = False
    first_stage: int = 0
    standing_longest_s: float = 0
    instrument_fault_longest_s: float = 0


def operational_colour(facts: Operation) -> Shade:
    """The colour of a site by the facts of its signals [D]."""
    by_colour = {
        Colour.RED: {
            "toxic_spread": facts.toxic_hh >= 2 or facts.toxic_hh_longest_s >= 300,
            "flammable_spread": facts.lel_50 >= 2,
            "fire": facts.fire_confirmed,
            "release": facts.emergency_stop_and_release,
            "index_red": facts.index >= INDEX_RED,
            "interlock_failed": facts.hh_with_failed_interlock_on_grade_1_or_2,
        },
        Colour.ORANGE: {
            "second_stage": facts.second_stage + facts.toxic_hh + facts.lel_50 >= 1,
            "index_orange": INDEX_ORANGE <= facts.index < INDEX_RED,
            "bypass": facts.bypass_without_ticket,
            "two_priority_1": facts.independent_priority_1 >= 2,
        },
        Colour.YELLOW: {
            "critical_high": facts.critical_first_stage_longest_s > 600,
            "index_yellow": INDEX_YELLOW <= facts.index < INDEX_ORANGE,
            "repeated": facts.repeats_24h >= 5,
            "overdue_orange": facts.orange_overdue,
        },
        Colour.BLUE: {
            "first_stage": facts.first_stage >= 1,
            "standing": facts.standing_longest_s > 86400,
            "instrument": facts.instrument_fault_longest_s > 4 * 3600,
            "index_near": INDEX_NEAR <= facts.index < INDEX_YELLOW,
        },
    }
    return _gravest(by_colour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """Facts for the colour by the five rules, of one major hazard or enterprise; ``hazard_grade`` None: it is none."""

    hazard_grade: int | None = None
    second_stage_tags: int = 0
    unhandled_after_escalation: bool = False
    leak_confirmed: bool = False
    offline_s: float = 0
    offline_filed: bool = False
    first_stage_tags: int = 0
    first_stage_unhandled_s: float = 0
    repeats_day: int = 0
    data_quality_event: bool = False
    commitment_missing: bool = False


def five_rules_colour(facts: Handling) -> Shade:
    """The colour of a warning by how its alarms are handled [D]."""
    is_offline = not facts.offline_filed
    by_colour = {
        Colour.RED: {
            "several_tags": facts.hazard_grade in (1, 2) and facts.second_stage_tags >= 2,
            "unhandled": facts.unhandled_after_escalation,
            "leak": facts.leak_confirmed,
        },
        Colour.ORANGE: {
            "one_tag": facts.hazard_grade is not None and facts.second_stage_tags >= 1,
            "offline_long": is_offline and facts.offline_s > 3600,
        },
        Colour.YELLOW: {
            # Outside major hazards the rule names no colour for a second stage; it is never milder than a late first.
            "second_stage": facts.hazard_grade is None and facts.second_stage_tags >= 1,
            "late": facts.first_stage_unhandled_s > 1800,
            "repeated": facts.repeats_day >= 5,
            "offline": is_offline and facts.offline_s > 1800,
        },
        Colour.BLUE: {
            "first_stage": facts.first_stage_tags >= 1,
            "data_quality": facts.data_quality_event,
            "no_commitment": facts.commitment_missing,
        },
    }
    return _gravest(by_colour)


def escalated(colour: Colour, times: int) -> tuple[Colour, bool]:
    """The colour after so many times without an answer in time, one up each, and whether a call must be on record."""
    return Colour(max(colour - times, Colour.RED)), times >= 2


def _gravest(by_colour: Mapping[Colour, Mapping[str, bool]]) -> Shade:
    for colour, facts in by_colour.items():
        if found := tuple(code for code, is_so in facts.items() if is_so):
            return Shade(colour, found)
    return Shade(None, ())
