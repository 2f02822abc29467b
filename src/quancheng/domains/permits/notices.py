"""Kinds of notices of special work (消息类别)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.notices.texts import declare_notice

STOPPED, OVERDUE = "permits.stopped", "permits.overdue"
MET, LOOK = "permits.met", "permits.guard_overdue"
INSIDE = "permits.inside"
ALARM, UNHEARD = "permits.alarm", "permits.alarm_unheard"
STOPPED_INSIDE = "permits.stopped_inside"
MISSING = "permits.muster_missing"
TEST_OVER = "permits.test_over"
DETECTOR, IMPAIRED = "permits.detector", "permits.impaired"
CASE = "permits.case"
SHIFT_LATE, THOUGHT_NO = "permits.shift_late", "permits.thought_no"
RESCUE_DOWN, ENTERED_UNDER_TEST = "permits.rescue_down", "permits.entered_under_test"
CROSSING = "permits.crossing"


def declare_notices() -> None:
    """Called while the apps get ready."""
    declare_notice(STOPPED, _("作业已暂停"), _("%(kind)s %(number)s已由系统暂停：%(reason)s。"))
    declare_notice(ALARM, _("作业报警"), _("%(kind)s %(number)s报警：%(alarm)s，请确认并处置。"))
    declare_notice(UNHEARD, _("作业报警未确认"), _("%(kind)s %(number)s的报警“%(alarm)s”无人确认，请督促处置。"))
    declare_notice(
        INSIDE, _("作废作业票空间内有人"), _("%(kind)s %(number)s已作废，空间内还有%(count)s人，请立即撤出。")
    )
    declare_notice(
        STOPPED_INSIDE, _("停止作业时有人进入空间"),
        _("%(kind)s %(number)s没有在作业，手机补传登记空间内有%(count)s人，请立即核对撤出。"),
    )  # fmt: skip
    declare_notice(MISSING, _("点名仍有人未到"), _("%(enterprise)s紧急集合点名，仍有%(count)s人未到，请立即查找。"))
    declare_notice(
        TEST_OVER, _("试运超过截止时间"),
        _("%(kind)s %(number)s的试运（%(purpose)s）已过截止时间，请结束试运并恢复隔离。"),
    )  # fmt: skip
    declare_notice(
        RESCUE_DOWN, _("救援队伍不再待命"),
        _("%(kind)s %(number)s作业中，救援队伍（%(team)s）不能在整个时段待命，请立即撤出人员或落实其他队伍。"),
    )  # fmt: skip
    declare_notice(
        ENTERED_UNDER_TEST, _("试运中有人进入空间"),
        _("%(kind)s %(number)s的隔离因试运（%(purpose)s）已解除，手机补传登记空间内有%(count)s人，"
          "请立即停止试运并撤出人员。"),
    )  # fmt: skip
    declare_notice(
        DETECTOR, _("配对检测仪异常"),
        _("%(kind)s %(number)s配对的检测仪%(instrument)s：%(reason)s，期间不计为气体检测，请立即处理或改为人工检测。"),
    )  # fmt: skip
    declare_notice(CASE, _("典型案例"), _("%(office)s发布特殊作业典型案例“%(title)s”，请对照自查。"))
    declare_notice(
        SHIFT_LATE, _("交接班未完成"), _("%(title)s的交接班超过%(minutes)s分钟未签完，该单元不得签发或开始新的作业。")
    )
    declare_notice(
        CROSSING, _("跨班作业待复核"), _("%(title)s：%(count)s项作业跨班进行，%(minutes)s分钟内未复核的将自动暂停。")
    )
    declare_notice(
        THOUGHT_NO, _("停一停卡有“否”"), _("%(kind)s %(number)s有人在停一停卡上选了“否”，请处理后再开始作业。")
    )
    declare_notice(
        IMPAIRED, _("作业附近有旁路"),
        _("%(kind)s %(number)s作业点附近的%(what)s已旁路，请核对补偿措施，必要时暂停作业。"),
    )  # fmt: skip
    declare_notice(LOOK, _("监护检查超时"), _("%(kind)s %(number)s的监护检查已超时，请立即检查。"))
    declare_notice(MET, _("禁止的交叉作业"), _("%(kind)s %(number)s与附近作业存在禁止的交叉，请错开时间或保持距离。"))
    declare_notice(
        OVERDUE, _("作业票超时未了结"),
        _("%(kind)s %(number)s（%(state)s）超时一天未了结，请督促完工、验收或作废。"),
    )  # fmt: skip
