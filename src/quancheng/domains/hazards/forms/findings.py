"""What people type about hidden dangers: little when one is found, the rest when it is graded and planned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.queries import findings as queries
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.queries import list_colleagues
from quancheng.standards.hidden_dangers import levels
from quancheng.standards.hidden_dangers.checklists import checklists
from quancheng.standards.hidden_dangers.criteria import criteria
from quancheng.standards.hidden_dangers.kinds import code_list
from quancheng.standards.hidden_dangers.matching import candidates


def codes(name: str, *, empty: bool = False) -> list[tuple[str, str]]:
    """A code list with its words in the reader's language."""
    found = [(one.code, told(one.name)) for one in code_list(name).items]
    return [("", "—"), *found] if empty else found


def criterion_choices(text: str, on: Any) -> list[tuple[str, str]]:
    """Criteria that may be met by what was written, the likeliest first; then all that are in force."""
    likely = [one.criterion for one in candidates(text, on=on)] if text else []
    known = {one.code for one in likely}
    rest = [one for one in criteria().values() if one.is_criterion and one.code not in known]
    named = [("", _("不符合任何重大隐患判定标准"))]
    if likely:
        named.append((_("可能符合"), [(one.code, f"{one.code} {told(one.text)}") for one in likely]))  # type: ignore[arg-type]
    named.append((_("全部判定标准"), [(one.code, f"{one.code} {told(one.text)}") for one in rest]))  # type: ignore[arg-type]
    return named  # type: ignore[return-value]


class ReportForm(forms.Form):
    """A danger as it is found: photo first, then what and where; the rest is asked later, or never."""

    def __init__(self, *args: Any, file: Enterprise, unit: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"] = FilesField(
            label=_("照片或录音"), required=False, help_text=_("可以拍照，也可以从相册选择；可多选。")
        )
        self.fields["name"] = fields.words(_("发现了什么"), limit=300)
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("风险分析单元"), queryset=queries.units_of(file), required=False
        )
        if unit is not None:
            self.fields["measure"] = forms.ModelChoiceField(
                label=_("失效的管控措施"), queryset=queries.measures_of(file).filter(event__unit=unit), required=False
            )
        self.fields["place"] = fields.words(_("部位"), limit=200, required=False)
        self.fields["is_major"] = forms.BooleanField(
            label=_("可能是重大隐患"), required=False, help_text=_("拿不准也可以勾选，由安全管理人员核实定级。")
        )
        self.fields["description"] = fields.text(_("补充说明"), required=False)
        # What a design diagnosis found is entered where the diagnosis stands.
        sources = [one for one in codes("source") if one[0] != "design"]
        self.fields["source"] = fields.choice(_("隐患来源"), sources)
        self.fields["type"] = fields.choice(_("隐患类型"), codes("type"))


def staff(file: Enterprise) -> list[tuple[str, str]]:
    """Who of the enterprise may put something right."""
    return [(str(one.user_id), one.name) for one in list_colleagues(organisation_id=file.pk)]


def item_choices(file: Enterprise) -> list[Any]:
    """Items of checklists by list, those for the enterprise's class first."""
    those = sorted(checklists().values(), key=lambda one: file.kind not in one.classes)
    groups = [(told(one.name), [(item.code, f"{item.code} {told(item.text)}") for item in one.items]) for one in those]
    return [("", "—"), *groups]


