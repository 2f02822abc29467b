"""Who may do what with signals, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_OWN = ("enterprise.head", "enterprise.safety")
_OFFICES = ("office.officer", "department.head", "department.officer", "town.head", "town.officer")


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty("monitoring.keep", _("维护本单位接入源和监测点位"), roles=_OWN)
    declare_duty("monitoring.enter", _("代辖区企业登记接入源和监测点位"),
                 roles=("office.officer", "department.officer"))  # fmt: skip
    declare_duty("monitoring.exempt", _("批准辖区企业报警限值豁免"),
                 roles=("office.officer", "department.head", "department.officer"))  # fmt: skip
    declare_duty("monitoring.bridge", _("维护与已有消息服务器的桥接"), roles=("office.director", "office.officer"))
    declare_duty("monitoring.view", _("查看本单位监测数据"), roles=(*_OWN, "enterprise.viewer", "enterprise.worker"))
    declare_duty("monitoring.watch", _("查看辖区企业监测数据"), roles=_OFFICES)
