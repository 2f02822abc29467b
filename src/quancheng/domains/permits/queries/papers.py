"""A permit as the paper of annex A: every field of its form in order, of rows alone. Chinese, as official papers are.

The forms are those of GB 30871-2022, tables A.1 to A.8; who keeps which copy is table B.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quancheng.domains.permits.models import Permit, PermitPerson, PermitSignature, WorkLesson
from quancheng.domains.permits.queries.blocks import approval_row, departments_of, is_own, level_of_permit, steps_of
from quancheng.domains.permits.queries.facts import standard_code
from quancheng.domains.permits.queries.fire_watch import watch_of
from quancheng.domains.permits.queries.lessons import lessons_for
from quancheng.domains.permits.queries.loading import Loaded, load_rows
from quancheng.domains.permits.queries.permits import people_of
from quancheng.domains.permits.queries.sanctions import sanctions_of
from quancheng.domains.permits.queries.sketches import SKETCHED, picture_in
from quancheng.domains.training.models import PersonQualification
from quancheng.domains.training.queries.certificates import masked_number, whole_number
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.gb30871 import levels, roles, tickets
from quancheng.standards.gb30871.gas import POSITIONS
from quancheng.standards.gb30871.gases import gas_named
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.kinds import levels as levels_of

#: Fields of the form by row: one, two or three beside each other. ``gas`` is the table of analyses.
LAYOUT: dict[str, tuple[tuple[str, ...], ...]] = {
    "HW": (("apply_unit", "apply_time"), ("content",), ("place",), ("level", "method"), ("workers",),
           ("work_unit", "leader"), ("guardian",), ("gas",), ("related",), ("risks",), ("window",)),
    "CS": (("apply_unit", "apply_time"), ("space_name", "former_medium"), ("content",), ("place",),
           ("work_unit", "leader"), ("workers",), ("guardian", "people_inside"), ("rescue_plan",), ("gas",),
           ("related",), ("risks",), ("window",)),
    "BL": (("apply_unit", "apply_time"), ("work_unit", "operation"), ("content",), ("place",), ("equipment", "pipe"),
           ("plate", "plates"), ("drawing",), ("leader", "guardian"), ("workers",), ("related",), ("risks",),
           ("window", "started_at")),
    "WH": (("apply_unit", "apply_time"), ("content",), ("place",), ("height_m", "level"), ("factors",),
           ("work_unit", "leader"), ("workers",), ("guardian",), ("related",), ("risks",), ("window",)),
    "LF": (("apply_unit", "apply_time"), ("content",), ("place", "work_unit"), ("gear", "load"), ("mass_t", "level"),
           ("operators", "slingers"), ("commander", "guardian"), ("workers",), ("related",), ("risks",), ("window",)),
    "TE": (("apply_unit", "apply_time"), ("content",), ("place", "work_unit"), ("supply_point", "voltage"),
           ("devices", "power_user"), ("workers",), ("leader", "guardian"), ("gas",), ("related",), ("risks",),
           ("window",)),
    "EX": (("apply_unit", "apply_time"), ("content",), ("place", "work_unit"), ("leader", "guardian"), ("workers",),
           ("extent", "drawn_by"), ("depth_m", "departments"), ("related",), ("risks",), ("window",)),
    "RC": (("apply_unit", "apply_time"), ("content",), ("place", "work_unit"), ("units_concerned", "departments"),
           ("reason",), ("leader", "guardian"), ("workers",), ("sketch", "drawn_by"), ("related",), ("risks",),
           ("window",)),
}  # fmt: skip
_NAMES = {
    "apply_unit": "作业申请单位", "apply_time": "作业申请时间", "content": "作业内容", "work_unit": "作业单位",
    "leader": "作业负责人", "guardian": "监护人", "related": "关联的其他特殊作业及安全作业票编号",
    "risks": "风险辨识结果", "window": "作业实施时间", "gas": "气体分析", "method": "动火方式",
    "people_inside": "允许同时进入人数", "operation": "作业类别", "plates": "盲板数量",
    "started_at": "实际作业开始时间", "height_m": "作业高度（m）", "factors": "客观危险因素及特殊情形",
    "mass_t": "吊物质量（t）", "operators": "吊装作业人", "slingers": "司索人", "commander": "指挥人员",
    "depth_m": "开挖深度（m）", "departments": "涉及部门", "drawn_by": "编制人及时间",
}  # fmt: skip
_PLACES = {"HW": "动火地点及动火部位", "LF": "吊装地点"}
_WORKERS = {"HW": "动火人及证书编号", "TE": "作业人及电工证号"}
_LEVEL = {"HW": "动火作业级别", "WH": "高处作业级别", "LF": "吊装作业级别"}
#: What a signature is called on the form, where that is not the role's own name.
_OPINIONS = {
    "WORK_LEADER": "作业负责人意见", "LOCAL_UNIT": "所在单位意见", "SAFETY_DEPT": "安全管理部门意见",
    "REVIEW_DEPT": "审核部门意见", "LIFT_COMMANDER": "作业指挥意见", "POWER_USER": "用电单位意见",
    "POWER_UNIT": "配送电单位意见", "SHIFT_LEADER": "动火前，岗位当班班长验票情况", "ACCEPTOR": "完工验收",
    "CHIEF_ON_DUTY": "主要负责人或带班领导意见",
}  # fmt: skip
_APPROVERS = {"HW": "动火审批人意见"}
#: What stands large across the paper, by state: it is not valid.
_ACROSS = {
    "DRAFT": "草稿 无效", "REQUESTED": "未签发 无效", "PREPARING": "未签发 无效", "APPROVING": "未签发 无效",
    "SUSPENDED": "暂停", "VOID": "作废", "CANCELLED": "撤销", "EXPIRED": "过期作废",
}  # fmt: skip
ALTERED = "内容被改动"
#: Letters of the seal that are printed.
SEAL_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Signed:
    """One line of opinions: what is signed, the opinion, who, when; empty where it is still to be signed."""

    label: str
    opinion: str = ""
    name: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class PermitPaper:
    """A permit as its form shows it."""

    kind: str
    title: str
    form: str
    number: str
    enterprise: str
    status: str
    edition: int
    seal: str
    #: Name and hue of the mark of level (B.1); empty for kinds without levels.
    level: str
    level_colour: str
    across: str
    #: Rows of fields, label and value each.
    rows: tuple[tuple[tuple[str, str], ...], ...]
    #: Number, measure, whether it applies, who confirmed it and when.
    measures: tuple[tuple[str, str, str, str], ...]
    extra_measures: str
    gas_heads: tuple[str, ...]
    gas: tuple[tuple[str, ...], ...]
    signed: tuple[Signed, ...]
    #: Who keeps copies 1 to 3 (B.2).
    copies: tuple[str, str, str]
    #: Notes of like jobs as they stood at the briefing (F-18), on a sheet of their own: no part of the form.
    lessons: tuple[str, ...]
    holders: Mapping[str, str] = field(default_factory=dict)
    #: The picture in the form's box for a drawing, and after which of ``rows`` it stands; empty bytes: there is none.
    sketch: bytes = b""
    sketch_row: int = -1
    #: What is told below the signatures besides: rescue, tests with lifted isolation, the watch for fire.
    remarks: tuple[str, ...] = ()


def stamp(at: datetime | None) -> str:
    """A moment to the minute, in the district's time; empty for none."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if at else ""


