"""How much may lie in a workshop, and that a paper lies at a storage place."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import UnitKind
from quancheng.domains.registry.models import PlacePaper, Unit, WorkshopLimit
from quancheng.domains.registry.models.storage_checks import PaperKind
from quancheng.domains.registry.queries.storage_checks import goods_of
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.domains.registry.services.locking import put_beside
from quancheng.domains.registry.services.storage import look_at_unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

_MOST_T = Decimal(1_000_000)
_ACT = "registry.place.paper"


def set_workshop_limit(
    *, actor: Actor, unit: Unit, version: int, limit_t: Decimal, source: str, now: datetime
) -> WorkshopLimit:  # fmt: skip
    """Say how much may lie in a workshop at once; what lies there already is held against it in the same act.

    The enterprise sets the first limit and lowers it; only an office that keeps the file raises it, so that nobody ends
    his own warning by a bigger number.

    :param version: of what was read; 0 where nothing stood. :param limit_t: tonnes, above 0.
    :raises Invalid: by field. :raises Conflict: no production unit. :raises StaleState: somebody changed it since.
    :raises NotPermitted: the enterprise raises it.
    """
    require_keeper(actor, unit.file)
    if unit.kind != UnitKind.PRODUCTION:
        raise Conflict(_("只有生产单元（车间）登记暂存限量；储存单元以许可量、设计量为准。"))
    wrong: dict[str, Text] = {}
    if not 0 < limit_t <= _MOST_T:
        wrong["limit_t"] = _("暂存限量应大于0、不大于一百万吨。")
    if not clean(source):
        wrong["source"] = _("请写明依据文件。")
    if wrong:
        raise Invalid(fields=wrong)
    known = WorkshopLimit.objects.filter(unit=unit).first()
    is_raised = known is not None and known.version == version and limit_t > known.limit_t
    if is_raised and actor.organisation_id == unit.file_id:
        raise NotPermitted(_("暂存限量只能由监管部门核实依据后提高。"))
    values = {"limit_t": limit_t, "source": clean(source)[:200], "by_name": actor.name[:130]}
    with transaction.atomic():
        put_beside(WorkshopLimit, {"unit": unit}, version=version, values=values, now=now)
        facts = {"unit": unit.pk, "name": unit.name, "limit_t": limit_t, "source": values["source"]}
        facts |= {"before": known and {"limit_t": known.limit_t, "source": known.source}}
        note(actor, "registry.workshop.limit", unit.file, now, facts)
        look_at_unit(unit.pk, now=now)
    return WorkshopLimit.objects.get(unit=unit)


def enter_paper(
    *, actor: Actor, unit: Unit, known: Mapping[str, Any], now: datetime, evidence: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> PlacePaper:  # fmt: skip
    """Enter that a paper lies at a storage place, or that it does not. The newest of its kind counts.

    :param known: ``kind``, ``chemical`` (one of :func:`goods_of`; none for a plan), ``title``, ``issued_date``,
        ``until_date``, ``is_there``: False for one that is not there, whose title says why.
    :param evidence: uploads of the actor: the paper itself. :raises Invalid: by field.
    """
    require_keeper(actor, unit.file)
    chemical = known.get("chemical")
    given = {
        "kind": known.get("kind") or "", "title": clean(known.get("title") or ""),
        "issued_date": known.get("issued_date"), "until_date": known.get("until_date"),
        "is_there": bool(known.get("is_there", True)),
    }  # fmt: skip
    wrong = _faults(unit, given, chemical, Calendar().local_date(now))
    if wrong:
        raise Invalid(fields=wrong)
    body = {"unit": unit.pk, "chemical": chemical and chemical.pk, **given}

    def make() -> uuid.UUID:
        row = PlacePaper.objects.create(unit=unit, chemical=chemical, by_name=actor.name[:130], at=now, **given)
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        note(actor, _ACT, unit.file, now, {"paper": row.pk, "name": given["title"], **body})
        return row.pk

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act=_ACT, body=body, now=now, make=make)
    return PlacePaper.objects.select_related("chemical").get(pk=pk)


def _faults(unit: Unit, given: Mapping[str, Any], chemical: Any, today: date) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if given["kind"] not in PaperKind.values:
        wrong["kind"] = _("请选择资料类别。")
    elif given["kind"] == PaperKind.PLAN:
        if chemical is not None:
            wrong["chemical"] = _("应急预案属于整个场所，不选化学品。")
    elif chemical is None or not goods_of(unit).filter(pk=chemical.pk).exists():
        wrong["chemical"] = _("请选择存放在该场所的化学品。")
    if not given["title"]:
        wrong["title"] = _("请写明资料名称和编号。")
    elif len(given["title"]) > 200:
        wrong["title"] = _("最多%(count)s个字。") % {"count": 200}
    issued, until = given["issued_date"], given["until_date"]
    if issued is None or issued > today:
        wrong["issued_date"] = _("请填写编制、发布日期，不能晚于今天。")
    elif until is not None and not given["is_there"]:
        wrong["until_date"] = _("现场没有的资料不填有效期。")
    elif until is not None and until < issued:
        wrong["until_date"] = _("有效期不能早于发布日期。")
    return wrong
