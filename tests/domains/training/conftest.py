"""What tests of people at work share; a file that needs more of its district makes one of its own."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.domains.training.factories import own_file
from tests.factories import District, client_of, make_district


@pytest.fixture
def district(db: None) -> District:
    """A district whose enterprise has its file."""
    made = make_district()
    own_file(made)
    return made


@pytest.fixture
def own(district: District) -> Client:
    """The enterprise's browser."""
    return client_of(district.enterprise)
