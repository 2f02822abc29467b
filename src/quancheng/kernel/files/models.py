"""Stored files and the records that hold them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class StoredFile(models.Model):
    """One upload (附件). Equal content is stored once, however many rows name it.

    Retention class: as the records that hold it; an upload that no record took, 7 days.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: ``sha256:<hex>`` or ``sm3:<hex>`` of what is handed out; for photos of the re-encoded picture.
    digest = models.CharField(max_length=72, editable=False)
    #: The same of the bytes as they came; differs from ``digest`` for photos alone.
    original_digest = models.CharField(max_length=72, editable=False)
    size = models.PositiveBigIntegerField(_("大小"), help_text=_("字节"))
    #: Found in the bytes, never taken from the name.
    media_type = models.CharField(_("类型"), max_length=100)
    original_media_type = models.CharField(max_length=100)
    name = models.CharField(_("文件名"), max_length=200)
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    #: By the camera's or the device's clock, which nobody vouches for; ``uploaded_at`` is ours.
    taken_at = models.DateTimeField(_("拍摄时间"), null=True)
    latitude = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True)
    #: Where time and place come from: ``photo`` (written in the picture), ``device`` (told by the app), or empty.
    taken_source = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="stored_file_place",
            ),
        ]
        indexes = [
            models.Index(fields=["digest"], name="stored_file_digest"),
            models.Index(fields=["original_digest"], name="stored_file_original"),
            models.Index(fields=["uploaded_at"], name="stored_file_at"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


class FileLink(models.Model):
    """A record holds a file in a role, such as ``evidence`` (佐证). Retention class: as the record.

    A frozen link cannot be changed or removed; a trigger of the database stands behind the services.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="links")
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    role = models.CharField(max_length=30, default="evidence")
    added_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    #: Set when the record closed: what stood then stays.
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "role", "file"], name="file_link_once")
        ]
        indexes = [models.Index(fields=["file"], name="file_link_file")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} {self.role}"

    def is_takeable_by(self, user_id: uuid.UUID | None) -> bool:
        """Whether this person may still take it back, as far as the link knows; the service asks the record too."""
        is_own = user_id is not None and self.added_by_id == user_id
        return is_own and self.frozen_at is None and self.role == "evidence"


class Upload(models.Model):
    """A file that comes in parts (分段上传), under a key that its device made: a broken line goes on where it broke.

    What came so far lies in the spool beside the other uploads; its length there is the offset.
    Retention class: technical, 7 days.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    #: Of the whole, lower-case hexadecimal, as the device counted it: nothing else is accepted.
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    touched_at = models.DateTimeField()
    #: What became of it, once whole and looked into.
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="upload_size"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="upload_sha256"),
        ]
        indexes = [
            models.Index(fields=["user", "touched_at"], name="upload_by_user"),
            models.Index(fields=["touched_at"], name="upload_at"),
        ]

    def __str__(self) -> str:
        return self.name
