from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeoplePagesConfig(AppConfig):
    name = "quancheng.web.people"
    label = "people_pages"
    verbose_name = "人员与权限页面"

    def ready(self) -> None:
        from quancheng.kernel.pages.nav import NavItem, register
        from quancheng.kernel.people.admin_queries import list_requests

        def entry(label: object, url: str, icon: str, administrator: str, order: int, **more: object) -> None:
            register(NavItem("admin", label, url, icon, administrator=administrator, order=order, **more))  # type: ignore[arg-type]

        entry(_("用户"), "people:users", "users", "system", 10)
        entry(_("单位"), "people:organisations", "building", "system", 20)
        entry(_("集合称谓"), "people:groups", "tag", "system", 30)
        entry(_("行政区划"), "people:areas", "map", "system", 35)
        entry(_("无人承办"), "people:holes", "alert", "system", 40)
        entry(_("岗位授权"), "people:grants", "user-check", "security", 10, waiting=list_requests)
        entry(_("岗位职责"), "people:roles", "id", "security", 20)
        entry(_("登录会话"), "people:sessions", "device-desktop", "security", 40)
        entry(_("登录与口令策略"), "people:policy", "lock", "security", 50)
        entry(_("统一身份认证"), "people:provider", "key", "security", 55)
        entry(_("日志"), "people:journal", "book", "audit", 10)
        entry(_("核验日志"), "people:journal_verify", "shield", "audit", 20)
        register(NavItem("admin", _("通讯录"), "people:people", "phone", order=880))
        register(NavItem("today", _("委托"), "people:delegations", "users", order=950))
        register(NavItem("admin", _("我的账号"), "people:profile", "user", for_all=True, order=900))
