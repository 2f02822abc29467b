from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor


def _has_left(row: models.Model) -> bool:
    return getattr(row, "until_date", None) is not None


class HazardsConfig(AppConfig):
    name = "quancheng.domains.hazards"
    label = "hazards"
    verbose_name = "隐患"

    def ready(self) -> None:
        from quancheng.domains.hazards import duties, navigation, retention, shipped
        from quancheng.domains.hazards.checks_wiring import connect_checks
        from quancheng.domains.hazards.design_wiring import connect_design
        from quancheng.domains.hazards.exchange_wiring import connect
        from quancheng.domains.hazards.index_wiring import connect_index
        from quancheng.domains.hazards.models import (
            CheckRecord,
            ExpiryReview,
            Finding,
            Guarantor,
            GuarantorRound,
            HandOver,
            Listing,
            ListingVisit,
            MajorReport,
            Push,
            PushReply,
            Recheck,
            Resumption,
            RunningAction,
            RunningAppeal,
        )
        from quancheng.domains.hazards.patrol_wiring import connect_patrols
        from quancheng.domains.hazards.queries.announced import announced_facts
        from quancheng.domains.hazards.queries.check_records import list_records
        from quancheng.domains.hazards.queries.forcing import major_late, open_majors
        from quancheng.domains.hazards.queries.guarantors import list_guarantors, told_guarantors
        from quancheng.domains.hazards.queries.open_items import OpenDangers
        from quancheng.domains.hazards.queries.pack import pack
        from quancheng.domains.hazards.rounds_wiring import connect_rounds
        from quancheng.domains.hazards.self_check_wiring import connect_self_checks
        from quancheng.domains.hazards.services.announced import hear_doubt
        from quancheng.domains.hazards.services.check_records import DEVICE
        from quancheng.domains.hazards.services.following import hear_supervisor
        from quancheng.domains.hazards.services.guarantors import GENERATOR, make_round
        from quancheng.domains.hazards.services.hand_overs import FROM, TO
        from quancheng.domains.risk.queries import open_items
        from quancheng.domains.risk.queries.announced_facts import register_facts
        from quancheng.domains.risk.queries.guarantors_of import register_guarantors
        from quancheng.domains.risk.services.gradings import register_forcing
        from quancheng.kernel.access.whys import declare_part, declare_why
        from quancheng.kernel.events.services import subscribe
        from quancheng.kernel.files.holders import register_holder, register_scoped
        from quancheng.kernel.ladder.rungs import declare_trigger
        from quancheng.kernel.law.services import register_data
        from quancheng.kernel.phone.parts import register_part
        from quancheng.kernel.schedule.generators import register_generator
        from quancheng.kernel.vault import services as vault

        duties.declare()
        register_data(Path(__file__).parent / "data" / "bases.json")
        register_data(shipped.texts)
        navigation.register_all()
        register_part("hazards", pack)
        retention.declare_rules()
        declare_trigger("major_danger_late", major_late)
        register_forcing("MAJOR_OPEN", open_majors)
        register_facts("hazards", announced_facts)
        subscribe("risk.doubt.*", hear_doubt, name="hazards.announced")
        subscribe("registry.supervisor.changed", hear_supervisor, name="hazards.supervisors")
        open_items.register(OpenDangers())
        connect_index()
        declare_why("blamed", _("责任倒查认定"))
        declare_why(TO, _("隐患移送"))
        declare_why(FROM, _("移送后查阅"))
        for part in (Resumption, MajorReport, HandOver):
            declare_part(part._meta.label_lower)
        for model in (
            ExpiryReview,
            Finding,
            GuarantorRound,
            Listing,
            ListingVisit,
            MajorReport,
            Push,
            PushReply,
            Recheck,
            Resumption,
            RunningAction,
            RunningAppeal,
        ):
            register_scoped(model)
        register_guarantors(told_guarantors)

        def record(actor: Actor, pk: uuid.UUID) -> models.Model | None:
            return list_records(actor=actor).filter(pk=pk).first()

        def guarantor(actor: Actor, pk: uuid.UUID) -> models.Model | None:
            return list_guarantors(actor=actor).filter(pk=pk).first()

        register_holder(Guarantor._meta.label_lower, guarantor, is_closed=_has_left)
        # A record stands as it was made: its photos are only added to.
        register_holder(CheckRecord._meta.label_lower, record, is_closed=lambda row: True)
        register_generator(GENERATOR, make_round)
        phones = vault.reseal_of(Guarantor, "phone", index="phone_index", kind=vault.PHONE)
        vault.register_column("hazards_guarantor.phone:phone", phones)
        devices = vault.reseal_of(CheckRecord, "device", index="device_index", kind=DEVICE)
        vault.register_column(f"hazards_checkrecord.device:{DEVICE}", devices)
        connect()
        connect_checks()
        connect_rounds()
        connect_patrols()
        connect_self_checks()
        connect_design()
