"""The demo's running work: a look, a late record from a phone, an observer, an operation nearby, a figure, an order, a
drill of evacuation.
And warnings of weather that touch none of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from quancheng.domains.permits.models import Part, Permit
from quancheng.domains.permits.queries.musters import roll_of
from quancheng.domains.permits.services import field, figures, guarding, musters, orders, simops, weather
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.queries import home
from quancheng.kernel.phone.services import DeviceTime
from quancheng.standards.gb30871 import tickets, watching


def load_site(desk: Desk, file: Enterprise, safety: Actor, head: Actor) -> None:
    """What happens at one enterprise while its permits run."""
    now = desk.district.now
    permit = Permit.objects.filter(file=file, status="WORKING").order_by("pk").first()
    if permit is None:
        return
    guardian = permit.people.filter(part=Part.GUARDIAN).first()
    if guardian is not None:
        items = {one.key: True for one in watching.guardian_items(permit.kind)}
        guarding.look(actor=safety, permit=permit, guardian=guardian, items=items, now=now)
    if permit.kind == "CS":
        worker = permit.people.get(part=Part.WORKER)
        guarding.enter_space(actor=safety, permit=permit, person=worker, tools=4, now=now)
    # A measure that a phone without signal told when the permit had been presented long since: kept, not counted.
    late = field.Told(time=DeviceTime.told(made_at=now - timedelta(minutes=12), sent_at=now, now=now))
    measure = field.MeasureTold(tickets.measures(permit.kind)[-2].code, applies=False, filled={})
    field.tell_measures(actor=safety, permit=permit, rows=[measure], told=late, now=now, client_id=None)
    guarding.observe(actor=safety, permit=permit, org_name="示例安全技术服务公司", name="示例旁站员", now=now)
    told = simops.Operation(
        activity="SAMPLING", place="示例罐区采样口", lon=(permit.lon or Decimal(0)) + Decimal("0.02"),
        lat=permit.lat or Decimal(0), starts_at=now - timedelta(minutes=20), ends_at=now + timedelta(hours=3),
        contact="当班岗位对讲5频道",
    )  # fmt: skip
    simops.tell_operation(actor=safety, file=file, told=told, now=now)
    for name, value, day in (("max_gas_age_min", "20", 1), ("open_stop", "1", 0)):
        figures.set_figure(
            actor=head, file=file, name=name, value=value, from_date=desk.date_in(day), reason="公司制度更严", now=now
        )
    idle = Permit.objects.filter(file=file, status="ISSUED").order_by("pk").first()
    if idle is not None:
        target = orders.Target(permit=idle)
        row = orders.order_stop(
            actor=head, target=target, cause="UNIT_UPSET", reason="装置波动，暂不开工", now=now
        )
        orders.release_order(actor=head, order=row, note="装置已平稳", now=now)
    drill = musters.call_muster(
        actor=head, file=file, reason="季度疏散演练", point="厂区北门集合点", is_drill=True,
        now=now - timedelta(minutes=4),
    )  # fmt: skip
    for place, entry in enumerate(roll_of(drill)):
        state = "RESCUER" if place == 1 else "HERE"
        musters.mark(actor=safety, entry=entry, state=state, now=now - timedelta(minutes=1))
    musters.end_muster(actor=head, muster=drill, note="全员到齐", now=now)


def load_weather(desk: Desk) -> None:
    """A fog of the day before yesterday, and heat that comes tomorrow: neither touches what is at work now."""
    officer, now = desk.actor("officer"), desk.district.now
    area = home()
    if area is None:
        return
    issuer = "示例区气象台（演示）"
    past = weather.Told(
        kind="FOG", colour="YELLOW", reference="示-FOG-01", text="能见度小于500米",
        valid_from=now - timedelta(hours=50), valid_to=now - timedelta(hours=42), over=area, issuer=issuer,
    )  # fmt: skip
    row = weather.tell_warning(actor=officer, told=past, now=now - timedelta(hours=50))
    weather.end_warning(actor=officer, warning=row, note="大雾消散", now=now - timedelta(hours=44))
    ahead = weather.Told(
        kind="HEAT", colour="ORANGE", reference="示-HEAT-01", text="明日最高气温37℃以上，错开高温时段作业",
        valid_from=now + timedelta(hours=20), valid_to=now + timedelta(hours=30), over=area, issuer=issuer,
    )  # fmt: skip
    weather.tell_warning(actor=officer, told=ahead, now=now)
