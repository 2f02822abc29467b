from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LawConfig(AppConfig):
    name = "quancheng.kernel.law"
    label = "law"
    verbose_name = "法规标准"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.exchange.imports.declare import register
        from quancheng.kernel.law import imports
        from quancheng.kernel.pages import nav

        declare_duty("law.manage", _("维护法规标准库"), roles=("office.director", "department.head"))
        declare_duty("law.own", _("制定本部门检查表"),
                     roles=("office.director", "office.officer", "department.head", "department.officer"))  # fmt: skip
        nav.register(nav.NavItem("registry", _("法规标准"), "law:texts", "book", order=90))
        register(imports.TEXTS)
        register(imports.CLAUSES)
        post_migrate.connect(_load_shipped, sender=self, dispatch_uid="law.load_shipped")


def _load_shipped(**kwargs: object) -> None:
    from django.utils import timezone

    from quancheng.kernel.law.services import load_shipped

    load_shipped(now=timezone.now())
