from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "quancheng.kernel.areas"
    label = "areas"
    verbose_name = "区划"

    def ready(self) -> None:
        from quancheng.kernel.areas import imports
        from quancheng.kernel.exchange.imports.declare import register

        register(imports.ALIASES)
