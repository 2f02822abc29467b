"""What work alarms and the exchange of permits hear of and show in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


def connect() -> None:
    """Called once, when the apps get ready."""
    from quancheng.domains.hazards.services.exchange_families import register_family
    from quancheng.domains.hazards.services.exchange_intake import register_taker
    from quancheng.domains.hazards.services.exchange_queue import READ
    from quancheng.domains.permits.imports import REGISTER
    from quancheng.domains.permits.models import KeptRecord, OutsidePermit
    from quancheng.domains.permits.queries import outside as queries
    from quancheng.domains.permits.queries.permits import VIEW
    from quancheng.domains.permits.services import alarms, outside, upward
    from quancheng.domains.training.queries.certificates import NUMBER
    from quancheng.kernel.events.services import subscribe
    from quancheng.kernel.exchange.imports.declare import register as register_import
    from quancheng.kernel.pages.nav import NavItem, register
    from quancheng.kernel.retention.declare import Rule, declare
    from quancheng.kernel.vault import services as vault
    from quancheng.standards.aq3064 import table

    subscribe("permits.permit.*", alarms.hear_permit, name="permits.alarms", wanted=alarms.open_alarms)
    subscribe(
        "permits.finding.*", alarms.hear_finding, name="permits.alarms_of_findings", wanted=alarms.open_alarms
    )
    register_family(upward.RECORDS)
    subscribe("permits.permit.*", upward.hear_permit, name="permits.exchange", wanted=upward.permit_adapters)
    subscribe("permits.alarm.*", upward.hear_alarm, name="permits.exchange_alarms", wanted=upward.permit_adapters)
    for code, take in (("ticket", outside.take_tickets), ("alarm", outside.take_alarms)):
        register_taker(code, {table(code).service_id, f"sw_{code}"}, take)
    register_import(REGISTER)
    for column, kind in (("phone", vault.PHONE), ("certificate_numbers", NUMBER)):
        vault.register_column(f"permits_outsidepermit.{column}:{kind}", vault.reseal_of(OutsidePermit, column))
    vault.register_column(f"permits_keptrecord.payload:{outside.KIND}", outside.reseal_kept)
    declare(Rule(
        "permits.outside", _("外部作业票"), OutsidePermit, "3 years", _("作业结束"), queries.list_outside_gone
    ))  # fmt: skip
    declare(Rule("permits.kept", _("留置来件"), KeptRecord, "90 days", _("接收"), queries.list_kept_gone))
    register(NavItem("permits", _("外部作业票"), "permits:outside", "plug", duty=VIEW, order=18))
    register(NavItem("permits", _("作业报警"), "permits:alarms", "bell", duty=VIEW, order=16))
    register(NavItem("permits", _("作业票上报"), "permits:exchange", "send", duty=READ, order=40))
