"""What outsiders did wrong (违章), what happened with them (事故), and the black list (黑名单)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.loops.blacklist import BLACK_LIST
from quancheng.domains.training.models.contractors import Contractor, WorkContract
from quancheng.domains.training.models.persons import Person
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class ContractorViolation(Scoped):
    """A violation, or something to praise, of who came from outside (违章计分). Retention class: as the file.

    Points are those of the settings on its day.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    contractor = models.ForeignKey(Contractor, models.PROTECT, null=True, blank=True, related_name="+")
    contract = models.ForeignKey(WorkContract, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    #: A code of the group ``point`` of the settings.
    rule = models.CharField(_("计分项目"), max_length=40)
    points = models.DecimalField(_("扣分"), max_digits=5, decimal_places=1)
    person_points = models.DecimalField(_("个人计分"), max_digits=4, decimal_places=1, default=0)
    at = models.DateTimeField(_("时间"))
    place = models.CharField(_("地点"), max_length=120, blank=True)
    text = models.CharField(_("违章情况"), max_length=1000)
    permit_number = models.CharField(_("作业票编号"), max_length=60, blank=True)
    permit_id = models.UUIDField(null=True, blank=True)
    #: The how manieth of its kind within the months of the settings, this one counted.
    repeat_count = models.PositiveSmallIntegerField(_("单位第几次"), default=0)
    person_repeat_count = models.PositiveSmallIntegerField(_("个人第几次"), default=0)
    by_name = models.CharField(_("登记人"), max_length=130)
    by_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("登记时间"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(_("撤销理由"), max_length=300, blank=True)

    objects = ScopedQuerySet["ContractorViolation"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""), name="violation_withdrawn_why"
            )
        ]
        indexes = [
            models.Index(F("at").desc(), F("id"), name="violation_newest"),
            models.Index(fields=["file", "contractor", "at"], name="violation_of_contractor"),
            models.Index(fields=["person", "at"], name="violation_of_person"),
        ]

    def __str__(self) -> str:
        return self.rule


class IncidentType(models.TextChoices):
    """Kinds of injury (事故类型), after GB 6441."""

    FALL = "fall", _("高处坠落")
    STRUCK = "struck", _("物体打击")
    MECHANICAL = "mechanical", _("机械伤害")
    LIFTING = "lifting", _("起重伤害")
    VEHICLE = "vehicle", _("车辆伤害")
    ELECTRIC = "electric", _("触电")
    BURN = "burn", _("灼烫")
    FIRE = "fire", _("火灾")
    EXPLOSION = "explosion", _("爆炸")
    POISON = "poison", _("中毒和窒息")
    COLLAPSE = "collapse", _("坍塌")
    OTHER = "other", pgettext_lazy("incident", "其他")


class ContractorIncident(Scoped):
    """An incident with people from outside, by type (承包商事故事件). Retention class: as the file."""

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    contractor = models.ForeignKey(Contractor, models.PROTECT, null=True, blank=True, related_name="+")
    type = models.CharField(_("事故类型"), max_length=10, choices=IncidentType.choices)
    at = models.DateTimeField(_("时间"))
    place = models.CharField(_("地点"), max_length=120)
    text = models.CharField(_("经过"), max_length=2000)
    dead = models.PositiveSmallIntegerField(_("死亡人数"), default=0)
    injured = models.PositiveSmallIntegerField(_("受伤人数"), default=0)
    measures = models.CharField(_("防范措施"), max_length=2000, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    entered_at = models.DateTimeField(_("登记时间"))

    objects = ScopedQuerySet["ContractorIncident"].as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(type__in=IncidentType.values), name="incident_type")]
        indexes = [models.Index(F("at").desc(), F("id"), name="incident_newest")]

    def __str__(self) -> str:
        return self.text


class ListLevel(models.TextChoices):
    """How far it bars (黑名单范围)."""

    OWN = "own", _("本企业")
    DISTRICT = "district", pgettext_lazy("black list", "全区")


class ListReason(models.TextChoices):
    """Why (列入原因)."""

    FATAL = "fatal", _("发生死亡事故")
    HIDE_ACCIDENT = "hide_accident", _("瞒报事故")
    FORGERY = "forgery", _("伪造证书、记录")
    NO_TICKET_REPEAT = "no_ticket_repeat", _("多次无票作业")
    ILLEGAL_SUBCONTRACT = "illegal_subcontract", _("转包、违法分包、借用资质")
    REFUSE_INSPECTION = "refuse_inspection", _("拒绝、阻挠检查")
    DISHONESTY_LIST = "dishonesty_list", _("列入严重失信主体名单")


class BlackListing(LoopRow):
    """A company or a person on the black list of an enterprise or all (黑名单). Retention class: as the file."""

    loop_code = BLACK_LIST.code

    level = models.CharField(_("范围"), max_length=8, choices=ListLevel.choices)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="+")
    contractor = models.ForeignKey(Contractor, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    #: The blind index of the person's identity: it bars wherever he comes.
    id_index = models.CharField(max_length=80, blank=True)
    title = models.CharField(_("事项"), max_length=200)
    reason = models.CharField(_("列入原因"), max_length=20, choices=ListReason.choices)
    facts = models.CharField(_("事实"), max_length=2000)
    #: Years; 0 without end.
    term_years = models.PositiveSmallIntegerField(_("期限（年）"))
    appeal_until = models.DateField(_("申诉截止"), null=True, blank=True)
    appeal = models.CharField(_("申诉意见"), max_length=2000, blank=True)
    review = models.CharField(_("处理意见"), max_length=2000, blank=True)
    #: The last day.
    until_date = models.DateField(_("列入至"), null=True, blank=True)
    proposed_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["BlackListing"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=BLACK_LIST.codes), name="black_listing_status_known"),
            models.CheckConstraint(condition=Q(reason__in=ListReason.values), name="black_listing_reason"),
            models.CheckConstraint(
                condition=Q(level="own", file__isnull=False) | Q(level="district", file__isnull=True),
                name="black_listing_level",
            ),
            models.CheckConstraint(
                condition=(Q(contractor__isnull=False, id_index="")) | (Q(contractor__isnull=True) & ~Q(id_index="")),
                name="black_listing_of_one",
            ),
            models.CheckConstraint(condition=Q(term_years__lte=3), name="black_listing_term"),
            models.UniqueConstraint(
                fields=["contractor", "file"], nulls_distinct=False, name="black_listing_company_once",
                condition=Q(contractor__isnull=False) & ~Q(status__in=("RELEASED", "DROPPED")),
            ),
            models.UniqueConstraint(
                fields=["id_index", "file"], nulls_distinct=False, name="black_listing_person_once",
                condition=~Q(id_index="") & ~Q(status__in=("RELEASED", "DROPPED")),
            ),
        ]
        indexes = [
            models.Index(fields=["contractor", "status"], name="black_listing_contractor"),
            models.Index(fields=["id_index", "status"], name="black_listing_person"),
        ]

    def __str__(self) -> str:
        return self.title
