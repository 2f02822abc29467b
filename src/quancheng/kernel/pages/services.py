"""Writes of the pages themselves: a person's saved views."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted
from quancheng.kernel.pages.models import SavedView

MOST_VIEWS = 20


def save_view(*, actor: Actor, page: str, name: str, query: str, now: datetime) -> SavedView:
    """Save a query under a name; the same name again replaces its query.

    :param query: normal form, already parsed by the list: not checked here.
    :raises Invalid: no name, too long a name or query, or more than twenty views of this list.
    """
    if actor.user_id is None:
        raise NotPermitted()
    name = " ".join(name.split())
    if not name:
        raise Invalid(fields={"name": _("请填写视图名称。")})
    if len(name) > 30:
        raise Invalid(fields={"name": _("视图名称最多 30 个字。")})
    if len(query) > 2000:
        raise Invalid(_("条件过多，无法保存为视图，请减少条件。"))
    mine = SavedView.objects.of(user_id=actor.user_id, page=page)
    if mine.filter(name=name).update(query=query):
        return mine.get(name=name)
    if mine.count() >= MOST_VIEWS:
        raise Invalid(_("每个台账最多保存 %(most)s 个视图，请先删除不用的。") % {"most": MOST_VIEWS})
    try:
        with transaction.atomic():
            return SavedView.objects.create(user_id=actor.user_id, page=page, name=name, query=query, created_at=now)
    except IntegrityError:  # the same name from a second tab, a moment ago
        mine.filter(name=name).update(query=query)
        return mine.get(name=name)


def delete_view(*, actor: Actor, page: str, view_id: uuid.UUID) -> None:
    """Delete one's own view.

    :raises NotFound: absent, or another person's.
    """
    deleted, _kinds = SavedView.objects.of(user_id=actor.user_id, page=page).filter(pk=view_id).delete()
    if not deleted:
        raise NotFound()
