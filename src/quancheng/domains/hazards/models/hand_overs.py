"""Dangers handed over to the body that is competent (移送), each with its reason and its basis."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.hand_over import HAND_OVER
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class HandOver(LoopRow):
    """One handing over of a danger's supervision. ``owner_org`` supervised it before; ``receiver`` owes the answer.

    It is none of the two transfers (两移交) that the database of major dangers counts: those hand clues about persons
    to discipline and justice, and stay marks beside the danger. Retention class: as the danger.
    """

    loop_code = HAND_OVER.code

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="hand_overs")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="hand_overs")
    receiver = models.ForeignKey(
        "people.Organisation", models.PROTECT, related_name="+", verbose_name=_("接收单位")
    )  # fmt: skip
    title = models.CharField(_("移送事项"), max_length=340)
    reason = models.TextField(_("移送理由"), max_length=2000)
    #: The rule or the division of work by which it is the receiver's.
    basis = models.CharField(_("移送依据"), max_length=500)
    #: Last day of the three working days since it came to who hands it over.
    term_date = models.DateField(_("移送时限"))
    answer = models.CharField(_("接收意见或退回、撤回理由"), max_length=1000, blank=True)
    sent_by_name = models.CharField(_("移送人"), max_length=130)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("移送时间"))

    objects = ScopedQuerySet["HandOver"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=HAND_OVER.codes), name="hand_over_status_known"),
            models.CheckConstraint(condition=~Q(owner_org=F("receiver")), name="hand_over_to_another"),
            models.CheckConstraint(
                condition=~Q(status__in=("RETURNED", "RECALLED")) | ~Q(answer=""), name="hand_over_refused_why"
            ),
            models.UniqueConstraint(fields=["finding"], condition=Q(closed_at__isnull=True), name="hand_over_one_open"),
        ]
        indexes = [
            models.Index(
                F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"), name="hand_over_open_first"
            ),
            models.Index(fields=["finding", "status"], name="hand_over_of_finding"),
        ]

    def __str__(self) -> str:
        return self.title
