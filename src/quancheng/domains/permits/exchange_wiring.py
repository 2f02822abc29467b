"""What work alarms and the exchange of permits hear of and show in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


def connect() -> None:
    """Called once, when the apps get ready."""
    from quancheng.domains.hazards.services.exchange_families import register_family
    from quancheng.domains.hazards.services.exchange_queue import READ
    from quancheng.domains.permits.queries.permits import VIEW
    from quancheng.domains.permits.services import alarms, upward
    from quancheng.kernel.events.services import subscribe
    from quancheng.kernel.pages.nav import NavItem, register

    subscribe("permits.permit.*", alarms.hear_permit, name="permits.alarms")
    subscribe("permits.finding.*", alarms.hear_finding, name="permits.alarms_of_findings")
    register_family(upward.RECORDS)
    subscribe("permits.permit.*", upward.hear_permit, name="permits.exchange", wanted=upward.permit_adapters)
    subscribe("permits.alarm.*", upward.hear_alarm, name="permits.exchange_alarms", wanted=upward.permit_adapters)
    register(NavItem("permits", _("作业报警"), "permits:alarms", "bell", duty=VIEW, order=16))
    register(NavItem("permits", _("作业票上报"), "permits:exchange", "send", duty=READ, order=40))
