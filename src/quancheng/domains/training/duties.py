"""Who may do what with people at work, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_OWN = ("enterprise.head", "enterprise.safety")
_OFFICES = ("office.director", "office.officer", "department.head", "department.officer", "town.head", "town.officer")


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty("training.keep", _("维护本单位人员档案"), roles=_OWN)
    declare_duty("training.view", _("查看人员档案"), roles=(*_OWN, *_OFFICES))
    declare_duty("training.verify", _("核验人员证书"), roles=(*_OWN, "department.head", "department.officer"))
    declare_duty("training.order", _("下达再培训令"), roles=(*_OWN, *_OFFICES))
    declare_duty("training.teach", _("组织培训"), roles=(*_OWN, *_OFFICES))
    declare_duty("training.office_hours", _("登记本部门组织的企业人员培训学时"), roles=_OFFICES)
    declare_duty("training.study", _("登记监管人员学习"), roles=_OFFICES)
    declare_duty("training.rules", _("设置岗位角色、证书目录和任职要求"), roles=("office.officer", "department.head"))
    declare_duty(
        "training.bank", _("维护考试题库和组卷规则"),
        roles=(*_OWN, "office.officer", "department.head", "department.officer"),
    )  # fmt: skip
    declare_duty("training.exams", _("组织考试和阅卷"), roles=(*_OWN, *_OFFICES))
    declare_duty("training.spot", _("现场抽考"), roles=_OFFICES)
