"""What the database of major dangers keeps beside each: the parts of its working mechanism, as people marked them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.findings import Finding
from quancheng.kernel.ids import uuid7

#: Groups of the mechanism 一闭环、两移交、三公开、四考核、一追溯. The source does not spell the parts out: ours. [G]
GROUPS = {
    "loop": _("一闭环"), "transfer": _("两移交"), "publish": _("三公开"), "assess": _("四考核"), "trace": _("一追溯"),
}  # fmt: skip


class Part(models.TextChoices):
    """A part of the mechanism (状态项); those of :data:`COMPUTED` follow from the house's own records."""

    LOOP = "loop", _("整改、销号、复查闭环")
    DISCIPLINE = "discipline", _("移交纪检监察机关")
    JUSTICE = "justice", _("移交司法机关")
    DANGER = "danger", _("公开隐患")
    UNIT = "unit", _("公开企业")
    PERSONS = "persons", _("公开责任人")
    ENTERPRISE = "enterprise", _("考核企业")
    TOWN = "town", _("考核镇街")
    DEPARTMENT = "department", _("考核监管部门")
    PEOPLE = "people", _("考核责任人员")
    TRACE = "trace", _("责任倒查")


GROUP_OF = {
    Part.LOOP: "loop", Part.DISCIPLINE: "transfer", Part.JUSTICE: "transfer", Part.DANGER: "publish",
    Part.UNIT: "publish", Part.PERSONS: "publish", Part.ENTERPRISE: "assess", Part.TOWN: "assess",
    Part.DEPARTMENT: "assess", Part.PEOPLE: "assess", Part.TRACE: "trace",
}  # fmt: skip
COMPUTED = (Part.LOOP, Part.DANGER, Part.UNIT, Part.TRACE)


class MajorMark(models.Model):
    """One part of the mechanism done, or not needed, for one major danger. Retention class: as the danger.

    Read through the danger, by who supervises it alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="marks")
    part = models.CharField(_("状态项"), max_length=10, choices=Part.choices)
    is_needed = models.BooleanField(_("需要办理"), default=True)
    note = models.CharField(_("办理情况或不需要的理由"), max_length=300)
    by_name = models.CharField(_("登记人"), max_length=130)
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(part__in=Part.values), name="major_mark_part_known"),
            models.UniqueConstraint(fields=["finding", "part"], name="major_mark_once"),
        ]

    def __str__(self) -> str:
        return self.part
