"""The list of permits found by words: what it looks through follows the permit and its enterprise's name."""

from __future__ import annotations

import pytest
from tests.domains.permits.factories import make_permit
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db


def test_a_permit_is_found_by_number_content_place_unit_and_enterprise_as_they_are_now():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    client = client_of(district.town)

    def is_found(words):
        return f'/permits/{permit.pk}"' in client.get("/permits/", {"q": words}).content.decode()

    for words in (permit.number, permit.content, permit.place, permit.work_unit, permit.enterprise.name):
        assert is_found(words), words
    assert not is_found("没有这样的作业")
    Permit.objects.filter(pk=permit.pk).update(place="三号罐区新址")
    Organisation.objects.filter(pk=permit.enterprise_id).update(name="改名后的示例企业")
    assert is_found("三号罐区")
    assert is_found("改名后的示例")
