"""The loop of a hidden danger (隐患): found, graded, planned, put right, accepted by another, taken off the list.

States carry the official three: 0 while it is being put right, 1 while it waits for acceptance, 9 accepted.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import Due, Loop, Move, State, on, register, within
from quancheng.standards.hidden_dangers.levels import limits

if TYPE_CHECKING:
    from quancheng.domains.hazards.models import Finding

_REPORT = "hazards.findings.report@finder_org"
_CONFIRM = "hazards.findings.confirm@owner_org"
_RECTIFY = "hazards.findings.rectify@owner_org"
_APPROVE = "hazards.findings.approve@owner_org"
_ACCEPT = "hazards.findings.accept@owner_org"
_SUPERVISE = "hazards.findings.supervise@supervisor"
#: Official state of the exchange spec, by ours (``dangerState``).
OFFICIAL = {
    "DRAFT": None, "REPORTED": 0, "PLANNING": 0, "PLANNED": 0, "FIXING": 0, "EXTENDING": 0, "EXTENDING_MAJOR": 0,
    "ACCEPTING": 1, "CANCELLING": 1, "CLOSED": 9, "DISCARDED": None, "MERGED": None,
}  # fmt: skip


def term(code: str) -> Due:
    """When a step is due by a term of ``standards.hidden_dangers.levels``."""
    limit = limits()[code]
    return within(**{limit.unit: int(limit.amount or 0)})


#: How often the term may be extended.
MOST_EXTENSIONS = int(limits()["EXTEND_TIMES"].amount or 0)


def _by_level(name: str) -> Due:
    """The term of a step for a major danger, or one that is thought to be, and for a general one."""
    major, general = term(f"{name}_MAJOR"), term(f"{name}_GENERAL")

    def due(row: Finding, entered_at: datetime, calendar: Calendar) -> datetime | None:
        return (major if row.is_major else general)(row, entered_at, calendar)

    terms = {level: limits()[f"{name}_{level}"] for level in ("MAJOR", "GENERAL")}
    told = {level: f"{one.amount} {one.unit.replace('_', ' ')}" for level, one in terms.items()}
    due.__doc__ = f"Within {told['MAJOR']} where it is, or is thought to be, major, else within {told['GENERAL']}"
    return due


def _general(row: Finding) -> Text | None:
    return _("重大隐患的治理方案须经主要负责人批准。") if row.is_major else None


def _major(row: Finding) -> Text | None:
    return None if row.is_major else _("一般隐患不需要主要负责人批准方案。")


def _own(row: Finding) -> Text | None:
    if row.is_by_regulator:
        return _("该隐患由监管部门发现，只能由监管部门撤回或合并。")
    if row.is_major:
        return _("登记为重大隐患的，只能由监管部门核定后撤回、降级或合并。")
    if row.is_stop_ordered and row.is_stopped:
        return _("已责令停产的隐患不能撤回或并入另一条，须整改并经监管部门同意恢复生产。")
    return None


def _own_to_grade(row: Finding) -> Text | None:
    if row.is_by_regulator:
        return _("该隐患由监管部门发现，等级和期限由监管部门确定。")
    return None


def _on_the_spot(row: Finding) -> Text | None:
    return _("重大隐患不能即查即改，须制定治理方案。") if row.is_major else None


def _may_extend(row: Finding) -> Text | None:
    if row.extension_count >= MOST_EXTENSIONS:
        return _("整改期限最多延长%(count)s次。") % {"count": MOST_EXTENSIONS}
    return None


def _extend_general(row: Finding) -> Text | None:
    return _("该隐患延期由监管部门审批。") if row.needs_regulator else _may_extend(row)


def _inside(row: Finding) -> Text | None:
    return _("该隐患须报监管部门销号。") if row.needs_regulator else None


def _outside(row: Finding) -> Text | None:
    return None if row.needs_regulator else _("该隐患由本单位验收后即可销号。")


def _learned(row: Finding) -> Text | None:
    if row.is_serious and getattr(row, "learned", None) is None:
        return _("较大以上隐患须先写明根本原因、同类部位排查和改进，请退回补充举一反三。")
    return None


def _inside_learned(row: Finding) -> Text | None:
    return _inside(row) or _learned(row)


def _outside_learned(row: Finding) -> Text | None:
    return _outside(row) or _learned(row)


def _reviewed(row: Finding) -> Text | None:
    """The report must be of what was put right last: one before a rework proves nothing of it."""
    if not row.needs_review_report:
        return None
    reports = row.review_reports.filter(at__gte=row.finished_at) if row.finished_at else row.review_reports.none()
    newest = reports.order_by("-at", "-pk").first()
    if newest is None:
        return _("重大隐患或停产治理的隐患，须先由企业提交专家或服务机构的审查报告，才能销号。")
    if newest.verdict != "removed":
        return _("最近一份审查报告的结论是隐患未消除，不能销号。")
    return None


def _learned_reviewed(row: Finding) -> Text | None:
    return _learned(row) or _reviewed(row)


def _is_planned(row: Finding) -> Text | None:
    return None if row.is_planned else _("即查即改的隐患没有方案，验收不合格须制定方案。")


def _unplanned(row: Finding) -> Text | None:
    return _("该隐患已有方案，验收不合格直接返工。") if row.is_planned else None


def _is_major(row: Finding) -> Text | None:
    return None if row.is_major else _("该隐患不是重大隐患。")


def _is_general(row: Finding) -> Text | None:
    return _("该隐患已是重大隐患。") if row.is_major else None


FINDING = register(
    Loop(
        code="hazards.finding",
        name=_("隐患"),
        version=1,
        start="DRAFT",
        states={
            "DRAFT": State(_("登记中"), owner=_REPORT, due=term("SUBMIT")),
            "REPORTED": State(_("待核实定级"), owner=_CONFIRM, due=_by_level("CONFIRM")),
            "PLANNING": State(_("待制定方案"), owner=_RECTIFY, due=_by_level("PLAN"), person="rectifier"),
            "PLANNED": State(_("待批准方案"), owner=_APPROVE, due=within(working_days=2)),
            "FIXING": State(_("整改中"), owner=_RECTIFY, due=on("deadline"), person="rectifier"),
            "EXTENDING": State(_("申请延期"), owner=_ACCEPT, due=within(working_days=2)),
            "EXTENDING_MAJOR": State(_("申请延期（监管部门审批）"), owner=_SUPERVISE, due=term("EXTEND_DECIDE")),
            "ACCEPTING": State(_("待验收"), owner=_ACCEPT, due=term("ACCEPT")),
            "CANCELLING": State(_("待监管部门销号"), owner=_SUPERVISE, due=term("REVIEW")),
            "CLOSED": State(_("已销号"), owner=None),
            "DISCARDED": State(_("不属于隐患"), owner=None),
            "MERGED": State(_("已合并"), owner=None),
        },
        moves={
            "submit": Move("DRAFT", "REPORTED", by=_REPORT, label=_("提交"), primary=True),
            "withdraw": Move("DRAFT", "DISCARDED", by=_REPORT, label=_("撤回登记"), needs=("reason",)),
            "confirm": Move("REPORTED", "PLANNING", by=_CONFIRM, label=_("核实定级"), needs=("rectifier",),
                            when=_own_to_grade, primary=True),
            "order": Move("REPORTED", "PLANNING", by=_SUPERVISE, label=_("责令限期整改"), primary=True),
            "fix_now": Move("REPORTED", "ACCEPTING", by=_RECTIFY, label=_("即查即改"), needs=("result", "evidence"),
                            when=_on_the_spot, primary=True),
            "discard": Move("REPORTED", "DISCARDED", by=_CONFIRM, label=_("不属于隐患"), needs=("reason",), when=_own),
            "drop": Move("REPORTED", "DISCARDED", by=_SUPERVISE, label=_("撤回"), needs=("reason",)),
            "merge": Move(("REPORTED", "PLANNING", "FIXING"), "MERGED", by=_CONFIRM, label=_("并入另一条隐患"),
                          needs=("into", "reason"), when=_own),
            "plan": Move("PLANNING", "FIXING", by=_RECTIFY, label=_("确定整改措施"), when=_general, primary=True),
            "propose": Move("PLANNING", "PLANNED", by=_RECTIFY, label=_("报批治理方案"), when=_major, primary=True),
            "approve": Move("PLANNED", "FIXING", by=_APPROVE, label=_("批准方案"), not_by=("propose",), primary=True),
            "revise": Move("PLANNED", "PLANNING", by=_APPROVE, label=_("退回修改"), needs=("reason",)),
            "finish": Move("FIXING", "ACCEPTING", by=_RECTIFY, label=_("提交验收"), needs=("result", "evidence"),
                           primary=True),
            "ask_extension": Move("FIXING", "EXTENDING", by=_RECTIFY, label=_("申请延期"),
                                  needs=("reason", "until"), when=_extend_general),
            "ask_regulator": Move("FIXING", "EXTENDING_MAJOR", by=_RECTIFY, label=_("向监管部门申请延期"),
                                  needs=("reason", "until"), when=_may_extend),
            "grant": Move("EXTENDING", "FIXING", by=_ACCEPT, label=_("同意延期"), not_by=("ask_extension",),
                          primary=True),
            "deny": Move("EXTENDING", "FIXING", by=_ACCEPT, label=_("不同意延期"), needs=("reason",)),
            "grant_major": Move("EXTENDING_MAJOR", "FIXING", by=_SUPERVISE, label=_("同意延期"), primary=True),
            "deny_major": Move("EXTENDING_MAJOR", "FIXING", by=_SUPERVISE, label=_("不同意延期"), needs=("reason",)),
            "accept": Move("ACCEPTING", "CLOSED", by=_ACCEPT, label=_("验收合格，销号"), needs=("comment",),
                           not_by=("finish", "fix_now"), when=_inside_learned, primary=True),
            "pass": Move("ACCEPTING", "CANCELLING", by=_ACCEPT, label=_("验收合格，报监管部门销号"), needs=("comment",),
                         not_by=("finish", "fix_now"), when=_outside_learned, primary=True),
            "reject": Move("ACCEPTING", "FIXING", by=_ACCEPT, label=_("验收不合格，返工"), needs=("reason",),
                           when=_is_planned),
            "rework": Move("ACCEPTING", "PLANNING", by=_ACCEPT, label=_("验收不合格，制定方案整改"), needs=("reason",),
                           when=_unplanned),
            "cancel": Move("CANCELLING", "CLOSED", by=_SUPERVISE, label=_("复核合格，销号"), needs=("comment",),
                           when=_learned_reviewed, primary=True),
            "refuse": Move("CANCELLING", "FIXING", by=_SUPERVISE, label=_("复核不合格，继续整改"), needs=("reason",)),
            "downgrade": Move(("PLANNING", "PLANNED", "FIXING"), "PLANNING", by=_SUPERVISE, label=_("降为一般隐患"),
                              needs=("reason",), when=_is_major),
            "raise": Move(("PLANNING", "FIXING"), "PLANNING", by=_CONFIRM, label=_("升为重大隐患"),
                          needs=("criterion",), when=_is_general),
        },
        title=lambda row: f"{row.code} {row.name}",
        url_name="hazards:finding",
        ladder="danger",
        strip=("REPORTED", "PLANNING", "FIXING", "ACCEPTING", "CLOSED"),
    )
)  # fmt: skip

#: Found to be no danger, or told in another. (不属于隐患、已合并)
NO_DANGER = tuple(code for code, state in FINDING.states.items() if state.is_final and code != "CLOSED")
#: What no list of dangers counts: not submitted yet, or no danger of its own.
NOT_COUNTED = ("DRAFT", *NO_DANGER)
#: Graded and not closed: one that is only thought to be major does not count as major before. (已定级、未销号)
GRADED_OPEN = tuple(
    code for code, state in FINDING.states.items() if not state.is_final and code not in ("DRAFT", "REPORTED")
)
