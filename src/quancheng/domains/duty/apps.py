from django.apps import AppConfig


class DutyConfig(AppConfig):
    name = "quancheng.domains.duty"
    label = "duty"
    verbose_name = "任务"

    def ready(self) -> None:
        from quancheng.domains.duty.duties import declare

        from quancheng.domains.duty.services.tasks import complete_when_closed
        from quancheng.kernel.events.services import subscribe

        declare()
        subscribe("duty.assignment.*", complete_when_closed, name="duty.complete_task")
