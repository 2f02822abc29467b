"""The roles of a new house (岗位): what ships; the security administrator may change duties afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class RoleSeed:
    """A role as it ships: code, name, the kinds of organisation that have it."""

    code: str
    name: str
    kinds: tuple[str, ...]
    is_chief: bool = False
    administrator: str = ""


ROLES = (
    RoleSeed("leader", _("区领导"), ("government", "committee"), is_chief=True),
    RoleSeed("office.director", _("安委办主任"), ("office",), is_chief=True),
    RoleSeed("office.officer", _("安委办工作人员"), ("office",)),
    RoleSeed("department.head", _("部门主要负责人"), ("department", "government", "group"), is_chief=True),
    RoleSeed("department.officer", _("部门承办人"), ("department", "government", "group")),
    RoleSeed("department.reporter", _("信息报送员"), ("department", "town", "government", "group")),
    RoleSeed("town.head", _("镇街主要负责人"), ("town",), is_chief=True),
    RoleSeed("town.officer", _("镇街安全员"), ("town",)),
    RoleSeed("village.officer", _("村（社区）网格员"), ("village",), is_chief=True),
    RoleSeed("enterprise.head", _("主要负责人"), ("enterprise", "agency"), is_chief=True),
    RoleSeed("enterprise.safety", _("安全管理人员"), ("enterprise", "agency")),
    RoleSeed("enterprise.filer", _("档案填报人"), ("enterprise", "agency")),
    RoleSeed("enterprise.certifier", _("档案承诺人"), ("enterprise", "agency")),
    RoleSeed("enterprise.viewer", _("档案查看人"), ("enterprise", "agency")),
    RoleSeed("enterprise.worker", _("从业人员"), ("enterprise", "agency")),
    RoleSeed("expert", _("专家"), ("agency", "department")),
    RoleSeed("analyst", _("统计分析员"), ("office", "department")),
    RoleSeed("admin.system", _("系统管理员"), ("office", "department"), administrator="system"),
    RoleSeed("admin.security", _("安全保密管理员"), ("office", "department"), administrator="security"),
    RoleSeed("admin.audit", _("安全审计员"), ("office", "department"), administrator="audit"),
)
