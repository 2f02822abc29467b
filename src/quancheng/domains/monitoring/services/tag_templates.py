"""Tags made from a template (按模板建点位): what such a facility usually has, all at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Source, Tag
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotPermitted, Text
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import told
from quancheng.standards.signals import tags
from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.tags import Template

#: Where a template's code counts tanks, nozzles or detectors; the first is made.
_NUMBERED = re.compile(r"(?<=LT1)x|(?<=WT1)x|(?<=TT1)x|(?<=LD1)x|(?<=PT1)x|(?<=\.)[nm](?=\.|$)")
_UNFIT = re.compile(r"[^A-Za-z0-9_\-]+")


@dataclass(frozen=True, slots=True)
class Pick:
    """One tag of a template that is wanted, with what its limits are relative to, in the template's unit."""

    template: Template
    parameters: Mapping[str, float] = field(default_factory=dict)
    medium: str = ""


def prefix_of(facility: Facility) -> str:
    """How codes of a facility's tags usually begin: short code of the enterprise, unit, facility."""
    file = facility.unit.file
    credit = (file.enterprise.credit_code or "") if file.enterprise is not None else ""
    site = credit[8:17] if len(credit) == 18 else file.pk.hex[-8:].upper()
    parts = (site, facility.unit.code, facility.code)
    return ".".join(_UNFIT.sub("-", part).strip("-") or "X" for part in parts)


def enter_from_template(
    *, actor: Actor, facility: Facility, prefix: str, source: Source | None, picks: Sequence[Pick], now: datetime,
    client_id: uuid.UUID | None = None,
) -> list[Tag]:  # fmt: skip
    """Make tags of a template at a facility, all or none.

    :param prefix: with which their codes begin. :raises Invalid: by the code of the template, or at ``picks``.
    :raises Conflict: a code is taken.
    """
    file: Enterprise = facility.unit.file
    if not may_keep(actor, file):
        raise NotPermitted
    if not picks:
        raise Invalid(fields={"picks": _("请至少选择一个点位。")})
    made: list[Tag] = []
    by_template: dict[str, Tag] = {}

    def make() -> uuid.UUID:
        wrong: dict[str, Text] = {}
        # Who is compared with another comes after it.
        for pick in sorted(picks, key=lambda one: bool(one.template.partner)):
            code = f"{prefix}.{_NUMBERED.sub('1', pick.template.code)}"
            try:
                known = known_of(pick, facility, source)
                known |= _compared(pick.template, by_template)
                row = enter_tag(actor=actor, file=file, code=code, known=known, now=now)
                made.append(row)
                by_template[pick.template.code] = row
            except Refused as refused:
                wrong[pick.template.code] = _of(pick, told(refused.text))
            except DomainError as refused:
                wrong[pick.template.code] = _of(pick, next(iter(refused.fields.values()), refused.message))
        if wrong:
            raise Invalid(fields=wrong)
        return facility.pk

    body = {
        "facility": facility.pk, "prefix": prefix, "source": source and source.pk,
        "picks": [[one.template.code, dict(one.parameters), one.medium] for one in picks],
    }  # fmt: skip
    with transaction.atomic():
        once(actor=actor, client_id=client_id, act="monitoring.tag.template", body=body, now=now, make=make)
    return made


def _compared(template: Template, made: Mapping[str, Tag]) -> dict[str, Any]:
    """With which of the tags that are made beside it a tag is compared; with none where that is not wanted."""
    partner = made.get(template.partner)
    if partner is None:
        return {}
    return {
        "partner": partner, "partner_as": template.partner_as, "apart_limit": template.apart,
        "apart_delay_s": template.apart_s, "travel_s": template.travel_s,
    }  # fmt: skip


def _of(pick: Pick, said: Text) -> str:
    return _("%(tag)s：%(said)s") % {"tag": told(pick.template.name), "said": said}


def known_of(pick: Pick, facility: Facility, source: Source | None) -> dict[str, Any]:
    """What a template says of a tag, as :func:`enter_tag` takes it.

    A switch that alarms when it is on has its high limit at 1, one that alarms when it is off its low limit at 0.

    :raises Refused: a parameter is missing.
    """
    row = pick.template
    limits = row.limits(pick.parameters)
    levels = {name: getattr(limits, name) for name in tags.LEVELS}
    low, high = row.span or (None, None)
    if row.kind == "discrete":
        low, high = 0.0, 1.0
        levels |= {"true": {"h": 1.0}, "false": {"l": 0.0}}.get(row.alarm_on, {})
    usual = tags.kinds()[row.kind]
    first = next((name for name in ("h", "l", "hh", "ll") if levels[name] is not None), "")
    priority = row.priority(first) if first else usual.priority
    return {
        "name": row.name.zh, "name_en": row.name.en, "facility": facility, "unit_place": facility.unit,
        "source": source, "kind": row.kind, "parameter": row.parameter, "unit": row.unit,
        "medium": pick.medium or row.cas, "range_lo": low, "range_hi": high, **levels, "deadband": limits.deadband,
        "on_delay_s": limits.on_delay_s, "off_delay_s": limits.off_delay_s, "scan_s": row.scan_s,
        "is_by_exception": row.report in ("event", "change"), "priority": priority,
        "is_critical": row.kind in ("flammable", "toxic") or (row.kind == "discrete" and priority == 1),
        "is_latched": row.is_latched,
    }  # fmt: skip
