from django import forms
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# What a field says that was left empty and must not be: one wording, of all forms, and so before any of them is built.
forms.Field.default_error_messages["required"] = _("请填写此项。")


class PagesConfig(AppConfig):
    name = "quancheng.kernel.pages"
    label = "pages"
    verbose_name = "页面"

    def ready(self) -> None:
        from quancheng.kernel.longwork.kinds import Kind, register_kind
        from quancheng.kernel.pages import export

        register_kind(Kind(code=export.KIND, label=_("导出"), run=export.run_export, limit_s=export.LIMIT_S))
