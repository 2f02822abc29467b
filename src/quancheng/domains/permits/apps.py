from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy


class PermitsConfig(AppConfig):
    name = "quancheng.domains.permits"
    label = "permits"
    verbose_name = "作业"

    def ready(self) -> None:
        from quancheng.domains.permits import audit_wiring, duties, exchange_wiring, navigation, notices, retention
        from quancheng.domains.permits.forms.field import questions
        from quancheng.domains.permits.models import FieldRecord, IsolationPoint, Kind, Permit, PipeDrawing
        from quancheng.domains.permits.queries.announced import announced_facts
        from quancheng.domains.permits.queries.binding import persons_on_permits
        from quancheng.domains.permits.queries.field import field_record
        from quancheng.domains.permits.queries.isolations import persons_at_isolations
        from quancheng.domains.permits.queries.musters import persons_at_musters
        from quancheng.domains.permits.queries.permits import VIEW
        from quancheng.domains.permits.queries.phone_pack import pack
        from quancheng.domains.permits.services.working import has_ended
        from quancheng.domains.risk.queries import layers
        from quancheng.domains.risk.queries.announced_facts import register_facts
        from quancheng.domains.training.queries.binding import register_binding
        from quancheng.kernel.files.holders import register_holder, register_scoped
        from quancheng.kernel.numbering.kinds import declare_kind
        from quancheng.kernel.phone.parts import register_part

        layers.register(layers.Layer(
            gettext_lazy("作业票图层"), VIEW, lambda: reverse("permits:map"),
            lambda file: reverse("permits:site", args=[file.pk]),
        ))  # fmt: skip
        duties.declare()
        navigation.register_all()
        notices.declare_notices()
        retention.declare_rules()
        register_facts("permits", announced_facts)
        register_binding("permits.isolation", gettext_lazy("隔离与盲板台账"), persons_at_isolations)
        register_binding("permits.muster", gettext_lazy("紧急集合点名"), persons_at_musters)
        register_binding("permits.permit", gettext_lazy("特殊作业票"), persons_on_permits)
        for code, label in Kind.choices:
            declare_kind(f"permits.{code}", label, word=code, pattern="{kind}{year}-{number:04}")
        audit_wiring.connect()
        exchange_wiring.connect()
        register_part("permits", pack)
        register_part("permits_site", questions)
        # A record stands as it was told: what belongs to it is only added to.
        register_holder(FieldRecord._meta.label_lower, field_record, is_closed=lambda row: True)
        declare_kind("permits.stop_order", gettext_lazy("停工指令"), word="停工", pattern="{kind}{year}-{number:04}")
        register_scoped(
            IsolationPoint,
            is_closed=lambda row: isinstance(row, IsolationPoint) and row.is_closed,
            shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
        )
        register_scoped(
            Permit,
            is_closed=has_ended,
            shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
        )
        # The picture is the drawing itself: nobody takes it off.
        register_scoped(
            PipeDrawing,
            is_closed=lambda row: True,
            shown=lambda actor, row, role: actor.is_system or actor.has(VIEW),
        )
