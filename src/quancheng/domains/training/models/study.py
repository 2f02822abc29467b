"""What regulators learned (监管人员学习记录)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.persons import Education, MajorField
from quancheng.domains.training.models.programmes import Programme
from quancheng.kernel.access.models import Scoped, ScopedQuerySet


class StudyWay(models.TextChoices):
    """How it was learned (学习方式)."""

    CLASS = "class", _("集中授课")
    ONLINE = "online", _("网络课程")
    SITE = "site", _("现场执法实训")
    SELF = "self", _("业务自学")


class StudyRecord(Scoped):
    """Hours that somebody of an office learned (学习记录). Retention class: official record, permanent.

    ``owner_org`` is the office that he belonged to. One entered wrongly is struck out with a reason and stays.
    """

    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", verbose_name=_("培训大纲"))
    way = models.CharField(_("学习方式"), max_length=8, choices=StudyWay.choices)
    title = models.CharField(_("课程名称"), max_length=160)
    #: Who gave it: the teacher, or the platform of an online course.
    given_by = models.CharField(_("授课人或平台"), max_length=120)
    held_date = models.DateField(_("完成日期"))
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    score = models.PositiveSmallIntegerField(_("成绩"), null=True, blank=True)
    #: Of the platform's proof of completion; by it an import finds the same again.
    proof_number = models.CharField(_("结业证明编号"), max_length=60, blank=True)
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StudyRecord"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(way__in=StudyWay.values), name="study_way_known"),
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=200), name="study_hours"),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(struck_reason=""), name="study_struck_why"
            ),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="study_score"),
            models.UniqueConstraint(
                fields=["user", "proof_number"], condition=~Q(proof_number="") & Q(struck_at__isnull=True),
                name="study_proof_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["user", "programme", "held_date"], name="study_by_user"),
            models.Index(fields=["-held_date", "id"], name="study_newest"),
        ]

    def __str__(self) -> str:
        return self.title


class RegulatorFile(Scoped):
    """What is known of somebody who supervises, for his education (监管人员学习档案).

    Retention class: register, permanent.
    """

    user = models.OneToOneField("people.User", models.PROTECT, related_name="+")
    appointed_date = models.DateField(_("任监管岗位日期"))
    education = models.CharField(_("学历"), max_length=10, choices=Education.choices)
    major = models.CharField(_("专业"), max_length=60, blank=True)
    major_field = models.CharField(_("专业类别"), max_length=10, choices=MajorField.choices, blank=True)
    #: Education that he is working for, and when he shall have it (学历提升).
    studying = models.CharField(_("在读学历"), max_length=10, choices=Education.choices, blank=True)
    studying_until = models.DateField(_("预计毕业日期"), null=True, blank=True)
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["RegulatorFile"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(education__in=Education.values), name="regulator_education_known"),
        ]

    def __str__(self) -> str:
        return str(self.user_id)
