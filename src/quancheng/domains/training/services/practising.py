"""Papers for practice: as in the exam, marked at once, kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from quancheng.domains.training.models import ExamSitting, SittingItem
from quancheng.domains.training.services.exam_results import closed_marks
from quancheng.domains.training.services.sitting import paper_of, read_answer


def paper(*, sitting: ExamSitting, seed: str) -> list[SittingItem]:
    """A paper of this exam by another seed, not stored; the same seed gives the same paper while the bank is the same.

    :raises Conflict: the bank became too small.
    """
    return paper_of(sitting, seed=seed)


def mark(items: Sequence[SittingItem], answers: Mapping[int, Mapping[str, str]], *, is_partial: bool) -> Decimal:
    """Put answers into a paper and mark what needs no examiner; returns the marks got."""
    total = Decimal(0)
    for item in items:
        for part, text in answers.get(item.place, {}).items():
            found = read_answer(item, part, text)
            if found is not None:
                item.answer[part] = found
        item.got = closed_marks(item, is_partial=is_partial)
        total += item.got or Decimal(0)
    return total
