"""What people type to see more than the public page, and what the duty room types to let them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.codes import Looker
from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.registry.queries.products import list_products
from quancheng.domains.registry.services.codes import read_code
from quancheng.domains.registry.services.passes import LONGEST_HOURS
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import fields


class SecretForm(forms.Form):
    secret = forms.CharField(
        label=_("临时查看码"), max_length=20, help_text=_("向应急值班室报明单位后取得，8位字母和数字。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


class LookForm(forms.Form):
    looker = forms.ChoiceField(label=_("查看身份"), widget=forms.RadioSelect)
    reason = fields.words(_("查看事由"), help_text=_("查看会记入日志，企业能看到是谁、为什么看。"))

    def __init__(self, *args: Any, lookers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["looker"].choices = [one for one in Looker.choices if one[0] in lookers]  # type: ignore[attr-defined]
        if len(lookers) == 1:
            self.fields["looker"].initial = lookers[0]


class PassForm(fields.ActorForm):
    """A short-lived code: for which enterprise or product, for whom, why, how long."""

    about = fields.words(
        _("企业或产品"), limit=120,
        help_text=_("企业全称、统一社会信用代码，或现场报来的安全信息码；产品码只开这一个产品。"),
    )  # fmt: skip
    looker = fields.choice(_("查看身份"), Looker.choices)
    holder = fields.words(_("告知对象"), limit=80, help_text=_("单位、车牌或呼号，不写个人姓名。"))
    reason = fields.words(_("事由"), help_text=_("例如 某路口罐车泄漏救援。"))
    hours = forms.IntegerField(label=_("有效时间（小时）"), min_value=1, max_value=LONGEST_HOURS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if about := (given.get("about") or "").strip():
            given["file"], given["product"] = _named(self.actor, about)
            if given["file"] is None:
                self.add_error("about", _("没有找到这家企业或这个码，请核对。"))
        return given


def _named(actor: Actor, about: str) -> tuple[Any, Any]:
    seen = list_enterprises(actor=actor)
    if code := read_code(about.rstrip("/").rpartition("/c/")[2] or about):
        product = list_products(actor=actor).filter(code__code=code).first()
        return (product.file, product) if product else (seen.filter(codes__code=code).first(), None)
    found = seen.filter(enterprise__name=about).first() or seen.filter(enterprise__credit_code=about.upper()).first()
    return found, None
