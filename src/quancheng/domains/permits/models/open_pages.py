"""What opens a page to who stands before it: the code on a permit, the address of a screen in the control room."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit
from quancheng.kernel.ids import uuid7


class PermitMark(models.Model):
    """What the code on a permit's paper and placard opens (作业票二维码): 128 random bits, made with the first print.

    It ends when the permit goes into the archive. Retention class: as the permit.
    """

    permit = models.OneToOneField(Permit, models.CASCADE, primary_key=True, related_name="mark")
    code = models.CharField(_("二维码"), max_length=22, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-Za-z_-]{22}$"), name="permit_mark_shape")
        ]

    def __str__(self) -> str:
        return self.code


class PermitScreen(models.Model):
    """The address of a screen with an enterprise's permit board (许可看板屏), known by 256 random bits.

    What it shows is open to who knows it, so it is kept as it is and revoked for good. Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="permit_screens")
    name = models.CharField(_("屏幕位置"), max_length=60)
    token = models.CharField(max_length=43, unique=True)
    made_at = models.DateTimeField(_("生成时间"))
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["file", "made_at"], name="permit_screen_by_file")]

    def __str__(self) -> str:
        return self.name
