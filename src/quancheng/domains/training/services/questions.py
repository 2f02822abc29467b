"""Questions entered, worded anew, taken into use and out of it; what was asked once stays as it was asked."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.examining import LETTERS
from quancheng.domains.training.models import Question, QuestionKind, QuestionState, QuestionVersion, WorkRole
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.models.questions import WORDING, PartKind
from quancheng.domains.training.queries.questions import BANK, may_keep, own_bank, subject_names
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
MOST_OPTIONS, MOST_PARTS = 8, 6
_DATA = Path(__file__).parent.parent / "data"
_CLOSED = ("single", "multiple", "judge")
#: Texts of one question that are typed as they are.
_TEXTS = {"stem": 2000, "answer": 2000, "explanation": 1000, "basis": 200}


def enter_question(*, actor: Actor, known: Mapping[str, Any], now: datetime) -> Question:
    """Enter a question into the bank that the actor keeps: an office the district's, an enterprise its own.

    :param known: the fields of :class:`Question` but its counts. It begins as a draft.
    :raises Invalid: by field; of a part by ``parts``. :raises Conflict: the code is taken.
    """
    file = own_bank(actor=actor)
    given = _checked(known)
    code = clean(str(known.get("code") or ""))
    if not CODE.fullmatch(code):
        raise Invalid(fields={"code": _("题号用字母、数字、点和连字符，最多30个字符。")})
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Question.objects.create(file=file, code=code, created_at=now, changed_at=now, **given)
        except IntegrityError as twice:
            raise Conflict(fields={"code": _("该题号已存在。")}) from twice
        QuestionVersion.of(row, made_at=now, made_by=actor.user_id).save(force_insert=True)
        _note(actor, "training.question.enter", row, now)
    return row


def change_question(
    *, actor: Actor, question: Question, version: int, known: Mapping[str, Any], now: datetime
) -> Question:
    """Word a question anew, or tag it otherwise. Another wording is another version: papers keep what was asked.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field.
    """
    _require_keeper(actor, question)
    given = _checked(known)
    changed = {name: value for name, value in given.items() if getattr(question, name) != value}
    if not changed:
        return question
    with transaction.atomic():
        rows = Question.objects.filter(pk=question.pk, version=version)
        if not rows.update(**changed, version=F("version") + 1, changed_at=now):
            raise StaleState
        after = Question.objects.get(pk=question.pk)
        QuestionVersion.of(after, made_at=now, made_by=actor.user_id).save(force_insert=True)
        _note(actor, "training.question.change", after, now, version=after.version)
    return after


def set_state(*, actor: Actor, question: Question, state: str, now: datetime) -> None:
    """Take a question into use, or out of it; papers that have it keep it.

    :raises StaleState: it stands there already.
    """
    _require_keeper(actor, question)
    if state not in (QuestionState.IN_USE, QuestionState.RETIRED):
        raise Invalid(fields={"state": _("没有这个选项。")})
    with transaction.atomic():
        if not Question.objects.filter(pk=question.pk).exclude(state=state).update(state=state, changed_at=now):
            raise StaleState
        _note(actor, "training.question.state", question, now, state=state)


def remove_question(*, actor: Actor, question: Question, now: datetime) -> None:
    """Take back a question that was never asked, for an undone import: it goes out of use, for versions stay.

    :raises Conflict: it was asked.
    """
    _require_keeper(actor, question)
    with transaction.atomic():
        retired = Question.objects.filter(pk=question.pk, used_count=0).update(
            state=QuestionState.RETIRED, changed_at=now
        )
        if not retired:
            raise Conflict(_("该试题已经使用，不能撤回。"))
        _note(actor, "training.question.state", question, now, state=QuestionState.RETIRED)


def check_question(known: Mapping[str, Any]) -> None:
    """What is wrong with a question, before anything is written. :raises Invalid: by field."""
    _checked(known)


def _require_keeper(actor: Actor, question: Question) -> None:
    actor.require(BANK)
    if not may_keep(actor, question):
        raise NotPermitted


def _checked(known: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    kind = known.get("kind") or ""
    if kind not in QuestionKind.values:
        raise Invalid(fields={"kind": _("没有这个选项。")})
    given: dict[str, Any] = {name: str(known.get(name) or "").strip()[:most] for name, most in _TEXTS.items()}
    given |= {
        "kind": kind, "options": [clean(one)[:300] for one in known.get("options") or () if clean(one)], "parts": [],
        "difficulty": known.get("difficulty") or 3, "mark": known.get("mark") or SourceMark.DEFAULT,
    }  # fmt: skip
    if not given["stem"]:
        wrong["stem"] = _("请填写题干。")
    if given["mark"] not in SourceMark.values:
        wrong["mark"] = _("没有这个选项。")
    if not 1 <= int(given["difficulty"]) <= 5:
        wrong["difficulty"] = _("难度为 1 至 5。")
    for name, there in (
        ("subjects", set(subject_names())), ("posts", set(WorkRole.objects.values_list("code", flat=True))),
        ("industries", set(Kind.values)),
    ):  # fmt: skip
        given[name] = sorted(set(known.get(name) or ()))
        if set(given[name]) - there:
            wrong[name] = _("没有这个选项。")
    if not given["subjects"]:
        wrong.setdefault("subjects", _("请至少选择一个知识点。"))
    if kind == QuestionKind.CASE:
        given["options"], given["answer"] = [], ""
        try:
            given["parts"] = [_part(one) for one in known.get("parts") or ()]
        except Invalid as fault:
            wrong["parts"] = next(iter(fault.fields.values()))
        else:
            if not 1 <= len(given["parts"]) <= MOST_PARTS:
                wrong["parts"] = _("案例题应有 1 至 %(most)s 道小题。") % {"most": MOST_PARTS}
    else:
        wrong |= _answer(kind, given)
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _part(one: Mapping[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = {
        "kind": one.get("kind") or "", "stem": str(one.get("stem") or "").strip()[:1000],
        "options": [clean(text)[:300] for text in one.get("options") or () if clean(text)],
        "answer": str(one.get("answer") or "").strip()[:2000],
        "explanation": str(one.get("explanation") or "").strip()[:1000],
    }  # fmt: skip
    if part["kind"] not in PartKind.values:
        raise Invalid(fields={"kind": _("没有这个选项。")})
    if not part["stem"]:
        raise Invalid(fields={"stem": _("请填写小题的题干。")})
    wrong = _answer(part["kind"], part)
    if wrong:
        raise Invalid(fields=wrong)
    return part


def _answer(kind: str, given: dict[str, Any]) -> dict[str, Text]:
    """Put options and answer into their one form; what is wrong with them."""
    options: Sequence[str] = given["options"]
    if kind not in _CLOSED:
        given["options"] = []
        return {} if given["answer"] else {"answer": _("请填写参考答案或评分要点。")}
    told = given["answer"].upper().replace("、", "").replace(",", "").replace(" ", "")
    if kind == "judge":
        given["options"] = []
        given["answer"] = {"对": "T", "正确": "T", "√": "T", "错": "F", "错误": "F", "×": "F"}.get(told, told)
        return {} if given["answer"] in ("T", "F") else {"answer": _("判断题的答案填“对”或“错”。")}
    if not 2 <= len(options) <= MOST_OPTIONS:
        return {"options": _("选项应有 2 至 %(most)s 个。") % {"most": MOST_OPTIONS}}
    if len(set(options)) < len(options):
        return {"options": _("选项不能重复。")}
    given["answer"] = "".join(sorted(set(told)))
    if not given["answer"] or set(told) - set(LETTERS[: len(options)]):
        return {"answer": _("答案填选项的字母，如 A 或 ACD。")}
    if kind == "single" and len(given["answer"]) != 1:
        return {"answer": _("单选题只有一个正确答案。")}
    if kind == "multiple" and len(given["answer"]) < 2:
        return {"answer": _("多选题至少有两个正确答案。")}
    return {}


def _note(actor: Actor, act: str, row: Question, now: datetime, **facts: Any) -> None:
    journal.record(
        actor=actor, act=act, subject_type="training.question", subject_id=row.pk, org_id=row.file_id, now=now,
        facts={"code": row.code, **facts},
    )  # fmt: skip


# What ships ---------------------------------------------------------------------------------------------------------


def shipped_questions() -> Iterator[dict[str, Any]]:
    """The questions of ``data/questions_*.csv``, cases with their parts."""
    case: dict[str, Any] = {}
    for path in sorted(_DATA.glob("questions_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                options = [one for one in row["options"].split("|") if one]
                if row["parent"]:
                    case["parts"].append({
                        "kind": row["kind"], "stem": row["stem"], "options": options, "answer": row["answer"],
                        "explanation": row["explanation"],
                    })  # fmt: skip
                    continue
                if case:
                    yield case
                case = {
                    **{name: row[name] for name in ("code", "kind", "stem", "answer", "explanation", "basis", "mark")},
                    "options": options, "parts": [], "difficulty": int(row["difficulty"]),
                    "subjects": sorted(row["subjects"].split("|")),
                    "posts": sorted(one for one in row["posts"].split("|") if one),
                    "industries": sorted(one for one in row["industries"].split("|") if one),
                }  # fmt: skip
    yield case


def load_questions() -> None:
    """Bring the district's bank in step with what ships; what a person changed stays as he left it."""
    now = timezone.now()
    standing = {one.code: one for one in Question.objects.filter(file__isnull=True)}
    made: list[Question] = []
    for facts in shipped_questions():
        before = standing.get(facts["code"])
        if before is None:
            made.append(Question(**facts, state=QuestionState.IN_USE, created_at=now))
        elif before.changed_at is None and any(getattr(before, name) != value for name, value in facts.items()):
            is_reworded = any(getattr(before, name) != facts.get(name, getattr(before, name)) for name in WORDING)
            for name, value in facts.items():
                setattr(before, name, value)
            before.version += int(is_reworded)
            Question.objects.filter(pk=before.pk).update(**facts, version=before.version)
            if is_reworded:
                QuestionVersion.of(before, made_at=now, made_by=None).save(force_insert=True)
    Question.objects.bulk_create(made)
    QuestionVersion.objects.bulk_create([QuestionVersion.of(one, made_at=now, made_by=None) for one in made])
