from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "quancheng.kernel.vault"
    label = "vault"
    verbose_name = "保密库"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty

        declare_duty("vault.unmask", _("查看完整个人信息"), roles=("office.director", "department.head", "town.head"))
