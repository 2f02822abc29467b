"""Rules by which an organisation is told of alarms (告知规则): entered, changed, ended by itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import LimitName, TellingRule
from quancheng.domains.monitoring.queries.escalation import WHO
from quancheng.domains.monitoring.queries.telling import ANY, INBOX, OFF, WORKING, Window
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.notices.channels import channel_names
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Membership, Organisation, User

SET = "monitoring.telling"
#: Duties by which a rule may name people.
DUTIES = ("monitoring.answer", "monitoring.shift", "monitoring.confirm", "monitoring.watch", "monitoring.review")
MOST_WINDOWS, MOST_RULES, MOST_LIMIT = 12, 50, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """A rule as it is given; what is empty means all, see :class:`TellingRule`."""

    name: str
    priorities: Sequence[int] = ()
    types: Sequence[str] = ()
    steps: Sequence[int] = ()
    windows: Sequence[Mapping[str, Any]] = ()
    channels: Sequence[str] = ()
    limit_per_hour: int | None = None
    duty: str = ""
    persons: Sequence[uuid.UUID] = ()

    def facts(self) -> dict[str, Any]:
        """What the journal keeps."""
        return {
            "name": clean(self.name), "priorities": sorted(self.priorities), "types": sorted(self.types),
            "steps": sorted(self.steps), "windows": [dict(one) for one in self.windows],
            "channels": sorted(self.channels), "limit_per_hour": self.limit_per_hour, "duty": self.duty,
            "persons": sorted(str(one) for one in self.persons),
        }  # fmt: skip


def may_set(actor: Actor, rule: TellingRule) -> bool:
    """Whether the actor may change a rule: it is his organisation's."""
    return actor.has(SET) and rule.owner_org_id == actor.organisation_id


def enter_rule(*, actor: Actor, spec: RuleSpec, now: datetime, client_id: uuid.UUID | None = None) -> TellingRule:
    """Enter a rule of the actor's organisation. :raises Invalid: by field. :raises Conflict: it has too many."""
    actor.require(SET)
    if actor.organisation_id is None:
        raise NotPermitted
    whose = actor.organisation_id
    _check(whose, spec)
    standing = TellingRule.objects.filter(owner_org=whose, ended_at__isnull=True)
    if standing.count() >= MOST_RULES:
        raise Conflict(_("告知规则已达%(most)s条，请先停用不用的。") % {"most": MOST_RULES})

    def make() -> uuid.UUID:
        row = TellingRule.objects.create(**_scope(whose), **_columns(spec), created_at=now)
        row.persons.set(User.objects.filter(pk__in=spec.persons))
        _note(actor, "monitoring.telling.enter", row, spec.facts(), now)
        return row.pk

    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="monitoring.telling.enter", body=spec.facts(), now=now, make=make
        )
    return TellingRule.objects.get(pk=pk)


def change_rule(*, actor: Actor, row: TellingRule, version: int, spec: RuleSpec, now: datetime) -> TellingRule:
    """Change a rule. :raises Invalid: by field. :raises StaleState: it has ended, or somebody saved meanwhile."""
    actor.require(SET)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted
    _check(row.owner_org_id, spec)
    with transaction.atomic():
        mine = TellingRule.objects.visible_to(actor).filter(pk=row.pk, version=version, ended_at__isnull=True)
        if not mine.update(**_columns(spec), version=version + 1):
            raise StaleState(_("他人刚刚修改了此项，请刷新后核对再改。"))
        row.persons.set(User.objects.filter(pk__in=spec.persons))
        _note(actor, "monitoring.telling.change", row, spec.facts(), now)
    row.refresh_from_db()
    return row


def end_rule(*, actor: Actor, row: TellingRule, now: datetime) -> None:
    """End a rule; without any its organisation is told by default. :raises StaleState: it has ended."""
    actor.require(SET)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted
    with transaction.atomic():
        mine = TellingRule.objects.visible_to(actor).filter(pk=row.pk, ended_at__isnull=True)
        if not mine.update(ended_at=now):
            raise StaleState(_("该规则已停用。"))
        _note(actor, "monitoring.telling.end", row, {"name": row.name}, now)
    row.refresh_from_db()


def _scope(organisation_id: uuid.UUID) -> dict[str, Any]:
    """An enterprise's rules are read by who supervises it as well; those of an office by itself alone."""
    file = Enterprise.objects.filter(pk=organisation_id).first()
    if file is not None:
        return file.row_scope()
    organisation = Organisation.objects.get(pk=organisation_id)
    return {"owner_org_id": organisation_id, "enterprise_id": None, "area_id": organisation.area_id,
            "links": organisation.links, "reach": "own"}  # fmt: skip


def _columns(spec: RuleSpec) -> dict[str, Any]:
    return {
        "name": clean(spec.name)[:100], "priorities": sorted(set(spec.priorities)), "types": sorted(set(spec.types)),
        "steps": sorted(set(spec.steps)), "windows": [dict(one) for one in spec.windows],
        "channels": sorted(set(spec.channels)), "limit_per_hour": spec.limit_per_hour, "duty": spec.duty,
    }  # fmt: skip


def _check(organisation_id: uuid.UUID, spec: RuleSpec) -> None:
    wrong: dict[str, Text] = {}
    if not clean(spec.name):
        wrong["name"] = _("请填写规则名称。")
    if not set(spec.priorities) <= {1, 2, 3, 4}:
        wrong["priorities"] = _("优先级为1至4。")
    if not set(spec.types) <= set(LimitName.values):
        wrong["types"] = _("没有这种报警类型。")
    if not set(spec.steps) <= set(WHO):
        wrong["steps"] = _("没有这个升级步骤。")
    if len(spec.windows) > MOST_WINDOWS or not all(_is_window(one) for one in spec.windows):
        wrong["windows"] = _("时段须写明起止时间，最多%(most)s个。") % {"most": MOST_WINDOWS}
    if not set(spec.channels) <= {INBOX, *channel_names()}:
        wrong["channels"] = _("所选渠道没有接通。")
    if spec.limit_per_hour is not None and not 1 <= spec.limit_per_hour <= MOST_LIMIT:
        wrong["limit_per_hour"] = _("每小时上限为1至%(most)s。") % {"most": MOST_LIMIT}
    if spec.duty and spec.duty not in DUTIES:
        wrong["duty"] = _("请选择所列职责。")
    if spec.persons:
        places = Membership.objects.current().filter(organisation_id=organisation_id, user__in=spec.persons)
        if set(places.values_list("user_id", flat=True)) != set(spec.persons):
            wrong["persons"] = _("只能选择本单位现有人员。")
    if wrong:
        raise Invalid(fields=wrong)


def _is_window(stored: Mapping[str, Any]) -> bool:
    try:
        window = Window.of(stored)
    except (KeyError, TypeError, ValueError):
        return False
    days = {ANY, WORKING, OFF}
    return window.days in days and set(window.weekdays) <= set(range(7)) and window.stored() == dict(stored)


def _note(actor: Actor, act: str, row: TellingRule, facts: Mapping[str, Any], now: datetime) -> None:
    journal.record(actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
                   facts=facts, now=now)  # fmt: skip
