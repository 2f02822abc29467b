"""Forms of the administrators' pages: shapes only, the services hold the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.queries import find_areas
from quancheng.kernel.people import queries
from quancheng.kernel.people.models import LINKS, IdentityProvider, Organisation, OrganisationKind, SignInPolicy
from quancheng.kernel.people.security import LIMITS
from quancheng.web.people.forms import PhoneForm


def lines(text: str) -> list[str]:
    """A text area's entries: by line, or by 、 and ；."""
    for mark in ("、", "；", ";", ","):
        text = text.replace(mark, "\n")
    return [line.strip() for line in text.splitlines() if line.strip()]


class OrganisationField(forms.CharField):
    """An organisation by its full name, short name or alias, typed or taken from the suggestions."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"list": "organisations", "autocomplete": "off"}
        super().__init__(max_length=120, widget=forms.TextInput(attrs=attributes), **kwargs)
        self.actor: Actor | None = None

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        assert self.actor is not None  # noqa: S101 - the form gives it
        found = queries.find_by_name(actor=self.actor, name=text)
        if len(found) == 1:
            return found[0]
        raise forms.ValidationError(
            _("有多个单位叫“%(name)s”，请填写全称。") % {"name": text}
            if found
            else _("没有名为“%(name)s”的单位，请从提示中选择。") % {"name": text}
        )


class ActorForm(forms.Form):
    """A form whose organisations are looked up within what the actor may know."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, OrganisationField):
                field.actor = actor


def role_choices() -> list[tuple[str, Any]]:
    """Roles for tick boxes, business roles first, with the kind of administrator named."""
    return [(code, _(name)) for code, name in queries.list_role_names()]


