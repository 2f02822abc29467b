"""Who watched for fire after hot work, from when to when (动火后监火)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.ids import uuid7


class FireWatch(models.Model):
    """The watch for fire after hot work ended (监火), with a photo at its start and its end.

    The photos are held by the permit, in roles of their own. Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.OneToOneField(Permit, models.CASCADE, related_name="fire_watch")
    watcher = models.CharField(_("监火人"), max_length=60)
    minutes = models.PositiveSmallIntegerField(_("监火时长，分钟"))
    begun_by = models.CharField(_("登记人"), max_length=130)
    begun_at = models.DateTimeField(_("监火开始时间"))
    ended_by = models.CharField(_("登记人"), max_length=130, blank=True)
    ended_at = models.DateTimeField(_("监火结束时间"), null=True, blank=True)
    note = models.CharField(_("监火情况"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(30, 240)), name="fire_watch_minutes"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | (Q(ended_at__gte=F("begun_at")) & ~Q(note="")),
                name="fire_watch_ended",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
