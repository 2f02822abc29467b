"""Storage places: under which licence each stands, which was merged into which, and the clue where it is in none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import ClueSource
from quancheng.domains.registry.models import Clue, Holding, Licence, StorageMerge, StoragePlace, Unit
from quancheng.domains.registry.queries.storage_places import LICENCES
from quancheng.domains.registry.services.clues import REPORT, ClueSpec, raise_clue
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.domains.registry.services.locking import put_beside
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean

FIELDS = ("licence", "is_unlicensed", "shared_with")
MOST_SHARING = 30


def set_place(*, actor: Actor, unit: Unit, version: int, changes: Mapping[str, Any], now: datetime) -> StoragePlace:
    """Say under which licence a place stands, that it is in none, and who else stores there.

    :param version: of what was read; 0 where nothing stood. :param changes: of :data:`FIELDS`.
    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    require_keeper(actor, unit.file)
    given = {name: changes[name] for name in FIELDS if name in changes}
    before = StoragePlace.objects.filter(unit=unit).first()
    wrong: dict[str, Text] = {}
    if "shared_with" in given:
        given["shared_with"] = list(dict.fromkeys(clean(one)[:120] for one in given["shared_with"] if clean(one)))
        if len(given["shared_with"]) > MOST_SHARING:
            wrong["shared_with"] = _("共用单位不超过%(most)s家。") % {"most": MOST_SHARING}
    licence: Licence | None = given.get("licence", getattr(before, "licence", None))
    if licence is not None and (licence.file_id != unit.file_id or licence.kind not in LICENCES):
        wrong["licence"] = _("请选择本企业允许储存的证照。")
    if licence is not None and given.get("is_unlicensed", getattr(before, "is_unlicensed", False)):
        wrong["is_unlicensed"] = _("已选择证照的，不能再勾选不在许可范围内。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        put_beside(StoragePlace, {"unit": unit}, version=version, values=given, now=now)
        facts = {"unit": unit.pk, "licence": licence and licence.pk, "name": unit.name,
                 "is_unlicensed": given.get("is_unlicensed"), "shared_with": given.get("shared_with")}  # fmt: skip
        note(actor, "registry.place.set", unit.file, now, facts)
    return StoragePlace.objects.get(unit=unit)


def report_place(
    *, actor: Actor, unit: Unit, text: str, now: datetime, evidence: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> Clue:  # fmt: skip
    """A place on file stands in no licence: that is told of it, and a clue goes to the office that judges such places.

    :raises Invalid: nothing said. :raises Conflict: a clue of it is open, or its enterprise lies nowhere.
    """
    actor.require(REPORT)
    file = unit.file
    if not clean(text):
        raise Invalid(fields={"text": _("请填写此项。")})
    with transaction.atomic():
        spec = ClueSpec(
            title=f"{file.owner_org} {unit.name}"[:120], area=file.area, address=file.address or str(file.owner_org),
            text=text, source=ClueSource.PATROL, lon=file.lon, lat=file.lat, file=file, unit=unit,
        )  # fmt: skip
        try:
            with transaction.atomic():
                made = raise_clue(actor=actor, spec=spec, evidence=evidence, now=now, client_id=client_id)
        except IntegrityError as twice:
            raise Conflict(_("该场所已有未办结的线索。")) from twice
        StoragePlace.objects.update_or_create(
            unit=unit, defaults={"is_unlicensed": True, "licence": None, "updated_at": now},
            create_defaults={"is_unlicensed": True, "updated_at": now},
        )  # fmt: skip
    return made


def merge_places(
    *, actor: Actor, source: Unit, target: Unit, on: date, reason: str, now: datetime
) -> StorageMerge:  # fmt: skip
    """A place is merged into another and stands still: nothing may be put into it until it resumes.

    Its grade stays, since only a decommissioning record lets that fall.

    :raises Invalid: by field; something is left in it. :raises Conflict: one of the two is merged already.
    """
    require_keeper(actor, source.file)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明归并理由。")
    if on > Calendar().local_date(now):
        wrong["on"] = _("归并日期不能晚于今天。")
    if source.pk == target.pk:
        wrong["target"] = _("请选择另一处储存场所。")
    elif StorageMerge.objects.filter(source=target, resumed_date__isnull=True).exists():
        wrong["target"] = _("该场所自己已被归并，请选择归并后的场所。")
    if Holding.objects.filter(facility__unit=source, ended_date__isnull=True, present_t__gt=0).exists():
        wrong["source"] = _("该场所仍有存量，请先登记移出或盘点为零。")
    if wrong:
        raise Invalid(wrong.get("source"), fields=wrong)
    try:
        with transaction.atomic():
            made = StorageMerge.objects.create(
                source=source, target=target, merged_date=on, reason=clean(reason)[:500], by_name=actor.name, at=now
            )
            facts = {"merge": made.pk, "unit": source.pk, "target": target.pk, "name": f"{source} → {target}"}
            note(actor, "registry.place.merge", source.file, now, facts)
    except IntegrityError as twice:
        raise Conflict(_("该场所已归并。")) from twice
    return made


def resume_place(*, actor: Actor, merge: StorageMerge, reason: str, now: datetime) -> StorageMerge:
    """A merged place stores again. :raises Invalid: no reason. :raises StaleState: it does already."""
    file = merge.source.file
    require_keeper(actor, file)
    said = clean(reason)[:500]
    if not said:
        raise Invalid(fields={"reason": _("请写明恢复理由。")})
    with transaction.atomic():
        standing = StorageMerge.objects.filter(pk=merge.pk, resumed_date__isnull=True)
        if not standing.update(resumed_date=Calendar().local_date(now), resumed_reason=said):
            raise StaleState(_("该场所已恢复使用。"))
        note(actor, "registry.place.resume", file, now, {"merge": merge.pk, "unit": merge.source_id, "remark": said})
    merge.refresh_from_db()
    return merge
