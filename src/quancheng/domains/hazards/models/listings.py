"""Listed supervision (挂牌督办) of major dangers, and the visits on it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.listing import LISTING, LISTING_VISIT
from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow

PROGRESS = [(share, f"{share}%") for share in (0, 25, 50, 75, 100)]
LEVELS = [("county", _("区级挂牌")), ("city", _("市级挂牌")), ("province", _("省级挂牌"))]
#: From its service on until it was taken off, whatever waits for a decision meanwhile.
LISTED = ("RUNNING", "EXTENDING", "APPLIED", "PASSED")


class Listing(LoopRow):
    """One major danger under listed supervision. ``owner_org`` is the department that proposed it and sees it through.

    The enterprise reads it from service on. Retention class: official record, permanent.
    """

    loop_code = LISTING.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("督办事项"), max_length=300)
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="listings")
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="listings")
    #: The coordinating office, and the organisation of the leader who signs.
    office = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("安委办"))
    signer_org = models.ForeignKey(
        "people.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("签发单位")
    )
    level = models.CharField(_("挂牌级别"), max_length=8, choices=LEVELS, default="county")
    #: By which rules it was a candidate, in both languages.
    because = models.JSONField(_("挂牌原因"), default=list)
    reason = models.CharField(_("提议理由"), max_length=500)
    requirement = models.TextField(_("督办要求"), max_length=2000)
    #: Who of the department answers for the supervision.
    inspector = models.CharField(_("督办责任人"), max_length=60)
    term_date = models.DateField(_("督办期限"))
    copy_to = models.CharField(_("抄送"), max_length=300, blank=True)
    #: Security-sensitive: served, but not published.
    is_sensitive = models.BooleanField(_("涉及安全敏感信息，不公布"), default=False)
    paper = models.ForeignKey("papers.Paper", models.PROTECT, null=True, blank=True, related_name="+")
    number_text = models.CharField(_("督办文号"), max_length=120, blank=True)
    signer_name = models.CharField(_("签发人"), max_length=60, blank=True)
    signed_at = models.DateTimeField(_("签发时间"), null=True, blank=True)
    served_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("上级备案时间"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("整改进度"), choices=PROGRESS, default=0)
    #: Terms that ended without success.
    failed_terms = models.PositiveSmallIntegerField(_("未完成的期限数"), default=0)
    wanted_date = models.DateField(_("申请延长至"), null=True, blank=True)
    applied_at = models.DateTimeField(_("申请摘牌时间"), null=True, blank=True)
    review = models.TextField(_("复核意见"), max_length=2000, blank=True)
    lift_paper = models.ForeignKey("papers.Paper", models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(_("摘牌时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("提议时间"))

    objects = ScopedQuerySet["Listing"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LISTING.codes), name="listing_status_known"),
            models.CheckConstraint(
                condition=Q(progress__in=[one for one, _label in PROGRESS]), name="listing_progress"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=LISTED) | (~Q(number_text="") & Q(served_at__isnull=False)),
                name="listing_served_with_number",
            ),
            models.UniqueConstraint(fields=["finding"], condition=Q(closed_at__isnull=True), name="listing_one_open"),
        ]
        indexes = [
            models.Index(
                F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"), name="listing_open_first"
            ),
            models.Index(fields=["-published_at"], condition=Q(published_at__isnull=False), name="listing_published"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number_text or self.code} {self.title}"


class ListingVisit(LoopRow):
    """One visit on a listed danger, every 15 days (现场督导). Retention class: as the listing, permanent."""

    loop_code = LISTING_VISIT.code

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="visits")
    title = models.CharField(_("督导事项"), max_length=340)
    due_date = models.DateField(_("督导时限"))
    progress = models.PositiveSmallIntegerField(_("整改进度"), choices=PROGRESS, null=True, blank=True)
    text = models.TextField(_("督导情况"), max_length=4000, blank=True)
    closed_at = models.DateTimeField(_("督导时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["ListingVisit"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LISTING_VISIT.codes), name="listing_visit_status_known"),
            models.CheckConstraint(
                condition=~Q(status="DONE") | Q(progress__isnull=False), name="listing_visit_has_progress"
            ),
            models.UniqueConstraint(
                fields=["listing"], condition=Q(closed_at__isnull=True), name="listing_visit_one_open"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
