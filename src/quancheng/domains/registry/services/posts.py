"""Posts by law: somebody is named, somebody leaves."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise, PostHolder
from quancheng.domains.registry.queries.posts import posts
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean


def name_holder(
    *, actor: Actor, file: Enterprise, post: str, name: str, now: datetime, certificate_no: str = "",
    valid_to: date | None = None, since_date: date | None = None,
) -> PostHolder:  # fmt: skip
    """Name somebody who holds a post by law; further holders may stand beside.

    :raises Invalid: no such post, no name, a day of entry in the future. :raises Conflict: he holds it already.
    """
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if post not in posts():
        wrong["post"] = _("请选择岗位。")
    if not clean(name):
        wrong["name"] = _("请填写姓名。")
    if since_date is not None and since_date > Calendar().local_date(now):
        wrong["since_date"] = _("任职日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        called = clean(name)[:60]
        if PostHolder.objects.filter(file=file, post=post, name=called, left_date__isnull=True).exists():
            sentence = _("%(name)s已担任该岗位。") % {"name": called}
            raise Conflict(sentence, fields={"name": sentence})
        made = PostHolder.objects.create(
            file=file, post=post, name=called, certificate_no=clean(certificate_no)[:80], valid_to=valid_to,
            since_date=since_date, created_at=now,
        )  # fmt: skip
        note(actor, "registry.post.name", file, now, {"post": post, "holder": made.pk, "valid_to": valid_to})
    return made


def leave_post(*, actor: Actor, file: Enterprise, holder: PostHolder, now: datetime) -> None:
    """Somebody holds a post no longer; the row stays with the day. :raises StaleState: he left already."""
    require_keeper(actor, file)
    with transaction.atomic():
        standing = PostHolder.objects.filter(pk=holder.pk, file=file, left_date__isnull=True)
        if not standing.update(left_date=Calendar().local_date(now)):
            raise StaleState(_("该人员已离任。"))
        note(actor, "registry.post.leave", file, now, {"post": holder.post, "holder": holder.pk})
