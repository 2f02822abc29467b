"""Forms of problem lists."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models.problems import Industry, ProblemList
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class ProblemForm(fields.ActorForm):
    """A problem that was found."""

    title = fields.words(_("问题"))
    text = fields.text(_("问题描述"))
    list = fields.choice(_("清单"), ProblemList.choices)
    industry = fields.choice(_("行业领域"), Industry.choices)
    unit = fields.org(_("问题所在单位"))
    source = fields.words(_("发现途径"), limit=120, help_text=_("例如检查、督查、会商、群众反映。"))
    found_date = fields.day(_("发现日期"))


class AssignForm(fields.ActorForm):
    org = fields.org(_("责任单位"))
    person = fields.words(_("责任人"), required=False, limit=60)
    due_date = fields.day(_("整改时限"))


class RectifyForm(forms.Form):
    result = fields.text(_("整改情况"), help_text=_("做了什么、结果如何。"))
    evidence = FilesField(label=_("佐证材料"), error_messages={"required": _("请至少上传一份佐证材料。")})


class CompareForm(fields.ActorForm):
    """Where else the same may be wrong."""

    analogy = fields.text(_("举一反三"), help_text=_("同类单位、同类环节是否存在同样问题，查了哪些、结果如何。"))
    units = fields.orgs(
        _("存在同类问题的单位"), required=False, help_text=_("为每个单位建立一条问题，全部办结后本问题才能销号。")
    )
