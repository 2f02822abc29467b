"""Certificates that people hold (人员证书): the catalogue of their kinds, and each one with how far it counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.persons import Education, Person
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

#: From so many days before its end on a certificate is said to run out.
EXPIRING_D = 90
#: Days before the end on which the enterprise is told.
WARN_D = (90, 60, 30, 7)


class SourceMark(models.TextChoices):
    """How sure we are of what ships (确信程度)."""

    VERIFIED = "V", _("已核对原文")
    SECONDARY = "V~", _("据转述，使用前核对")
    GENERAL = "G", _("一般知识，使用前核对")
    DEFAULT = "D", _("系统默认，可修改")


class CertificateGroup(models.TextChoices):
    """Which law a kind belongs to (证书类别)."""

    SPECIAL_OPERATION = "special_operation", _("特种作业操作证")
    SPECIAL_EQUIPMENT = "special_equipment", _("特种设备安全管理和作业人员证")
    MANAGER = "manager", _("安全生产知识和管理能力考核合格证")
    ENGINEER = "engineer", _("注册安全工程师")
    LOCAL = "local", _("地方认定的证书")
    OWN = "own", _("企业内部培训合格证")


class CertificateKindQuerySet(models.QuerySet["CertificateKind"]):
    def on(self, day: date) -> Self:
        """Kinds that count on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class CertificateKind(models.Model):
    """One kind of certificate of the catalogue (证书种类). Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    group = models.CharField(_("证书类别"), max_length=20, choices=CertificateGroup.choices)
    #: As it stands on the card, e.g. Q2; empty where none does.
    card_code = models.CharField(_("证面代号"), max_length=20, blank=True)
    category = models.CharField(_("作业类别"), max_length=60, blank=True)
    category_en = models.CharField(max_length=80, blank=True)
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120)
    #: Longest validity, and within how many years it must be rechecked (复审); empty for none.
    valid_years = models.PositiveSmallIntegerField(_("有效年限"), null=True, blank=True)
    recheck_years = models.PositiveSmallIntegerField(_("复审年限"), null=True, blank=True)
    #: Who gets it is at least so old, and has at least this education.
    min_age = models.PositiveSmallIntegerField(_("最低年龄"), null=True, blank=True)
    min_education = models.CharField(_("最低学历"), max_length=10, choices=Education.choices, blank=True)
    warn_days = ArrayField(models.PositiveSmallIntegerField(), default=list, verbose_name=_("提前提醒天数"))
    basis = models.CharField(_("依据"), max_length=120, blank=True)
    #: Of the kind itself, and of its years.
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    years_mark = models.CharField(_("年限确信程度"), max_length=2, choices=SourceMark.choices)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    #: When a person last changed it; null for what ships, which a newer release may word anew.
    changed_at = models.DateTimeField(null=True)

    objects = CertificateKindQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(group__in=CertificateGroup.values), name="certificate_group_known"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="certificate_kind_in_order",
            ),
        ]
        indexes = [models.Index(fields=["position", "code"], name="certificate_kind_order")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown(self) -> str:
        """The name in the reader's language, with the code of the card."""
        name = self.name_en if (get_language() or "").startswith("en") else self.name
        return f"{self.card_code} {name}" if self.card_code else name


class CertificateAlias(models.Model):
    """What a code means on cards of a former catalogue (旧证代号对照). Retention class: register, permanent.

    The same code means another thing on newer cards; ``kind`` is empty where nothing took its place.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    card_code = models.CharField(_("旧证代号"), max_length=20, unique=True)
    #: Cards issued to this day mean it so.
    cards_until = models.DateField(_("适用于此日及以前发的证"))
    kind = models.ForeignKey(CertificateKind, models.PROTECT, null=True, blank=True, related_name="aliases")
    note = models.CharField(_("说明"), max_length=200, blank=True)
    note_en = models.CharField(max_length=200, blank=True)
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.card_code

    @property
    def shown_note(self) -> str:
        """The note in the reader's language."""
        return self.note_en if self.note_en and (get_language() or "").startswith("en") else self.note


class QualificationState(models.TextChoices):
    """Where a certificate stands on a day (证书状态). It follows from what was written and is never typed."""

    DRAFT = "draft", _("待核验")
    EARLY = "early", _("未生效")
    VERIFIED = "verified", _("有效")
    EXPIRING = "expiring", _("即将到期")
    UNCHECKED = "unchecked", _("逾期未复审，失效")
    EXPIRED = "expired", _("已过期")
    REVOKED = "revoked", _("已吊销、注销")
    REPLACED = "replaced", _("已换新证")


#: States in which a certificate counts.
COUNTS = (QualificationState.VERIFIED, QualificationState.EXPIRING)


