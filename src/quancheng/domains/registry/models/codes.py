"""Safety information codes (安全信息码): one enterprise, one product, one code; what scans them, who looked further."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.products import Product
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


class Looker(models.TextChoices):
    """As whom somebody sees more than the public (查看身份)."""

    DRIVER = "driver", _("驾驶员、押运员")
    FIREFIGHTER = "firefighter", _("消防救援人员")
    INSPECTOR = "inspector", _("检查人员")


class ExtensionKind(models.TextChoices):
    """What hangs on a product's code (扩展码类别)."""

    BATCH = "batch", _("批次")
    PACKAGE = "package", _("包装")


class SafetyCode(models.Model):
    """The fixed part of a code (安全信息码固定部分): 80 random bits, the same whatever changes. Retention class: as
    the file.

    Without a product it is the enterprise's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="codes")
    product = models.OneToOneField(Product, models.CASCADE, null=True, blank=True, related_name="code")
    code = models.CharField(_("安全信息码"), max_length=16, unique=True)
    made_at = models.DateTimeField()
    #: Withdrawn for good (作废): printed wrongly, or forged. It answers like one that never was.
    withdrawn_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    withdrawn_why = models.CharField(_("作废原因"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file"], condition=Q(product__isnull=True), name="code_one_enterprise"),
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-HJKMNP-TV-Z]{16}$"), name="code_shape"),
        ]

    def __str__(self) -> str:
        return self.code


class CodeExtension(models.Model):
    """The enterprise's own part behind the fixed one (扩展码): a batch or a package. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.ForeignKey(SafetyCode, models.CASCADE, related_name="extensions")
    kind = models.CharField(_("类别"), max_length=8, choices=ExtensionKind.choices)
    text = models.CharField(_("扩展码"), max_length=24)
    produced_date = models.DateField(_("生产日期"), null=True, blank=True)
    package = models.CharField(_("包装规格"), max_length=60, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "text"], name="extension_once"),
            models.CheckConstraint(condition=Q(text__regex="^[0-9A-Z][0-9A-Z-]{0,23}$"), name="extension_shape"),
        ]
        indexes = [models.Index(fields=["code", "-made_at"], name="extension_by_code")]

    def __str__(self) -> str:
        return self.text


class ScanDay(models.Model):
    """How often a code was opened on a local day (扫码日计数), and how often by somebody identified; nothing is kept of
    who scanned. Retention class: statistics, 5 years.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.ForeignKey(SafetyCode, models.CASCADE, related_name="scans")
    #: The extension scanned; empty for the fixed part alone.
    extension = models.CharField(max_length=24, blank=True)
    day = models.DateField()
    opened = models.PositiveIntegerField(default=0)
    identified = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "day", "extension"], name="scan_day_once")]

    def __str__(self) -> str:
        return f"{self.code_id} {self.day}"


class AccessPass(Scoped):
    """A short-lived code of the duty room (临时查看码) for one product or one enterprise. Retention class: record of
    acts, 5 years.

    Its secret is shown once; here stands its keyed digest. ``owner_org`` gave it, the enterprise sees that it did.
    """

    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="passes")
    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    looker = models.CharField(_("查看身份"), max_length=12, choices=Looker.choices)
    #: To whom it was told: a unit, a vehicle; no person.
    holder = models.CharField(_("告知对象"), max_length=80)
    reason = models.CharField(_("事由"), max_length=200)
    opened_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(_("发出时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    closed_at = models.DateTimeField(_("提前收回时间"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("使用次数"), default=0)

    objects = ScopedQuerySet["AccessPass"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(looker__in=Looker.values), name="pass_looker_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("opened_at")), name="pass_in_order"),
        ]
        indexes = [models.Index(fields=["file", "expires_at"], name="pass_by_file")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.holder}"
