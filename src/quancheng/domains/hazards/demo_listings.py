"""The demo's listed supervision: one major danger long overdue, listed by a leader, visited once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from PIL import Image

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services import listings as services
from quancheng.domains.registry.demo_parts import Desk
from quancheng.kernel.files.services import Taken, receive_file

NAME = "原料罐区紧急切断阀失灵未更换"


def load(desk: Desk) -> None:
    """Proposed a month ago by the department; signed, served and published; half done at the first visit."""
    row = Finding.objects.filter(name=NAME).first()
    if row is None:
        return
    emb, officer, leader = desk.actor("emb"), desk.actor("officer"), desk.actor("leader")
    spec = services.ListingSpec(
        reason="整改期限已过一个多月，企业以等待备件为由未完成",
        requirement="停用相关储罐，一个月内更换紧急切断阀并联锁调试合格", inspector=emb.name,
        term_date=desk.today + timedelta(days=45), copy_to="",
    )  # fmt: skip
    made = services.propose_listing(actor=emb, finding=row, spec=spec, now=desk.ago(31))
    services.review_listing(actor=officer, row=made, now=desk.ago(30))
    services.sign_listing(actor=leader, row=made, now=desk.ago(29))
    services.serve_listing(actor=officer, row=made, now=desk.ago(28))
    services.note_listing(actor=officer, row=made, name="record", text="已按规定报市安委办备案", now=desk.ago(26))
    visit = made.visits.get()
    picture = BytesIO()
    Image.new("RGB", (320, 240), (120, 140, 150)).save(picture, format="JPEG")
    picture.seek(0)
    at = desk.ago(14)
    photo = receive_file(
        actor=emb, content=picture, name="督导照片.jpg", now=at, taken=Taken(at=at - timedelta(minutes=5))
    )  # fmt: skip
    services.record_visit(
        actor=emb, visit=visit, progress=50, text="备件到货，两台已更换，联锁尚未调试；相关储罐保持停用。",
        evidence=[photo.pk], now=at,
    )  # fmt: skip
