from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LongWorkConfig(AppConfig):
    name = "quancheng.kernel.longwork"
    label = "longwork"
    verbose_name = "后台任务"

    def ready(self) -> None:
        from quancheng.kernel.access.models import subject_type_of
        from quancheng.kernel.files.holders import register_holder
        from quancheng.kernel.longwork import queries
        from quancheng.kernel.longwork.models import LongWork
        from quancheng.kernel.notices.texts import declare_notice
        from quancheng.kernel.pages.nav import NavItem, register

        register_holder(subject_type_of(LongWork), queries.find_work, is_closed=lambda row: False)
        declare_notice("longwork.done", _("后台任务完成"), _("后台任务已完成：%(title)s"))
        declare_notice("longwork.failed", _("后台任务失败"), _("后台任务执行失败：%(title)s"))
        register(NavItem("today", _("后台任务"), "longwork:list", "hourglass", order=910, for_all=True))
