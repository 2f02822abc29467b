"""Programmes of education (培训大纲): who must learn what, for how many hours, how often, with which mark."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.certificates import SourceMark
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class ProgrammeKind(models.TextChoices):
    """What a programme is for (培训类别)."""

    ENTRY = "entry", _("三级安全教育")
    TRANSFER = "transfer", _("调岗、复岗教育")
    OFFICE = "office", _("负责人和管理人员培训")
    FOUR_NEW = "four_new", _("四新培训")
    OPERATION = "operation", _("特种作业培训")
    VISITOR = "visitor", _("外来人员入厂教育")
    SPECIAL = "special", _("专题培训")
    SKILLS = "skills", _("岗位技能培训")
    INJURY = "injury", _("工伤预防培训")
    RETRAINING = "retraining", _("再培训")
    REGULATOR = "regulator", _("监管人员培训")


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def on(self, day: date) -> Self:
        """Programmes that count on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class Programme(models.Model):
    """One programme with its one syllabus (培训大纲).

    Whom it concerns is said by roles, ways of employment and classes of enterprise; an empty list is no condition.
    Hours are lessons as law counts them, whole numbers. A programme of regulators names none of the three.
    Retention class: register, permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    kind = models.CharField(_("培训类别"), max_length=12, choices=ProgrammeKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120)
    #: Codes of roles, one of which who must learn holds; and of roles whose holders learn by another programme.
    roles = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("适用岗位角色"))
    except_roles = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("不适用的岗位角色")
    )
    employments = ArrayField(models.CharField(max_length=12), default=list, blank=True, verbose_name=_("适用用工类型"))
    #: Classes of enterprises, see ``registry.kinds``.
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True, verbose_name=_("适用企业类别"))
    first_hours = models.PositiveSmallIntegerField(_("初次学时"), default=0)
    #: How the first hours are split among plant, workshop and team; all 0 where they are not split.
    plant_hours = models.PositiveSmallIntegerField(_("厂级学时"), default=0)
    workshop_hours = models.PositiveSmallIntegerField(_("车间级学时"), default=0)
    team_hours = models.PositiveSmallIntegerField(_("班组级学时"), default=0)
    #: In each calendar year after the one in which the first hours were done; 0 for none.
    yearly_hours = models.PositiveSmallIntegerField(_("每年再培训学时"), default=0)
    #: After so many months it is done again, with so many hours; 0 for never.
    interval_months = models.PositiveSmallIntegerField(_("复训间隔月数"), default=0)
    interval_hours = models.PositiveSmallIntegerField(_("复训学时"), default=0)
    #: Days from taking up the post or the work to the end of the first hours; 0: before it.
    within_days = models.PositiveSmallIntegerField(_("任职后多少天内完成初次培训"), default=0)
    #: Out of 100; empty where nothing is examined.
    pass_mark = models.PositiveSmallIntegerField(_("合格分数"), null=True, blank=True)
    needs_practice = models.BooleanField(_("须实操考核"), default=False)
    #: Who had completed it before this day owes no practical part; empty: there was one from the first.
    practice_from = models.DateField(_("实操考核启用日期"), null=True, blank=True, editable=False)
    #: Of everybody whom it concerns; else it is held when there is cause.
    is_owed = models.BooleanField(_("适用人员都须参加"), default=True)
    #: The one way of the four main posts (四个统一): from this day on hours count that were taught by the one material,
    #: and exams that were held by the one paper; the office numbers what certifies them. All empty, or all set.
    unified_from = models.DateField(_("统一培训启用日期"), null=True, blank=True, editable=False)
    unified_course = models.ForeignKey("training.Course", models.PROTECT, null=True, blank=True, editable=False,
                                       related_name="+", verbose_name=_("统一教材"))  # fmt: skip
    unified_rule = models.ForeignKey("training.PaperRule", models.PROTECT, null=True, blank=True, editable=False,
                                     related_name="+", verbose_name=_("统一试卷"))  # fmt: skip
    unified_by = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, editable=False,
                                   related_name="+", verbose_name=_("统一发证单位"))  # fmt: skip
    #: The last day of the one way; empty while no end is set.
    unified_to = models.DateField(_("统一培训停用日期"), null=True, blank=True, editable=False)
    #: Earlier spans of it, each its first and its last day: what counted in them stays as it counted.
    unified_before = ArrayField(models.DateField(), default=list, blank=True, editable=False)
    #: What is taught, one item a line.
    syllabus = models.TextField(_("培训内容"), max_length=4000, blank=True)
    basis = models.CharField(_("依据"), max_length=200)
    basis_en = models.CharField(max_length=200, blank=True)
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    #: When a person last changed it; null for what ships, which a newer release may word anew.
    changed_at = models.DateTimeField(null=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ProgrammeKind.values), name="programme_kind_known"),
            models.CheckConstraint(
                condition=Q(plant_hours=0, workshop_hours=0, team_hours=0)
                | Q(first_hours=F("plant_hours") + F("workshop_hours") + F("team_hours")),
                name="programme_levels_sum",
            ),
            models.CheckConstraint(
                condition=Q(pass_mark__isnull=True) | Q(pass_mark__gte=1, pass_mark__lte=100), name="programme_mark"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="programme_in_order",
            ),
            models.CheckConstraint(
                condition=Q(unified_from__isnull=True, unified_course__isnull=True, unified_rule__isnull=True,
                            unified_by__isnull=True)
                | Q(unified_from__isnull=False, unified_course__isnull=False, unified_rule__isnull=False,
                    unified_by__isnull=False),
                name="programme_unified_whole",
            ),
            models.CheckConstraint(
                condition=Q(unified_from__isnull=True)
                | Q(unified_to__isnull=False)
                | Q(pass_mark__isnull=False) & ~Q(syllabus=""),
                name="programme_unified_asks",
            ),
            models.CheckConstraint(
                condition=Q(unified_to__isnull=True)
                | Q(unified_from__isnull=False, unified_to__gte=F("unified_from")),
                name="programme_unified_in_order",
            ),
        ]
        indexes = [models.Index(fields=["position", "code"], name="programme_order")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name

    @property
    def shown_basis(self) -> str:
        """The basis in the reader's language."""
        return self.basis_en if self.basis_en and (get_language() or "").startswith("en") else self.basis

    @property
    def is_for_regulators(self) -> bool:
        return self.kind == ProgrammeKind.REGULATOR

    def is_unified_on(self, day: date) -> bool:
        """Whether only the one material and the one paper count on a day (四个统一)."""
        spans = list(zip(self.unified_before[::2], self.unified_before[1::2], strict=True))
        if self.unified_from is not None:
            spans.append((self.unified_from, self.unified_to or date.max))
        return any(first <= day <= last for first, last in spans)

    def has_one_way(self, day: date) -> bool:
        """Whether one way is set that has not ended by a day; it may begin later."""
        return self.unified_from is not None and (self.unified_to is None or self.unified_to >= day)

    def asks_practice_on(self, day: date) -> bool:
        """Whether who completes the rest on a day needs a practical part that was passed."""
        return self.needs_practice and (self.practice_from is None or self.practice_from <= day)

    def concerns(self, *, roles: set[str], employment: str, kind: str) -> bool:
        """Whether it concerns who holds these roles and works so at an enterprise of this class."""
        if self.is_for_regulators or roles & set(self.except_roles):
            return False
        if self.roles and not roles & set(self.roles):
            return False
        return (not self.employments or employment in self.employments) and (not self.kinds or kind in self.kinds)