class PlaceForm(ActorForm):
    organisation = OrganisationField(label=_("单位"))
    post = forms.CharField(label=_("职务"), max_length=60, required=False)
    roles = forms.MultipleChoiceField(
        label=_("申请岗位"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("由安全保密管理员授予后生效。"),
    )


class ChangePlaceForm(forms.Form):
    post = forms.CharField(label=_("职务"), max_length=60, required=False)
    roles = forms.MultipleChoiceField(
        label=_("申请岗位"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("由安全保密管理员授予后生效。"),
        required=False,
    )


class NewUserForm(PlaceForm):
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        help_text=_("用于登录，建议用姓名拼音或工号。"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = PhoneForm.base_fields["phone"]
    field_order = ("username", "name", "phone", "organisation", "post", "roles")


class RenameForm(forms.Form):
    username = forms.CharField(label=_("用户名"), max_length=60)
    name = forms.CharField(label=_("姓名"), max_length=60)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("查看原因"),
        max_length=200,
        help_text=_("原因写入日志。"),
    )


class GrantForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("授予岗位"), choices=role_choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class OrganisationForm(ActorForm):
    name = forms.CharField(label=_("单位全称"), max_length=120)
    short_name = forms.CharField(label=_("简称"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("单位类别"), choices=OrganisationKind.choices)
    aliases = forms.CharField(
        label=_("别名"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("文件中对该单位的其他叫法，每行一个，导入文件时据此识别。"),
    )
    actor_code = forms.CharField(
        label=_("职能代码"),
        max_length=10,
        required=False,
        help_text=_("如 EMB 表示应急管理部门；企业留空。"),
    )
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=24, required=False)
    parent = OrganisationField(label=_("上级单位"), required=False)
    area = forms.ModelChoiceField(
        label=_("所在区划"), queryset=find_areas("").none(), required=False, empty_label=_("全区")
    )
    links = forms.MultipleChoiceField(
        label=_("链条环节"), choices=LINKS, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("监管单位勾选其监管的环节；企业勾选其从事的环节。"),
    )  # fmt: skip
    supervises = forms.BooleanField(label=_("监管单位：按区划和环节查看监管对象"), required=False)
    general = forms.BooleanField(label=_("综合监管：不限环节"), required=False)
    document_word = forms.CharField(
        label=_("机关代字"),
        max_length=12,
        required=False,
        help_text=_("发文字号的开头，如“示安办”。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = self.fields["area"]
        assert isinstance(area, forms.ModelChoiceField)  # noqa: S101 - declared above
        area.queryset = find_areas("").exclude(level="village")

    @classmethod
    def of(cls, organisation: Organisation) -> dict[str, Any]:
        """What stands, as the form shows it."""
        return {
            "name": organisation.name,
            "short_name": organisation.short_name,
            "kind": organisation.kind,
            "aliases": "\n".join(alias.name for alias in organisation.aliases.all()),
            "actor_code": organisation.actor_code,
            "credit_code": organisation.credit_code or "",
            "parent": organisation.parent.name if organisation.parent else "",
            "area": organisation.area_id,
            "links": organisation.links,
            "supervises": organisation.supervises,
            "general": organisation.general,
            "document_word": organisation.document_word,
        }


class OrganisationEditForm(OrganisationForm):
    moved_on = forms.DateField(
        label=_("迁入日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("仅在更改所在区划时填写，不填按今天；与该单位有关的记录随后转入新区划，统计仍按事实发生时的区划。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(self.fields)
        names.insert(names.index("area") + 1, names.pop(names.index("moved_on")))
        self.order_fields(names)


class GroupForm(ActorForm):
    name = forms.CharField(label=_("集合称谓"), max_length=120)
    aliases = forms.CharField(
        label=_("其他叫法"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("每行一个。"),
    )
    kinds = forms.MultipleChoiceField(
        label=_("单位类别"),
        choices=OrganisationKind.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    actor_codes = forms.CharField(
        label=_("职能代码"),
        required=False,
        max_length=200,
        help_text=_("多个用顿号分开。与类别同时填写时须都符合。"),
    )
    links = forms.MultipleChoiceField(
        label=_("链条环节"), choices=LINKS, widget=forms.CheckboxSelectMultiple, required=False
    )
    members = forms.CharField(
        label=_("另外逐一列入的单位"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("每行一个单位名称。"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.actor = actor

    def clean_members(self) -> list[Organisation]:
        found = []
        for name in lines(self.cleaned_data["members"]):
            matches = queries.find_by_name(actor=self.actor, name=name)
            if len(matches) != 1:
                raise forms.ValidationError(_("没有名为“%(name)s”的单位，或有多个，请填写全称。") % {"name": name[:60]})
            found += matches
        return found


class PolicyForm(forms.Form):
    """The numbers of the policy, each within its limits, and who needs a second factor."""

    second_factor = forms.ChoiceField(label=_("强制动态口令"), choices=SignInPolicy.SECOND_FACTOR)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in LIMITS.items():
            label = getattr(SignInPolicy._meta.get_field(name), "verbose_name", name)
            self.fields[name] = forms.IntegerField(
                label=label,
                min_value=least,
                max_value=most,
                help_text=_("%(least)s 至 %(most)s。") % {"least": least, "most": most},
            )
        self.order_fields([*LIMITS, "second_factor"])


class ProviderForm(forms.Form):
    """The provider of identities and what signing in through it may do."""

    is_enabled = forms.BooleanField(label=_("启用"), required=False)
    name = forms.CharField(
        label=_("名称"), max_length=40, initial=_("统一身份认证"), help_text=_("登录页按钮上的文字。"),
    )  # fmt: skip
    issuer = forms.CharField(
        label=_("颁发者（issuer）"), max_length=300, help_text=_("https 网址，与认证方公布的一字不差。"),
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
    )  # fmt: skip
    client_id = forms.CharField(label=_("客户端编号（client_id）"), max_length=200)
    secret = forms.CharField(
        label=_("客户端密钥"), max_length=300, required=False, strip=True,
        help_text=_("加密保存，不再显示；留空表示不更改。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    clears_secret = forms.BooleanField(
        label=_("清除已保存的客户端密钥"), required=False, help_text=_("认证方不要求密钥（公开客户端）时使用。")
    )
    scope = forms.CharField(label=_("申请范围（scope）"), max_length=200, initial="openid profile")
    subject_claim = forms.CharField(
        label=_("身份标识字段"), max_length=60, initial="sub",
        help_text=_("按此字段认人。须不变且唯一，不能是姓名、号码或邮箱。"),
    )  # fmt: skip
    vouching = forms.CharField(
        label=_("视为双因素的取值"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("令牌的 acr 或 amr 为其中之一时，不再要求动态口令；留空表示一律要求。"),
    )  # fmt: skip
    creates_accounts = forms.BooleanField(
        label=_("首次登录时自动建立账号"), required=False,
        help_text=_("新账号没有任职和岗位，由系统管理员在“用户”中办理。"),
    )  # fmt: skip
    forbids_password = forms.BooleanField(
        label=_("已绑定账号不得用口令登录"), required=False,
        help_text=_("安全保密管理员除外，以备认证方故障。"),
    )  # fmt: skip

    @classmethod
    def of(cls, standing: IdentityProvider) -> dict[str, Any]:
        """What stands, as the form shows it; never the secret."""
        names = [name for name in cls.base_fields if name not in ("secret", "clears_secret", "vouching")]
        return {name: getattr(standing, name) for name in names} | {"vouching": "\n".join(standing.vouching)}


class IdentityForm(forms.Form):
    subject = forms.CharField(
        label=_("身份标识"),
        max_length=255,
        help_text=_("该用户在认证方的标识，由认证方提供。"),
    )


class DelegationForm(forms.Form):
    to_user = forms.ChoiceField(label=_("委托给"))
    first_day = forms.DateField(
        label=_("起始日期"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=_("截止日期"), widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args: Any, people: list[queries.Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["to_user"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        choice.choices = [(str(person.user_id), f"{person.name} {person.post}".strip()) for person in people]
