"""Enterprises that ask to be registered (企业注册申请), before they have an account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import ContactRole, Kind
from quancheng.domains.registry.loops.application import APPLICATION
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Application(LoopRow):
    """One application (企业注册申请); its owner is the office that leads its class.

    The telephone number is sealed. Of the receipt number (回执编号) only a keyed digest is kept: it is shown once.
    Retention class: personal, 365 days.
    """

    loop_code = APPLICATION.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    name = models.CharField(_("企业全称"), max_length=120)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18)
    kind = models.CharField(_("企业类别"), max_length=20, choices=Kind.choices)
    address = models.CharField(_("实际经营地址"), max_length=200)
    contact_name = models.CharField(_("联系人"), max_length=60)
    contact_role = models.CharField(_("人员类别"), max_length=12, choices=ContactRole.choices)
    phone = models.TextField()
    receipt_digest = models.CharField(max_length=64, unique=True)
    #: Why it was refused, as the applicant reads it.
    reason = models.CharField(_("不予登记的理由"), max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("申请时间"))

    objects = ScopedQuerySet["Application"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=APPLICATION.codes), name="application_status_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="application_kind_known"),
            models.CheckConstraint(
                condition=~Q(status="REFUSED") | ~Q(reason=""), name="application_refused_with_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at", "id"], name="application_waiting"),
            models.Index(fields=["credit_code"], name="application_by_code"),
        ]

    def __str__(self) -> str:
        return self.code
