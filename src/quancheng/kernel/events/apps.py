from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "quancheng.kernel.events"
    label = "events"
    verbose_name = "事件"
