"""Reads of the bank of questions: answers stand in it, so it is for those who keep it and set papers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db.models import Q

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_enterprises, own_file
from quancheng.domains.training.models import Question, QuestionState, QuestionVersion
from quancheng.domains.training.models.questions import QuestionQuerySet
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.dictionaries.queries import labels_of
from quancheng.kernel.errors import NotFound, NotPermitted

BANK = "training.bank"
SUBJECTS = "training.subjects"


def list_questions(*, actor: Actor) -> QuestionQuerySet:
    """The district's questions, one's own, and those of enterprises that an office supervises, by code.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(BANK)
    files = list_enterprises(actor=actor).order_by() if actor.supervises else None
    return Question.objects.visible_to(actor, files).select_related("file__enterprise").order_by("code", "pk")


def get_question(*, actor: Actor, question_id: uuid.UUID) -> Question:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_questions(actor=actor).filter(pk=question_id).first()
    if found is None:
        raise NotFound
    return found


def own_bank(*, actor: Actor) -> Enterprise | None:
    """The file whose bank the actor keeps; None for the district's, which offices keep.

    :raises NotPermitted: neither an office nor an enterprise that has a file.
    """
    actor.require(BANK)
    if actor.supervises:
        return None
    file = own_file(actor=actor)
    if file is None:
        raise NotPermitted
    return file


def may_keep(actor: Actor, question: Question) -> bool:
    """Whether the actor changes a question: offices the district's, an enterprise its own."""
    if not actor.has(BANK):
        return False
    return actor.supervises if question.file_id is None else question.file_id == actor.organisation_id


def questions_coded(*, actor: Actor, codes: Collection[str]) -> list[Question]:
    """Questions of the bank that the actor keeps, for a sheet that names them."""
    return list(Question.objects.filter(file=own_bank(actor=actor), code__in=codes))


def pool_of(organisation: uuid.UUID | None) -> QuestionQuerySet:
    """What a paper that an organisation sets may be made of: questions in use, the district's and its own."""
    rows = Question.objects.filter(Q(file__isnull=True) | Q(file=organisation), state=QuestionState.IN_USE)
    return rows.order_by("code", "pk")


def versions_of(question: Question) -> Sequence[QuestionVersion]:
    """How a question read, the newest first."""
    return list(QuestionVersion.objects.filter(question=question).order_by("-number"))


def subject_names() -> dict[str, str]:
    """Codes of subjects with their names in the reader's language."""
    return dict(labels_of(SUBJECTS))
