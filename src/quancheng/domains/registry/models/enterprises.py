"""Enterprises (企业档案): what is known of each, who answers for it, on whose ground it stands."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, IntegerField, Q
from django.db.models.functions import Cast, Upper
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import ContactRole, Kind, Life, Size
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

#: Whole numbers in a degree of the map: 1 is about a metre.
IN_DEGREE = 100_000


class Enterprise(Scoped):
    """One enterprise, one file (一企一档). Its name, code, links and area are those of its organisation.

    Points are CGCS2000, degrees, six decimals (0.1 m). Retention class: register, permanent.
    """

    kind = models.CharField(_("企业类别"), max_length=20, choices=Kind.choices)
    #: Further classes that it is besides (兼营类别).
    more_kinds = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("兼营类别"))
    size = models.CharField(_("企业规模"), max_length=10, choices=Size.choices, blank=True)
    life = models.CharField(_("经营状态"), max_length=10, choices=Life.choices, default=Life.OPERATING)
    #: Since when it has been in that state.
    life_date = models.DateField(_("状态起始日期"), null=True, blank=True)
    registered_address = models.CharField(_("注册地址"), max_length=200, blank=True)
    address = models.CharField(_("实际经营地址"), max_length=200, blank=True)
    registered_lon = models.DecimalField(_("注册地址经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    registered_lat = models.DecimalField(_("注册地址纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lon = models.DecimalField(_("实际地址经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("实际地址纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    #: The plant's boundary (厂区边界): a GeoJSON polygon, CGCS2000.
    boundary = models.JSONField(_("厂区边界"), null=True, blank=True)
    #: A line answered at all hours (24小时应急电话): the business's, no person's.
    emergency_phone = models.CharField(_("24小时应急电话"), max_length=40, blank=True)
    industry = models.CharField(_("行业"), max_length=80, blank=True)
    #: Its code in the national chemical registration system (化学品登记系统), ``companyCode`` of exchanges.
    registration_code = models.CharField(_("化学品登记企业编码"), max_length=9, blank=True)
    staff_count = models.PositiveIntegerField(_("从业人数"), null=True, blank=True)
    founded_date = models.DateField(_("成立日期"), null=True, blank=True)
    #: Permanent residents within 500 m outside the boundary, own staff not counted (GB 18218-2018, 4.3.3).
    exposed_population = models.PositiveIntegerField(_("厂界外500米常住人口"), null=True, blank=True)
    exposed_date = models.DateField(_("人口核定日期"), null=True, blank=True)
    exposed_source = models.CharField(_("人口数据来源"), max_length=120, blank=True)
    #: The gravest legal grade of its units that stand, 1 to 4; a trigger of the database keeps it.
    legal_grade = models.PositiveSmallIntegerField(_("重大危险源"), null=True, editable=False)
    #: The office that supervises it (监管牵头部门) and judges what it files.
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: How its present facts were last verified (核验).
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    verified_by = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    #: The file in which this one was merged as its double (重复档案); it is retired then and only read.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="doubles")
    #: Rises with each change: whoever saves over an older one is told.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    #: Its organisation's name for sorting, so that one index gives the register by name; a trigger keeps it.
    pinyin = models.CharField(max_length=400, editable=False, default="")
    #: Name, short name, code and address, one a line, so that one index finds a word in any; a trigger keeps it.
    words = models.TextField(editable=False, default="")
    #: The point in whole hundred-thousandths of a degree (about a metre), as the map draws it.
    x = models.GeneratedField(
        expression=Cast(F("lon") * IN_DEGREE, IntegerField()), output_field=IntegerField(null=True), db_persist=True
    )
    y = models.GeneratedField(
        expression=Cast(F("lat") * IN_DEGREE, IntegerField()), output_field=IntegerField(null=True), db_persist=True
    )

    objects = ScopedQuerySet["Enterprise"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=F("enterprise")), name="enterprise_is_its_organisation"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="enterprise_kind_known"),
            models.CheckConstraint(condition=Q(life__in=Life.values), name="enterprise_life_known"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="enterprise_point",
            ),
            models.CheckConstraint(
                condition=Q(registered_lon__isnull=True, registered_lat__isnull=True)
                | Q(registered_lon__gte=-180, registered_lon__lte=180, registered_lat__gte=-90, registered_lat__lte=90),
                name="enterprise_registered_point",
            ),
        ]
        indexes = [
            # Who may see a file is told without a look at its row, for sums and lists over what hangs on files.
            models.Index(
                fields=["id"], include=["owner_org", "enterprise", "area", "links", "reach"], name="enterprise_scope"
            ),
            models.Index(fields=["pinyin", "id"], name="enterprise_by_name"),
            models.Index(fields=["kind", "pinyin", "id"], name="enterprise_by_kind"),
            models.Index(fields=["area", "kind"], name="enterprise_by_area"),
            models.Index(fields=["supervisor", "id"], name="enterprise_by_supervisor"),
            models.Index(fields=["lon", "lat"], name="enterprise_by_point"),
            models.Index(fields=["legal_grade", "id"], name="enterprise_by_grade"),
            models.Index(fields=["id"], condition=Q(boundary__isnull=False), name="enterprise_bounded"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="enterprise_words_trgm"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def row_scope(self, *, owner: uuid.UUID | None = None, reach: str = "party") -> dict[str, Any]:
        """The five columns of scope of a row that concerns this enterprise, seen by who supervises it.

        :param owner: whose the row is; the enterprise's own where none is told.
        :param reach: ``chain`` where the enterprise does not read it, ``own`` where its owner alone does.
        """
        return {
            "owner_org_id": owner or self.pk, "enterprise_id": self.pk, "area_id": self.area_id, "links": self.links,
            "reach": reach,
        }  # fmt: skip


class Contact(models.Model):
    """Somebody who answers for the enterprise (责任人员). The telephone number is sealed. Retention class: as the file.

    Who left stays with the day, so that it can be told who answered when.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="contacts")
    role = models.CharField(_("人员类别"), max_length=12, choices=ContactRole.choices)
    name = models.CharField(_("姓名"), max_length=60)
    post = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.TextField(blank=True)
    phone_index = models.CharField(max_length=80, blank=True)
    since_date = models.DateField(_("任职日期"), null=True, blank=True)
    left_date = models.DateField(_("离任日期"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=ContactRole.values), name="contact_role_known"),
            models.UniqueConstraint(
                fields=["file", "role", "name"], condition=Q(left_date__isnull=True), name="contact_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Lease(models.Model):
    """Ground or a building of one used by another (租赁，厂中厂). Retention class: as the file.

    ``file`` is the tenant; the landlord may be known here or only by name.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="leases")
    landlord = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    landlord_name = models.CharField(_("出租方"), max_length=120)
    place = models.CharField(_("承租场所"), max_length=200)
    use = models.CharField(_("用途"), max_length=120, blank=True)
    area_m2 = models.DecimalField(_("面积（平方米）"), max_digits=12, decimal_places=2, null=True, blank=True)
    from_date = models.DateField(_("起租日期"), null=True, blank=True)
    to_date = models.DateField(_("到期日期"), null=True, blank=True)
    #: Whether the two signed who answers for what (安全生产管理协议).
    has_agreement = models.BooleanField(_("已签订安全生产管理协议"), default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_date__isnull=True) | Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")),
                name="lease_in_order",
            ),
            models.CheckConstraint(condition=Q(area_m2__isnull=True) | Q(area_m2__gt=0), name="lease_area"),
        ]

    def __str__(self) -> str:
        return f"{self.landlord_name} {self.place}"


class LeadDepartment(models.Model):
    """Which organisation leads the supervision of a class (牵头监管部门), where it is not the usual one.

    Retention class: register, permanent.
    """

    kind = models.CharField(_("企业类别"), max_length=20, choices=Kind.choices, primary_key=True)
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind
