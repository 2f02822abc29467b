"""Changing guardians' lists (监护人检查清单): an item is put on, written anew, or taken off, from a day on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.permits.models import GuardianItemChange, ItemMark, Kind
from quancheng.domains.permits.models.guardian_items import COMMON
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.guardian_items import item_changes, items_at
from quancheng.domains.permits.services.checking import one_at_a_time
from quancheng.domains.permits.services.setting import first_day_faults, set_once
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

#: A longer list is looked at by nobody [D].
MOST_ITEMS = 40
_LIMITS = {"zh": 200, "en": 200, "clause": 120, "reason": 300}


def set_item(
    *, actor: Actor, code: str, kind: str, is_on: bool, zh: str, clause: str, mark: str, valid_from: date, reason: str,
    now: datetime, en: str = "", client_id: uuid.UUID | None = None,
) -> GuardianItemChange:  # fmt: skip
    """Put an item on the list of a kind, or of all, write it anew, or take it off from a day on. Work that has begun
    keeps the list with which it began.

    :raises Invalid: by field; the last item of a list is not taken off.
    """
    actor.require(RULES)
    words = {"zh": zh, "en": en, "clause": clause, "reason": reason}
    given: dict[str, Any] = {name: clean(text)[: _LIMITS[name]] for name, text in words.items()}
    given |= {"code": clean(code).upper(), "kind": kind, "is_on": is_on, "mark": mark, "valid_from": valid_from}
    if wrong := _faults(given, now):
        raise Invalid(fields=wrong)

    def before() -> None:
        one_at_a_time()
        _require_list(given, now)

    return set_once(
        GuardianItemChange, actor=actor, act="permits.guardian_item.set",
        given={**given, "entered_by": actor.name[:130]}, facts={**given, "valid_from": valid_from.isoformat()},
        now=now, client_id=client_id, before=before,
    )  # fmt: skip


def _faults(given: Mapping[str, Any], now: datetime) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    # The key joins kind and code: a code of its own says no kind.
    is_plain = re.fullmatch(r"[A-Z][A-Z0-9_]{1,19}", given["code"]) is not None
    if not is_plain or given["code"][:3] in {f"{kind}_" for kind in Kind.values}:
        wrong["code"] = _("代码由2到20个大写字母、数字和下划线组成，以字母开头，且不以作业类别加下划线开头。")
    if given["kind"] not in (COMMON, *Kind.values):
        wrong["kind"] = _("没有这个选项。")
    if given["mark"] not in ItemMark.values:
        wrong["mark"] = _("没有这个选项。")
    for name in ("zh", "clause", "reason"):
        if not given[name]:
            wrong[name] = _("请填写此项。")
    wrong |= first_day_faults("valid_from", given["valid_from"], now)
    return wrong


def _require_list(given: Mapping[str, Any], now: datetime) -> None:
    """:raises Invalid: an item that is not there is taken off, or a list grows beyond all use or has none left (AQ
    3064.2, 5.10.6 demands one)."""
    kinds = Kind.values if given["kind"] == COMMON else [given["kind"]]
    changes, made = item_changes(), GuardianItemChange(**given, entered_at=now)
    moment = max(now, Calendar().start_of(given["valid_from"]))
    # What was set for later days works together with it.
    later = {Calendar().start_of(one.valid_from) for one in changes if one.valid_from > given["valid_from"]}
    for kind in kinds:
        if not given["is_on"] and made.key not in {one.key for one in items_at(kind, moment, changes)}:
            raise Invalid(fields={"code": _("清单中没有这一项。")})
        for at in (moment, *sorted(later)):
            found = items_at(kind, max(at, now), [*changes, made])
            if not found:
                raise Invalid(fields={"is_on": _("清单至少保留一项（AQ 3064.2-2025, 5.10.6）。")})
            if len(found) > MOST_ITEMS:
                raise Invalid(_("清单最多%(most)s项。") % {"most": MOST_ITEMS})
