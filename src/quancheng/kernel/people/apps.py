from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "quancheng.kernel.people"
    label = "people"
    verbose_name = "人员"

    def ready(self) -> None:
        from quancheng.kernel.access.duties import declare_duty
        from quancheng.kernel.exchange.imports.declare import register
        from quancheng.kernel.people import identities, imports
        from quancheng.kernel.people.models import ExternalIdentity, IdentityProvider, User
        from quancheng.kernel.vault import services as vault

        declare_duty("people.organisations.manage", _("维护单位与称谓"), roles=("admin.system",))
        declare_duty("people.users.manage", _("维护用户与任职"), roles=("admin.system",))
        declare_duty("people.holes.read", _("查看无人承办的事项"), roles=("admin.system",))
        declare_duty("people.roles.manage", _("授予岗位、维护岗位职责"), roles=("admin.security",))
        declare_duty("people.sessions.manage", _("管理登录、口令策略与管理员账号"), roles=("admin.security",))
        declare_duty("people.journal.read", _("查阅和核验日志"), roles=("admin.audit",))
        phones = vault.reseal_of(User, "phone", index="phone_index", kind=vault.PHONE)
        vault.register_column("people_user.phone:phone", phones)
        vault.register_column("people_user.totp_secret:totp", vault.reseal_of(User, "totp_secret"))
        clients = vault.reseal_of(IdentityProvider, "secret")
        vault.register_column(f"people_identityprovider.secret:{identities.SECRET}", clients)
        # Their indexes stay: those of former suites are asked too.
        subjects = vault.reseal_of(ExternalIdentity, "subject")
        vault.register_column(f"people_externalidentity.subject:{identities.SUBJECT}", subjects)
        register(imports.ORGANISATIONS)
        register(imports.ACCOUNTS)
        # Sent once all apps are migrated: the roles come in step with the declared duties.
        post_migrate.connect(_sync_roles, sender=self, dispatch_uid="people.sync_roles")


def _sync_roles(**kwargs: object) -> None:
    from quancheng.kernel.people.services import sync_roles

    sync_roles()
