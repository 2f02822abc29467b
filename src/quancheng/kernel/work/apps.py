from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "quancheng.kernel.work"
    label = "work"
    verbose_name = "待办"
