"""What people type about cards, readings, quizzes and boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import ListField
from quancheng.domains.risk.card_parts import BETWEEN, PARTS, PHONES, Part
from quancheng.domains.risk.models import RiskBoard
from quancheng.domains.risk.services.boards import PERSONS
from quancheng.kernel.pages import fields


class RowsField(forms.CharField):
    """Rows of cells, one row a line, cells parted by ``｜`` (or ``|``); gives dictionaries by the part's columns."""

    def __init__(self, *, part: Part, **given: Any) -> None:
        given.setdefault("widget", forms.Textarea(attrs={"rows": 6}))
        super().__init__(required=False, max_length=20_000, **given)
        self.keys = [key for key, _label in part.columns]

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return "\n".join(BETWEEN.join(one.get(key, "") for key in self.keys).rstrip(BETWEEN) for one in value)

    def clean(self, value: Any) -> Any:
        found = []
        for at, line in enumerate(fields.lines(super().clean(value)), start=1):
            cells = [cell.strip() for cell in line.replace("|", BETWEEN).split(BETWEEN)]
            if len(cells) > len(self.keys):
                raise forms.ValidationError(
                    _("第%(line)s行的格数多于%(count)s。"), params={"line": at, "count": len(self.keys)}
                )
            found.append(dict(zip(self.keys, [*cells, *([""] * len(self.keys))], strict=False)))
        return found


class CardForm(forms.Form):
    """The written parts of an edition."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in PARTS:
            self.fields[part.name] = self._field(part)
        for name, label in PHONES:
            self.fields[name] = fields.words(label, required=False, limit=20)
        self.fields["evidence"] = fields.FilesField(label=_("附件"), required=False)

    def _field(self, part: Part) -> forms.Field:
        if part.kind == "rows":
            return RowsField(part=part, label=part.label, help_text=part.help)
        if part.kind == "lines":
            return ListField(label=part.label, help_text=part.help or _("每行一条。"))
        if part.most > 120:
            return fields.text(part.label, required=False, rows=2, limit=part.most, help_text=part.help)
        return fields.words(part.label, required=False, limit=part.most, help_text=part.help)


class SignForm(forms.Form):
    """The reader's own name, and a picture of his signature where he has one."""

    signed = fields.words(_("本人姓名"), limit=60, help_text=_("填写姓名即为签名，表示已阅读并理解岗位卡。"))
    signature = fields.FilesField(label=_("手写签名图片"), required=False)


class QuizForm(forms.Form):
    """The questions of one try."""

    def __init__(self, *args: Any, questions: Sequence[tuple[str, Sequence[str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, (text, options) in enumerate(questions):
            self.fields[f"question_{place}"] = forms.TypedChoiceField(
                label=f"{place + 1}. {text}", choices=[(str(at), one) for at, one in enumerate(options)], coerce=int,
                widget=forms.RadioSelect, error_messages={"required": _("请选择一个答案。")},
            )  # fmt: skip


class PersonsForm(forms.Form):
    """Who controls the risk of a board."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PERSONS:
            self.fields[name] = fields.words(
                RiskBoard._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                required=False, limit=60,
            )  # fmt: skip


class WhyForm(forms.Form):
    """Why a printed code is withdrawn."""

    reason = fields.words(_("作废原因"), help_text=_("旧的二维码立即失效，已张贴的须换新。"))


class SheetsForm(forms.Form):
    """Which lists and cards are printed."""

    sheets = forms.MultipleChoiceField(label=_("清单和卡"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheets"].choices = choices  # type: ignore[attr-defined]


class CardRuleForm(forms.Form):
    """How cards are read and asked from a day on."""

    pass_mark = forms.IntegerField(label=_("合格分"), min_value=1, max_value=100)
    spot_percent = forms.IntegerField(label=_("每季度抽查比例（%）"), min_value=1, max_value=100)
    read_days = forms.IntegerField(label=_("阅读测试期限（天）"), min_value=1, max_value=365)
    review_months = forms.IntegerField(label=_("复核周期（月）"), min_value=1, max_value=36)
    from_date = fields.day(_("起用日期"))
    reason = fields.words(_("理由"), limit=300)
