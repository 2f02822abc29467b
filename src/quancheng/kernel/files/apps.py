from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "quancheng.kernel.files"
    label = "files"
    verbose_name = "附件"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty

        declare_duty("files.original", _("调取照片原件"), roles=("office.director", "department.head", "town.head"))
