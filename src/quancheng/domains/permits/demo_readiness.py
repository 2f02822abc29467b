"""The demo's rescue teams, drawings on forms, a watch for fire and a test with lifted isolation."""

from __future__ import annotations

import io
import uuid
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from quancheng.domains.permits.demo_papers import unit_of
from quancheng.domains.permits.models import Part, Permit, PermitPerson
from quancheng.domains.permits.queries.sketches import SKETCHED
from quancheng.domains.permits.services import figures, isolations, sanctions
from quancheng.domains.permits.services.fire_watch import begin_watch, end_watch
from quancheng.domains.permits.services.rescue import Ready, tell_rescue
from quancheng.domains.permits.services.sketches import draw_sketch
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.services import receive_file

#: What enterprises of the demo switched on.
_ON = (("rescue_asked", "受限空间盲目施救教训"), ("fire_photos_asked", "动火后复燃教训"))


def _picture(mark: str, size: tuple[int, int] = (640, 360)) -> bytes:
    """A drawing of lines, no two alike: a frame, and a stroke for each letter of the mark."""
    image = Image.new("RGB", size, "white")
    pen, step = ImageDraw.Draw(image), max(4, size[0] // (len(mark) + 2))
    pen.rectangle((4, 4, size[0] - 5, size[1] - 5), outline="black", width=3)
    dots = [((place + 1) * step, 20 + ord(letter) % (size[1] - 40)) for place, letter in enumerate(mark)]
    pen.line(dots, fill="navy", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _stored(actor: Actor, mark: str, now: datetime) -> uuid.UUID:
    return receive_file(actor=actor, content=io.BytesIO(_picture(mark)), name=f"{mark}.png", now=now).pk


def draw(actor: Actor, permit: Permit, now: datetime) -> None:
    """The form's box for a drawing, as its draft is written."""
    if permit.kind in SKETCHED:
        permit.refresh_from_db()
        file = _stored(actor, f"示意图-{permit.kind}-{permit.content}"[:40], now)
        draw_sketch(actor=actor, permit=permit, file_id=file, version=permit.version, now=now)


def watch_fire(actor: Actor, permit: Permit, now: datetime, minutes: int) -> None:
    """Watched for so many minutes until ``now``, with both photos."""
    begun = now - timedelta(minutes=minutes)
    begin_watch(
        actor=actor, permit=permit, watcher="示例监火员", minutes=minutes, now=begun,
        photos=[_stored(actor, f"监火开始-{permit.number}", begun)],
    )  # fmt: skip
    end_watch(
        actor=actor, permit=permit, words="无火星、无余热，现场洒水降温", now=now,
        photos=[_stored(actor, f"监火结束-{permit.number}", now)],
    )  # fmt: skip


def load_readiness(desk: Desk, file: Enterprise, safety: Actor, head: Actor) -> None:
    """What one enterprise has beside its permits; what it switched on counts from today."""
    now = desk.district.now
    for permit in Permit.objects.filter(file=file, kind="CS", status__in=("PREPARING", "WORKING")).order_by("pk"):
        ready = Ready(
            team="示例气防站一班", people=3, air_sets=3, drill_date=desk.date_in(-40), since=permit.window_start,
            until=permit.window_end, is_confirmed=permit.status == "WORKING", confirmed_by="示例班长",
            plan="外部监护报警，三脚架提升；正压式空气呼吸器二人进入，一人接应；禁止无防护施救",
        )  # fmt: skip
        tell_rescue(actor=safety, permit=permit, ready=ready, now=now)
    for name, reason in _ON:
        figures.set_figure(
            actor=head, file=file, name=name, value="1", from_date=desk.date_in(0), reason=f"{reason}（演示）", now=now
        )
    resting = Permit.objects.filter(file=file, kind="RC", status="SUSPENDED").order_by("pk").first()
    if resting is not None:
        _test(desk, resting, safety, head)


def _test(desk: Desk, permit: Permit, safety: Actor, head: Actor) -> None:
    """A pump beside a closed road turns for an hour: its breaker is lifted under both signatures."""
    now, file = desk.district.now, permit.file
    people = {one.part: one for one in PermitPerson.objects.filter(permit=permit).select_related("person")}
    planned = isolations.Planned(
        tag="示-DL-11", device="ELEC_LOTO", energy="ELECTRIC", place="道路排水泵配电箱", unit=unit_of(file),
        owner="示例电气班", lock_no="示-S-11", key_holder="当班班长",
    )  # fmt: skip
    point = isolations.plan_point(actor=safety, file=file, planned=planned, now=now)
    isolations.apply_point(actor=safety, point=point, person=people[Part.WORKER].person, now=now)
    isolations.verify_point(
        actor=head, point=point, person=people[Part.GUARDIAN].person, proof="TRY_START", result="试启动不动作", now=now
    )
    isolations.link_point(actor=safety, permit=permit, point=point, now=now)
    same: dict[str, Any] = {"now": now}
    row = sanctions.ask_sanction(
        actor=safety, permit=permit, points=[point], purpose="排水泵试转，核对转向", ends_at=now + timedelta(hours=4),
        **same,
    )  # fmt: skip
    sanctions.clear_crew(
        actor=safety, sanction=row, permit=permit, workers=[people[Part.WORKER].pk],
        image=_picture("作业负责人签名", (240, 96)), **same,
    )  # fmt: skip
    sanctions.grant_sanction(actor=head, sanction=row, **same)
