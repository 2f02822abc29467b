"""What of people, their sessions and their accounts goes when; see :mod:`quancheng.kernel.retention`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.people.models import (
    Delegation,
    ExternalIdentity,
    FormerPassword,
    Membership,
    RecoveryCode,
    SignIn,
    SignInAttempt,
    User,
)
from quancheng.kernel.retention.declare import Rule, declare

#: What hangs on an account and says something of its owner alone; it goes when the account is anonymised.
_PERSONAL = (FormerPassword, RecoveryCode, ExternalIdentity, SignIn)
_PERSONAL_ELSEWHERE = ("pages.SavedView", "notices.Notice")


def declare_rules() -> None:
    """Called while the apps get ready."""
    declare(
        Rule(
            code="people.sign_in",
            name=_("登录会话"),
            model=SignIn,
            kept="180 days",
            after=_("会话结束"),
            due=lambda before: SignIn.objects.filter(ended_at__lt=before),
        )
    )
    declare(
        Rule(
            code="people.sign_in_attempt",
            name=_("登录失败计数"),
            model=SignInAttempt,
            kept="30 days",
            after=_("登录失败"),
            due=lambda before: SignInAttempt.objects.filter(at__lt=before),
        )
    )
    declare(
        Rule(
            code="people.delegation",
            name=_("委托"),
            model=Delegation,
            kept="5 years",
            after=_("委托截止日期"),
            due=lambda before: Delegation.objects.filter(last_day__lt=Calendar().local_date(before)),
        )
    )
    declare(
        Rule(
            code="people.user",
            name=_("账号"),
            model=User,
            kept="5 years",
            after=_("账号停用、任职全部结束"),
            due=list_ended_accounts,
            action="anonymise",
            remove=anonymise,
        )
    )


def list_ended_accounts(before: datetime) -> QuerySet[User]:
    """Accounts disabled and last changed before, with no place that stands or ended later."""
    placed = Membership.objects.exclude(valid_to__lt=before).values("user")
    ended = User.objects.filter(is_active=False, anonymised_at__isnull=True, updated_at__lt=before)
    return ended.exclude(pk__in=placed)


def anonymise(rows: Sequence[User], now: datetime) -> None:
    """Take from accounts what says whose they were. Official records keep the name under which they were made."""
    users = [user.pk for user in rows]
    for rows_of_theirs in (
        *(model._default_manager.all() for model in _PERSONAL),
        *(apps.get_model(label)._default_manager.all() for label in _PERSONAL_ELSEWHERE),
    ):
        rows_of_theirs.filter(user__in=users).delete()
    for pk in users:
        User.objects.filter(pk=pk).update(
            username=f"former-{pk.hex}",
            name=str(_("已注销用户")),
            pinyin="",
            phone="",
            phone_index=None,
            totp_secret="",
            password=make_password(None),
            anonymised_at=now,
            updated_at=now,
        )
