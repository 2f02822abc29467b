"""What is said of storage places (储存场所) beside their units, and which was merged into which."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.facilities import Unit
from quancheng.domains.registry.models.licences import Licence
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class StoragePlace(models.Model):
    """Under which licence a unit stores, and who else stores there (储存场所信息). Retention class: as the file.

    Where nothing is said the newest licence of its enterprise that allows storage is taken for it.
    """

    unit = models.OneToOneField(Unit, models.CASCADE, primary_key=True, related_name="place")
    licence = models.ForeignKey(Licence, models.SET_NULL, null=True, blank=True, related_name="+")
    #: Somebody looked: it stands in no licence.
    is_unlicensed = models.BooleanField(_("不在任何证照的许可范围内"), default=False)
    shared_with = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("共用单位"))
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_unlicensed=False) | Q(licence__isnull=True), name="storage_place_licensed_or_not"
            )
        ]

    def __str__(self) -> str:
        return str(self.unit_id)


class StorageMerge(models.Model):
    """That a storage place was merged into another (储存场所归并) and stands still. Retention class: register,
    permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Unit, models.PROTECT, related_name="storage_merges")
    target = models.ForeignKey(Unit, models.PROTECT, related_name="storage_taken_in")
    merged_date = models.DateField(_("归并日期"))
    reason = models.CharField(_("归并理由"), max_length=500)
    by_name = models.CharField(_("登记人"), max_length=130)
    at = models.DateTimeField(_("登记时间"))
    resumed_date = models.DateField(_("恢复日期"), null=True, blank=True)
    resumed_reason = models.CharField(_("恢复理由"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="storage_merge_of_two"),
            models.CheckConstraint(
                condition=Q(resumed_date__isnull=True) | ~Q(resumed_reason=""), name="storage_resumed_with_reason"
            ),
            models.UniqueConstraint(
                fields=["source"], condition=Q(resumed_date__isnull=True), name="storage_merge_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"
