"""The city's catalogue kept, and asked whenever something names a chemical."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Chemical, Restriction
from quancheng.domains.registry.models.restrictions import RestrictionKind
from quancheng.domains.registry.quantities import LARGEST_T
from quancheng.domains.registry.queries.restrictions import in_force
from quancheng.domains.registry.services.chemicals import KEEP
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import LINKS

#: What may be said of an entry.
FIELDS = ("kind", "links", "reason", "cap_t", "source", "from_date", "to_date", "mark")


def enter_restriction(
    *, actor: Actor, chemical: Chemical, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Restriction:
    """Enter an entry of the catalogue. What is held already is not touched; its file shows it.

    :param known: of :data:`FIELDS`. :raises Invalid: by field.
    """
    actor.require(KEEP)
    given = _checked(known, None)

    def make() -> uuid.UUID:
        made = Restriction.objects.create(chemical=chemical, created_at=now, updated_at=now, **given)
        _record(actor, "registry.restriction.enter", made, now, {"chemical": chemical.name, **given})
        return made.pk

    body = {"chemical": chemical.pk, **given}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.restriction.enter", body=body, now=now, make=make
        )
    return Restriction.objects.select_related("chemical").get(pk=pk)


def change_restriction(
    *, actor: Actor, restriction: Restriction, version: int, changes: Mapping[str, Any], now: datetime
) -> None:
    """Change an entry, or give it its last day. :raises Invalid: by field. :raises StaleState: changed meanwhile."""
    actor.require(KEEP)
    given = _checked(changes, restriction)
    changed = {name: value for name, value in given.items() if getattr(restriction, name) != value}
    with transaction.atomic():
        standing = Restriction.objects.filter(pk=restriction.pk, version=version)
        if not standing.update(**changed, version=F("version") + 1, updated_at=now):
            raise StaleState(_("该条目刚被他人修改，请刷新后重试。"))
        before = {name: getattr(restriction, name) for name in changed}
        _record(actor, "registry.restriction.change", restriction, now, {"before": before, "after": changed})


def refusal(*, chemical: Chemical, links: Iterable[str], on: date) -> Text | None:
    """Why a chemical may not be entered for an enterprise in these links; None where nothing prohibits it.

    Restricted and controlled chemicals are entered, and the file of the enterprise says so.
    """
    return next(iter(refusals(chemicals=[chemical], links=links, on=on)), None)


def refusals(*, chemicals: Iterable[Chemical], links: Iterable[str], on: date) -> list[Text]:
    """The same of several at once: a sentence for each that is prohibited. One query."""
    entries = in_force(chemicals={one.pk for one in chemicals}, links=links, on=on)
    found: list[Text] = []
    for rows in entries.values():
        # The gravest stands first.
        if (one := rows[0]).kind == RestrictionKind.PROHIBITED:
            names = {"name": one.chemical.name, "reason": one.reason, "source": one.source}
            found.append(_("“%(name)s”列入禁限控目录（禁止）：%(reason)s 依据：%(source)s。") % names)
    return found


def _checked(known: Mapping[str, Any], before: Restriction | None) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name in ("reason", "source"):
        if name in given:
            given[name] = clean(given[name])
        if not given.get(name, getattr(before, name, "")):
            wrong[name] = _("请填写此项。")
    if given.get("kind", getattr(before, "kind", "")) not in RestrictionKind.values:
        wrong["kind"] = _("请选择管控方式。")
    if set(given.get("links") or ()) - {code for code, _label in LINKS}:
        wrong["links"] = _("没有这个链条环节。")
    if (cap := given.get("cap_t")) is not None and not 0 <= cap <= LARGEST_T:
        wrong["cap_t"] = _("数量应不小于0，且在合理范围内。")
    first = given.get("from_date", getattr(before, "from_date", None))
    last = given.get("to_date", getattr(before, "to_date", None))
    if first is None:
        wrong["from_date"] = _("请填写此项。")
    elif last is not None and last < first:
        wrong["to_date"] = _("截止日期不能早于施行日期。")
    if wrong:
        raise Invalid(fields=wrong)
    if "links" in given:
        given["links"] = list(given["links"] or ())
    return given


def _record(actor: Actor, act: str, row: Restriction, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type="registry.restriction", subject_id=row.pk, facts=facts, now=now
    )  # fmt: skip
