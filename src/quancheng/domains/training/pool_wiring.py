"""What experts and agencies offer to the rest of the house: duties, files, sealed numbers, the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty
from quancheng.kernel.pages.nav import NavItem, register

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor

_OWN = ("enterprise.head", "enterprise.safety")
_BUREAU = ("office.director", "office.officer", "department.head", "department.officer")
_OFFICES = (*_BUREAU, "town.head", "town.officer")


def connect_pools() -> None:
    """Called once, when the app is ready."""
    from quancheng.domains.training.models import AgencyReport, PoolMember, ServiceContract
    from quancheng.domains.training.queries import pools as queries
    from quancheng.domains.training.services.pools.agencies import EVIDENCE
    from quancheng.domains.training.services.pools.assignments import WHY
    from quancheng.kernel.access.whys import declare_why
    from quancheng.kernel.files.holders import register_scoped
    from quancheng.kernel.vault import services as vault

    def pool_files(actor: Actor, row: models.Model, role: str) -> bool:
        return actor.is_system or actor.has(queries.VIEW)

    def report_files(actor: Actor, row: models.Model, role: str) -> bool:
        return pool_files(actor, row, role) and (role != EVIDENCE or actor.is_system or actor.supervises)

    declare_duty(queries.VIEW, _("查看专家和机构库"), roles=(*_OWN, *_OFFICES, "expert"))
    declare_duty(queries.KEEP, _("聘任、考核专家和机构"), roles=_BUREAU)
    declare_duty(queries.ASSIGN, _("派遣专家和机构、评分付费"), roles=_BUREAU)
    declare_duty(queries.ANSWER, _("答复派遣、登记履职和诊断问题"), roles=(*_OFFICES, "expert"))
    declare_duty(queries.SERVE, _("登记安全评价和技术服务"), roles=_OWN)
    declare_duty(queries.SPOT, _("抽查安全评价报告"), roles=_BUREAU)
    declare_why(WHY, _("派遣的专家"))
    register_scoped(AgencyReport, is_closed=lambda row: True, shown=report_files)
    register_scoped(ServiceContract, is_closed=lambda row: False, shown=pool_files)
    vault.register_column("training_poolmember.phone:phone", vault.reseal_of(PoolMember, "phone"))
    for label, name, icon, order in (
        (_("专家和机构库"), "training:pool", "star", 200),
        (_("专家和机构派遣"), "training:assignments", "send", 210),
        (_("安全评价报告"), "training:agency_reports", "report", 220),
        (_("安全技术服务合同"), "training:services", "hand", 230),
    ):
        register(NavItem("training", label, name, icon, duty=queries.VIEW, order=order))
