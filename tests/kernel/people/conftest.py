"""Passwords are hashed cheaply in these tests."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.signing import CHEAP_HASHERS


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
