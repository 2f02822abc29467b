"""Telling who stands ready to get people out of a confined space (救援准备)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import Permit, RescueReadiness
from quancheng.domains.permits.notices import RESCUE_DOWN
from quancheng.domains.permits.queries.permits import SIGN_LEADER, WORK
from quancheng.domains.permits.queries.rescue import RESCUE_PLAN, is_down
from quancheng.domains.permits.services.checking import is_far, locked, note, require_own
from quancheng.domains.permits.services.telling import tell
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

#: States in which it is told; the newest word counts at the issue and at each start.
OPEN = ("DRAFT", "REQUESTED", "PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What is told. ``confirmed_by``: who of the team said that it comes; asked where it is confirmed."""

    team: str
    people: int
    air_sets: int
    since: datetime
    until: datetime
    is_confirmed: bool
    plan: str = ""
    confirmed_by: str = ""
    drill_date: date | None = None


def tell_rescue(
    *, actor: Actor, permit: Permit, ready: Ready, now: datetime, file_ids: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> RescueReadiness:  # fmt: skip
    """Say anew who stands ready.

    :param file_ids: the plan as a file; or one was told before, or ``plan`` says it.
    :raises Invalid: by field. :raises Conflict: no confined space. :raises StaleState: the work is over.
    """
    require_own(actor, permit.file, WORK)
    if permit.kind != "CS":
        raise Conflict(_("只有受限空间作业登记救援准备。"))
    told = {**asdict(ready), "plan": clean(ready.plan)[:1000], "team": clean(ready.team)[:80],
            "confirmed_by": clean(ready.confirmed_by)[:60]}  # fmt: skip
    had_file = RescueReadiness.objects.filter(permit=permit, has_file=True).exists()
    if wrong := _faults(ready, told, now, has_file=bool(file_ids) or had_file):
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        held = locked(permit, *OPEN)
        if file_ids:
            attach_files(actor=actor, row=held, file_ids=list(file_ids), now=now, role=RESCUE_PLAN)
        made = RescueReadiness.objects.create(
            permit=held, has_file=bool(file_ids) or had_file, told_by=actor.name, told_at=now, **told
        )
        facts = {name: told[name] for name in ("team", "people", "air_sets", "is_confirmed", "since", "until")}
        note(actor, "permits.rescue.tell", held, now, facts)
        if held.status in BEGUN and (is_down(made, now) or made.until < held.window_end):
            # Somebody may be inside whom nobody gets out: who runs the work and who leads the enterprise know at once.
            for duty in (WORK, SIGN_LEADER):
                tell(RESCUE_DOWN, held, now, duty=duty, team=made.team)
        return made.pk

    body = {"permit": permit.pk, **told, "files": sorted(map(str, file_ids))}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="permits.rescue.tell", body=body, now=now, make=make)
    return RescueReadiness.objects.get(pk=pk)


def _faults(ready: Ready, told: dict[str, object], now: datetime, *, has_file: bool) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not told["plan"] and not has_file:
        wrong["plan"] = _("请填写救援方案要点，或上传方案文件。")
    if not told["team"]:
        wrong["team"] = _("请填写此项。")
    for name, least, value in (("people", 1, ready.people), ("air_sets", 0, ready.air_sets)):
        if not least <= value <= 500:
            wrong[name] = _("应在%(least)s到%(most)s之间。") % {"least": least, "most": 500}
    if ready.until <= ready.since:
        wrong["until"] = _("结束时间应晚于开始时间。")
    elif is_far(ready.since, now) or is_far(ready.until, now):
        wrong["since"] = _("时间超出范围。")
    if ready.is_confirmed and not told["confirmed_by"]:
        wrong["confirmed_by"] = _("请填写队伍中确认的人。")
    if ready.drill_date is not None and ready.drill_date > Calendar().local_date(now):
        wrong["drill_date"] = _("演练日期不能晚于今天。")
    return wrong
