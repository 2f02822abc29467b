from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DictionariesConfig(AppConfig):
    name = "quancheng.kernel.dictionaries"
    label = "dictionaries"
    verbose_name = "字典"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.dictionaries import imports
        from quancheng.kernel.exchange.imports.declare import register
        from quancheng.kernel.pages import nav

        declare_duty("dictionaries.manage", _("维护字典"), roles=("admin.system", "office.director"))
        nav.register(
            nav.NavItem(
                "admin", _("字典"), "dictionaries:items", "list", duty="dictionaries.manage", order=72, for_all=True
            )
        )
        register(imports.ITEMS)
        post_migrate.connect(_load_shipped, sender=self, dispatch_uid="dictionaries.load_shipped")


def _load_shipped(**kwargs: object) -> None:
    from django.utils import timezone

    from quancheng.kernel.dictionaries.services import load_shipped

    load_shipped(now=timezone.now())
