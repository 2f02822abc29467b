"""The risk list (风险分级管控清单): objects, their units, the events to be avoided, the measures against them.

Levels are 1 (major) to 4 (low). ``static_level`` follows the assessments; ``present_level`` is the same, raised for
each measure that failed and is not yet verified again. Both are kept by ``services.recolouring`` from below upwards.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import Category, Layer, Level, Method, Mode, ObjectKind, Stage, Subcategory
from quancheng.domains.risk.models.posts import Post
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7


def _known(*names: str) -> Q:
    found = Q()
    for name in names:
        found &= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__in": Level.values})
    return found


class Coloured(models.Model):
    """The two levels that an object, a unit and an event carry alike."""

    static_level = models.PositiveSmallIntegerField(_("静态风险"), choices=Level.choices, null=True, editable=False)
    present_level = models.PositiveSmallIntegerField(_("现状风险"), choices=Level.choices, null=True, editable=False)

    class Meta:
        abstract = True


class RiskObject(Coloured, Scoped):
    """A risk analysis object (风险分析对象): a major hazard, or another place or process of an enterprise.

    ``owner_org`` is the enterprise. Each major hazard is one object. Retention class: as the file.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="risk_objects")
    #: Hazard code of the registration system (12 digits) where it is a major hazard, else the enterprise's own.
    code = models.CharField(_("对象编码"), max_length=36)
    name = models.CharField(_("对象名称"), max_length=200)
    kind = models.CharField(_("对象类别"), max_length=12, choices=ObjectKind.choices)
    #: The registered unit whose risks these are; asked for where that is a major hazard.
    place = models.ForeignKey(
        "registry.Unit", models.PROTECT, null=True, blank=True, related_name="risk_objects", verbose_name=_("登记单元")
    )
    department = models.CharField(_("责任部门"), max_length=200)
    head = models.CharField(_("责任人"), max_length=60)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["RiskObject"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "code"], condition=Q(ended_date__isnull=True), name="risk_object_code_once"
            ),
            models.UniqueConstraint(
                fields=["place"], condition=Q(ended_date__isnull=True), name="risk_object_of_place_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=ObjectKind.values), name="risk_object_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=ObjectKind.MAJOR_HAZARD) | Q(place__isnull=False), name="risk_object_hazard_unit"
            ),
            models.CheckConstraint(condition=_known("static_level", "present_level"), name="risk_object_levels"),
        ]
        indexes = [
            models.Index(fields=["file", "code"], name="risk_object_by_file"),
            models.Index(fields=["present_level", "id"], name="risk_object_by_level"),
        ]

    def __str__(self) -> str:
        return self.name


class RiskUnit(Coloured):
    """A risk analysis unit (风险分析单元) of an object: a tank, a reactor system, a loading bay, a key operation.

    One post answers for it. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    object = models.ForeignKey(RiskObject, models.PROTECT, related_name="units")
    code = models.CharField(_("单元编码"), max_length=36)
    name = models.CharField(_("单元名称"), max_length=200)
    facility = models.ForeignKey(
        "registry.Facility",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_units",
        verbose_name=_("登记设施"),
    )
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("责任岗位")
    )
    #: Where it lies, if not known from its facility; CGCS2000, degrees.
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object", "code"], condition=Q(ended_date__isnull=True), name="risk_unit_code_once"
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="risk_unit_point",
            ),
            models.CheckConstraint(condition=_known("static_level", "present_level"), name="risk_unit_levels"),
        ]

    def __str__(self) -> str:
        return self.name


class RiskEvent(Coloured):
    """A risk event (风险事件): what must not happen, as part, medium, deviation and result.

    Retention class: as the file.

    ``inherent_level`` and ``residual_level`` are copies of the newest :class:`RiskAssessment` of their stage.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(RiskUnit, models.PROTECT, related_name="events")
    name = models.CharField(_("风险事件"), max_length=500)
    #: Type of accident after GB 6441 (事故类型), as a code of ``standards.risk``.
    accident = models.CharField(_("可能导致的事故类型"), max_length=4, blank=True)
    consequence = models.CharField(_("可能后果"), max_length=500, blank=True)
    inherent_level = models.PositiveSmallIntegerField(
        _("固有风险"), choices=Level.choices, null=True, blank=True, editable=False
    )
    residual_level = models.PositiveSmallIntegerField(
        _("剩余风险"), choices=Level.choices, null=True, blank=True, editable=False
    )
    #: Who controls it (管控层级): at least what the level demands.
    layer = models.CharField(_("管控层级"), max_length=10, choices=Layer.choices, blank=True)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_known("static_level", "present_level", "inherent_level", "residual_level"),
                name="risk_event_levels",
            ),
            models.UniqueConstraint(
                fields=["unit", "name"], condition=Q(ended_date__isnull=True), name="risk_event_once"
            ),
        ]
        indexes = [models.Index(fields=["present_level", "id"], name="risk_event_by_level")]

    def __str__(self) -> str:
        return self.name


