"""Records of the register of isolation for the walk."""

from __future__ import annotations

from datetime import timedelta

from tests.architecture.permit_records import _permit
from tests.architecture.records import Record
from tests.domains.permits.factories import own_file
from tests.domains.risk.test_plans import upload
from tests.factories import NOW, District, make_actor

from quancheng.domains.permits.models import DrawingSpot, IsolationPoint, PermitPerson, PipeDrawing, Sanction
from quancheng.domains.permits.services.drawings import add_drawing, place_point
from quancheng.domains.permits.services.isolations import Planned, apply_point, link_point, plan_point, verify_point
from quancheng.kernel.loops.services import enter

_MARK = "标记隔离位置"
_TESTED = "标记试运"
_DRAWN = "标记流程图"


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


def sanction(district: District) -> Record:
    """Asked for the breaker of the walk; nothing that relies on it has begun."""
    row = Sanction.objects.filter(purpose=_TESTED).first()
    if row is None:
        point = IsolationPoint.objects.get(pk=isolation(district).arguments["pk"])
        row = Sanction(
            **point.file.row_scope(), file=point.file, permit=_permit(district), purpose=_TESTED, asked_at=NOW,
            ends_at=NOW + timedelta(hours=1), asked_by="某申请人",
        )  # fmt: skip
        enter(actor=district.enterprise, row=row, now=NOW)
        row.points.add(point)
    return Record({"pk": row.pk}, _TESTED)


def drawing(district: District) -> Record:
    """A drawing of pipes upon which the breaker of the walk lies; whoever takes it off finds it there again."""
    point = IsolationPoint.objects.get(pk=isolation(district).arguments["pk"])
    row = PipeDrawing.objects.filter(title=_DRAWN).first()
    if row is None:
        row = add_drawing(
            actor=district.enterprise, file=own_file(district), number="走查-01", title=_DRAWN,
            edition=NOW.date() - timedelta(days=1), upload=upload(), now=NOW,
        )  # fmt: skip
    if row.ended_date is None and not DrawingSpot.objects.filter(drawing=row).exists():
        place_point(actor=district.enterprise, drawing=row, point_id=point.pk, x=100, y=100, now=NOW)
    return Record({"pk": row.pk}, _DRAWN)


def spot(district: District) -> Record:
    """The same with the point that lies upon it."""
    found, point = drawing(district), isolation(district)
    return Record({**found.arguments, "point": point.arguments["pk"]}, _DRAWN)
