"""What people type about government special inspection rounds: the round, a unit's answers, a look on site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.models import (
    AgencyRule,
    ItemResult,
    RoundAnswer,
    RoundItem,
    RoundTarget,
    SeenResult,
    VerifyMode,
)
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.criteria import name_in_language
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import in_language
from quancheng.domains.risk.kinds import Level
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.law.models import Asks
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField, OrganisationField
from quancheng.kernel.people.models import LINKS

MAJOR_CHOICES = (
    ("any", _("有重大危险源")), ("1", _("一级")), ("2", _("二级及以上")), ("3", _("三级及以上")),
    ("4", _("四级及以上")),
)  # fmt: skip


class _Lists(forms.ModelChoiceField):
    """Checklists by their name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        return name_in_language(obj)


def worded(item: RoundItem) -> str:
    """An item in the reader's language; Chinese where its English is not entered."""
    return in_language({"zh": item.text, "en": item.text_en or item.text})


def heading(item: RoundItem, before: RoundItem | None) -> str:
    """The name of the mandatory section that begins with an item; empty within one, and for the rest."""
    if item.section is None or (before is not None and before.section_id == item.section_id):
        return ""
    return name_in_language(item.section.text)


def headed(items: Sequence[RoundItem]) -> list[tuple[RoundItem, str, str]]:
    """Items with their wording and the heading that stands above each."""
    return [(one, worded(one), heading(one, before)) for one, before in zip(items, [None, *items], strict=False)]


def _ticks(label: Any, choices: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class RoundForm(forms.Form):
    """A round: what is asked, of whom, by when, and how it is looked at."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: dict[str, forms.Field] = {
            "title": fields.words(_("任务名称"), limit=200),
            "text": fields.text(_("检查内容和要求"), limit=4000),
            "kind": fields.choice(_("政府清单类型"), codes("gov_list_type")),
            "item_type": fields.choice(_("检查方式"), codes("item_type")),
            "checklist": _Lists(
                label=_("检查表"), queryset=queries.list_texts(), to_field_name="code", required=False,
                help_text=_("按检查项检查的必选；下发时固定为当日现行版本。"),
            ),
            "colours": _ticks(_("企业风险等级"), [(str(code), label) for code, label in Level.choices],
                              _("以下条件同时满足的企业为检查对象；都不选即为本单位监管的全部企业。")),
            "kinds": _ticks(_("企业类别"), Kind.choices),
            "town": fields.choice(_("镇街"), town_choices(actor), required=False),
            "major": fields.choice(_("重大危险源"), MAJOR_CHOICES, required=False),
            "sub_field": fields.choice(
                _("高危细分领域"), [(name, name) for name in queries.sub_field_names(actor=actor)], required=False
            ),
            "links": _ticks(_("链条环节"), LINKS, _("属于任一所选环节即可。")),
            "valid_type": fields.choice(_("有效期类型"), codes("valid_type")),
            "start_date": fields.day(_("开始日期")),
            "end_date": fields.day(_("结束日期"), required=False, help_text=_("长期有效的不填。")),
            "due_date": fields.day(_("自查反馈期限"), help_text=_("企业在24小时内签收，在这一天之前填报。")),
            "frequency": fields.choice(_("检查频次类型"), codes("frequency")),
            "cycle_number": forms.IntegerField(label=_("循环周期数"), min_value=1, max_value=1000, required=False),
            "cycle": fields.choice(_("循环周期单位"), codes("cycle"), required=False,
                                   help_text=_("循环任务到期自动下发下一期；按小时的须为24的整数倍。")),
            "submit": fields.choice(_("提交方式"), codes("submit"),
                                    help_text=_("“一人提交即可”：第一家填报后，其余单位无需填报。")),
            "agency": fields.choice(_("第三方评估"), AgencyRule.choices),
            "recheck_percent": forms.IntegerField(
                label=_("现场核查比例（%）"), min_value=0, max_value=100, initial=20,
                help_text=_("从已填报的单位中随机抽取，不足一家按一家计。"),
            ),
            "verify_mode": fields.choice(_("核查方式"), VerifyMode.choices),
            "verify_date": fields.day(_("现场核查期限"), required=False, help_text=_("不填时为抽取之日起15天。")),
        }  # fmt: skip
        self.fields.update(own)

    def clean(self) -> dict[str, Any]:
        """The checklist as its code."""
        given: dict[str, Any] = super().clean() or {}
        if "checklist" in given:
            given["checklist"] = given["checklist"].pk if given["checklist"] is not None else ""
        return given


class DrawForm(forms.Form):
    """Who looks at the units that are drawn."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verifier"] = OrganisationField(
            label=_("核查单位"), queryset=queries.verifiers(actor=actor), required=False, empty_label=_("本单位"),
            help_text=_("由其他单位核查的，抽中企业的填报内容向其开放。"),
        )  # fmt: skip


class CommentForm(forms.Form):
    """What is said at the end."""

    comment = fields.text(_("办结意见"), limit=2000)


