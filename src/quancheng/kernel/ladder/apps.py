from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LadderConfig(AppConfig):
    name = "quancheng.kernel.ladder"
    label = "ladder"
    verbose_name = "督办阶梯"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.ladder import queries
        from quancheng.kernel.ladder.services.deciding import open_to_target
        from quancheng.kernel.pages import nav

        declare_duty("ladder.propose", _("提出督办建议"), roles=("office.director", "office.officer"))
        declare_duty("ladder.sign", _("签发督办建议"), roles=("leader", "office.director"))
        subscribe("papers.service.*", open_to_target, name="ladder.open_to_target")
        nav.register(
            nav.NavItem(
                "duty",
                _("督办建议"),
                "ladder:list",
                "gavel",
                duty=("ladder.sign", "ladder.propose"),
                order=500,
                waiting=lambda actor: queries.list_undecided(actor=actor),
            )
        )
        # Sent once all apps are migrated: the rungs that ship, each once.
        post_migrate.connect(_load_rungs, sender=self, dispatch_uid="ladder.rungs")


def _load_rungs(**kwargs: object) -> None:
    from quancheng.kernel.ladder.rungs import load_rungs

    load_rungs()
