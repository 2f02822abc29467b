"""Posts of an enterprise (岗位) and who holds them: who checks, who knows the risks, who signs his card."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import Layer
from quancheng.kernel.ids import uuid7


class Post(models.Model):
    """A post of an enterprise (岗位). Read through the enterprise's file. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="posts")
    name = models.CharField(_("岗位名称"), max_length=80)
    layer = models.CharField(_("管控层级"), max_length=10, choices=Layer.choices)
    department = models.CharField(_("所属部门"), max_length=120, blank=True)
    #: Whose work may by itself lead to an accident (关键岗位).
    is_key = models.BooleanField(_("关键岗位"), default=False)
    ended_date = models.DateField(_("撤销日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "name", "department"], condition=Q(ended_date__isnull=True), name="post_once"
            ),
            models.CheckConstraint(condition=Q(layer__in=Layer.values), name="post_layer_known"),
        ]
        indexes = [models.Index(fields=["file", "layer", "name"], name="post_by_file")]

    def __str__(self) -> str:
        return self.name


class PostPerson(models.Model):
    """One person at one post (在岗人员), from a day to a day. Retention class: as the file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, models.PROTECT, related_name="people")
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    since_date = models.DateField(_("到岗日期"))
    until_date = models.DateField(_("离岗日期"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "user"], condition=Q(until_date__isnull=True), name="post_person_once"
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("since_date")), name="post_person_in_order"
            ),
        ]
        indexes = [models.Index(fields=["user", "post"], condition=Q(until_date__isnull=True), name="post_of_user")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.user_id}"
