from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TokensConfig(AppConfig):
    name = "quancheng.kernel.tokens"
    label = "tokens"
    verbose_name = "接口令牌"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.pages import nav

        declare_duty("tokens.revoke_others", _("撤销他人的接口令牌"), roles=("admin.security",))
        nav.register(nav.NavItem("admin", _("接口令牌"), "tokens:list", "key", order=960, for_all=True))
