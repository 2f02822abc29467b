from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkConfig(AppConfig):
    name = "quancheng.kernel.work"
    label = "work"
    verbose_name = "待办"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.calendar.services import on_year_changed
        from quancheng.kernel.work.jobs import redate_soon

        declare_duty(
            "work.urge",
            _("催办"),
            roles=("leader", "office.director", "office.officer", "department.head", "department.officer", "town.head"),
        )
        on_year_changed(redate_soon)
