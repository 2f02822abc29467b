"""Posts (岗位) entered and filled."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Post, PostPerson
from quancheng.domains.risk.queries.cards import card_in_force
from quancheng.domains.risk.services.cards import withdraw_cards
from quancheng.domains.risk.services.keeping import change_row, end_row, enter_row, note, require_keeper
from quancheng.domains.risk.services.readings import call_readers, end_readings
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.people.queries import find_colleague

FIELDS = ("name", "layer", "department", "is_key")


def enter_post(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Post:
    """Enter a post. :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: it stands already."""
    require_keeper(actor, file)
    given = _fields(known, None)
    with transaction.atomic():
        pk = enter_row(
            actor=actor, act="risk.post.enter", file=file, body=given, now=now, client_id=client_id,
            twice=("name", _("该部门已有这个岗位。")),
            make=lambda: Post.objects.create(file=file, created_at=now, **given),
        )  # fmt: skip
    return Post.objects.select_related("file__enterprise").get(pk=pk)


def change_post(*, actor: Actor, post: Post, version: int, changes: Mapping[str, Any], now: datetime) -> Post:
    """Change what stands of a post. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile."""
    require_keeper(actor, post.file)
    given = _fields(changes, post)
    with transaction.atomic():
        change_row(actor=actor, act="risk.post.change", file_id=post.file_id, row=post, version=version, changes=given,
                   now=now, twice=("name", _("该部门已有这个岗位。")))  # fmt: skip
    return post


def end_post(*, actor: Actor, post: Post, reason: str, now: datetime) -> None:
    """A post exists no longer: who held it leaves it. :raises Invalid: no reason, or units are still its."""
    require_keeper(actor, post.file)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明撤销的理由。")})
    if post.units.filter(ended_date__isnull=True).exists():
        raise Invalid(_("仍有风险分析单元由该岗位负责，请先改由其他岗位负责。"))
    day = Calendar().local_date(now)
    with transaction.atomic():
        end_row(actor=actor, act="risk.post.end", file_id=post.file_id, row=post, now=now, day=day,
                reason=clean(reason)[:300])  # fmt: skip
        post.people.filter(until_date__isnull=True).update(until_date=day)
        withdraw_cards(post=post, now=now)


def put_at_post(*, actor: Actor, post: Post, user_id: uuid.UUID, since: date, now: datetime) -> PostPerson:
    """Somebody of the enterprise holds a post from a day on; others may hold it beside. He gets its card to read.

    :raises Invalid: nobody of this enterprise, or a day to come. :raises Conflict: he holds it already.
    """
    require_keeper(actor, post.file)
    wrong: dict[str, Text] = {}
    found = find_colleague(organisation_id=post.file_id, user_id=str(user_id))
    if found is None:
        wrong["user"] = _("请选择本单位的人员。")
    if since > Calendar().local_date(now):
        wrong["since"] = _("到岗日期不能晚于今天。")
    if post.ended_date is not None:
        wrong["user"] = _("该岗位已撤销。")
    if wrong or found is None:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = PostPerson.objects.create(post=post, user=found, since_date=since)
        except IntegrityError as again:
            sentence = _("%(name)s已在该岗位。") % {"name": found.name}
            raise Conflict(sentence, fields={"user": sentence}) from again
        note(actor, "risk.post.fill", post.file_id, post, now, {"person": found.pk, "since": since})
        if (card := card_in_force(post)) is not None:
            call_readers(card=card, now=now, only=found.pk)
    return made


def leave_post(*, actor: Actor, post: Post, person: PostPerson, now: datetime) -> None:
    """Somebody holds a post no longer; the row stays with the day. :raises StaleState: he left already."""
    require_keeper(actor, post.file)
    day = Calendar().local_date(now)
    with transaction.atomic():
        if not post.people.filter(pk=person.pk, until_date__isnull=True).update(until_date=max(day, person.since_date)):
            raise StaleState(_("该人员已离岗。"))
        note(actor, "risk.post.leave", post.file_id, post, now, {"person": person.user_id})
        if (card := card_in_force(post)) is not None:
            end_readings(rows=card.readings.filter(reader=person.user_id), now=now)


def _fields(known: Mapping[str, Any], before: Post | None) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name, most in (("name", 80), ("department", 120)):
        if name in given:
            given[name] = clean(given[name] or "")
            if len(given[name]) > most:
                wrong[name] = _("最多%(count)s个字。") % {"count": most}
    if not given.get("name", getattr(before, "name", "")):
        wrong["name"] = _("请填写岗位名称。")
    if given.get("layer", getattr(before, "layer", "")) not in Layer.values:
        wrong["layer"] = _("请选择管控层级。")
    if wrong:
        raise Invalid(fields=wrong)
    return given
