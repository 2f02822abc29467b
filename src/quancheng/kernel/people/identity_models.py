"""The provider of identities, and whose identity is whose; ``people.models`` hands these names on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class IdentityProvider(models.Model):
    """The provider of identities (统一身份认证) to sign in through; one row, kept by the security administrator.

    Retention class: register, permanent (the journal has every change).
    """

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    is_enabled = models.BooleanField(_("启用"), default=False)
    #: As the button on the sign-in page says it.
    name = models.CharField(_("名称"), max_length=40)
    issuer = models.CharField(_("颁发者（issuer）"), max_length=300)
    client_id = models.CharField(_("客户端编号（client_id）"), max_length=200)
    #: Sealed by the vault; empty for a public client, which PKCE alone protects.
    secret = models.TextField(blank=True, editable=False)
    scope = models.CharField(_("申请范围（scope）"), max_length=200, default="openid profile")
    #: The claim that names a person for good. Names and telephone numbers are refused.
    subject_claim = models.CharField(_("身份标识字段"), max_length=60, default="sub")
    #: Values of ``acr`` or ``amr`` that stand for a second factor asked by the provider.
    vouching = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, verbose_name=_("视为双因素的取值")
    )
    creates_accounts = models.BooleanField(_("首次登录时自动建立账号"), default=False)
    forbids_password = models.BooleanField(_("已绑定账号不得用口令登录"), default=False)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="identity_provider_one")]

    def __str__(self) -> str:
        return self.name


class ExternalIdentity(models.Model):
    """Who a user is at the provider (统一身份绑定): found by a blind index of issuer and subject, never by a name.

    Retention class: personal setting, with the account.
    """

    BOUND_BY = (
        ("password", _("本人以口令登录时绑定")),
        ("administrator", _("管理员绑定")),
        ("created", _("首次登录时建立账号")),
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    #: A vault token, for the person's own record.
    subject = models.TextField(editable=False)
    subject_index = models.CharField(max_length=80, editable=False)
    bound_by = models.CharField(max_length=16, choices=BOUND_BY)
    bound_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject_index"], name="external_identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="external_identity_one_each"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} @ {self.issuer}"
