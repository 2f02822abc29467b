from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NumberingConfig(AppConfig):
    name = "quancheng.kernel.numbering"
    label = "numbering"
    verbose_name = "文号"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty

        declare_duty("numbering.patterns.manage", _("维护文号格式"), roles=("office.director", "department.head"))
