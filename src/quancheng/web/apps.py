from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "quancheng.web"
    label = "web"
    verbose_name = "界面"
