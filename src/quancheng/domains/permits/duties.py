"""Who may do what with permits of special work, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_HEAD, _SAFETY = "enterprise.head", "enterprise.safety"
_OFFICES = ("office.director", "office.officer", "department.head", "department.officer", "town.head", "town.officer")


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    own = (_HEAD, _SAFETY)
    declare_duty("permits.view", _("查看特殊作业票"), roles=(*own, *_OFFICES))
    declare_duty("permits.request", _("申请特殊作业"), roles=own)
    declare_duty("permits.work", _("准备和组织特殊作业"), roles=own)
    declare_duty("permits.sign", _("会签特殊作业票"), roles=own)
    declare_duty("permits.sign_unit", _("以所在单位名义签批作业票"), roles=own)
    declare_duty("permits.sign_department", _("以安全或专业部门名义签批作业票"), roles=own)
    declare_duty("permits.order", _("下达和解除停工指令"), roles=(*own, *_OFFICES))
    declare_duty("permits.sign_leader", _("以主管领导名义签批作业票"), roles=(_HEAD,))
    declare_duty("permits.weather", _("发布和解除气象预警"), roles=_OFFICES)
