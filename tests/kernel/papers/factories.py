"""The smallest valid papers."""

from __future__ import annotations

import io
import uuid
from datetime import datetime
from typing import Any

from tests.factories import NOW, District

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services.drafts import DraftSpec, check_paper, create_draft, submit_paper
from quancheng.kernel.papers.services.serving import acknowledge_service, send_service
from quancheng.kernel.papers.services.signing import sign_paper

BODY = "请于月底前报送自查情况。\n一、自查范围\n各储存场所。"


def make_draft(district: District, *to: uuid.UUID, **given: Any) -> Paper:
    """A letter of the office to the department (or to those named), drafted by its officer."""
    fields: dict[str, Any] = {
        "template": "urging",
        "title": "关于报送自查情况的督促函",
        "body": BODY,
        "addressees": to or (district.department_org.pk,),
        **given,
    }
    actor = fields.pop("actor", district.officer)
    now = fields.pop("now", NOW)
    return create_draft(actor=actor, spec=DraftSpec(**fields), now=now)


def make_signing(district: District, *to: uuid.UUID, checker: Actor | None = None, **given: Any) -> Paper:
    """A paper that waits for its signature: drafted by the officer, checked by the director."""
    paper = make_draft(district, *to, **given)
    submit_paper(actor=district.officer, paper=paper, now=NOW)
    return check_paper(actor=checker or district.director, paper=paper, now=NOW)


def make_signed(district: District, *to: uuid.UUID, now: datetime = NOW, **given: Any) -> Paper:
    return sign_paper(actor=district.director, paper=make_signing(district, *to, **given), now=now)


def make_served(district: District, *, now: datetime = NOW, **given: Any) -> Service:
    """The department has signed for it on the platform."""
    service = Service.objects.get(paper=make_signed(district, now=now, **given))
    send_service(actor=district.officer, service=service, now=now)
    return acknowledge_service(actor=district.department, service=service, now=now)


def make_file(actor: Actor, text: str = "送达回证") -> uuid.UUID:
    """A small text file that the actor uploaded."""
    return receive_file(actor=actor, content=io.BytesIO(text.encode()), name="receipt.txt", now=NOW).pk
