"""API tokens (接口令牌): how a program acts as a person's place in an organisation, with a part of its duties."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor


class TokenQuerySet(models.QuerySet["Token"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own tokens; all of them for whoever may revoke others'."""
        if actor.is_system or actor.has("tokens.revoke_others"):
            return self.all()
        if actor.user_id is None:
            return self.none()
        return self.filter(membership__user=actor.user_id)

    def live(self, *, now: datetime) -> Self:
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class Token(models.Model):
    """One token. The secret itself is shown once and kept as a digest only.

    Retention class: record of acts, 5 years after its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    name = models.CharField(_("用途"), max_length=60)
    #: The open first part, by which the token is found and people recognise it.
    prefix = models.CharField(max_length=12, unique=True)
    #: ``algorithm:hex`` of the secret part, which has 256 random bits: no slow hash is needed.
    digest = models.CharField(max_length=80)
    duties = ArrayField(models.CharField(max_length=80), default=list, blank=True, verbose_name=_("职责"))
    can_write = models.BooleanField(_("可写入"), default=False)
    #: Networks in CIDR form from which it is accepted; empty accepts any.
    addresses = ArrayField(models.CharField(max_length=43), default=list, blank=True, verbose_name=_("来源地址"))
    rate_per_minute = models.PositiveIntegerField(_("每分钟次数上限"), default=300)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("到期时间"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: The minute that is being counted, and the requests in it.
    window_at = models.DateTimeField()
    window_count = models.PositiveIntegerField(default=0)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_later"),
            models.CheckConstraint(condition=Q(rate_per_minute__gt=0), name="token_rate_positive"),
        ]
        indexes = [models.Index(fields=["membership", "created_at"], name="token_membership")]

    def __str__(self) -> str:
        return f"{self.prefix} {self.name}"