def level_name(permit: Permit) -> str:
    """The level that counts, in Chinese, with its upgrade; empty for kinds without levels."""
    found = levels_of(permit.kind).get(permit.effective or permit.level)
    if found is None or not (permit.effective or permit.level):
        return ""
    return f"{found.name.zh}（升级）" if permit.is_upgraded else found.name.zh


def level_colour(permit: Permit) -> str:
    """Red, orange, yellow or blue; empty for kinds without levels."""
    found = levels_of(permit.kind).get(permit.effective or permit.level)
    return found.colour if found is not None else ""


def across_of(permit: Permit, *, is_unaltered: bool) -> str:
    """What stands large across a paper that is not valid, or is not now."""
    return _ACROSS.get(permit.status, "") or ("" if is_unaltered else ALTERED)


def paper_of(*, permit: Permit, actor: Actor, now: datetime) -> PermitPaper:
    """The paper of a permit that a query gave to the actor, as it stands now.

    Numbers of certificates are whole for the enterprise that answers for the work, masked for everybody else.
    """
    rows = load_rows(permit)
    level = level_of_permit(rows, now)
    approval = approval_row(permit, level)
    values = _values(rows, is_own(permit, actor))
    names = {role.code: role.name.zh for role in roles.roles().values()}
    sketch = picture_in(permit, actor)
    extra = next((one for one in rows.measures if one.applies and _is_other(permit.kind, one.code)), None)
    return PermitPaper(
        kind=permit.kind,
        title=f"{kinds()[permit.kind].name.zh.removesuffix('作业')}安全作业票",
        form=tickets.FORMS[permit.kind],
        number=permit.number or "未编号",
        enterprise=permit.enterprise.name if permit.enterprise else "",
        status=str(permit.status_label),
        edition=permit.version,
        seal=permit.seal[:SEAL_LETTERS].upper(),
        level=level_name(permit),
        level_colour=level_colour(permit),
        across=across_of(permit, is_unaltered=rows.is_unaltered),
        rows=tuple(
            tuple((label_of(permit.kind, code), values.get(code, "") or "—") for code in row)
            for row in LAYOUT[permit.kind] if row != ("gas",)
        ),
        measures=tuple(_measures(rows)),
        extra_measures="" if extra is None else "；".join(str(one) for one in extra.filled.values()),
        gas_heads=GAS_HEADS if ("gas",) in LAYOUT[permit.kind] else (),
        gas=tuple(_gas(rows)) if ("gas",) in LAYOUT[permit.kind] else (),
        signed=tuple(_signed(rows, _steps(permit, steps_of(permit, level), approval.steps))),
        copies=tuple(names[code] for code in approval.copies),  # type: ignore[arg-type]
        # Those that were there to be told of: what was noted after the briefing nobody was briefed by.
        lessons=tuple(
            _lesson(one) for one in lessons_for(permit, until=rows.briefing.briefed_at if rows.briefing else None)
        ),
        holders={"after": names[approval.copy_2_after]} if approval.copy_2_after != approval.copies[1] else {},
        sketch=sketch,
        sketch_row=_row_of_sketch(permit.kind),
        remarks=(*(("示意图文件缺失",) if permit.sketch and not sketch else ()), *_remarks(rows, now)),
    )  # fmt: skip


