"""Organisations, users, memberships, roles, delegations: who there is and who acts for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.people.identity_models import ExternalIdentity, IdentityProvider
from quancheng.kernel.people.signin_models import (
    FormerPassword,
    RecoveryCode,
    SetUpDraft,
    SignIn,
    SignInAttempt,
    SignInPolicy,
)

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor

__all__ = [
    "LINKS",
    "PUBLIC_KINDS",
    "Delegation",
    "ExternalIdentity",
    "FormerPassword",
    "IdentityProvider",
    "Membership",
    "Organisation",
    "OrganisationAlias",
    "OrganisationGroup",
    "OrganisationKind",
    "OrganisationMove",
    "RecoveryCode",
    "Role",
    "SetUpDraft",
    "SignIn",
    "SignInAttempt",
    "SignInPolicy",
    "User",
]

#: Links of the chemical's life (链条环节), in their order.
LINKS = (
    ("production", _("生产")),
    ("storage", _("储存")),
    ("trade", _("经营")),
    ("transport", _("运输")),
    ("use", _("使用")),
    ("disposal", _("废弃处置")),
)


class OrganisationKind(models.TextChoices):
    """What sort of organisation (单位类别) it is; public authorities come first."""

    COMMITTEE = "committee", _("议事协调机构")
    OFFICE = "office", _("协调机构办公室")
    GOVERNMENT = "government", _("党委政府")
    DEPARTMENT = "department", _("部门")
    TOWN = "town", _("镇街")
    VILLAGE = "village", _("村（社区）")
    ENTERPRISE = "enterprise", _("企业（单位）")
    AGENCY = "agency", _("服务机构")
    GROUP = "group", _("群团、新闻等单位")


#: Kinds whose existence everybody who is signed in may know (the directory of public bodies).
PUBLIC_KINDS = (
    OrganisationKind.COMMITTEE,
    OrganisationKind.OFFICE,
    OrganisationKind.GOVERNMENT,
    OrganisationKind.DEPARTMENT,
    OrganisationKind.TOWN,
    OrganisationKind.VILLAGE,
    OrganisationKind.GROUP,
)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, actor: Actor) -> Self:
        """Public bodies for everybody signed in; enterprises for themselves, their supervisors and administrators."""
        if actor.is_system or actor.administrator:
            return self.all()
        if actor.organisation_id is None:
            return self.none()
        seen = Q(kind__in=PUBLIC_KINDS) | Q(pk=actor.organisation_id)
        if actor.supervises and actor.general and actor.whole_district:
            return self.all()
        if actor.supervises:
            chain = Q(links__overlap=sorted(actor.links)) if not actor.general else Q()
            if not actor.whole_district:
                chain &= Q(area__path__startswith=actor.area_path)
            if actor.general or actor.links:
                seen |= chain
        return self.filter(seen)

    def standing(self) -> Self:
        """Those that exist today."""
        return self.filter(ended_on__isnull=True)

    def by_name(self) -> Self:
        return self.order_by("pinyin", "pk")


class Organisation(models.Model):
    """An organisation (单位): authority, town, village, enterprise or agency. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("单位全称"), max_length=120, unique=True)
    short_name = models.CharField(_("简称"), max_length=60, blank=True)
    kind = models.CharField(_("单位类别"), max_length=20, choices=OrganisationKind.choices)
    #: Code of the actor table, e.g. ``EMB``; empty for enterprises.
    actor_code = models.CharField(_("职能代码"), max_length=10, blank=True)
    #: Unified social credit code (统一社会信用代码).
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, null=True, blank=True, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey("areas.Area", models.PROTECT, null=True, blank=True, related_name="+")
    links = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("链条环节"))
    supervises = models.BooleanField(_("监管单位"), default=False)
    general = models.BooleanField(_("综合监管"), default=False)
    #: The word that opens its document numbers (机关代字), e.g. 示安办.
    document_word = models.CharField(_("机关代字"), max_length=12, blank=True)
    pinyin = models.CharField(max_length=400, editable=False)
    initials = models.CharField(max_length=120, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_on = models.DateField(_("撤销日期"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_name_given"),
        ]
        indexes = [
            models.Index(fields=["kind", "pinyin"], name="organisation_kind_pinyin"),
            GinIndex(OpClass(F("name"), name="gin_trgm_ops"), name="organisation_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name where there is one: for lists."""
        return self.short_name or self.name


class OrganisationAlias(models.Model):
    """Another name under which documents speak of an organisation (别名). Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="aliases")
    name = models.CharField(_("别名"), max_length=120)
    #: How it was learnt: ``given`` by an administrator, ``review`` from a plan's confirmed match.
    origin = models.CharField(max_length=12, default="given")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="organisation_alias_once")]
        indexes = [models.Index(fields=["name"], name="organisation_alias_name")]

    def __str__(self) -> str:
        return self.name


class OrganisationMove(models.Model):
    """An organisation went from one area to another (迁址): figures use the area on the day of the fact.

    Retention class: register, permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="moves")
    from_area = models.ForeignKey("areas.Area", models.PROTECT, null=True, related_name="+")
    to_area = models.ForeignKey("areas.Area", models.PROTECT, null=True, related_name="+")
    moved_on = models.DateField(_("迁入日期"))
    recorded_at = models.DateTimeField()
    #: When its rows had followed; empty while the job has not finished.
    restamped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "moved_on"], name="organisation_move_day")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.moved_on}"


