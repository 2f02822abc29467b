from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "quancheng.kernel.access"
    label = "access"
    verbose_name = "权限"
