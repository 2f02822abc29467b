"""Long work of the room of tasks: packs, charts and key periods of more than one may wait for."""

from __future__ import annotations

import uuid
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.media import TYPES
from quancheng.domains.duty.queries.plans import list_plans
from quancheng.domains.duty.queries.tasks import get_task
from quancheng.domains.duty.services.reports import PACK_WORK, make_pack
from quancheng.domains.duty.services.tasks import WINDOW_WORK, Window, open_window
from quancheng.domains.duty.services.wall import WALL_WORK, ChartFile, draw_chart, record_export
from quancheng.kernel.longwork.kinds import Kind, Outcome, Run


def pack_in_background(run: Run) -> Outcome:
    """The pack stands with the end of the work or not at all."""
    plans = list_plans(actor=run.actor).filter(pk__in=run.params["plans"])
    first, last = (date.fromisoformat(run.params[name]) for name in ("first", "last"))
    pack = make_pack(actor=run.actor, plans=list(plans), first=first, last=last, now=run.now)
    return Outcome(message=_("已生成：%(title)s") % {"title": pack.title}, link=reverse("duty:pack", args=[pack.pk]))


def chart_in_background(run: Run) -> Outcome:
    """The whole wall chart as a file."""
    drawn = draw_chart(actor=run.actor, chart=ChartFile.from_params(run.params), now=run.now)
    run.progress.step(drawn.rows)
    path = run.folder / drawn.name
    path.write_bytes(drawn.body)
    return Outcome(
        message=_("共导出%(count)s条。") % {"count": drawn.rows},
        file=path,
        name=drawn.name,
        media_type=TYPES[path.suffix[1:]],
        finish=lambda: record_export(actor=run.actor, drawn=drawn, now=timezone.now()),
    )


def window_in_background(run: Run) -> Outcome:
    """Every unit owes its days of a key period, or, where it is cancelled or fails, none does."""
    task = get_task(actor=run.actor, task_id=uuid.UUID(run.params["task"]))
    days = {name: date.fromisoformat(run.params[name]) for name in ("first", "last")}
    window = Window(label=str(run.params["label"]), **days)
    made = open_window(actor=run.actor, task=task, window=window, now=run.now, step=run.progress.step)
    return Outcome(message=_("共布置%(count)s期。") % {"count": len(made)}, link=reverse("duty:task", args=[task.pk]))


KINDS = (
    Kind(code=PACK_WORK, label=gettext_lazy("情况通报"), run=pack_in_background, limit_s=900, is_atomic=True),
    Kind(code=WALL_WORK, label=gettext_lazy("导出挂图"), run=chart_in_background),
    Kind(code=WINDOW_WORK, label=gettext_lazy("启动重点时段"), run=window_in_background, is_atomic=True),
)
