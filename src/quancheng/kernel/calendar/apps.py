from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkCalendarConfig(AppConfig):
    name = "quancheng.kernel.calendar"
    label = "workcalendar"
    verbose_name = "工作日历"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.calendar import imports
        from quancheng.kernel.exchange.imports.declare import register
        from quancheng.kernel.pages import nav

        declare_duty("calendar.manage", _("维护节假日安排"), roles=("admin.system", "office.director"))
        nav.register(
            nav.NavItem(
                "admin", _("工作日历"), "workcalendar:years", "calendar", duty="calendar.manage", order=70, for_all=True
            )
        )
        register(imports.YEARS)
        post_migrate.connect(_load_shipped, sender=self, dispatch_uid="workcalendar.load_shipped")


def _load_shipped(**kwargs: object) -> None:
    from django.utils import timezone

    from quancheng.kernel.calendar.services import load_shipped

    load_shipped(now=timezone.now())
