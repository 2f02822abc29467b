"""The bank of questions (题库): what may be asked, in which wording, and how it was answered so far."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.models.certificates import SourceMark
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7

#: The tag of which every paper has a least share (S1-5b, S2-16c).
MAJOR_HIDDEN_DANGER = "major_hidden_danger"


class QuestionKind(models.TextChoices):
    """How a question is asked (题型)."""

    SINGLE = "single", _("单选题")
    MULTIPLE = "multiple", _("多选题")
    JUDGE = "judge", _("判断题")
    CASE = "case", _("案例题")
    PRACTICE = "practice", _("实操题")


class PartKind(models.TextChoices):
    """How a part of a case is asked (案例小题题型)."""

    SINGLE = "single", _("单选题")
    MULTIPLE = "multiple", _("多选题")
    JUDGE = "judge", _("判断题")
    TEXT = "text", _("问答题")


class QuestionState(models.TextChoices):
    """Where a question stands (试题状态)."""

    DRAFT = "draft", pgettext_lazy("question", "草稿")
    IN_USE = "in_use", pgettext_lazy("question", "在用")
    RETIRED = "retired", pgettext_lazy("question", "停用")


class QuestionQuerySet(models.QuerySet["Question"]):
    """Questions of the district's bank and of enterprises' own."""

    def visible_to(self, actor: Actor, files: models.QuerySet[Any] | None = None) -> QuestionQuerySet:
        """The district's, one's own, and of an office those of the enterprises ``files`` that it sees."""
        seen = Q(file__isnull=True) | Q(file=actor.organisation_id)
        if files is not None:
            seen |= Q(file__in=files.values("pk"))
        return self.filter(seen)


class Question(models.Model):
    """A question (试题) as it reads now. Retention class: register, permanent.

    ``answer`` has the letters of the right options (``AC``), ``T`` or ``F`` of a statement, else what a good answer
    says. A case has ``parts`` instead: dictionaries of ``kind``, ``stem``, ``options``, ``answer``, ``explanation``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Whose bank it belongs to; empty for the district's.
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(_("题号"), max_length=30)
    kind = models.CharField(_("题型"), max_length=10, choices=QuestionKind.choices)
    stem = models.TextField(_("题干"), max_length=2000)
    options = ArrayField(models.CharField(max_length=300), default=list, blank=True, verbose_name=_("选项"))
    answer = models.TextField(_("答案"), max_length=2000, blank=True)
    parts = models.JSONField(_("小题"), default=list, blank=True)
    explanation = models.TextField(_("解析"), max_length=1000, blank=True)
    #: Codes of the dictionary ``training.subjects``, of roles, and of classes of enterprise.
    subjects = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("知识点"))
    posts = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("适用岗位角色"))
    industries = ArrayField(models.CharField(max_length=24), default=list, blank=True, verbose_name=_("适用企业类别"))
    difficulty = models.PositiveSmallIntegerField(_("难度"), default=3)
    basis = models.CharField(_("依据"), max_length=200, blank=True)
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    state = models.CharField(_("状态"), max_length=8, choices=QuestionState.choices, default=QuestionState.DRAFT)
    version = models.PositiveIntegerField(_("版本"), default=1)
    #: In finished exams, counted each night: how often it was asked, with which share of the marks (per cent), and how
    #: well it tells the good from the weak (-1 to 1, the best third against the weakest); empty where too few sat it.
    used_count = models.PositiveIntegerField(_("使用次数"), default=0, editable=False)
    correct_rate = models.DecimalField(_("得分率"), max_digits=5, decimal_places=1, null=True, editable=False)
    discrimination = models.DecimalField(_("区分度"), max_digits=4, decimal_places=2, null=True, editable=False)
    created_at = models.DateTimeField(null=True)
    #: When a person last changed it; null for what ships, which a newer release may word anew.
    changed_at = models.DateTimeField(null=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "code"], nulls_distinct=False, name="question_code_once"),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
            models.CheckConstraint(condition=Q(state__in=QuestionState.values), name="question_state_known"),
            models.CheckConstraint(condition=Q(mark__in=SourceMark.values), name="question_mark_known"),
            models.CheckConstraint(condition=Q(difficulty__gte=1, difficulty__lte=5), name="question_difficulty"),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="question_order"),
            GinIndex(fields=["subjects"], name="question_subjects"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_major(self) -> bool:
        return MAJOR_HIDDEN_DANGER in self.subjects

    def wording(self) -> dict[str, Any]:
        """What a paper keeps of it."""
        return {name: getattr(self, name) for name in WORDING}


#: What makes a version of a question.
WORDING = ("kind", "stem", "options", "answer", "parts", "explanation", "basis")


class QuestionVersion(models.Model):
    """A question as it read once (试题版本), which papers refer to. Retention class: register, permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=QuestionKind.choices)
    stem = models.TextField()
    options = ArrayField(models.CharField(max_length=300), default=list)
    answer = models.TextField(blank=True)
    parts = models.JSONField(default=list)
    explanation = models.TextField(blank=True)
    basis = models.CharField(max_length=200, blank=True)
    #: Who wrote it; empty for what ships.
    made_by_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="question_version_once")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.number}"

    @classmethod
    def of(cls, question: Question, *, made_at: Any, made_by: uuid.UUID | None) -> QuestionVersion:
        """The version that a question is now, not yet stored."""
        return cls(
            question=question, number=question.version, made_at=made_at, made_by_id=made_by, **question.wording()
        )
