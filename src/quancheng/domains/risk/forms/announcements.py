"""What people type about the daily announcement: the study below, the numbers, rules, draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.risk.kinds import Layer, Level
from quancheng.domains.risk.models import Announcement, Study
from quancheng.domains.risk.queries.announced_facts import Fact
from quancheng.domains.risk.services.announcement_rules import MOST_GRACE
from quancheng.domains.risk.services.spot_checks import MOST
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import listed, told
from quancheng.standards.risk import commitment
from quancheng.standards.wording import MARKS

#: How each answer to a topic of the study reads.
ANSWERS = [("ok", _("已研判，风险受控")), ("not", _("有风险未受控")), ("none", _("本部位不涉及"))]
_MARKS = {"V": _("已核实条文"), "V~": _("依据相近文本"), "G": _("行业通识，待核实"), "D": _("本区自定")}


class StudyForm(forms.Form):
    """What a team or workshop says of its part."""

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in commitment.TOPICS.items():
            self.fields[code] = fields.choice(told(name), [("", "—"), *ANSWERS])
        self.fields["text"] = fields.text(_("未受控情况和措施"), required=False, rows=3, limit=1000)
        if study.layer == Layer.WORKSHOP:
            self.fields["skip_reason"] = fields.words(
                _("未等班组研判的原因"), required=False, limit=300,
                help_text=_("班组还没有全部研判而需要先提交时填写。"),
            )  # fmt: skip

    def answers(self) -> dict[str, str]:
        return {code: self.cleaned_data.get(code, "") for code in commitment.TOPICS}


class AnnounceForm(forms.Form):
    """Every number of an announcement with what the system proposes, then the commitment."""

    def __init__(
        self, *args: Any, row: Announcement, facts: Mapping[str, Fact], waiting: Sequence[Study], is_main: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.facts = facts
        for one in commitment.NUMBERS:
            fact = facts.get(one.code)
            self.fields[f"value_{one.code}"] = _number_field(one, fact)
            if fact is not None:
                self.fields[f"reason_{one.code}"] = fields.words(
                    gettext("与系统不同的原因：%(name)s") % {"name": told(one.name)}, required=False, limit=200
                )
        self.fields["is_controlled"] = fields.choice(
            _("风险是否全部受控"), [("", "—"), ("yes", _("全部受控")), ("no", _("有风险未受控"))]
        )
        self.fields["uncontrolled"] = fields.text(
            _("未受控情况和措施"), required=False, rows=3, limit=1000,
            help_text=_("有风险没有受控时写明，此时不能作标准承诺。"),
        )  # fmt: skip
        self.fields["commitment"] = fields.text(
            _("承诺内容"), required=False, rows=4, limit=1000, help_text=_("不填则按公告的数字生成标准承诺。")
        )
        if not is_main:
            self.fields["authorisation"] = fields.words(
                _("授权文件"), limit=200, help_text=_("您不是主要负责人，请填写书面授权文件的名称或文号。")
            )
        if waiting:
            self.fields["skip_reason"] = fields.words(
                _("未等研判的原因"), required=False, limit=300,
                help_text=gettext("还没有研判：%(names)s。先公告须写明原因，公告上会显示。")
                % {"names": listed(one.name for one in waiting)},
            )  # fmt: skip
        if row.status == "PUBLISHED":
            self.fields["reason"] = fields.words(_("更正原因"), limit=300)
        self.fields["seen"] = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def groups(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField | None, Fact | None]]]]:
        """Fields by group: the number, why it differs, what the system knows."""
        found = []
        for group, name in commitment.GROUPS.items():
            rows = [
                (
                    self[f"value_{one.code}"],
                    self[f"reason_{one.code}"] if f"reason_{one.code}" in self.fields else None,
                    self.facts.get(one.code),
                )
                for one in commitment.NUMBERS
                if one.group == group
            ]
            found.append((told(name), rows))
        return found

    def rest(self) -> list[forms.BoundField]:
        """Whether all is controlled, and who commits by what."""
        names = ("is_controlled", "uncontrolled", "commitment", "authorisation", "skip_reason", "reason")
        return [self[name] for name in names if name in self.fields]

    def given(self) -> dict[str, Any]:
        """As the services take it."""
        clean = self.cleaned_data
        values: dict[str, int | None] = {}
        for one in commitment.NUMBERS:
            value = clean.get(f"value_{one.code}")
            values[one.code] = None if value in (None, "") else int(value)
        return {
            "values": values,
            "reasons": {one.code: clean.get(f"reason_{one.code}", "") for one in commitment.NUMBERS},
            "is_controlled": clean["is_controlled"] == "yes", "uncontrolled": clean["uncontrolled"],
            "commitment_text": clean["commitment"], "authorisation": clean.get("authorisation", ""),
            "skip_reason": clean.get("skip_reason", ""),
        }  # fmt: skip


def _number_field(one: commitment.Number, fact: Fact | None) -> forms.Field:
    label, known = told(one.name), gettext("企业填报；不填按0公告。")
    if fact is not None:
        value: Any = fact.value
        if one.kind == "yes":
            value = gettext("有") if fact.value else gettext("无")
        elif one.kind == "level":
            value = Level(fact.value).label
        told_rows = f"（{listed(fact.rows)}）" if fact.rows else ""
        known = gettext("系统：%(value)s，来源：%(source)s%(rows)s") % {
            "value": value, "source": told(fact.source), "rows": told_rows,
        }  # fmt: skip
    if one.kind == "yes":
        return fields.choice(label, [("0", _("无")), ("1", _("有"))], required=False, help_text=known)
    if one.kind == "level":
        levels = [(str(code), name) for code, name in Level.choices]
        return fields.choice(label, levels, required=False, help_text=known if fact else "")
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=commitment.LARGEST, help_text=known,
        error_messages={"invalid": _("请填写整数。"), "min_value": _("不能小于0。")},
    )  # fmt: skip


class ScreenForm(forms.Form):
    name = fields.words(_("位置"), limit=60, help_text=_("如：南门公示屏。"))


class DrawForm(forms.Form):
    """How many of which day are drawn."""

    day = fields.day(_("公告日期"))
    size = forms.IntegerField(label=_("抽取数量"), min_value=1, max_value=MOST)
    special_only = forms.BooleanField(label=_("只抽公告了特殊作业的"), required=False)


class TextForm(forms.Form):
    text = fields.text(_("说明"), rows=4, limit=1000)


class SeenForm(forms.Form):
    text = fields.text(
        _("抽查结果"), rows=4, limit=1000, help_text=_("写明核对了哪些作业票和现场，数量各是多少。")
    )  # fmt: skip


class AnnouncementRuleForm(forms.Form):
    """Who owes an announcement by what hour, and what follows from a doubt."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("应公告的企业类别"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple, required=False
        )
        self.fields["with_hazard"] = forms.BooleanField(label=_("有重大危险源的一律公告"), required=False)
        self.fields["due_time"] = forms.TimeField(
            label=_("公告时限"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        )
        self.fields["grace_minutes"] = forms.IntegerField(
            label=_("宽限（分钟）"), min_value=0, max_value=MOST_GRACE
        )  # fmt: skip
        self.fields["working_days_only"] = forms.BooleanField(label=_("只在工作日公告"), required=False)
        self.fields["asks_below"] = forms.BooleanField(label=_("要求班组、车间逐级研判"), required=False)
        self.fields["sums"] = forms.BooleanField(label=_("运行、停产、检维修合计须等于总数"), required=False)
        modes = [(code, told(name)) for code, name in commitment.MODES.items()]
        for code, reason in commitment.REASONS.items():
            self.fields[f"mode_{code}"] = fields.choice(told(reason.name), modes)
        self.fields["mark"] = fields.choice(_("依据"), [(code, _MARKS[code]) for code in MARKS])
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)

    def modes(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"mode_{code}"] for code in commitment.REASONS}


def mark_name(code: str) -> str:
    """How sure a rule is, in words."""
    return str(_MARKS.get(code, code))