class AnswerForm(forms.Form):
    """A unit's answer to every item; what is abnormal names a danger, or becomes one."""

    def __init__(self, *args: Any, target: RoundTarget, items: Sequence[RoundItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = list(items)
        known = [(str(one.pk), f"{one.code} {one.name}") for one in queries.open_findings_of(target.file_id)[:200]]
        for one in self.items:
            number = one.position
            self.fields[f"item_{number}"] = forms.ChoiceField(
                label=f"{one.place} {worded(one)}", choices=ItemResult.choices, widget=forms.RadioSelect,
                help_text=" · ".join(filter(None, (one.basis, str(Asks(one.asks).label) if one.asks else ""))),
                error_messages={"required": _("请选择自查结果。")},
            )  # fmt: skip
            self.fields[f"note_{number}"] = fields.words(
                _("说明（%(place)s）") % {"place": one.place}, required=False, limit=500,
                help_text=_("异常的写明问题，不适用的写明理由。"),
            )  # fmt: skip
            if known:
                self.fields[f"known_{number}"] = fields.choice(
                    _("此前已登记的隐患（%(place)s）") % {"place": one.place}, known, required=False,
                    help_text=_("选了的，不再另行登记隐患。"),
                )  # fmt: skip
            self.fields[f"major_{number}"] = forms.BooleanField(
                label=_("可能是重大隐患（%(place)s）") % {"place": one.place}, required=False
            )
            self.fields[f"photos_{number}"] = FilesField(
                label=_("照片或佐证（%(place)s）") % {"place": one.place}, required=False
            )
        self.fields["text"] = fields.text(_("自查情况"), required=False, rows=3, limit=4000)
        self.fields["type"] = fields.choice(_("隐患类型"), codes("type"))
        self.fields["type"].initial = "other"
        self.rule = target.round.agency
        if self.rule != AgencyRule.NONE:
            must = self.rule == AgencyRule.REQUIRED
            self.fields["agency"] = fields.words(_("第三方机构"), limit=120, required=must)
            self.fields["report_number"] = fields.words(_("评估报告编号"), limit=80, required=must)
            self.fields["reports"] = FilesField(label=_("评估报告"), required=must)

    def rows(self) -> list[tuple[str, Any, list[Any], bool]]:
        """Each item below its heading with what belongs to it, and whether that stands open since something was given
        or is wrong."""
        found = []
        for one, _wording, above in headed(self.items):
            names = [f"{name}_{one.position}" for name in ("note", "known", "major", "photos")]
            beside = [self[name] for name in names if name in self.fields]
            is_open = any(each.errors or each.value() for each in beside)
            found.append((above, self[f"item_{one.position}"], beside, is_open))
        return found

    def rest(self) -> list[Any]:
        """The fields besides."""
        names = ("text", "type", "agency", "report_number", "reports")
        return [self[name] for name in names if name in self.fields]


class LookForm(forms.Form):
    """What was seen on site, of each of these answers, and of the unit as a whole where the round says so."""

    def __init__(self, *args: Any, mode: str, answers: Sequence[RoundAnswer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answers = list(answers)
        for one in self.answers:
            number = one.item.position
            self.fields[f"seen_{number}"] = forms.ChoiceField(
                label=f"{one.item.place} {worded(one.item)}", choices=SeenResult.choices, widget=forms.RadioSelect,
                help_text=_("企业自查：%(result)s") % {"result": f"{one.get_result_display()} {one.note}".strip()},
                error_messages={"required": _("请选择核查结果；没有看的选“未核”。")},
            )  # fmt: skip
            self.fields[f"seen_note_{number}"] = fields.words(
                _("核查说明（%(place)s）") % {"place": one.item.place}, required=False, limit=500,
                help_text=_("不符的写明看到什么，将登记为监管部门发现的隐患。"),
            )  # fmt: skip
        if mode == VerifyMode.UNIT:
            self.fields["matches"] = forms.ChoiceField(
                label=_("核查结论"), choices=(("yes", _("与自查相符")), ("no", _("与自查不符"))),
                widget=forms.RadioSelect, error_messages={"required": _("请选择核查结论。")},
                help_text=_("必检部分以外的总体结论。") if self.answers else "",
            )  # fmt: skip
        self.fields["seen_date"] = fields.day(_("核查日期"))
        self.fields["text"] = fields.text(_("核查情况"), limit=4000)
        self.fields["photos"] = FilesField(label=_("现场照片"), required=False)

    def rows(self) -> list[tuple[str, Any, list[Any], bool]]:
        """Each answer below its heading with the note on it, and whether that stands open."""
        found = []
        for one, _wording, above in headed([each.item for each in self.answers]):
            note = self[f"seen_note_{one.position}"]
            found.append((above, self[f"seen_{one.position}"], [note], bool(note.errors or note.value())))
        return found

    def rest(self) -> list[Any]:
        """The fields besides."""
        return [self[name] for name in ("matches", "seen_date", "text", "photos") if name in self.fields]


class SubFieldForm(forms.Form):
    """Which units belong to a high-risk sub-field."""

    name = fields.words(
        _("细分领域"), limit=40, help_text=_("国家确定的细分领域，或本地选定的细分领域，如“油气储存”。")
    )
    codes = fields.text(
        _("统一社会信用代码"), rows=6, help_text=_("一行一家；已纳入的不重复登记。"), limit=6000
    )  # fmt: skip
    since_date = fields.day(_("纳入日期"))


class EndForm(forms.Form):
    """Why a unit is taken out."""

    reason = fields.words(_("移出理由"), limit=300)
