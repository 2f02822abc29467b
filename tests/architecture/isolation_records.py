"""Records of the register of isolation for the walk."""

from __future__ import annotations

from tests.architecture.permit_records import _permit
from tests.architecture.records import Record
from tests.domains.permits.factories import own_file
from tests.factories import NOW, District, make_actor

from quancheng.domains.permits.models import IsolationPoint, PermitPerson
from quancheng.domains.permits.services.isolations import Planned, apply_point, link_point, plan_point, verify_point

_MARK = "标记隔离位置"


def isolation(district: District) -> Record:
    """A breaker that is verified, upon which the permit of the walk relies."""
    row = IsolationPoint.objects.filter(place=_MARK).first()
    if row is None:
        permit, actor = _permit(district), district.enterprise
        people = {one.part: one.person for one in PermitPerson.objects.filter(permit=permit).select_related("person")}
        planned = Planned(
            tag="走查-07", device="ELEC_LOTO", energy="ELECTRIC", place=_MARK, owner="电气班", lock_no="走查锁",
            key_holder="当班班长",
        )  # fmt: skip
        row = plan_point(actor=actor, file=own_file(district), planned=planned, now=NOW)
        link_point(actor=actor, permit=permit, point=row, now=NOW)
        apply_point(actor=actor, point=row, person=people["WORKER"], now=NOW)
        second = make_actor(district.enterprise_org, "enterprise.head", name="某验证账号")
        verify_point(
            actor=second, point=row, person=people["GUARDIAN"], proof="TRY_START", result="不动作", now=NOW
        )
    return Record({"pk": row.pk}, _MARK)
