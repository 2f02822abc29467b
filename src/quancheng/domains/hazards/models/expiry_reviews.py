"""Looks on site that follow when the term of a major danger ended (期满现场审查)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.expiry_review import EXPIRY_REVIEW
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class ExpiryReview(LoopRow):
    """One look after one term that ended. ``owner_org`` supervises the danger; the enterprise reads what was found.

    Retention class: as the danger.
    """

    loop_code = EXPIRY_REVIEW.code

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="expiry_reviews")
    title = models.CharField(_("审查事项"), max_length=340)
    #: The last day of the term that ended.
    expired_date = models.DateField(_("届满的整改期限"))
    due_date = models.DateField(_("审查时限"))
    visited_date = models.DateField(_("现场审查日期"), null=True, blank=True)
    text = models.TextField(_("审查情况和处理意见"), max_length=4000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["ExpiryReview"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=EXPIRY_REVIEW.codes), name="expiry_review_status_known"),
            models.CheckConstraint(
                condition=~Q(status="DONE") | (Q(visited_date__isnull=False) & ~Q(text="")),
                name="expiry_review_says_what",
            ),
            models.UniqueConstraint(fields=["finding", "expired_date"], name="expiry_review_once"),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("due_date"), F("id"), name="expiry_review_open"),
        ]

    def __str__(self) -> str:
        return self.title
