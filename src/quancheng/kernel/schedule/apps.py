from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScheduleConfig(AppConfig):
    name = "quancheng.kernel.schedule"
    label = "schedule"
    verbose_name = "周期事项"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.pages.nav import NavItem, register

        declare_duty(
            "schedule.manage", _("维护周期事项"), roles=("office.director", "office.officer", "department.head")
        )
        register(NavItem("duty", _("周期事项"), "schedule:rules", "calendar", duty="schedule.manage", order=620))
