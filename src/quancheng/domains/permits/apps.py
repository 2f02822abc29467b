from django.apps import AppConfig


class PermitsConfig(AppConfig):
    name = "quancheng.domains.permits"
    label = "permits"
    verbose_name = "作业"

    def ready(self) -> None:
        from quancheng.domains.permits import duties, navigation, retention
        from quancheng.domains.permits.models import Kind, Permit
        from quancheng.domains.permits.queries.permits import VIEW
        from quancheng.domains.permits.services.working import has_ended
        from quancheng.kernel.files.holders import register_scoped
        from quancheng.kernel.numbering.kinds import declare_kind

        duties.declare()
        navigation.register_all()
        retention.declare_rules()
        for code, label in Kind.choices:
            declare_kind(f"permits.{code}", label, word=code, pattern="{kind}{year}-{number:04}")
        register_scoped(
            Permit,
            is_closed=has_ended,
            shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
        )
