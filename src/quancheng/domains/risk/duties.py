"""Who may do what with risks, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_OWN = ("enterprise.head", "enterprise.safety")
_STAFF = ("enterprise.certifier", "enterprise.filer", "enterprise.viewer", "enterprise.worker")
_OFFICES = ("office.officer", "department.head", "department.officer", "town.head", "town.officer")


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty("risk.list.keep", _("维护本单位风险分级管控清单"), roles=_OWN)
    declare_duty("risk.list.view", _("查看本单位风险和岗位卡"), roles=_STAFF)
    declare_duty("risk.list.enter", _("代辖区企业建立风险清单"), roles=_OFFICES)
    declare_duty("risk.rules", _("设置风险分级口径"), roles=("office.officer", "department.head"))
    declare_duty("risk.gradings.judge", _("核定企业安全风险分级、审定一企一策"),
                 roles=("department.head", "department.officer", "office.officer"))  # fmt: skip
    declare_duty("risk.announcements.study", _("研判本岗位、班组、车间风险"), roles=(*_OWN, *_STAFF))
    declare_duty("risk.announcements.publish", _("发布本单位安全承诺公告"), roles=_OWN)
    declare_duty("risk.announcements.check", _("核实、抽查承诺公告"), roles=_OFFICES)
    declare_duty("risk.cards.keep", _("编写本单位岗位卡、公告栏和告知牌"), roles=_OWN)
    declare_duty("risk.cards.check", _("审核本单位岗位卡"), roles=_OWN)
    declare_duty("risk.cards.view", _("查看本单位全部岗位卡"),
                 roles=("enterprise.certifier", "enterprise.filer", "enterprise.viewer"))  # fmt: skip
    declare_duty("risk.cards.read", _("阅读本岗位卡并参加测试"), roles=(*_OWN, *_STAFF))
    declare_duty("risk.cards.visit", _("检查时抽取岗位、抽考岗位卡"), roles=("office.director", *_OFFICES))
    declare_duty("risk.start_stop.approve", _("审批本单位开停车"), roles=_OWN)
    declare_duty("risk.start_stop.watch", _("登记本单位开停车监护情况"), roles=(*_OWN, "enterprise.worker"))
    declare_duty("risk.start_stop.receive", _("接收辖区企业开停车通知"), roles=_OFFICES)
    declare_duty("risk.zones.keep", _("维护规划分区"), roles=("department.head", "department.officer"))
    declare_duty("risk.layout.coordinate", _("协调企业布局问题"),
                 roles=("department.head", "department.officer", "office.officer"))  # fmt: skip
