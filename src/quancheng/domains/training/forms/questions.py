"""What people type about questions of the bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.models import Question, QuestionKind
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.models.questions import PartKind
from quancheng.domains.training.queries.questions import subject_names
from quancheng.domains.training.queries.roles import list_roles
from quancheng.kernel.pages import fields

#: Parts of a case that the editor offers.
PARTS = 4
_JUDGED = (("T", _("对")), ("F", _("错")))


class QuestionForm(forms.Form):
    """A question of one kind."""

    stem = fields.text(_("题干"), limit=2000)
    options = fields.text(_("选项"), rows=5, help_text=_("每行一个选项，不写字母；A、B、C、D 按行的顺序。"))
    answer = fields.words(_("答案"), limit=20, help_text=_("填选项的字母，如 A 或 ACD。"))
    explanation = fields.text(_("解析"), required=False, rows=2, limit=1000)
    subjects = forms.MultipleChoiceField(label=_("知识点"), widget=forms.CheckboxSelectMultiple)
    posts = forms.MultipleChoiceField(label=_("适用岗位角色"), required=False, help_text=_("不选表示都适用。"))
    industries = forms.MultipleChoiceField(
        label=_("适用企业类别"), required=False, choices=Kind.choices, help_text=_("不选表示都适用。")
    )
    difficulty = fields.choice(_("难度"), [(str(one), str(one)) for one in range(1, 6)])
    basis = fields.words(_("依据"), required=False)
    mark = fields.choice(_("确信程度"), SourceMark.choices)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subjects"].choices = list(subject_names().items())  # type: ignore[attr-defined]
        self.fields["posts"].choices = [(one.code, one.shown) for one in list_roles()]  # type: ignore[attr-defined]
        if kind not in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
            del self.fields["options"]
        if kind == QuestionKind.JUDGE:
            self.fields["answer"] = fields.choice(_("答案"), _JUDGED)
        elif kind == QuestionKind.PRACTICE:
            self.fields["answer"] = fields.text(_("评分要点"), limit=2000)
        elif kind == QuestionKind.CASE:
            del self.fields["answer"]
            self._add_parts()
        self.kind = kind

    def _add_parts(self) -> None:
        for place in range(1, PARTS + 1):
            first = place == 1
            told = {"place": place}
            self.fields[f"kind{place}"] = fields.choice(
                gettext("小题 %(place)s 题型") % told, PartKind.choices, required=first
            )
            self.fields[f"stem{place}"] = fields.text(gettext("小题 %(place)s 题干") % told, required=first, rows=2)
            self.fields[f"options{place}"] = fields.text(
                gettext("小题 %(place)s 选项") % told, required=False, rows=4,
                help_text=_("每行一个；判断题和问答题不填。"),
            )  # fmt: skip
            self.fields[f"answer{place}"] = fields.text(
                gettext("小题 %(place)s 答案") % told, required=first, rows=2,
                help_text=_("选择题填字母，判断题填“对”或“错”，问答题填评分要点。"),
            )  # fmt: skip
        order = [name for name in self.fields if name[-1].isdigit()]
        self.order_fields(["code", "stem", *order])

    def known(self) -> dict[str, Any]:
        """What the service takes."""
        given: Mapping[str, Any] = self.cleaned_data
        parts = [
            {
                "kind": given[f"kind{place}"], "stem": given[f"stem{place}"],
                "options": fields.lines(given[f"options{place}"]), "answer": given[f"answer{place}"],
            }
            for place in range(1, PARTS + 1)
            if given.get(f"stem{place}")
        ]  # fmt: skip
        plain = {name: value for name, value in given.items() if not name[-1].isdigit()}
        options = fields.lines(given.get("options") or "")
        return {**plain, "kind": self.kind, "difficulty": int(given["difficulty"]), "options": options, "parts": parts}

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with the parts of a case stands at the first of them."""
        super().add_error("stem1" if field == "parts" and "stem1" in self.fields else field, error)


class NewQuestionForm(QuestionForm):
    code = fields.words(_("题号"), limit=30, help_text=_("本题库内不重复，建立后不能修改。"))
    field_order = ("code",)


class ChangeQuestionForm(QuestionForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def initial_of(question: Question) -> dict[str, Any]:
    """What stands, as the form shows it."""
    told: dict[str, Any] = {
        name: getattr(question, name)
        for name in ("stem", "answer", "explanation", "subjects", "posts", "industries", "basis", "mark", "version")
    }
    told |= {"options": "\n".join(question.options), "difficulty": str(question.difficulty)}
    for place, part in enumerate(question.parts, start=1):
        told |= {f"kind{place}": part["kind"], f"stem{place}": part["stem"], f"answer{place}": part["answer"]}
        told[f"options{place}"] = "\n".join(part["options"])
    return told
