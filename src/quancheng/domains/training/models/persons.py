"""Who works at an enterprise (从业人员): one person, one file, with posts held and what health forbids."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.roles import WorkRole
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.standards.gb11643 import FEMALE, MALE, age_on


class Employment(models.TextChoices):
    """How somebody comes to work here (用工类型)."""

    OWN = "own", _("本单位职工")
    DISPATCHED = "dispatched", _("劳务派遣人员")
    CONTRACTOR = "contractor", _("承包商人员")
    THIRD_PARTY = "third_party", _("第三方运维人员")
    OUTSOURCED = "outsourced", _("外包人员")
    LEASED = "leased", _("外租人员")
    TEMPORARY = "temporary", _("临时用工")
    FLEXIBLE = "flexible", _("灵活用工")
    INTERN = "intern", _("实习学生")


#: Whose employer is another, which must be named.
OF_OTHERS = (
    Employment.DISPATCHED, Employment.CONTRACTOR, Employment.THIRD_PARTY, Employment.OUTSOURCED, Employment.LEASED,
)  # fmt: skip


class Sex(models.TextChoices):
    """As the identity number says it (性别)."""

    MALE = MALE, _("男")
    FEMALE = FEMALE, _("女")


class Education(models.TextChoices):
    """The highest that was finished (学历), from the lowest up."""

    PRIMARY = "primary", _("小学及以下")
    JUNIOR = "junior", _("初中")
    SENIOR = "senior", _("高中、中专、技校")
    COLLEGE = "college", _("大专")
    BACHELOR = "bachelor", _("本科")
    GRADUATE = "graduate", _("研究生")


class MajorField(models.TextChoices):
    """Which field the education belongs to, as far as law asks (专业类别)."""

    CHEMICAL = "chemical", _("化学、化工类")
    SAFETY = "safety", _("安全类")
    OTHER = "other", _("其他")


class TitleLevel(models.TextChoices):
    """Level of a professional title in chemical engineering or safety (化工、安全类职称)."""

    JUNIOR = "junior", _("初级")
    MIDDLE = "middle", _("中级")
    SENIOR = "senior", _("高级")


class PersonQuerySet(ScopedQuerySet["Person"]):
    """Persons, those at work told from those who left."""

    def at_work(self) -> PersonQuerySet:
        return self.filter(left_date__isnull=True)


class Person(Scoped):
    """Somebody who works at an enterprise (一人一档). Identity and telephone numbers are sealed.

    Who comes back takes up the same file. Retention class: 5 years after leaving.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    employment = models.CharField(_("用工类型"), max_length=12, choices=Employment.choices)
    #: Of whoever is sent by another: its name, and its code where it is known.
    employer_name = models.CharField(_("用人单位"), max_length=120, blank=True)
    employer_code = models.CharField(_("用人单位统一社会信用代码"), max_length=18, blank=True)
    #: On his badge; by it sheets find him. Empty where he has none.
    staff_no = models.CharField(_("工号（胸卡号）"), max_length=30, blank=True)
    name = models.CharField(_("姓名"), max_length=60)
    pinyin = models.CharField(max_length=400, editable=False)
    initials = models.CharField(max_length=120, editable=False)
    #: Sealed, see ``kernel.vault``, and the blind index by which a second file of the same person is refused.
    resident_id = models.TextField(_("身份证号码"))
    id_index = models.CharField(max_length=80)
    #: Both follow from the number and are never typed.
    sex = models.CharField(_("性别"), max_length=6, choices=Sex.choices)
    birth_date = models.DateField(_("出生日期"))
    #: Sealed; empty where none is known.
    phone = models.TextField(_("联系电话"), blank=True)
    education = models.CharField(_("学历"), max_length=10, choices=Education.choices, blank=True)
    major = models.CharField(_("专业"), max_length=60, blank=True)
    major_field = models.CharField(_("专业类别"), max_length=10, choices=MajorField.choices, blank=True)
    title_level = models.CharField(_("化工、安全类职称"), max_length=10, choices=TitleLevel.choices, blank=True)
    workshop = models.CharField(_("车间（部门）"), max_length=60, blank=True)
    team = models.CharField(_("班组"), max_length=60, blank=True)
    joined_date = models.DateField(_("到岗日期"), null=True, blank=True)
    left_date = models.DateField(_("离岗日期"), null=True, blank=True)
    left_reason = models.CharField(_("离岗原因"), max_length=200, blank=True)
    #: What posts held require and the person does not have, as it was last measured: at each act, and each night for
    #: the day. Of those, what bars him from a post that he holds.
    gap_count = models.PositiveSmallIntegerField(_("不符合项"), default=0, editable=False)
    barred_count = models.PositiveSmallIntegerField(_("不得任职的岗位"), default=0, editable=False)
    #: The education before work (三级安全教育), as it was last measured: whether he owes one, since when it is done,
    #: and the last day on which it holds; empty without end.
    entry_owed = models.BooleanField(_("须三级安全教育"), default=True, editable=False)
    inducted_date = models.DateField(_("三级安全教育完成日期"), null=True, editable=False)
    inducted_until = models.DateField(_("三级安全教育有效期止"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "id_index"], name="person_once_a_file"),
            models.UniqueConstraint(
                fields=["file", "staff_no"], condition=~Q(staff_no=""), name="person_staff_no_once"
            ),
            models.CheckConstraint(condition=Q(employment__in=Employment.values), name="person_employment_known"),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="person_sex_known"),
            models.CheckConstraint(
                condition=~Q(employment__in=[one.value for one in OF_OTHERS]) | ~Q(employer_name=""),
                name="person_employer_named",
            ),
            models.CheckConstraint(
                condition=Q(left_date__isnull=True) | Q(joined_date__isnull=True) | Q(left_date__gte=F("joined_date")),
                name="person_left_after_joining",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "pinyin", "id"], name="person_by_enterprise"),
            models.Index(fields=["pinyin", "id"], name="person_by_name"),
            models.Index(
                fields=["enterprise"], condition=Q(gap_count__gt=0, left_date__isnull=True), name="person_with_gaps"
            ),
            models.Index(fields=["left_date"], condition=Q(left_date__isnull=False), name="person_left"),
        ]

    def __str__(self) -> str:
        return self.name

    def age_on(self, day: date) -> int:
        """Whole years."""
        return age_on(self.birth_date, day)


