"""Samples of announcements drawn for a look at the real work (公告抽查): by a seed that is kept, with a result each."""

from __future__ import annotations

import secrets
import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.models import SpotCheck, SpotDraw
from quancheng.domains.risk.queries.announcements import pool_of
from quancheng.domains.risk.services.doubting import raise_doubt
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation
from quancheng.standards.risk import commitment
from quancheng.standards.wording import Text as Both

CHECK = "risk.announcements.check"
MOST = 50
#: Days within which what was drawn is checked. [D]
CHECK_DAYS = 2


def draw_spot_checks(
    *, actor: Actor, day: date, size: int, special_only: bool, now: datetime, seed: str = "",
    client_id: uuid.UUID | None = None,
) -> SpotDraw:  # fmt: skip
    """Draw so many of a day's announcements that the actor may see, each a work item of his office.

    The pool is fixed before the seed is made, so that nobody chooses whom it hits.

    :param seed: for a test or a demo; otherwise one that nobody can foresee.
    :raises Invalid: by field. :raises Conflict: nobody has announced, or all were drawn before.
    """
    actor.require(CHECK)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if not 1 <= size <= MOST:
        wrong["size"] = _("请填写1到%(most)s。") % {"most": MOST}
    if not today - timedelta(days=7) <= day <= today:
        wrong["day"] = _("只能抽查最近7天的公告。")
    if wrong:
        raise Invalid(fields=wrong)
    org = Organisation.objects.get(pk=actor.organisation_id)
    scope = {"owner_org": org, "area_id": org.area_id, "links": org.links, "reach": "chain"}

    def make() -> uuid.UUID:
        pool = pool_of(actor=actor, day=day, special_only=special_only)
        if not pool:
            raise Conflict(_("这一天没有可抽查的公告。"))
        used = seed or secrets.token_hex(16)
        chosen = commitment.draw(pool, seed=used, size=size)
        made = SpotDraw.objects.create(
            **scope, day=day, seed=used, pool=sorted(pool), pool_digest=commitment.digest_of_pool(pool), chosen=chosen,
            special_only=special_only, drawn_at=now, drawn_by_id=actor.user_id,
        )  # fmt: skip
        facts = {"day": day, "seed": used, "pool": made.pool_digest, "chosen": chosen}
        journal.record(actor=actor, act="risk.spot_check.draw", subject_type=SpotDraw.row_type(), subject_id=made.pk,
                       org_id=org.pk, facts=facts, now=now)  # fmt: skip
        for key in chosen:
            one = pool[key]
            row = SpotCheck(
                owner_org=org, enterprise_id=one.enterprise_id, area_id=one.area_id, links=one.links, reach="chain",
                draw=made, announcement=one, title=one.title, day=day, due_date=today + timedelta(days=CHECK_DAYS),
                created_at=now,
            )  # fmt: skip
            enter(actor=actor, row=row, now=now, facts={"announcement": one.pk, "draw": made.pk})
        return made.pk

    body = {"day": day, "size": size, "special_only": special_only}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.spot_check.draw", body=body, now=now, make=make)
    return SpotDraw.objects.get(pk=pk)


def is_reproducible(draw: SpotDraw) -> bool:
    """Whether the pool and the seed that were kept give the same sample again."""
    again = commitment.draw(draw.pool, seed=draw.seed, size=len(draw.chosen))
    return again == draw.chosen and commitment.digest_of_pool(draw.pool) == draw.pool_digest


def record_spot_check(
    *, actor: Actor, row: SpotCheck, matched: bool, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> SpotCheck:
    """Say what was seen on the spot; where it differs from the announcement it is doubted. From now on the enterprise
    reads of it.

    :raises Invalid: no word.
    """
    if not clean(text):
        raise Invalid(fields={"text": _("请写明核对了什么、看到什么。")})
    said = clean(text)[:1000]
    with transaction.atomic():
        move(
            actor=actor, row=row, name="match" if matched else "differ", now=now, given={"text": said},
            changes={"text": said, "closed_at": now, "reach": "party"}, client_id=client_id,
        )  # fmt: skip
        if not matched:
            sentence = Both(f"抽查：{said}（来源：{actor.organisation_name}抽查）",
                            f"Spot check: {said} (source: check by {actor.organisation_name})")  # fmt: skip
            raise_doubt(row=row.announcement, reason="SPOT", said=[sentence], now=now)
    return row
