"""What is prepared, tested, told and signed for one permit. All of it is read through the permit."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit, PermitPerson
from quancheng.kernel.ids import uuid7


class PermitMeasure(models.Model):
    """One row of the form's measures (安全措施) as it was decided on the spot. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="measures")
    #: As ``standards.gb30871.tickets.measures`` tells it, e.g. HW-03.
    code = models.CharField(max_length=8)
    applies = models.BooleanField(_("是否涉及"), null=True)
    #: Figures that the form asks for, by name.
    filled = models.JSONField(default=dict, blank=True)
    confirmed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    confirmed_name = models.CharField(_("确认人"), max_length=60, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["permit", "code"], name="permit_measure_once"),
            models.CheckConstraint(
                condition=Q(applies__isnull=True) | (Q(confirmed_at__isnull=False) & ~Q(confirmed_name="")),
                name="permit_measure_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class GasTest(models.Model):
    """One value at one point (气体分析), as it was read. Only ever added. Retention class: as the permit.

    ``verdict`` is what it was judged when entered; each check judges anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="gas")
    quantity = models.CharField(_("分析项目"), max_length=12)
    gas = models.CharField(_("气体"), max_length=40, blank=True)
    value = models.DecimalField(_("分析结果"), max_digits=14, decimal_places=6)
    unit = models.CharField(_("单位"), max_length=8)
    position = models.CharField(_("取样位置"), max_length=8)
    point = models.CharField(_("取样点"), max_length=60, blank=True)
    phase = models.CharField(_("分析时机"), max_length=10)
    distance_m = models.DecimalField(_("距作业点，m"), max_digits=7, decimal_places=2, null=True, blank=True)
    calibrated_with = models.CharField(_("标定气体"), max_length=40, blank=True)
    correction = models.DecimalField(_("修正系数"), max_digits=8, decimal_places=4, null=True, blank=True)
    instrument = models.CharField(_("仪器编号"), max_length=60)
    #: The last day on which the instrument counts.
    calibration_due = models.DateField(_("检定有效期至"), null=True, blank=True)
    analyst = models.CharField(_("分析人"), max_length=60)
    verdict = models.CharField(max_length=12)
    sampled_at = models.DateTimeField(_("取样时间"))
    entered_at = models.DateTimeField()
    #: Of a value that the instrument told itself: by what its message is found again, and what it said. Empty: typed.
    reading = models.CharField(_("仪器读数编号"), max_length=60, blank=True)
    message = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["permit", "reading"], condition=~Q(reading=""), name="permit_gas_reading_once"
            ),
        ]
        indexes = [models.Index(fields=["permit", "-sampled_at"], name="permit_gas_by_time")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.value} {self.unit}"

    @property
    def is_manual(self) -> bool:
        """Whether somebody typed it; else the instrument told value, unit, time and calibration itself."""
        return not self.reading


class PermitAnalysis(models.Model):
    """The analysis of hazards of one job (作业危害分析, JSA). Retention class: as the permit. The newest counts.

    ``steps`` holds step, hazard and measure; ``participants`` names as written.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="analyses")
    steps = models.JSONField()
    participants = models.JSONField()
    confirmed_at = models.DateTimeField(_("分析确认时间"))
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["permit", "-confirmed_at"], name="permit_analysis_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class PermitBriefing(models.Model):
    """A briefing (安全交底): what was said where, by whom, and who was in it. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="briefings")
    place = models.CharField(_("交底地点"), max_length=120)
    content = models.TextField(_("交底内容"))
    briefer = models.CharField(_("安全交底人"), max_length=60)
    attended = models.ManyToManyField(PermitPerson, related_name="+")
    briefed_at = models.DateTimeField(_("交底时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "-briefed_at"], name="permit_briefing_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class PermitSignature(models.Model):
    """One signature (签字): step of annex A, the role of the signer, and who. Retention class: as the permit.

    ``person`` is whom it stands for where he has no account and signs on the spot before the account that records it.
    ``seal`` is that of the permit when it was signed: one that was copied from another permit does not fit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="signatures")
    step = models.CharField(_("环节"), max_length=16)
    role = models.CharField(_("签字角色"), max_length=16)
    #: Of a countersignature: the department concerned.
    department = models.CharField(_("会签部门"), max_length=12, blank=True)
    user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(PermitPerson, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("签字人"), max_length=60)
    opinion = models.CharField(_("意见"), max_length=500, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    #: Where the device was on which he signed: degrees (WGS 84), metres, seconds, and who told it.
    lon = models.DecimalField(_("签字位置经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("签字位置纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    accuracy_m = models.DecimalField(_("定位精度，m"), max_digits=7, decimal_places=1, null=True, blank=True)
    position_age_s = models.DecimalField(max_digits=9, decimal_places=1, null=True, blank=True)
    source = models.CharField(_("定位来源"), max_length=10, blank=True)
    #: Metres to the edge of the place of work, as they were measured when he signed.
    distance_m = models.DecimalField(_("距作业点，m"), max_digits=10, decimal_places=1, null=True, blank=True)
    #: Digest of the picture of his name, and of that with the seal: a picture cut out of another permit fits none.
    image = models.CharField(max_length=80, blank=True)
    image_seal = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(_("签字时间"))
    #: Set where the permit went back to be prepared anew: the signature counts no longer.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["permit", "step", "department", "person"], condition=Q(withdrawn_at__isnull=True),
                nulls_distinct=False, name="permit_signed_once",
            ),
            models.UniqueConstraint(fields=["image"], condition=~Q(image=""), name="permit_signature_image_once"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.step


class PermitSiteCheck(models.Model):
    """What somebody found at the place at a moment (现场核查): weather, zone, other work, devices, who is there.

    Only ever added; the newest that tells a fact counts. ``found`` holds keys of ``PermitFacts`` and those of
    ``queries.facts.OWN_FOUND``. Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="site_checks")
    found = models.JSONField()
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("核查人"), max_length=60)
    checked_at = models.DateTimeField(_("核查时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "-checked_at"], name="permit_check_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class PermitWarning(models.Model):
    """A check that only warns, confirmed with a reason by who moved the permit all the same (提示确认).

    Only ever added. It counts for the same finding of the same edition. Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="warnings")
    #: Of the registry of checks, e.g. C-16; what it found, as it was shown; by which move it was passed.
    code = models.CharField(_("检查项"), max_length=8)
    found = models.CharField(max_length=300, blank=True)
    move = models.CharField(max_length=20)
    version = models.PositiveIntegerField()
    reason = models.CharField(_("原因"), max_length=500)
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("确认人"), max_length=60)
    confirmed_at = models.DateTimeField(_("确认时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "confirmed_at"], name="permit_warning_by_time")]

    def __str__(self) -> str:
        return self.code
