"""High-risk sub-fields (高危细分领域“2+X”) that units belong to: tags that the district sets and ends."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import SubFieldTag
from quancheng.domains.hazards.services.rounds import ISSUE
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import find_by_code
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed

#: Units that are tagged in one act at most.
MOST = 200


def tag_units(
    *, actor: Actor, name: str, codes: Sequence[str], since: date, now: datetime, client_id: uuid.UUID | None = None
) -> Sequence[SubFieldTag]:
    """Tag units by their unified social credit codes; one that has the tag already keeps it.

    :raises Invalid: by field; every code that is of no unit in the actor's scope is named.
    """
    actor.require(ISSUE)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    office = actor.organisation_id
    wrong: dict[str, Text] = {}
    field = clean(name)
    if not field or len(field) > 40:
        wrong["name"] = _("请填写细分领域名称，不超过40个字。")
    if since > Calendar().local_date(now):
        wrong["since_date"] = _("纳入日期不能晚于今天。")
    files = _files(actor, codes, wrong)
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        tagged = set(SubFieldTag.objects.filter(name=field, ended_date__isnull=True).values_list("file", flat=True))
        for file in files:
            if file.pk in tagged:
                continue
            row = SubFieldTag.objects.create(
                file=file, name=field, since_date=since, by_name=actor.name, by_org_id=office, created_at=now
            )
            journal.record(
                actor=actor,
                act="hazards.sub_field.tag",
                subject_type=subject_type_of(row),
                subject_id=row.pk,
                org_id=office,
                facts={"file": file.pk, "name": field},
                now=now,
            )
        return files[0].pk

    body = {"name": field, "codes": sorted(str(one.pk) for one in files)}
    with transaction.atomic():
        once(actor=actor, client_id=client_id, act="hazards.sub_field.tag", body=body, now=now, make=make)
    standing = SubFieldTag.objects.filter(file__in=files, name=field, ended_date__isnull=True)
    return list(standing.order_by("pk"))


def _files(actor: Actor, codes: Sequence[str], wrong: dict[str, Text]) -> list[Enterprise]:
    wanted = list(dict.fromkeys(one.strip().upper() for one in codes if one.strip()))
    if not wanted:
        wrong["codes"] = _("请填写统一社会信用代码，一行一个。")
        return []
    if len(wanted) > MOST:
        wrong["codes"] = _("一次最多%(most)s家。") % {"most": MOST}
        return []
    found = {code: find_by_code(actor=actor, code=code) for code in wanted}
    missing = [code for code, file in found.items() if file is None]
    if missing:
        wrong["codes"] = _("没有找到这些企业：%(codes)s。") % {"codes": listed(missing)}
    return [file for file in found.values() if file is not None]


def end_tag(*, actor: Actor, row: SubFieldTag, reason: str, now: datetime) -> SubFieldTag:
    """Take a unit out of a sub-field, with a reason. :raises Conflict: it was taken out before."""
    actor.require(ISSUE)
    if not actor.supervises or actor.organisation_id is None:
        raise NotPermitted
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    day = max(Calendar().local_date(now), row.since_date)
    with transaction.atomic():
        ended = SubFieldTag.objects.filter(pk=row.pk, ended_date__isnull=True)
        if not ended.update(ended_date=day, reason=clean(reason)[:300]):
            raise Conflict(_("该企业已移出。"))
        journal.record(actor=actor, act="hazards.sub_field.end", subject_type=subject_type_of(row), subject_id=row.pk,
                       org_id=actor.organisation_id, facts={"reason": clean(reason)[:300]}, now=now)  # fmt: skip
    row.refresh_from_db()
    return row
