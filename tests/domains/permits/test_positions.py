"""Where signers stand, and names written by finger."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image
from tests.domains.permits.factories import HERE, NOW, crew_of, make_draft, make_permit, prepare
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson, PermitSignature
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import preparing, signing
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=6)


def drawn(shade: int = 10) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 24), (shade, shade, shade)).save(out, "PNG")
    return out.getvalue()


def typed(client, url, person, position=None, image=b""):
    form = client.get(f"{url}?act=sign").context["panel"].form
    hidden = {field.name: field.value() or "" for field in form.hidden_fields()}
    picture = f"data:image/png;base64,{base64.b64encode(image).decode()}" if image else ""
    told = json.dumps(position) if position else ""
    return {"act": "sign", **hidden, "person": str(person.pk), "position": told, "image": picture}


def here(**known):
    told = {"lon": "118.500040", "lat": "37.400000", "accuracy_m": 8, "age_s": 3}
    return {**told, "device_ms": int(LATER.timestamp() * 1000), **known}


@pytest.fixture
def presented(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    return district, crew, permit, PermitPerson.objects.get(permit=permit, part="GUARDIAN")


@pytest.mark.clause("S1-4b")
@pytest.mark.parametrize(
    ("position", "said"),
    [(None, "未提供签字位置"), (here(lon="118.504"), "15"), (here(accuracy_m=31), "30"), (here(age_s=61), "60"),
     (here(device_ms=int((LATER.timestamp() - 200) * 1000)), "C-49")],
)  # fmt: skip
def test_a_signature_away_from_the_place_is_refused_with_clause_and_value(presented, position, said):
    _district, crew, permit, guardian = presented
    client, url = client_of(crew.head), f"/permits/{permit.pk}"
    answer = client.post(url, typed(client, url, guardian, position, drawn()))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert said in page
    if said != "C-49":
        assert "C-14" in page
        assert "GB 30871-2022, 4.11" in page
    assert not PermitSignature.objects.filter(step="GUARDIAN").exists()


@pytest.mark.clause("S1-4b")
def test_a_name_written_at_the_place_is_kept_with_place_and_picture_bound_to_the_seal(presented):
    district, crew, permit, guardian = presented
    client, url = client_of(crew.head), f"/permits/{permit.pk}"
    # Who has no account signs by hand.
    assert client.post(url, typed(client, url, guardian, here())).status_code == 422
    assert client.post(url, typed(client, url, guardian, here(), drawn())).status_code == 303
    row = PermitSignature.objects.get(step="GUARDIAN")
    assert row.distance_m == Decimal("1.5")
    assert row.image
    page = client_of(district.department).get(f"{url}?tab=signatures").content.decode()
    assert "1.5 m" in page
    link = client_of(district.department).get(f"{url}?tab=signatures").context["signatures"][-1]["picture"]
    assert client_of(district.department).get(f"/files/{link}").status_code == 200
    # The same picture never signs again.
    leader = PermitPerson.objects.get(permit=permit, part="LEADER")
    with pytest.raises(Conflict) as caught:
        signing.sign_permit(
            actor=crew.head, permit=permit, person=leader, position=HERE, image=drawn(), now=LATER
        )
    assert caught.value.code == "signature_copied"
    # A picture taken over from elsewhere does not fit its seal.
    assert load_rows(permit).is_unaltered
    PermitSignature.objects.filter(pk=row.pk).update(image="f" * 64)
    assert not load_rows(permit).is_unaltered


def test_a_permit_without_a_place_is_not_presented_and_the_page_takes_it():
    district = make_district()
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit)
    Permit.objects.filter(pk=permit.pk).update(lon=None, lat=None)
    permit.refresh_from_db()
    with pytest.raises(Conflict):
        preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    client = client_of(crew.safety)
    url = f"/permits/{permit.pk}/place"
    assert client.get(url).status_code == 200
    assert client.post(url, {"lon": "118.5", "lat": "97"}).status_code == 422
    assert client.post(url, {"lon": "118.5", "lat": "37.4", "radius_m": "600"}).status_code == 422
    assert client.post(url, {"lon": "118.5", "lat": "37.4", "radius_m": "3", "line": "L-101"}).status_code == 303
    permit.refresh_from_db()
    assert (permit.radius_m, permit.ties) == (3, {"line": "L-101"})
    preparing.present_permit(actor=crew.safety, permit=permit, now=LATER)
    assert client.post(url, {"lon": "118.5", "lat": "37.4"}).status_code == 409


def test_where_the_work_is_belongs_to_what_is_signed():
    district = make_district()
    permit = make_permit(district)
    assert load_rows(permit).is_unaltered
    permit.lat += Decimal("0.001")
    assert not load_rows(permit).is_unaltered


def test_the_radius_counts_to_the_edge_of_the_place(presented):
    _district, crew, permit, guardian = presented
    far = replace(HERE, lon=Decimal("118.500190"))
    signing.sign_permit(actor=crew.head, permit=permit, person=guardian, position=far, now=LATER)
    assert 14 < PermitSignature.objects.get(step="GUARDIAN").distance_m <= 15
    leader = PermitPerson.objects.get(permit=permit, part="LEADER")
    with pytest.raises(Refused):
        signing.sign_permit(
            actor=crew.head, permit=permit, person=leader, position=replace(HERE, lon=Decimal("118.500300")),
            now=LATER + timedelta(minutes=1),
        )  # fmt: skip
