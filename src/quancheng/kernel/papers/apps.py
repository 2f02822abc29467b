from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    name = "quancheng.kernel.papers"
    label = "papers"
    verbose_name = "文书"

    def ready(self) -> None:
        from quancheng.kernel.files.holders import register_scoped
        from quancheng.kernel.pages.nav import NavItem, register
        from quancheng.kernel.papers import duties
        from quancheng.kernel.papers.models import Paper, Service

        duties.declare()
        register_scoped(Paper)
        register_scoped(Service)
        register(NavItem("duty", _("发文"), "papers:list", "file", duty="papers.draft", order=600))
        register(
            NavItem(
                "duty", _("收文与送达"), "papers:services", "inbox", duty=("papers.receive", "papers.serve"), order=610
            )
        )
        register(NavItem("admin", _("文书模板"), "papers:templates", "clipboard", duty="papers.templates", order=600))
        # Sent once all apps are migrated: the form letters that ship, each once.
        post_migrate.connect(_load_templates, sender=self, dispatch_uid="papers.templates")


def _load_templates(**kwargs: object) -> None:
    from quancheng.kernel.papers.templates_data import load_templates

    load_templates()