class GradeForm(forms.Form):
    """What it is, how grave, and who puts it right by when.

    :param proposal: the inner grade that is proposed, and the sentence that explains it.
    """

    def __init__(
        self, *args: Any, finding: Any, on: Any, by_office: bool, proposal: tuple[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        text = f"{finding.name} {finding.description}"
        self.fields["criterion"] = fields.choice(
            _("重大隐患判定标准"), criterion_choices(text, on), required=False,
            help_text=_("系统只作提示，是否符合由人判断；符合任何一条即为重大隐患。"),
        )  # fmt: skip
        grades = [("", "—"), *((one.value, told(one.word)) for one in levels.Grade)]
        self.fields["grade"] = fields.choice(_("等级"), grades, required=False, help_text=proposal[1])
        self.fields["item"] = fields.choice(
            _("检查表条目"), item_choices(finding.file), required=False,
            help_text=_("选定后可以判断是否重复隐患，并取条目的固有等级。"),
        )  # fmt: skip
        self.fields["rectifier"] = fields.choice(
            _("整改责任人"), [("", "—"), *staff(finding.file)], required=not by_office
        )
        self.fields["deadline"] = fields.day(
            _("整改期限"), required=False, help_text=_("不填时按风险颜色取默认期限；重大隐患由治理方案确定。")
        )
        self.fields["measure"] = forms.ModelChoiceField(
            label=_("失效的管控措施"), queryset=queries.measures_of(finding.file), required=False,
            initial=finding.measure_id, help_text=_("选定后该措施按失效计，直到隐患销号。"),
        )  # fmt: skip
        self.fields["cause"] = fields.text(_("原因分析"), required=False, limit=2000)


class PlanForm(forms.Form):
    """The five implementations (五落实); of a major danger the six parts of its plan."""

    def __init__(self, *args: Any, major: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if major:
            self.fields["goal"] = fields.text(_("目标和任务"))
        self.fields["measures"] = fields.text(_("整改措施"))
        self.fields["person"] = fields.words(_("责任人"), limit=100)
        if major:
            self.fields["body"] = fields.words(_("责任机构"), limit=200)
        self.fields["money"] = forms.DecimalField(
            label=_("资金（元）"), min_value=0, max_digits=14, decimal_places=2, help_text=_("不需要资金时填0并说明。")
        )
        self.fields["money_note"] = fields.words(_("资金说明"), limit=200, required=False)
        if major:
            self.fields["materials"] = fields.words(_("物资"), limit=300)
        self.fields["due_date"] = fields.day(_("完成期限"))
        if major:
            self.fields["requirements"] = fields.text(_("时限和要求"))
            self.fields["safety_measures"] = fields.text(_("安全措施"))
        self.fields["emergency_plan"] = fields.text(_("应急预案或处置措施"))
        self.fields["interim"] = forms.MultipleChoiceField(
            label=_("临时管控措施"), choices=[(code, told(text)) for code, text in levels.INTERIM.items()],
            required=major, widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        self.fields["stop"] = fields.choice(
            _("停产范围"), codes("stop"), required=False, help_text=_("不选时，勾选“停用、停产”的按局部停产停业。")
        )


class FinishForm(forms.Form):
    """What was done, with photos of after."""

    def __init__(self, *args: Any, serious: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"] = fields.text(_("整改情况"))
        if serious:
            self.fields["whys"] = fields.text(
                _("举一反三：为什么会发生"), limit=2000,
                help_text=_("逐层追问，每行一个“为什么”的回答，最多五行；最后一行是根本原因。"),
            )  # fmt: skip
            self.fields["places"] = fields.text(
                _("同类部位排查"), help_text=_("每行一处，写作“部位：排查结果”；没有同类部位的写“全厂：无同类部位”。")
            )
            self.fields["rule"] = fields.words(_("制度修订"), limit=500, required=False)
            self.fields["procedure"] = fields.words(_("操作规程修订"), limit=500, required=False)
            self.fields["training"] = fields.words(
                _("培训教育"), limit=500, required=False, help_text=_("制度、操作规程、培训教育至少填一项。")
            )
            self.fields["tell"] = fields.words(
                _("建议告知的其他单位"), limit=500, required=False, help_text=_("同行业、同工艺的哪些单位应当自查。")
            )
        self.fields["evidence"] = FilesField(
            label=_("整改后照片"), error_messages={"required": _("请至少上传一张整改后的照片。")}
        )


class ExtensionForm(forms.Form):
    """More time, and why."""

    until = fields.day(_("延长至"))
    reason = fields.text(_("理由"))


class GrantForm(forms.Form):
    """Until when more time is granted."""

    until = fields.day(_("同意延长至"))
    reason = fields.words(_("意见"), limit=300, required=False)


class MergeForm(forms.Form):
    """Which danger goes on."""

    def __init__(self, *args: Any, doubles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"] = fields.choice(_("并入"), [(str(one.pk), str(one)) for one in doubles])
        self.fields["reason"] = fields.words(_("理由"), limit=300)


class RaiseForm(forms.Form):
    """Which criterion is met."""

    def __init__(self, *args: Any, finding: Any, on: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = f"{finding.name} {finding.description}"
        self.fields["criterion"] = fields.choice(_("重大隐患判定标准"), criterion_choices(text, on))
        self.fields["reason"] = fields.words(_("理由"), limit=300, required=False)


class CommentForm(forms.Form):
    """What the accepter saw."""

    comment = fields.text(_("验收意见"), limit=1000)


class SeenForm(forms.Form):
    """What was seen at a recheck, or what is reported."""

    text = fields.text(_("情况"))