class RiskAssessment(models.Model):
    """One assessment of an event by one method (风险评估), as it was made. Retention class: as the file.

    Never written over: who assesses anew adds another, and the newest of a stage counts.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(RiskEvent, models.PROTECT, related_name="assessments")
    stage = models.CharField(_("评估口径"), max_length=10, choices=Stage.choices)
    method = models.CharField(_("评估方法"), max_length=6, choices=Method.choices)
    #: Which limits of colours were used, e.g. ``A`` or ``B`` of LEC.
    convention = models.CharField(_("分级口径"), max_length=20)
    #: Factors as they were given, direct-red rules that were named, each by its code.
    inputs = models.JSONField()
    score = models.DecimalField(_("分值"), max_digits=10, decimal_places=3)
    level = models.PositiveSmallIntegerField(_("风险等级"), choices=Level.choices)
    #: Each factor with its words, and each rule, in both languages.
    steps = models.JSONField()
    text = models.CharField(_("说明"), max_length=500, blank=True)
    day = models.DateField(_("评估日期"))
    assessed_by = models.CharField(_("评估人"), max_length=200)
    at = models.DateTimeField()
    by_name = models.CharField(_("登记人"), max_length=130)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="risk_assessment_level"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="risk_assessment_stage"),
        ]
        indexes = [models.Index(fields=["event", "stage", "-at"], name="risk_assessment_newest")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.stage} {self.level}"


class Measure(models.Model):
    """A control measure (管控措施): one concrete barrier against an event, which can be checked.

    Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(RiskEvent, models.PROTECT, related_name="measures")
    mode = models.CharField(_("管控方式"), max_length=2, choices=Mode.choices)
    text = models.TextField(_("措施内容"), max_length=4000)
    category = models.CharField(_("措施类别"), max_length=2, choices=Category.choices)
    subcategory = models.CharField(_("措施小类"), max_length=4, choices=Subcategory.choices)
    own_class = models.CharField(_("企业自定小类"), max_length=100, blank=True)
    #: What has to be looked at (隐患排查内容).
    check_text = models.TextField(_("排查内容"), max_length=1000)
    #: Since when it is known not to work; empty while it does. A finding sets it, its acceptance clears it.
    failed_at = models.DateTimeField(_("失效时间"), null=True, blank=True, editable=False)
    failed_because = models.CharField(_("失效原因"), max_length=300, blank=True, editable=False)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="measure_mode_known"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="measure_category_known"),
            models.CheckConstraint(
                condition=Q(subcategory__in=Subcategory.values, subcategory__startswith=F("category")),
                name="measure_subcategory_of_category",
            ),
            models.UniqueConstraint("event", MD5("text"), condition=Q(ended_date__isnull=True), name="measure_once"),
        ]
        indexes = [
            models.Index(fields=["event"], name="measure_by_event"),
            models.Index(fields=["event"], condition=Q(failed_at__isnull=False), name="measure_failed"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class RiskColour(models.Model):
    """One change of colour (风险变色记录) with every reason for it. Retention class: as the file.

    What stood at any time past is the last row before it.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="risk_colours")
    #: ``event``, ``unit``, ``object`` or ``file``.
    subject = models.CharField(max_length=8)
    subject_id = models.UUIDField()
    static_level = models.PositiveSmallIntegerField(null=True)
    present_level = models.PositiveSmallIntegerField(null=True)
    #: The act that caused it, e.g. ``risk.event.assess``.
    because = models.CharField(max_length=60)
    #: ``{"zh", "en"}`` each.
    reasons = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-at"], name="risk_colour_of_subject"),
            models.Index(fields=["file", "-at"], name="risk_colour_of_file"),
            models.Index(fields=["at"], name="risk_colour_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} {self.present_level}"
