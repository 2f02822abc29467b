"""Codes by time against the published vectors."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.kernel.people import totp

#: RFC 6238, appendix B, SHA-1; the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = datetime(2026, 9, 8, 1, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_equal_the_published_ones(seconds, code):
    assert totp.code_at(SECRET, seconds // 30) == code


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_clock_half_a_minute_off_is_forgiven(off):
    step = totp.step_of(NOW) + off
    assert totp.matching_step(SECRET, totp.code_at(SECRET, step), now=NOW) == step


@pytest.mark.parametrize("off", [-2, 2])
def test_a_code_a_minute_off_is_not(off):
    moment = NOW + timedelta(seconds=30 * off)
    assert totp.matching_step(SECRET, totp.code_at(SECRET, totp.step_of(moment)), now=NOW) is None


@given(st.text(max_size=30))
def test_any_text_is_answered_and_only_the_code_matches(text):
    found = totp.matching_step(SECRET, text, now=NOW)
    codes = {totp.code_at(SECRET, totp.step_of(NOW) + off) for off in (-1, 0, 1)}
    assert (found is not None) == ("".join(text.split()) in codes)


def test_the_address_names_issuer_and_account_and_survives_chinese():
    address = totp.address(SECRET, account="甲某", issuer="全程")
    assert address.startswith("otpauth://totp/%E5%85%A8%E7%A8%8B:%E7%94%B2%E6%9F%90?secret=")
    assert "+" not in address
