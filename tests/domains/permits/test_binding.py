"""A permit keeps the files of those whom it names: a sheet of them is not taken back, and their days wait for its."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.permits.factories import NOW, draft_of, own_file
from tests.domains.training.factories import identity, make_person
from tests.factories import client_of, make_district
from tests.kernel.exchange.importing import book, imported, undo

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.services import drafting
from quancheng.domains.permits.services.forgetting import forget
from quancheng.domains.training.models import Person
from quancheng.domains.training.queries.retention import list_gone
from quancheng.domains.training.services.persons import leave_person

pytestmark = pytest.mark.django_db
AFTER = NOW + timedelta(days=1)


def lead(district, person):
    """A draft that this person leads."""
    actor, file = district.enterprise, own_file(district)
    permit = drafting.draft_permit(actor=actor, file=file, draft=draft_of("HW"), now=NOW)
    drafting.add_person(
        actor=actor, permit=permit, person=person, part="LEADER", tasks=(), educated_on=None, medical_on=None, now=NOW
    )
    return permit


def test_a_sheet_with_somebody_on_a_permit_is_not_taken_back_and_says_why():
    district = make_district()
    own_file(district)
    own = client_of(district.enterprise)
    sheet = book(("工号", "姓名", "身份证号码", "用工类型"), ("A1", "某一", identity(1), "本单位职工"))
    run = imported(own, "training.own_persons", sheet)
    lead(district, Person.objects.get())
    answer = undo(own, run)
    assert answer.status_code == 409
    assert "特殊作业票" in answer.content.decode()
    assert Person.objects.exists()


def test_who_is_on_a_permit_that_never_ended_is_forgotten_after_it_and_holds_up_nobody():
    district = make_district()
    own_file(district)
    bound, free = make_person(district), make_person(district, order=2)
    permit = lead(district, bound)
    for person in (bound, free):
        leave_person(actor=district.enterprise, person=person, left_date=NOW.date(), reason="", now=NOW)
    assert list(list_gone(AFTER)) == [free]
    forget([Permit.objects.get(pk=permit.pk)])
    assert set(list_gone(AFTER)) == {bound, free}
