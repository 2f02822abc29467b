"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("training", _("从业人员"), "training:persons", "users", duty=VIEW, order=10))
    register(NavItem("training", _("人员证书"), "training:qualifications", "stamp", duty=VIEW, order=20))
    register(NavItem("training", _("证书目录"), "training:kinds", "list", duty=VIEW, order=60))
