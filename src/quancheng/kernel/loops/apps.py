from django.apps import AppConfig


class LoopsConfig(AppConfig):
    name = "quancheng.kernel.loops"
    label = "loops"
    verbose_name = "闭环"
