"""Texts, their editions with the days they are in force, and the clauses of an edition."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class Kind(models.TextChoices):
    """What a text is (类别)."""

    LAW = "law", _("法律")
    REGULATION = "regulation", _("行政法规")
    RULE = "rule", _("部门规章")
    DOCUMENT = "document", _("规范性文件")
    LOCAL = "local", _("地方性法规、规章")
    STANDARD = "standard", _("标准")
    CRITERIA = "criteria", _("判定标准")
    CHECKLIST = "checklist", _("检查清单")


class Mark(models.TextChoices):
    """How sure we are (确信程度)."""

    VERIFIED = "V", _("已核对原文")
    PART = "P", _("部分核对")
    GENERAL = "G", _("一般知识，使用前核对")
    DEFAULT = "D", _("本地设定")


class Grade(models.TextChoices):
    """How much a clause weighs (等级): how serious its failure is; of a criterion, whether it decides alone."""

    MAJOR = "major", pgettext_lazy("grade", "重大")
    SERIOUS = "serious", pgettext_lazy("grade", "较大")
    GENERAL = "general", pgettext_lazy("grade", "一般")
    LOW = "low", pgettext_lazy("grade", "低")
    DIRECT = "direct", _("直接判定")
    ELEMENT = "element", _("综合判定要素")
    PRIORITY = "priority", _("重点问题（非判定标准）")


class Asks(models.TextChoices):
    """What the answer to a line of a checklist must bring besides whether it is met (作答方式)."""

    VERDICT = "", _("判断是否符合")
    VALUE = "value", _("判断并填写实测值或情况")
    PHOTO = "photo", _("判断并拍照")


class LegalText(models.Model):
    """A law, rule, standard, set of criteria or checklist, whatever its edition. Retention class: permanent."""

    #: Short code by which the house refers to it, e.g. ``WSL`` or ``GB18218``.
    code = models.CharField(primary_key=True, max_length=40)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    issuer = models.CharField(_("制定机关"), max_length=120, blank=True)
    note = models.TextField(_("说明"), blank=True)
    #: The department whose checklist it is (制定部门): it alone words it. Empty for what the register keeps.
    owner = models.ForeignKey("people.Organisation", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="legal_text_kind"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(kind=Kind.CHECKLIST), name="legal_text_owned_checklist"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """A text as it stood for some time (版本). Retention class: permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    text = models.ForeignKey(LegalText, models.PROTECT, related_name="editions")
    #: Number of the document or order, or year of the standard, as printed.
    number = models.CharField(_("文号"), max_length=120, blank=True)
    adopted_on = models.DateField(_("公布日期"), null=True, blank=True)
    #: First day in force; null where we do not know it.
    effective_from = models.DateField(_("施行日期"), null=True, blank=True)
    #: Last day in force; null where it stands, or where we do not know its end.
    effective_to = models.DateField(_("失效日期"), null=True, blank=True)
    mark = models.CharField(_("确信程度"), max_length=1, choices=Mark.choices)
    #: The same for the dates, which may come from elsewhere.
    dates_mark = models.CharField(max_length=1, choices=Mark.choices)
    note = models.TextField(_("说明"), blank=True)
    entered_at = models.DateTimeField()
    #: Null for what ships.
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["text", "number"], name="edition_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True)
                | Q(effective_from__isnull=True)
                | Q(effective_to__gte=F("effective_from")),
                name="edition_in_order",
            ),
        ]
        indexes = [models.Index(fields=["text", "effective_from"], name="edition_by_date")]

    def __str__(self) -> str:
        return f"{self.text_id} {self.number}"

    def stands_on(self, day: date) -> bool:
        """In force on a day; an edition without a first day is not said to be."""
        return (
            self.effective_from is not None
            and self.effective_from <= day
            and (self.effective_to is None or day <= self.effective_to)
        )


class Clause(models.Model):
    """An article, a criterion or a line of a checklist of one edition (条款). Retention class: permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="clauses")
    #: As people cite it within the text: ``37``, ``21-1``, ``5.2.3``, ``3(4)``.
    place = models.CharField(_("条款"), max_length=40)
    title = models.CharField(_("主题"), max_length=200, blank=True)
    summary = models.TextField(_("内容摘要"))
    summary_en = models.TextField(blank=True)
    #: Whom it binds, e.g. ``enterprise``, ``person``, ``authority``.
    subject = models.CharField(max_length=40, blank=True)
    #: Of a line of a checklist or a criterion: the clause of another text it rests on, as cited.
    basis = models.CharField(_("依据"), max_length=200, blank=True)
    #: Of a line of a checklist or a criterion.
    grade = models.CharField(_("等级"), max_length=10, choices=Grade.choices, blank=True)
    #: Of a line of a checklist: places of criteria, in whichever text, that its failure may fall under.
    refers = ArrayField(models.CharField(max_length=40), verbose_name=_("对应判定标准"), default=list, blank=True)
    #: Of a line of a checklist.
    asks = models.CharField(_("作答方式"), max_length=5, choices=Asks.choices, blank=True, default="")
    mark = models.CharField(_("确信程度"), max_length=1, choices=Mark.choices)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "place"], name="clause_once"),
            models.CheckConstraint(condition=Q(grade__in=["", *Grade.values]), name="clause_grade_known"),
            models.CheckConstraint(condition=Q(asks__in=Asks.values), name="clause_asks_known"),
        ]
        indexes = [models.Index(fields=["edition", "position"], name="clause_order")]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.place}"