class VerifiedSource(models.TextChoices):
    """Where somebody looked (核验途径)."""

    NATIONAL = "national", _("国家证书查询平台")
    ISSUER = "issuer", _("发证机关")
    CARD = "card", _("查看证书原件")
    OWN_RECORD = "own_record", _("企业内部考核记录")


class QualificationQuerySet(ScopedQuerySet["PersonQualification"]):
    def standing(self) -> Self:
        """Those that no newer one replaced and nobody revoked."""
        return self.filter(replaced_by__isnull=True, revoked_date__isnull=True)

    def with_state(self, *, on: date) -> Self:
        """Annotate ``state``; the same rule as :meth:`PersonQualification.state_on`."""
        states = QualificationState
        return self.annotate(
            state=Case(
                When(replaced_by__isnull=False, then=Value(states.REPLACED.value)),
                When(revoked_date__lte=on, then=Value(states.REVOKED.value)),
                When(valid_to__lt=on, then=Value(states.EXPIRED.value)),
                When(recheck_due__lt=on, then=Value(states.UNCHECKED.value)),
                When(verified_at__isnull=True, then=Value(states.DRAFT.value)),
                When(valid_from__gt=on, then=Value(states.EARLY.value)),
                When(ends_date__lte=on + timedelta(days=EXPIRING_D), then=Value(states.EXPIRING.value)),
                default=Value(states.VERIFIED.value),
                output_field=models.CharField(),
            )
        )


class PersonQualification(Scoped):
    """One certificate of a person as it is printed (人员证书). Retention class: as the person.

    Numbers of special operations are made of the identity number, so each is sealed. It counts once another than who
    entered it verified it, until its end, and no longer than to the day on which a recheck is due.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="qualifications")
    kind = models.ForeignKey(CertificateKind, models.PROTECT, related_name="+")
    number = models.TextField(_("证书编号"))
    number_index = models.CharField(max_length=80)
    #: For what of the kind it is good, as noted on the card, e.g. 限桥式起重机.
    limited_to = models.CharField(_("证面限定"), max_length=120, blank=True)
    issuer = models.CharField(_("发证机关"), max_length=120, blank=True)
    issued_date = models.DateField(_("发证日期"))
    valid_from = models.DateField(_("有效期起"))
    #: The last day; empty without end.
    valid_to = models.DateField(_("有效期止"), null=True, blank=True)
    #: The last day on which it counts without having been rechecked.
    recheck_due = models.DateField(_("应复审日期"), null=True, blank=True)
    #: The earlier of the two; follows from them.
    ends_date = models.DateField(null=True, editable=False)
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    verified_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    verified_org = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    verified_source = models.CharField(_("核验途径"), max_length=12, choices=VerifiedSource.choices, blank=True)
    #: What the source answered, as it stood on that day.
    snapshot = models.TextField(_("查询结果"), blank=True)
    revoked_date = models.DateField(_("吊销、注销日期"), null=True, blank=True)
    revoked_reason = models.CharField(_("吊销、注销原因"), max_length=300, blank=True)
    replaced_by = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="replaces")
    #: The last reminder, in days before the end; -1 after the one that told of it.
    reminded_days = models.SmallIntegerField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = QualificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "number_index", "valid_from"],
                condition=Q(replaced_by__isnull=True, revoked_date__isnull=True),
                name="qualification_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="qualification_in_order"
            ),
            models.CheckConstraint(
                condition=Q(recheck_due__isnull=True) | Q(valid_to__isnull=True) | Q(recheck_due__lte=F("valid_to")),
                name="qualification_recheck_within",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True) | ~Q(verified_source=""), name="qualification_source_told"
            ),
            models.CheckConstraint(
                condition=Q(revoked_date__isnull=True) | ~Q(revoked_reason=""), name="qualification_revoked_why"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_date", "id"], name="qualification_by_end"),
            models.Index(fields=["person", "kind"], name="qualification_by_person"),
            models.Index(fields=["number_index"], name="qualification_by_number"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def state_on(self, day: date) -> str:
        """One of :class:`QualificationState`; the same rule as :meth:`QualificationQuerySet.with_state`."""
        states = QualificationState
        if self.replaced_by_id is not None:
            return states.REPLACED
        if self.revoked_date is not None and self.revoked_date <= day:
            return states.REVOKED
        if self.valid_to is not None and self.valid_to < day:
            return states.EXPIRED
        if self.recheck_due is not None and self.recheck_due < day:
            return states.UNCHECKED
        if self.verified_at is None:
            return states.DRAFT
        if self.valid_from > day:
            return states.EARLY
        if self.ends_date is not None and self.ends_date <= day + timedelta(days=EXPIRING_D):
            return states.EXPIRING
        return states.VERIFIED
