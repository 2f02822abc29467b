"""Warnings of weather (气象预警): told by an office or a weather service, ended; and what each does, set."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import (
    Kind,
    Permit,
    WarningColour,
    WarningKind,
    WeatherRuleChange,
    WeatherWarning,
)
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.weather import WEATHER, under
from quancheng.domains.permits.services.clock import watch_running
from quancheng.domains.permits.services.setting import set_once
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.areas.models import Area
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once
from quancheng.kernel.people.models import Organisation
from quancheng.standards.gb30871.weather import weather_rules

log = logging.getLogger(__name__)
#: What another clock may be ahead of ours.
_AHEAD = timedelta(minutes=5)
#: No warning holds longer than this; a longer one is a slip of the hand [D].
LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A warning as its issuer tells it; times aware, from the first to before the last.

    :ivar issued_at: when the issuer issued this word of it, by which an older one is known; None: now.
    """

    kind: str
    colour: str
    over: Area
    issuer: str
    valid_from: datetime
    valid_to: datetime
    issued_at: datetime | None = None
    text: str = ""
    reference: str = ""


def tell_warning(
    *, actor: Actor, told: Told, now: datetime, client_id: uuid.UUID | None = None
) -> WeatherWarning:
    """Enter a warning, or change the one of the same reference (升级、降级、延长): work in the open that it stops is
    suspended at once and its people are told; none begins or goes on that it forbids, until it ended.

    :raises NotPermitted: no office, or an area that is not its own. :raises Invalid: by field.
    :raises Conflict: the warning of that reference has ended, or a later word of it is known.
    """
    actor.require(WEATHER)
    office = actor.organisation_id
    if not actor.supervises or office is None:
        raise NotPermitted
    _require_area(actor, told.over)
    words = {"issuer": clean(told.issuer)[:80], "text": clean(told.text)[:500], "reference": clean(told.reference)[:80]}
    if wrong := _faults(told, words["issuer"], now):
        raise Invalid(fields=wrong)
    issued_at = told.issued_at or now
    given = {
        "kind": told.kind, "colour": told.colour, "over": told.over, "valid_from": told.valid_from,
        "valid_to": told.valid_to, "issued_at": issued_at, **words,
    }  # fmt: skip

    def make() -> uuid.UUID:
        former = None
        if words["reference"]:
            rows = WeatherWarning.objects.select_for_update(no_key=True)
            former = rows.filter(owner_org=office, reference=words["reference"]).first()
        if former is not None and former.ended_at is not None:
            raise Conflict(_("这条预警已经解除或失效，请用新的编号发布。"))
        if former is not None:
            _require_later(former, issued_at, told.valid_from, now)
        entered = {"entered_by": actor.name[:130], "entered_at": now}
        if former is None:
            organisation = Organisation.objects.get(pk=office)
            try:
                with transaction.atomic():
                    row = WeatherWarning.objects.create(
                        owner_org=organisation, area=None, links=[], reach=Reach.PUBLIC, **given, **entered
                    )
            except IntegrityError as twice:
                raise Conflict(_("同一编号的预警正在录入，请重新提交。")) from twice
        else:
            row = former
            WeatherWarning.objects.filter(pk=row.pk).update(**given, **entered)
        _note(actor, "permits.weather.tell", row, now, {
            "kind": told.kind, "colour": told.colour, "over": told.over.code or told.over.name,
            "from": told.valid_from, "to": told.valid_to, "changed": former is not None,
            "former": _as_was(former) if former is not None else {},
        })  # fmt: skip
        return row.pk

    body = plain({**asdict(told), "over": told.over.pk, **words})
    with transaction.atomic():
        pk, is_new = once(actor=actor, client_id=client_id, act="permits.weather.tell", body=body, now=now, make=make)
    if is_new and told.valid_from <= now:
        # After the commit: a permit that cannot be stopped now keeps no warning from standing; the clock tries again.
        try:
            watch_running(now=now, under=under(told.over))
        except Exception:
            log.exception("a warning could not stop work at once; the clock does")
        # What was found to fail otherwise in passing was not stopped by the weather.
        stopped = Permit.objects.filter(under(told.over), stop_reason="WEATHER", stopped_at=now).count()
        WeatherWarning.objects.filter(pk=pk).update(stopped_count=F("stopped_count") + stopped)
    return WeatherWarning.objects.select_related("over", "owner_org").get(pk=pk)


