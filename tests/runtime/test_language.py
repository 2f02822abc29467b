"""Chinese first, English by the switch."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_a_browser_set_to_english_still_gets_chinese_until_somebody_switches() -> None:
    client = Client(headers={"Accept-Language": "en-US,en"})
    assert 'lang="zh-Hans"' in client.get("/login", follow=True).content.decode()
    client.post("/language", {"language": "en", "next": "/login"})
    assert 'lang="en"' in client.get("/login", follow=True).content.decode()
