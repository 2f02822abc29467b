"""Figures of questions, counted of finished papers each night."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from quancheng.domains.training.examining import discrimination
from quancheng.domains.training.models import Question, SittingItem

#: Papers that a question's figures are counted of: the newest.
MOST_PAPERS = 2000


def count_questions(*, now: datetime) -> int:
    """Count of each question how often it was asked, with which share of its marks, and how well it discriminates.

    Returns how many questions changed. Papers that are not marked yet count for nothing.
    """
    found: dict[object, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    rows = SittingItem.objects.filter(sitting__marked_at__lte=now, got__isnull=False)
    told = rows.order_by("-sitting__marked_at", "-pk").values_list("question", "sitting__score", "got", "marks")
    for question, score, got, marks in told.iterator(chunk_size=5000):
        papers = found[question]
        if got is not None and len(papers) < MOST_PAPERS:
            papers.append((score or Decimal(0), got / marks))
    changed = []
    for row in Question.objects.filter(pk__in=list(found)):
        papers = found[row.pk]
        rate = (sum((share for _score, share in papers), Decimal(0)) * 100 / len(papers)).quantize(Decimal("0.1"))
        figures = (len(papers), rate, discrimination(papers))
        if figures != (row.used_count, row.correct_rate, row.discrimination):
            row.used_count, row.correct_rate, row.discrimination = figures
            changed.append(row)
    Question.objects.bulk_update(changed, ["used_count", "correct_rate", "discrimination"], batch_size=500)
    return len(changed)
