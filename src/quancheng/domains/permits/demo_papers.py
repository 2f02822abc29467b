"""The demo's fields of forms, a screen of a control room, a printed permit, and permits upon units of the plan."""

from __future__ import annotations

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.services.particulars import tell_particulars
from quancheng.domains.permits.services.printing import note_print
from quancheng.domains.permits.services.screens import make_screen
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.actor import Actor

_TOLD = {
    "CS": {"space_name": "演示容器", "former_medium": "含油废水",
           "rescue_plan": "监护人外部报警，气防站救援，禁止盲目施救"},
    "BL": {"equipment": "演示进料管线", "pipe": "柴油，常温，0.2 MPa", "plate": "20号钢，DN100 PN16，演示-MB-01",
           "drawing": "演示-MB图-01，编制人 演示工艺员"},
    "LF": {"gear": "四肢钢丝绳索具10 t", "load": "换热器封头"},
    "TE": {"supply_point": "演示车间外配电箱AP-3，许可5 kW", "voltage": "220 V", "devices": "照明灯2台，各0.5 kW",
           "power_user": "检修班"},
    "EX": {"extent": "人工开挖，长6 m、宽0.6 m、深0.8 m，附简图"},
    "RC": {"units_concerned": "储运部、消防队、保卫部", "reason": "路面修补",
           "sketch": "二号门内主干道北侧20 m，留南侧单车道"},
}  # fmt: skip


def unit_of(file: Enterprise) -> Unit | None:
    """The first unit of an enterprise, upon which its permits stand on the plan."""
    return Unit.objects.filter(file=file, ended_date__isnull=True).order_by("code", "pk").first()


def fill(desk: Desk, actor: Actor, permit: Permit) -> None:
    """Tell the fields of a permit's form, as its draft is written."""
    told = _TOLD.get(permit.kind)
    if told:
        permit.refresh_from_db()
        tell_particulars(actor=actor, permit=permit, version=permit.version, told=told, now=desk.district.now)


def show(desk: Desk, head: Actor, file: Enterprise) -> None:
    """A screen in the control room, and each permit at work printed once, with its placard."""
    make_screen(actor=head, file=file, name="中控室", now=desk.ago(10))
    for permit in Permit.objects.filter(file=file, status__in=BEGUN).order_by("pk"):
        for copies in ((1, 2, 3), ()):
            note_print(actor=head, permit=permit, copies=copies, medium="pdf", now=desk.district.now)
