"""The facts of a proposal as they stand, and the paper drafted from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import plain
from quancheng.kernel.ladder.models import Escalation, LadderRung
from quancheng.kernel.papers.render.paper import arabic_date
from quancheng.kernel.papers.services.drafts import newest_template
from quancheng.kernel.papers.templates_data import fill
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

#: A paper's title names the matter in at most so many characters.
_MATTER = 80
#: Our own code before a row's title, which means nothing to who reads the paper: T-0001, PLAN-2026-03.
_CODE = re.compile(r"^[A-Z]{1,8}[A-Z0-9]*-[A-Z0-9-]*\d[A-Z0-9-]*\s+")


def facts_of(*, item: WorkItem, days_late: int, former: Iterable[Escalation], now: datetime) -> dict[str, Any]:
    """What is so on the day of the proposal; papers are Chinese, hence the dates."""
    calendar = Calendar()
    due = item.due_at or item.review_at
    earlier = [
        {
            "step": one.step,
            "name": one.rung_name,
            "number": one.paper.number_text,
            "signed": arabic_date(calendar.local_date(one.paper.signed_at)) if one.paper.signed_at else "",
        }
        for one in former
        if one.paper is not None
    ]
    found: dict[str, Any] = plain(
        {
            "title": item.title,
            "unit": item.owner_org.name,
            "due": arabic_date(calendar.local_date(due)) if due else "",
            "today": arabic_date(calendar.local_date(now)),
            "days_late": max(days_late, 0),
            "urged": item.urged_count,
            "earlier": earlier,
        }
    )
    return found


def draft_for(*, rung: LadderRung, facts: Mapping[str, Any], issuer: Organisation) -> tuple[str, str]:
    """Title and body of the paper that a rung sends, from the newest form letter."""
    template = newest_template(rung.template)
    earlier = [f"{one['signed']}印发的{one['name']}（{one['number']}）" for one in facts["earlier"]]
    urged = f"期间已催办{facts['urged']}次。" if facts["urged"] else ""
    values = {
        "单位": facts["unit"],
        "事项": _CODE.sub("", facts["title"])[:_MATTER],
        "期限": facts["due"],
        "今日": facts["today"],
        "超期天数": facts["days_late"],
        "前次督办": (f"此前已发出{'、'.join(earlier)}，仍未办结。" if earlier else "") + urged,
        "回复期限": rung.reply_working_days,
        "发文机关": issuer.name,
    }
    return fill(template.title, values), fill(template.body, values)
