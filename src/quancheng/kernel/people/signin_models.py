"""Signing in: policy, sessions, attempts, second factors; and the drafts of the first set-up.

Apart from :mod:`quancheng.kernel.people.models` for length only; that module hands these names on.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7

#: Marks in a browser's words about itself, the telling ones first: many browsers claim to be others too.
_BROWSERS = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


#: How a session began for whom the provider vouched with two factors.
VOUCHED = "oidc+vouched"


def device_name(words: str) -> str:
    """Chrome 141 · Windows, for a person to recognise his devices; the words themselves where they tell nothing."""
    browser = ""
    for mark, name in _BROWSERS:
        if found := re.search(rf"{mark}\w*/(\d+)", words):
            browser = f"{name} {found[1]}"
            break
    system = next((name for mark, name in _SYSTEMS if mark in words), "")
    return " · ".join(filter(None, (browser, system))) or words[:60]


class SignInPolicy(models.Model):
    """What sign-in and passwords must satisfy (登录与口令策略); one row, changed by the security administrator.

    Retention class: register, permanent (the journal has every change).
    """

    SECOND_FACTOR = (
        ("nobody", _("不强制")),
        ("administrators", _("三类管理员")),
        ("everybody", _("全部用户")),
    )

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    password_length = models.PositiveSmallIntegerField(_("口令最短长度"), default=10)
    password_classes = models.PositiveSmallIntegerField(_("口令字符种类"), default=3)
    #: How many earlier passwords may not come again; the present one counts.
    password_history = models.PositiveSmallIntegerField(_("不得重复的历史口令数"), default=5)
    #: Days after which a password must be changed; 0 for never.
    password_days = models.PositiveSmallIntegerField(_("口令有效期（天）"), default=0)
    failures = models.PositiveSmallIntegerField(_("锁定前允许失败次数"), default=5)
    lock_minutes = models.PositiveSmallIntegerField(_("锁定时长（分钟）"), default=15)
    #: Failures of one address within ``lock_minutes``, over all accounts; offices share an address.
    address_failures = models.PositiveSmallIntegerField(_("单一来源地址失败次数上限"), default=60)
    idle_minutes = models.PositiveSmallIntegerField(_("闲置退出（分钟）"), default=30)
    absolute_hours = models.PositiveSmallIntegerField(_("最长登录时长（小时）"), default=12)
    second_factor = models.CharField(_("强制动态口令"), max_length=16, choices=SECOND_FACTOR, default="nobody")
    updated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="sign_in_policy_one"),
            models.CheckConstraint(
                condition=Q(failures__gte=3, failures__lte=20, idle_minutes__gte=5, absolute_hours__gte=1),
                name="sign_in_policy_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(_("登录与口令策略"))


class SignInQuerySet(models.QuerySet["SignIn"]):
    def live(self, *, now: datetime) -> Self:
        """Those that neither ended nor ran out."""
        return self.filter(ended_at__isnull=True, expires_at__gt=now, idle_until__gt=now)


class SignIn(models.Model):
    """One session of a user (登录会话), from sign-in to its end. Retention class: technical, 180 days after its end.

    The browser's cookie leads to the framework's session, which holds this row's id alone.
    """

    ENDS = (
        ("signed_out", _("本人退出")),
        ("idle", _("闲置超时")),
        ("expired", _("达到最长时长")),
        ("revoked", _("被撤销")),
        ("password", _("口令已更改")),
        ("disabled", _("账号停用")),
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="sign_ins")
    membership = models.ForeignKey("people.Membership", models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(_("来源地址"), null=True)
    device = models.CharField(_("设备"), max_length=200, blank=True)
    #: ``password``, ``totp``, ``recovery``: the last step of the sign-in; ``oidc`` (``+totp`` …) through the provider.
    #: :data:`VOUCHED` where the provider asked for a second factor itself.
    method = models.CharField(max_length=16, default="password")
    #: A second factor is demanded of this user, who has none yet.
    must_enrol = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("登录时间"))
    seen_at = models.DateTimeField(_("最近操作"))
    #: As the policy said when the session began or the policy last changed.
    idle_minutes = models.PositiveSmallIntegerField()
    idle_until = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=12, blank=True, choices=ENDS)

    objects = SignInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_why="") | Q(ended_at__isnull=False) & ~Q(ended_why=""),
                name="sign_in_end_has_reason",
            )
        ]
        indexes = [
            models.Index(fields=["user", "-seen_at"], condition=Q(ended_at__isnull=True), name="sign_in_live"),
            models.Index(fields=["-started_at"], name="sign_in_started"),
        ]

    @property
    def is_by_provider(self) -> bool:
        """Whether the provider of identities said who this is: then no password of ours is owed."""
        return self.method.startswith("oidc")

    @property
    def device_name(self) -> str:
        """Browser and system in few words, as far as the browser's own words tell them."""
        return device_name(self.device)

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class SignInAttempt(models.Model):
    """A refused sign-in, counted per address (登录失败). Retention class: technical, 30 days."""

    id = models.BigAutoField(primary_key=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["address", "at"], name="sign_in_attempt_address")]

    def __str__(self) -> str:
        return f"{self.address} {self.at:%Y-%m-%d %H:%M}"


class FormerPassword(models.Model):
    """The hash of a password that was in use (历史口令). Retention class: technical, until newer ones replace it."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="former_password_user")]

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """A code for once that replaces a lost second factor (恢复码). Retention class: technical, until used or renewed.

    The code itself is shown once and kept as a keyed digest.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=80)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return str(self.user_id)


class SetUpDraft(models.Model):
    """What the first administrator has entered so far (初始化草稿), step by step; emptied when the house is founded.

    Retention class: technical, until the set-up is finished. Holds no password.
    """

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    token_digest = models.CharField(max_length=64)
    token_until = models.DateTimeField()
    steps = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="set_up_draft_one")]

    def __str__(self) -> str:
        return str(_("初始化草稿"))
