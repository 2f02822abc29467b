"""The black list (黑名单): proposed, noticed, appealed against, reviewed, ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import BlackListing, Contractor, ListLevel, ListReason, Person
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean

PROPOSE, DECIDE = "training.blacklist.propose", "training.blacklist.decide"
CLOCK = system_actor("training", DECIDE)
#: Moves that end it; from then on it is no longer for every enterprise to read.
_ENDING = ("drop", "cancel", "release")


def propose_listing(
    *, actor: Actor, file: Enterprise | None, contractor: Contractor | None, person: Person | None, reason: str,
    facts: str, term_years: int, now: datetime, client_id: uuid.UUID | None = None,
) -> BlackListing:  # fmt: skip
    """Propose a company or a person: an enterprise for its own list, an office for the district's.

    :param file: the enterprise whose list it is; None for the district's.
    :param term_years: 1 to 3, or 0 without end.
    :raises NotPermitted: neither. :raises Conflict: it is on that list or proposed for it. :raises Invalid: by field.
    """
    actor.require(PROPOSE)
    if actor.organisation_id is None or actor.user_id is None:
        raise NotPermitted
    if (file is None and not actor.supervises) or (file is not None and file.pk != actor.organisation_id):
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if reason not in ListReason.values:
        wrong["reason"] = _("请选择列入原因。")
    if not clean(facts):
        wrong["facts"] = _("请写明事实。")
    if not 0 <= term_years <= 3:
        wrong["term_years"] = _("期限为1至3年，长期填0。")
    if wrong:
        raise Invalid(fields=wrong)
    if contractor is not None:
        title, index = contractor.name, ""
    elif person is not None:
        title, index = person.name, person.id_index
    else:
        raise Invalid(_("请选择承包商或人员。"))
    scope: dict[str, Any] = {"owner_org_id": actor.organisation_id, "reach": Reach.CHAIN}
    if file is not None:
        scope = file.row_scope()
    row = BlackListing(
        **scope, level=ListLevel.DISTRICT if file is None else ListLevel.OWN, file=file, contractor=contractor,
        person=person, id_index=index, title=title[:200], reason=reason, facts=clean(facts)[:2000],
        term_years=term_years, proposed_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    told = {"level": row.level, "reason": reason, "contractor": contractor.code if contractor else None}
    try:
        with transaction.atomic():
            made: BlackListing = enter(actor=actor, row=row, now=now, facts=told, client_id=client_id)
    except IntegrityError as twice:
        raise Conflict(_("该单位（人员）已在该黑名单或正在办理。")) from twice
    return made


def decide_listing(
    *, actor: Actor, row: BlackListing, name: str, given: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> BlackListing:  # fmt: skip
    """Make a move. It bars from the notice on, everywhere where the list counts; the term begins with the notice.

    :raises NotPermitted: who proposed it does not approve it.
    """
    today = Calendar().local_date(now)
    said = clean(str(given.get("text") or given.get("reason") or ""))[:2000]
    changes: dict[str, Any] = {"review": said}
    if name == "notice":
        if actor.user_id is not None and actor.user_id == row.proposed_by_id:
            raise NotPermitted(_("提出人不能批准自己提出的列入，请由另一人办理。"))
        changes |= {
            "appeal_until": Calendar().add_working_days(today, figures()["appeal_days"]),
            "until_date": today + relativedelta(years=row.term_years) if row.term_years else None,
        }  # fmt: skip
        if row.level == ListLevel.DISTRICT and row.contractor_id is not None:
            # A company of the district's list is for every enterprise to know; a person is not.
            changes["reach"] = Reach.PUBLIC
    elif name == "appeal":
        if row.appeal_until is not None and today > row.appeal_until:
            raise Conflict(_("申诉期至%(day)s，已届满。") % {"day": row.appeal_until})
        changes = {"appeal": said}
    elif name in _ENDING:
        changes |= _withdrawn(row)
    return move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)


def _withdrawn(row: BlackListing) -> dict[str, Any]:
    """A company that is cleared, or whose term is over, is shown no more to those who need not know."""
    return {"reach": Reach.CHAIN} if row.level == ListLevel.DISTRICT else {}


def look_at_listings(*, now: datetime) -> int:
    """Whose time of appeal is over is listed, whose term is over is released. Returns how many moved."""
    today = Calendar().local_date(now)
    done = 0
    for status, name, over in (
        ("NOTICED", "list", {"appeal_until__lt": today}), ("LISTED", "end", {"until_date__lt": today}),
    ):  # fmt: skip
        for row in BlackListing.objects.filter(status=status, **over).order_by("pk"):
            with transaction.atomic():
                move(actor=CLOCK, row=row, name=name, now=now, changes=_withdrawn(row) if name == "end" else {})
            done += 1
    return done
