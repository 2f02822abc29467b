"""What contractors offer to the rest of the house: duties, files, notices, the menu."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from quancheng.kernel.access.duties import declare_duty
from quancheng.kernel.pages.nav import NavItem, register

if TYPE_CHECKING:
    from django.db import models

    from quancheng.kernel.access.actor import Actor

_OWN = ("enterprise.head", "enterprise.safety")
_BUREAU = ("office.director", "office.officer", "department.head", "department.officer")
_OFFICES = (*_BUREAU, "town.head", "town.officer")


def connect_contractors() -> None:
    """Called once, when the app is ready."""
    from quancheng.domains.training.models import (
        Admission,
        AdmissionCheck,
        ContractorIncident,
        ContractorQualification,
        ContractorViolation,
        EntryStep,
    )
    from quancheng.domains.training.queries import contractors as queries
    from quancheng.domains.training.queries import entries
    from quancheng.domains.training.services.contractors.expiry import NOTICE
    from quancheng.kernel.files.holders import register_holder, register_scoped
    from quancheng.kernel.notices.texts import declare_notice

    def admission(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return queries.admissions_seen(actor=actor).filter(pk=pk).first()

    def check(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return queries.checks_seen(actor=actor).filter(pk=pk).first()

    def qualification(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return queries.qualifications_seen(actor=actor).filter(pk=pk).first()

    def step(actor: Actor, pk: uuid.UUID) -> models.Model | None:
        return entries.steps_seen(actor=actor).filter(pk=pk).first()

    def contractor_files(actor: Actor, row: models.Model, role: str) -> bool:
        return actor.is_system or actor.has(queries.VIEW)

    declare_duty("training.contractors.keep", _("办理承包商准入"), roles=_OWN)
    declare_duty("training.contractors.admit", _("批准承包商准入、限制和暂停"), roles=("enterprise.head",))
    declare_duty("training.contractors.view", _("查看承包商"), roles=(*_OWN, *_OFFICES))
    register_holder(Admission._meta.label_lower, admission)
    register_holder(AdmissionCheck._meta.label_lower, check, is_closed=lambda row: False)
    register_holder(ContractorQualification._meta.label_lower, qualification, is_closed=lambda row: False)
    declare_notice(
        NOTICE, _("承包商准入、协议到期"),
        ngettext_lazy(
            "您单位有%(count)s家承包商的准入、协议或文件即将到期。",
            "您单位有%(count)s家承包商的准入、协议或文件即将到期。", "count",
        ), number="count",
    )  # fmt: skip
    for label, name, icon, order in (
        (_("承包商"), "training:contractors", "building", 100),
        (_("承包商准入"), "training:admissions", "stamp", 110),
        (_("承包管理问题"), "training:contractor_findings", "search", 120),
    ):
        register(NavItem("training", label, name, icon, duty=queries.VIEW, order=order))
    declare_duty("training.entries.keep", _("办理外来人员入厂"), roles=_OWN)
    declare_duty("training.gate", _("门岗核验、登记进出"), roles=_OWN)
    register_holder(EntryStep._meta.label_lower, step, is_closed=lambda row: False)
    for label, name, icon, duty, order in (
        (_("外来人员入厂"), "training:entries", "user-check", "training.view", 130),
        (pgettext_lazy("gate", "门岗核验"), "training:gate", "scan", "training.gate", 140),
        (_("在厂外来人员"), "training:on_site", "users", "training.view", 150),
        (_("进出厂记录"), "training:gate_passes", "history", "training.view", 160),
    ):
        register(NavItem("training", label, name, icon, duty=duty, order=order))
    declare_duty("training.violations.record", _("登记外来单位违章、事故"), roles=(*_OWN, *_OFFICES))
    declare_duty("training.blacklist.propose", _("提出列入黑名单、登记申诉"), roles=(*_OWN, *_BUREAU))
    declare_duty("training.blacklist.decide", _("决定列入、移出黑名单"),
                 roles=("enterprise.head", "office.director", "department.head"))  # fmt: skip
    register_scoped(ContractorViolation, is_closed=lambda row: True, shown=contractor_files)
    register_scoped(ContractorIncident, is_closed=lambda row: True, shown=contractor_files)
    for label, name, icon, order in (
        (_("外来单位违章计分"), "training:violations", "scale", 170),
        (_("外来单位事故事件"), "training:contractor_incidents", "alert", 175),
        (_("黑名单"), "training:black_listings", "ban", 180),
    ):
        register(NavItem("training", label, name, icon, duty=queries.VIEW, order=order))
    register(NavItem("training", _("外来单位和人员管理设置"), "training:outside_rules", "list", duty="training.view",
                     order=190))  # fmt: skip