def end_warning(
    *, actor: Actor, warning: WeatherWarning, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> WeatherWarning:
    """End a warning before its time (解除预警). Suspended work goes on by its own checks, which look at the place anew.

    :raises NotPermitted: another office's. :raises Conflict: it has ended. :raises Invalid: no word why.
    """
    actor.require(WEATHER)
    if warning.owner_org_id != actor.organisation_id:
        raise NotPermitted
    words = clean(note)[:300]
    if not words:
        raise Invalid(fields={"note": _("请填写此项。")})

    def do() -> None:
        if warning.ended_at is not None or warning.valid_to <= now:
            raise Conflict(_("这条预警已经解除或失效。"))
        WeatherWarning.objects.filter(pk=warning.pk).update(ended_at=now, ended_by=actor.name[:130], end_note=words)
        _note(actor, "permits.weather.end", warning, now, {"note": words})

    act_once(
        actor=actor, row=warning, act="permits.weather.end", body={"note": words}, now=now, client_id=client_id, do=do
    )
    return warning


def set_weather_rule(
    *, actor: Actor, warning: str, colour: str, forbids: Collection[str], stops: Collection[str], reason: str,
    now: datetime, client_id: uuid.UUID | None = None,
) -> WeatherRuleChange:  # fmt: skip
    """Set what a warning of a colour does from now on; what stops may not begin either.

    :raises Invalid: no such warning, no such kind of work, no reason, or less than the standard itself demands.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if (warning, colour) not in weather_rules():
        raise Invalid(_("没有这条规则。"))
    for name, given in (("forbids", forbids), ("stops", stops)):
        if set(given) - set(Kind.values):
            wrong[name] = _("没有这个选项。")
    ships = weather_rules()[warning, colour]
    if ships.mark == "V" and not wrong:
        # Widened, never narrowed: what the standard demands is not the office's to take away.
        if ships.stops - set(stops):
            wrong["stops"] = _("不能低于标准要求（%(clause)s）。") % {"clause": ships.clause}
        if ships.forbids - {*forbids, *stops}:
            wrong["forbids"] = _("不能低于标准要求（%(clause)s）。") % {"clause": ships.clause}
    if not clean(reason):
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    told = {
        "warning": warning, "colour": colour, "forbids": sorted({*forbids, *stops}), "stops": sorted(set(stops)),
        "reason": clean(reason)[:300],
    }  # fmt: skip
    return set_once(
        WeatherRuleChange, actor=actor, act="permits.weather_rule.set",
        given={**told, "entered_by": actor.name[:130]}, facts=told, now=now, client_id=client_id,
    )  # fmt: skip


def _require_area(actor: Actor, over: Area) -> None:
    """:raises NotPermitted: the area is not the office's own and none below it."""
    if not actor.whole_district and not over.path.startswith(actor.area_path or "/-/"):
        raise NotPermitted


def _require_later(former: WeatherWarning, issued_at: datetime, valid_from: datetime, now: datetime) -> None:
    """:raises Conflict: an older word than the one that is known. :raises Invalid: it would take a warning in force out
    of force, which only its end does."""
    if issued_at < former.issued_at:
        raise Conflict(_("已有更新的同编号预警，这条较早的消息不再采用。"))
    if former.valid_from <= now < former.valid_to and valid_from > now:
        raise Invalid(fields={"valid_from": _("预警已在生效中，生效时间不能晚于现在。")})


def _as_was(row: WeatherWarning) -> dict[str, object]:
    return {
        "kind": row.kind, "colour": row.colour, "over": row.over.code or row.over.name, "from": row.valid_from,
        "to": row.valid_to, "issued_at": row.issued_at,
    }  # fmt: skip


def _faults(told: Told, issuer: str, now: datetime) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if told.kind not in WarningKind.values:
        wrong["kind"] = _("没有这个选项。")
    elif told.colour not in WarningColour.values or (told.kind, told.colour) not in weather_rules():
        wrong["colour"] = _("该类预警没有这个级别。")
    if not issuer:
        wrong["issuer"] = _("请填写此项。")
    if told.issued_at is not None and told.issued_at > now + _AHEAD:
        wrong["issued_at"] = _("时间不能晚于现在。")
    if told.valid_to <= told.valid_from:
        wrong["valid_to"] = _("失效时间须晚于生效时间。")
    elif told.valid_to <= now:
        wrong["valid_to"] = _("失效时间已过。")
    elif told.valid_to - max(told.valid_from, now) > LONGEST:
        wrong["valid_to"] = _("预警有效期最长7天。")
    return wrong


def _note(actor: Actor, act: str, row: WeatherWarning, now: datetime, facts: dict[str, object]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=row._meta.label_lower, subject_id=row.pk, org_id=row.owner_org_id,
        facts=facts, now=now,
    )  # fmt: skip
