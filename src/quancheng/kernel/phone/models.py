"""Keys of devices."""

from __future__ import annotations

from django.db import models

from quancheng.kernel.ids import uuid7


class DeviceKey(models.Model):
    """Under which key one person's notes lie on one device (设备密钥): random, sealed, told to him alone.

    Retention class: technical, 365 days. Kept longer than any queue on a device lives, since nobody else can open it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    #: Made by the device when it was first used; no secret.
    device = models.UUIDField()
    key = models.CharField(max_length=200, editable=False)
    made_at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "device"], name="device_key_once")]
        indexes = [models.Index(fields=["told_at"], name="device_key_told")]

    def __str__(self) -> str:
        return str(self.device)