def _lesson(one: WorkLesson) -> str:
    """A note of a like job in one line."""
    told = (("问题", one.went_wrong), ("做得好的", one.went_well), ("建议", one.suggestion))
    parts = "；".join(f"{label}：{text}" for label, text in told if text)
    return f"{one.permit.number or one.permit.content}（{one.entered_at.astimezone(ZONE):%Y-%m-%d}）{parts}"


def _row_of_sketch(kind: str) -> int:
    """After which row of fields a form has its box for a drawing; -1 where it has none. ``gas`` is no row of fields."""
    rows = [row for row in LAYOUT[kind] if row != ("gas",)]
    return next((place for place, row in enumerate(rows) if SKETCHED.get(kind) in row), -1)


def _remarks(rows: Loaded, now: datetime) -> list[str]:
    """What belongs to the job and the form has no field for."""
    permit, found = rows.permit, []
    if (one := rows.rescue) is not None:
        state = f"{one.confirmed_by}已确认" if one.is_confirmed else "未确认"
        found.append(
            f"救援准备：{one.team}{one.people}人（{state}），隔绝式呼吸器{one.air_sets}套，"
            f"待命{stamp(one.since)}至{stamp(one.until)}"
        )
    for test in sanctions_of(permit) if rows.relied_on else ():
        tags = "、".join(each.tag for each in test.points.all())
        signed = f"，{test.granted_by} {stamp(test.granted_at)}批准" if test.granted_at else ""
        ended = f"，{stamp(test.closed_at)}恢复验证" if test.status == "CLOSED" else ""
        found.append(f"试运授权（{test.status_label}）：{tags}，{test.purpose}，截止{stamp(test.ends_at)}{signed}{ended}")
    watch = watch_of(permit, now)
    if watch is not None and watch.row is not None:
        end = f"至{stamp(watch.row.ended_at)} {watch.row.note}" if watch.row.ended_at else "，未结束"
        found.append(f"监火：{watch.row.watcher} 自{stamp(watch.row.begun_at)}{end}，起止照片{len(watch.photos)}张")
    return found


def label_of(kind: str, code: str) -> str:
    """What a field is called on the form."""
    if code == "place":
        return _PLACES.get(kind, "作业地点及部位")
    if code == "workers":
        return _WORKERS.get(kind, "作业人及证书编号")
    if code == "level":
        return _LEVEL[kind]
    if code in _NAMES:
        return _NAMES[code]
    return next(one.name.zh for one in tickets.form_fields(kind) if one.code == code)


def _is_other(kind: str, code: str) -> bool:
    return any(row.code == code and row.applies == "other" for row in tickets.measures(kind))


