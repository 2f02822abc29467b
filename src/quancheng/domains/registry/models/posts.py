"""Who holds the posts that law asks for (法定岗位)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.ids import uuid7


class PostHolder(models.Model):
    """Somebody who holds a post by law (岗位人员). Retention class: as the file.

    ``post`` is a code of ``standards.posts``. Who left stays with the day.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="post_holders")
    post = models.CharField(pgettext_lazy("post", "岗位"), max_length=30)
    name = models.CharField(_("姓名"), max_length=60)
    certificate_no = models.CharField(_("证书编号"), max_length=80, blank=True)
    valid_to = models.DateField(_("证书有效期止"), null=True, blank=True)
    since_date = models.DateField(_("任职日期"), null=True, blank=True)
    left_date = models.DateField(_("离任日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "post", "name"], condition=Q(left_date__isnull=True), name="post_holder_once"
            ),
            models.CheckConstraint(
                condition=Q(left_date__isnull=True) | Q(since_date__isnull=True) | Q(left_date__gte=F("since_date")),
                name="post_holder_dates",
            ),
        ]
        indexes = [models.Index(fields=["file", "post"], condition=Q(left_date__isnull=True), name="post_holder_now")]

    def __str__(self) -> str:
        return f"{self.post} {self.name}"
