"""Questions of the bank that one keeps, from a spreadsheet: one a line, found by its code."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.examining import LETTERS
from quancheng.domains.training.models import Question, QuestionKind
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.queries import questions as queries
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services import questions as services
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.imports.columns import choice_column, dictionary_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_OPTIONS = tuple(f"option_{one.lower()}" for one in LETTERS[:6])
#: Cells as the service names what is wrong with them.
_CELL = {"options": "option_a", "parts": "kind"}


class QuestionImport(Session):
    """One question a line, into the bank that the actor keeps. Cases have parts and are entered on their page."""

    keys = ("code",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._before: dict[str, Question] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        roles = list(list_roles())
        return [
            SheetColumn("code", gettext_lazy("题号"), required=True, unique=True, max_length=30, parse=clean,
                        sample="A-001", help=gettext_lazy("据此识别试题；字母、数字、点和连字符")),
            choice_column("kind", gettext_lazy("题型"), QuestionKind.choices, required=True, sample="单选题",
                          words={"单选": "single", "多选": "multiple", "判断": "judge", "实操": "practice"}),
            SheetColumn("stem", gettext_lazy("题干"), required=True, width=48, max_length=2000, parse=str.strip,
                        sample="动火分析与动火作业的间隔不应超过多少分钟？"),
            *(SheetColumn(key, format_lazy(gettext_lazy("选项 {letter}"), letter=LETTERS[place]), max_length=300,
                          parse=clean, sample=("30 min", "60 min", "90 min", "", "", "")[place])
              for place, key in enumerate(_OPTIONS)),
            SheetColumn("answer", gettext_lazy("答案"), max_length=2000, parse=str.strip, sample="A",
                        help=gettext_lazy("选择题填字母，判断题填“对”或“错”，实操题填评分要点")),
            SheetColumn("explanation", gettext_lazy("解析"), max_length=1000, parse=str.strip, width=36),
            dictionary_column("subjects", gettext_lazy("知识点"), queries.SUBJECTS, many=True, required=True),
            choice_column("posts", gettext_lazy("适用岗位角色"), [(one.code, one.name) for one in roles], many=True),
            choice_column("industries", gettext_lazy("适用企业类别"), Kind.choices, many=True),
            SheetColumn("difficulty", gettext_lazy("难度"), kind="integer", minimum=1, maximum=5, sample="2"),
            SheetColumn("basis", gettext_lazy("依据"), max_length=200, parse=clean, width=28,
                        sample="GB 30871-2022 5.3"),
            choice_column("mark", gettext_lazy("确信程度"), SourceMark.choices),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("state", gettext_lazy("状态")), ("version", gettext_lazy("版本")),
                ("used_count", gettext_lazy("使用次数")), ("correct_rate", gettext_lazy("得分率（%）")),
                ("discrimination", gettext_lazy("区分度")), ("bank", gettext_lazy("所属题库")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        known = queries.questions_coded(actor=self.actor, codes={row.key[0] for row in rows if row.key})
        self._before = {one.code: one for one in known}
        return {(code,): self._standing(one) for code, one in self._before.items()}

    def _standing(self, one: Question) -> Standing:
        values: dict[str, Any] = {column.key: getattr(one, column.key, None) or None for column in self._columns}
        values |= {key: one.options[place] if place < len(one.options) else None for place, key in enumerate(_OPTIONS)}
        texts = {column.key: column.text_of(values.get(column.key)) for column in self._columns if column.is_read}
        return Standing(str(one.pk), texts, f"{one.version} {one.used_count}")

    def check(self, row: Row) -> Iterable[Fault]:
        if row.values.get("kind") == QuestionKind.CASE:
            if row.before is None or row.changes:
                yield Fault("kind", _("案例题有小题，请在页面上录入和修改。"))
            return
        try:
            services.check_question(self._known(row))
        except Invalid as refused:
            for name, sentence in refused.fields.items():
                yield Fault(_CELL.get(name, name), sentence)

    def _known(self, row: Row) -> dict[str, Any]:
        return {**row.values, "options": [row.values.get(key) or "" for key in _OPTIONS]}

    def save(self, row: Row) -> str:
        if row.before is None:
            return str(services.enter_question(actor=self.actor, known=self._known(row), now=self.now).pk)
        question = queries.get_question(actor=self.actor, question_id=uuid.UUID(row.before.id))
        services.change_question(
            actor=self.actor, question=question, version=question.version, known=self._known(row), now=self.now
        )
        return row.before.id

    def remove(self, row: Row) -> None:
        question = queries.get_question(actor=self.actor, question_id=uuid.UUID(row.saved_id))
        services.remove_question(actor=self.actor, question=question, now=self.now)


QUESTIONS = Register(
    code="training.questions",
    title=gettext_lazy("考试题库"),
    duty=queries.BANK,
    session=QuestionImport,
    hint=gettext_lazy("每行一道题，按题号识别：监管部门导入区级题库，企业导入本单位题库。新题为草稿，核对后启用。"),
    rows_at="training:questions",
    most_rows=2_000,
    order=62,
)
