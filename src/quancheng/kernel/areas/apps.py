from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "quancheng.kernel.areas"
    label = "areas"
    verbose_name = "区划"
