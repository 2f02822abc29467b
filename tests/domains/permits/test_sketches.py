"""The picture in the form's box for a drawing: uploaded before it is presented, sealed, shown and printed."""

from __future__ import annotations

import io
from datetime import timedelta

import docx
import pdfplumber
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.domains.permits.factories import NOW, crew_of, make_draft, prepare
from tests.domains.permits.test_papers import printed
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import preparing

pytestmark = pytest.mark.django_db


def picture(shade=1, kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (320, 200), (shade * 40 % 256, 90, 120)).save(out, kind)
    return SimpleUploadedFile(f"图.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


def pictures(content, medium):
    if medium == "docx":
        return len(docx.Document(io.BytesIO(content)).inline_shapes)
    with pdfplumber.open(io.BytesIO(content)) as document:
        return sum(len(page.images) for page in document.pages)


def given(client, permit, file):
    permit.refresh_from_db()
    return client.post(f"/permits/{permit.pk}/sketch", {"sketch": file, "version": str(permit.version)})


@pytest.mark.parametrize("kind", ["BL", "EX", "RC"])
@pytest.mark.parametrize("medium", ["pdf", "docx"])
def test_a_picture_is_printed_in_its_box_and_shown_on_the_page(at, kind, medium):
    district = make_district()
    crew = crew_of(district, kind)
    permit = make_draft(district, kind, crew)
    client = client_of(crew.safety)
    before = pictures(printed(crew.safety, permit, "1", medium), medium)
    assert client.get(f"/permits/{permit.pk}/sketch").status_code == 200
    assert given(client, permit, SimpleUploadedFile("a.txt", b"words", "text/plain")).status_code == 422
    assert given(client, permit, picture(kind="JPEG" if kind == "EX" else "PNG")).status_code == 303
    permit.refresh_from_db()
    assert permit.sketch
    assert "/show" in client.get(f"/permits/{permit.pk}?tab=papers").content.decode()
    assert pictures(printed(crew.safety, permit, "1", medium), medium) == before + 1


def test_a_picture_is_sealed_with_the_permit_and_changes_no_more(at):
    district = make_district()
    crew = crew_of(district, "RC")
    permit = make_draft(district, "RC", crew)
    client = client_of(crew.safety)
    assert given(client, permit, picture(1)).status_code == 303
    first = Permit.objects.get(pk=permit.pk).sketch
    assert given(client, permit, picture(2)).status_code == 303
    assert client.post(
        f"/permits/{permit.pk}/sketch", {"sketch": picture(3), "version": str(permit.version - 1)}
    ).status_code == 409
    permit.refresh_from_db()
    assert permit.sketch != first
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    assert given(client, permit, picture(3)).status_code == 409
    assert load_rows(permit).is_unaltered
    # Whoever changed it behind the house is found out.
    Permit.objects.filter(pk=permit.pk).update(sketch=first)
    permit.refresh_from_db()
    assert not load_rows(permit).is_unaltered


def test_forms_without_a_box_take_no_picture(at):
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    assert client_of(crew.safety).get(f"/permits/{permit.pk}/sketch").status_code == 404
