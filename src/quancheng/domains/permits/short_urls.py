"""Addresses open to everybody: ``w/`` a permit at its place, ``v/`` the board of a control room, ``cases``."""

from __future__ import annotations

from django.urls import path, register_converter

from quancheng.domains.permits.views import boards, exposed
from quancheng.domains.permits.views import open_pages as views


class MarkCode:
    """128 random bits as they are written."""

    regex = "[0-9A-Za-z_-]{22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ScreenToken(MarkCode):
    """256 random bits as they are written."""

    regex = "[0-9A-Za-z_-]{43}"


register_converter(MarkCode, "mark_code")
register_converter(ScreenToken, "screen_token")
app_name = "work"

urlpatterns = [
    path("w/<mark_code:code>", views.OpenMark.as_view(), name="mark"),
    path("v/<screen_token:token>", boards.OpenBoard.as_view(), name="board"),
    path("cases", exposed.OpenCases.as_view(), name="cases"),
    path("cases/<uuid:pk>", exposed.OpenCase.as_view(), name="case"),
]