def _values(rows: Loaded, whole: bool) -> dict[str, str]:
    permit = rows.permit
    work = permit.work
    moves = MoveRecord.objects.filter(subject_type=Permit.row_type(), subject_id=permit.pk, move="submit")
    submitted = moves.order_by("-at").values_list("at", flat=True).first()
    requester = permit.requester.name if permit.requester else ""

    def people(part: str, task: str = "") -> str:
        named = [_named(one) for one in rows.people if one.part == part and (not task or task in one.tasks)]
        return "、".join(named)

    leaders = [_with_numbers(rows, one, whole) for one in rows.people if one.part == "LEADER"]
    height, lifting = work.get("height", {}), work.get("lifting", {})
    found = {
        "apply_unit": permit.apply_unit, "apply_time": stamp(submitted), "content": permit.content,
        "place": place_of(permit),
        "work_unit": permit.work_unit, "level": _level(permit),
        "workers": "；".join(_with_numbers(rows, one, whole) for one in rows.people if one.part == "WORKER"),
        "leader": leaders[0] if leaders and permit.kind == "TE" else people("LEADER"), "guardian": people("GUARDIAN"),
        "related": "；".join(f"{one.get_kind_display()} {one.number or '未编号'}" for one in rows.related) or "无",
        "risks": _risks(rows), "window": f"自{stamp(permit.window_start)} 至{stamp(permit.window_end)}",
        "method": "、".join(tickets.HOT_WORK_METHODS[one].zh for one in work.get("methods", ())),
        "people_inside": _figure(work.get("people_inside")), "plates": _figure(work.get("plates")),
        "operation": "、".join({"INSERT": "堵盲板", "REMOVE": "抽盲板"}[one] for one in work.get("operations", ())),
        "started_at": stamp(permit.started_at), "height_m": _figure(height.get("height_m")),
        "factors": _factors(height), "mass_t": _figure(lifting.get("mass_t")),
        "operators": people("WORKER", "CRANE_OPERATOR"), "slingers": people("WORKER", "SLINGER"),
        "commander": people("WORKER", "LIFT_COMMANDER") or people("LEADER"), "depth_m": _figure(work.get("depth_m")),
        "departments": "、".join(roles.DEPARTMENTS[one].zh for one in departments_of(permit)),
        "drawn_by": f"{requester} {stamp(submitted)}".strip(),
    }  # fmt: skip
    return {**found, **permit.particulars}


def _level(permit: Permit) -> str:
    """The level that counts, and from which it was upgraded."""
    named = levels_of(permit.kind)
    shown = level_name(permit)
    if permit.is_upgraded and permit.base and permit.base != permit.effective and permit.base in named:
        return f"{shown}，原{named[permit.base].name.zh}"
    return shown


