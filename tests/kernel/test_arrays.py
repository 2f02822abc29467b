"""What stands in a list is kept whole or refused."""

from __future__ import annotations

import pytest
from django.db import DataError, transaction

from quancheng.domains.registry.models import Chemical, Facility
from quancheng.kernel.arrays import ArrayField

pytestmark = pytest.mark.django_db


def test_a_text_too_long_for_its_list_is_refused_and_not_cut() -> None:
    chemical = Chemical.objects.get(name="氯")
    chemical.aliases = ["长" * 121]
    with pytest.raises(DataError), transaction.atomic():
        chemical.save()
    with pytest.raises(DataError), transaction.atomic():
        Chemical.objects.filter(pk=chemical.pk).update(aliases=["长" * 121])
    assert not Chemical.objects.filter(aliases__contains=["长" * 130]).exists()
    chemical.aliases = ["长" * 120]
    chemical.save()
    assert Chemical.objects.get(pk=chemical.pk).aliases == ["长" * 120]


def test_in_migrations_it_is_djangos_own() -> None:
    field = Facility._meta.get_field("processes")
    assert isinstance(field, ArrayField)
    assert field.deconstruct()[1] == "django.contrib.postgres.fields.ArrayField"
