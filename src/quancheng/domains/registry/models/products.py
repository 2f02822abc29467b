"""Products (产品) of an enterprise, what each is made of, and their safety data sheets (安全技术说明书)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

#: Sections of a safety data sheet (GB/T 16483-2008).
SECTIONS = 16


class Product(models.Model):
    """A product that an enterprise makes, imports or sells (产品). Retention class: as the file.

    Of persons it names nobody; ``phone`` is a line answered at all hours, the business's or an agency's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="products")
    name = models.CharField(_("产品名称"), max_length=120)
    english = models.CharField(_("英文名"), max_length=200, blank=True)
    #: Number of the chemical's registration (危险化学品登记号), and its certificate (登记证).
    registration_no = models.CharField(_("危险化学品登记号"), max_length=40, blank=True)
    certificate_no = models.CharField(_("登记证编号"), max_length=40, blank=True)
    certificate_until = models.DateField(_("登记证有效期至"), null=True, blank=True)
    #: The national registration system's own page of this product; kept as it is, whatever changes here.
    national_url = models.CharField(_("国家登记系统信息码链接"), max_length=300, blank=True)
    uses = models.CharField(_("主要用途"), max_length=300, blank=True)
    hazard_classes = ArrayField(models.CharField(max_length=80), default=list, blank=True, verbose_name=_("危险性类别"))
    phone = models.CharField(_("24小时应急咨询电话"), max_length=40)
    #: Kinds of packages, each with its volume: ``塑料桶 25 L``.
    packages = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("包装规格"))
    #: Precautionary statements of the label (防范说明), GB 15258.
    prevention = models.TextField(_("预防措施"), max_length=600, blank=True)
    response = models.TextField(_("事故响应"), max_length=600, blank=True)
    storage = models.TextField(_("安全储存"), max_length=600, blank=True)
    disposal = models.TextField(_("废弃处置"), max_length=600, blank=True)
    #: Of the transport card (运输卡).
    un_no = models.CharField(_("联合国编号"), max_length=4, blank=True)
    transport_class = models.CharField(_("运输危险性类别"), max_length=10, blank=True)
    packing_group = models.CharField(
        _("包装类别"), max_length=3, blank=True, choices=(("I", "I"), ("II", "II"), ("III", "III"))
    )
    extinguishing = models.CharField(_("灭火剂"), max_length=200, blank=True)
    #: Initial isolation and protective distance of a large spill, metres, with where they come from.
    isolation_m = models.PositiveIntegerField(_("初始隔离距离（米）"), null=True, blank=True)
    protection_m = models.PositiveIntegerField(_("防护距离（米）"), null=True, blank=True)
    distance_source = models.CharField(_("距离依据"), max_length=120, blank=True)
    ended_date = models.DateField(_("停产停售日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "name"], name="product_name_once"),
            models.CheckConstraint(condition=~Q(phone=""), name="product_phone"),
            models.CheckConstraint(
                condition=Q(isolation_m__isnull=True, protection_m__isnull=True) | ~Q(distance_source=""),
                name="product_distance_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductPart(models.Model):
    """What a product is made of (成分): a chemical of the register and its content, percent by mass. Retention class:
    as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="parts")
    chemical = models.ForeignKey(Chemical, models.PROTECT, related_name="+")
    low = models.DecimalField(_("含量下限（%）"), max_digits=7, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("含量上限（%）"), max_digits=7, decimal_places=4, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "chemical"], name="product_part_once"),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True) | Q(low__gte=0, high__lte=100, high__gte=F("low")),
                name="product_part_content",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chemical_id} {self.low}–{self.high}"


class DataSheet(models.Model):
    """One version of a product's safety data sheet: sixteen texts. Retention class: as the file.

    A draft (``issued_at`` empty) is written on; an issued version stays as it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="sheets")
    number = models.PositiveIntegerField(_("版本"))
    revision_date = models.DateField(_("修订日期"), null=True, blank=True)
    #: Section 1 first (GB/T 16483-2008).
    sections = ArrayField(models.TextField(), size=SECTIONS)
    issued_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    by_name = models.CharField(_("编制人"), max_length=60)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="sheet_number_once"),
            models.UniqueConstraint(fields=["product"], condition=Q(issued_at__isnull=True), name="sheet_one_draft"),
            models.CheckConstraint(
                condition=Q(issued_at__isnull=True) | Q(revision_date__isnull=False), name="sheet_issued_dated"
            ),
            models.CheckConstraint(condition=Q(sections__len=SECTIONS), name="sheet_sixteen"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.number}"

    @property
    def is_closed(self) -> bool:
        """Whether what it holds stands for good."""
        return self.issued_at is not None