class PersonPost(models.Model):
    """A post that a person holds or held (任职). Read through the person. Retention class: as the person.

    What law asks of it follows from its role; what the enterprise calls it is its title.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="posts")
    role = models.ForeignKey(WorkRole, models.PROTECT, related_name="+")
    title = models.CharField(_("岗位名称"), max_length=60)
    from_date = models.DateField(_("任职起"))
    #: The last day.
    to_date = models.DateField(_("任职止"), null=True, blank=True)
    #: Kinds of what bars him from it, as last judged; null before the first time. Follows from his file, never typed.
    barred_by = ArrayField(models.CharField(max_length=12), null=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role"], condition=Q(to_date__isnull=True), name="person_post_once"
            ),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")), name="person_post_in_order"
            ),
        ]
        indexes = [models.Index(fields=["role"], condition=Q(to_date__isnull=True), name="person_post_now")]

    def __str__(self) -> str:
        return self.title


class HealthLimit(models.Model):
    """Work for which a person is not fit (职业禁忌). Read through the person. Retention class: as the person.

    It says what he may not do and until when, never what ails him: no more is needed to keep him from it.
    ``limit`` is a code of the dictionary ``training.health_limits``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="health_limits")
    limit = models.CharField(_("不宜从事的作业"), max_length=60)
    #: The paper that says so, e.g. 2026年度在岗职业健康检查.
    source = models.CharField(_("依据"), max_length=120)
    from_date = models.DateField(_("起"))
    #: The last day; empty without end.
    until_date = models.DateField(_("止"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")), name="health_limit_in_order"
            )
        ]
        indexes = [models.Index(fields=["person", "limit"], name="health_limit_by_person")]

    def __str__(self) -> str:
        return self.limit

    def holds_on(self, day: date) -> bool:
        return self.from_date <= day and (self.until_date is None or self.until_date >= day)
