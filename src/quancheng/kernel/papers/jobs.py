"""Rendering of signed papers, queued in the transaction that signs them."""

from __future__ import annotations

import uuid

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app


@app.task(name="papers.render", queue="slow", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def render(paper_id: str) -> None:
    # The renderer loads fonts and Typst: only where it is wanted.
    from quancheng.kernel.papers.services.rendering import keep_copies

    keep_copies(paper_id=uuid.UUID(paper_id), now=timezone.now())
