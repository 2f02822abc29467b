"""Who may do what with signals, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty
from quancheng.kernel.notices.texts import declare_notice

_OWN = ("enterprise.head", "enterprise.safety")
_OFFICES = ("office.officer", "department.head", "department.officer", "town.head", "town.officer")

#: What an operator is told of each trouble of the platform.
_TROUBLES = {
    "clock": _("平台停机后恢复，停机时长：%(detail)s。"),
    "gateway": _("接入进程没有响应：%(detail)s。"),
    "owner": _("消息流分区没有进程处理：%(detail)s。"),
    "store": _("时序库没有响应：%(detail)s。"),
    "lag": _("监测数据处理延迟过大：%(detail)s。"),
    "fill": _("消息流存量过高：%(detail)s。"),
}


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty("monitoring.keep", _("维护本单位接入源和监测点位"), roles=_OWN)
    declare_duty("monitoring.enter", _("代辖区企业登记接入源和监测点位"),
                 roles=("office.officer", "department.officer"))  # fmt: skip
    declare_duty("monitoring.exempt", _("批准辖区企业报警限值豁免"),
                 roles=("office.officer", "department.head", "department.officer"))  # fmt: skip
    declare_duty("monitoring.answer", _("确认、反馈本单位报警"), roles=(*_OWN, "enterprise.worker"))
    declare_duty("monitoring.hold", _("申请搁置、停用本单位报警"), roles=(*_OWN, "enterprise.worker"))
    declare_duty("monitoring.confirm", _("核实本单位报警处置，批准报警搁置、停用"), roles=_OWN)
    declare_duty("monitoring.shift", _("当班负责本单位报警（班长），升级时告知"), roles=_OWN)
    declare_duty("monitoring.telling", _("设定本单位报警告知规则"), roles=(*_OWN, *_OFFICES))
    declare_duty("monitoring.approve", _("批准解除辖区企业红色预警"), roles=("department.head", "town.head"))
    declare_duty("monitoring.review", _("抽查核实辖区企业报警处置"), roles=_OFFICES)
    declare_duty("monitoring.terms", _("设定报警处置参数"), roles=("office.officer",))
    declare_duty("monitoring.bridge", _("维护与已有消息服务器的桥接"), roles=("office.director", "office.officer"))
    declare_duty("monitoring.view", _("查看本单位监测数据"), roles=(*_OWN, "enterprise.viewer", "enterprise.worker"))
    declare_duty("monitoring.rules", _("设置监测质量口径"), roles=("office.officer", "department.head"))
    declare_duty("monitoring.functions", _("维护系统功能清单、登记验收结果和对接通道层级"),
                 roles=("office.director", "office.officer"))  # fmt: skip
    declare_duty("monitoring.operate", _("查看平台运行监视"), roles=("admin.system",))
    declare_duty("monitoring.watch", _("查看辖区企业监测数据"), roles=_OFFICES)
    declare_notice("monitoring.outage_lasts", _("监测断线"), _("%(title)s，已超过%(minutes)s分钟未恢复，也没有报备。"))
    for code, sentence in _TROUBLES.items():
        declare_notice(f"monitoring.trouble_{code}", _("平台异常"), sentence)