def _figure(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _factors(height: Mapping[str, Any]) -> str:
    named = {**levels.factors(), **levels.situations()}
    told = [named[one].text.zh for one in (*height.get("factors", ()), *height.get("situations", ()))]
    return "、".join(told) or ("均无" if height else "")


def _risks(rows: Loaded) -> str:
    if rows.analysis is None:
        return ""
    return "；".join(f"{one['step']}：{one['hazard']}" for one in rows.analysis.steps)


def _with_numbers(rows: Loaded, one: PermitPerson, whole: bool) -> str:
    """Somebody with the certificates that his tasks ask for, those alone that were verified."""
    told = [whole_number(row) if whole else masked_number(row) for row in certificates_for(rows, one)]
    return f"{_named(one)}（{'、'.join(told)}）" if told else _named(one)


def certificates_for(rows: Loaded, one: PermitPerson) -> list[PersonQualification]:
    """Verified certificates of somebody that his tasks on the permit ask for."""
    permit = rows.permit
    tasks = one.tasks or (["WORK_LEADER"] if one.part == "LEADER" else [])
    wanted = roles.certificates_needed(permit.kind, tasks, ("hazard_place", "high_voltage"))
    return [
        row
        for row in rows.certificates.get(one.person_id, ())
        if row.verified_at is not None
        and any(roles.satisfies(standard_code(row.kind.code, permit.kind), rule) for rule in wanted)
    ]  # fmt: skip


def _named(one: PermitPerson) -> str:
    """Somebody's name, with when he came or was relieved while work ran (T18)."""
    since = f"（{stamp(one.joined_at)}接替）" if one.joined_at else ""
    until = f"（至{stamp(one.ended_at)}）" if one.ended_at else ""
    return f"{one.person.name}{since}{until}"


def _measures(rows: Loaded) -> list[tuple[str, str, str, str]]:
    decided = {one.code: one for one in rows.measures}
    found = []
    for row in tickets.measures(rows.permit.kind):
        one = decided.get(row.code)
        text = row.text.zh
        if one is not None and one.filled:
            text += "（" + "，".join(f"{tickets.figure(key).zh} {value}" for key, value in one.filled.items()) + "）"
        applies = "" if one is None or one.applies is None else "是" if one.applies else "否"
        who = f"{one.confirmed_name} {stamp(one.confirmed_at)}" if one is not None and applies else ""
        found.append((str(row.number), text, applies, who))
    return found


GAS_HEADS = ("分析时间", "分析部位", "分析项目（气体）", "分析结果", "判定", "分析人")
_VERDICTS = {"PASS": "合格", "CONDITIONAL": "有条件", "FAIL": "不合格"}


def _gas(rows: Loaded) -> list[tuple[str, ...]]:
    """Every test, the first first."""
    found: list[tuple[str, ...]] = []
    for one in reversed(rows.gas):
        gas = gas_named(one.gas) if one.gas else None
        quantity = {"COMBUSTIBLE": "可燃气体", "TOXIC": "有毒气体", "OXYGEN": "氧含量"}.get(one.quantity, one.quantity)
        named = f"{quantity}（{gas.name.zh}）" if gas and one.quantity != "OXYGEN" else quantity
        where = f"{POSITIONS[one.position].zh if one.position in POSITIONS else ''} {one.point}".strip()
        value = f"{one.value.normalize():f} {one.unit}"
        who = one.analyst if one.is_manual else f"{one.analyst}（仪器{one.instrument}读数）"
        found.append((stamp(one.sampled_at), where, named, value, _VERDICTS[one.verdict], who))
    return found


def _steps(permit: Permit, before: Sequence[str], whole: Sequence[str]) -> list[str]:
    """All steps of the form in order: those before work with whoever is asked besides, and those after it."""
    found = list(whole)
    for step in before:
        if step not in found:
            # Whom the risk asks for besides signs last before the work.
            behind = found.index("ACCEPTOR") if step == "APPROVER" and "ACCEPTOR" in found else len(found)
            found.insert(found.index("APPROVER") if "APPROVER" in found else behind, step)
    return found


def _signed(rows: Loaded, steps: Sequence[str]) -> list[Signed]:
    by_step: dict[str, list[PermitSignature]] = {}
    for one in rows.standing:
        by_step.setdefault(one.step, []).append(one)
    found = []
    for step in steps:
        given = by_step.get(step, [])
        label = opinion_label(rows.permit.kind, step)
        if not given:
            found.append(Signed(label))
        for one in given:
            where = f"{label}（{roles.DEPARTMENTS[one.department].zh}）" if one.department else label
            found.append(Signed(where, one.opinion, one.name, stamp(one.signed_at)))
    return found


def opinion_label(kind: str, step: str) -> str:
    """What a step of signing is called on the form of a kind."""
    if step == "APPROVER":
        return _APPROVERS.get(kind, "审批部门意见")
    if step == "COUNTERSIGNER":
        return "消防、安全管理部门意见" if kind == "RC" else "有关水、电、汽、工艺、设备、消防、安全等部门会签意见"
    return _OPINIONS.get(step) or roles.roles()[step].name.zh


def placard_lines(permit: Permit) -> list[tuple[str, str]]:
    """What hangs at the place: what is done where and when, who leads and guards it, whom to call."""
    people = people_of(permit)
    people = [one for one in people if one.ended_at is None]
    named = {part: "、".join(one.person.name for one in people if one.part == part) for part in ("LEADER", "GUARDIAN")}
    return [
        ("编　　号", permit.number or "未编号"), ("作业内容", permit.content), ("地　　点", place_of(permit)),
        ("作业时间", f"自{stamp(permit.window_start)}\n至{stamp(permit.window_end)}"),
        ("作业单位", permit.work_unit), ("负 责 人", named["LEADER"] or "—"), ("监 护 人", named["GUARDIAN"] or "—"),
        ("应急电话", permit.file.emergency_phone or "—"),
    ]  # fmt: skip


def place_of(permit: Permit) -> str:
    """Facility or unit, and the place as it was told."""
    return " ".join(filter(None, (str(permit.facility or permit.unit or ""), permit.place)))