class OrganisationGroup(models.Model):
    """A name for many (集合称谓), such as 各镇（街道）: by kinds and actor codes, or by its members one by one.

    Retention class: register, permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("集合称谓"), max_length=120, unique=True)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    actor_codes = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    links = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    members = models.ManyToManyField(Organisation, related_name="+", blank=True)

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A role (岗位) and the duties that it holds; data that the security administrator can change.

    Retention class: register, permanent (the journal has every change).
    """

    code = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(_("岗位"), max_length=60)
    duties = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    #: Duties that the code has offered to this role once; one taken away by an administrator stays away.
    offered = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    is_chief = models.BooleanField(_("单位负责人"), default=False)
    administrator = models.CharField(
        max_length=10,
        blank=True,
        choices=[
            ("", _("否")),
            ("system", _("系统管理员")),
            ("security", _("安全保密管理员")),
            ("audit", _("安全审计员")),
        ],
    )

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in (用户). Retention class: account, anonymised 5 years after its end.

    Telephone and second-factor secret are vault tokens; ``phone_index`` is the blind index of the number.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(_("用户名"), max_length=60)
    name = models.CharField(_("姓名"), max_length=60)
    pinyin = models.CharField(max_length=200, editable=False)
    phone = models.TextField(blank=True, editable=False)
    phone_index = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    totp_secret = models.TextField(blank=True, editable=False)
    totp_last_step = models.BigIntegerField(default=0, editable=False)
    is_active = models.BooleanField(_("启用"), default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    failed_count = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    #: Its owner's name, number and settings were taken out (已匿名化).
    anonymised_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Upper("username"), name="user_username_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Nobody reaches data around the scope: there is no Django admin."""
        return False


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> Self:
        """Those that count now, by the database's clock."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=Now()),
            valid_from__lte=Now(),
            user__is_active=True,
            organisation__ended_on__isnull=True,
        )


class Membership(models.Model):
    """A user's place in an organisation (任职) with roles and post. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    roles = models.ManyToManyField(Role, related_name="memberships")
    #: Roles that the system administrator asked for and the security administrator has not decided on.
    requested = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("待授予岗位"))
    post = models.CharField(_("职务"), max_length=60, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="membership_in_order"
            ),
            models.UniqueConstraint(
                fields=["user", "organisation"], condition=Q(valid_to__isnull=True), name="membership_once"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "valid_to"], name="membership_organisation")]

    def __str__(self) -> str:
        return f"{self.user_id}@{self.organisation_id}"


class Delegation(models.Model):
    """An absent person's work given to a colleague for some days (委托).

    Retention class: record of acts, 5 years after its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    from_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    first_day = models.DateField(_("起始日期"))
    last_day = models.DateField(_("截止日期"))
    reason = models.CharField(_("原因"), max_length=200)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="delegation_in_order"),
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="delegation_to_another"),
        ]
        indexes = [models.Index(fields=["to_user", "last_day"], name="delegation_to")]

    def __str__(self) -> str:
        return f"{self.from_user_id} → {self.to_user_id}"
