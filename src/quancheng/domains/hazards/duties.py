"""Who may do what with hidden dangers, in a new house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.duties import declare_duty

_SUPERVISION = (
    "leader", "office.director", "office.officer", "department.head", "department.officer", "department.reporter",
    "town.head", "town.officer", "village.officer", "expert", "analyst",
)  # fmt: skip
_ENTERPRISES = (
    "enterprise.head", "enterprise.safety", "enterprise.filer", "enterprise.certifier", "enterprise.viewer",
    "enterprise.worker",
)  # fmt: skip
#: Reading criteria and checklists.
READ = "hazards.read"


def declare() -> None:
    """Declare the duties of this domain; called once, when the app is ready."""
    declare_duty(READ, _("查阅判定标准和检查表"), roles=(*_SUPERVISION, *_ENTERPRISES))
