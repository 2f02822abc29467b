from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "quancheng.kernel.house"
    label = "house"
    verbose_name = "系统"
