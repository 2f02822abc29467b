"""Inputs of a phone at the place: where it is, and a name written by finger. They say what is missing."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.services.positions import Position

#: Of a picture of a name, as it was drawn.
MOST_BYTES = 200_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PREFIX = "data:image/png;base64,"


class _OwnInput(forms.HiddenInput):
    """Drawn by a template of ours; its value stands in a hidden input that a script fills."""

    input_type = "text"
    template = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        return render_to_string(self.template, {"name": name, "value": value or "", "attrs": attrs or {}})


class PositionInput(_OwnInput):
    template = "permits/_position.html"


class SignatureInput(_OwnInput):
    template = "permits/_canvas.html"


class PositionField(forms.CharField):
    """Where the device is, as the browser told it with its user's consent; None where it did not.

    The age counts from the fix to the sending, both by the device's clock; ``device_ms`` is that clock at the sending.
    """

    widget = PositionInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=400, label=_("现场定位"), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            told = json.loads(text)
            figures = {name: Decimal(str(told[name])) for name in ("lon", "lat", "accuracy_m", "age_s", "device_ms")}
            return Position.told(**figures)
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise forms.ValidationError(_("定位数据有误，请重新定位。")) from None


def position_in(data: Mapping[str, Any]) -> Position | None:
    """What a posted form tells of the position, before it is judged as a whole; None where that is nothing."""
    try:
        found: Position | None = PositionField().clean(data.get("position", ""))
    except forms.ValidationError:
        return None
    return found


def longitude(label: Any, *, required: bool = True) -> forms.DecimalField:
    """Degrees, six places."""
    return _degrees(label, 180, 9, required)


def latitude(label: Any, *, required: bool = True) -> forms.DecimalField:
    """Degrees, six places."""
    return _degrees(label, 90, 8, required)


def _degrees(label: Any, most: int, digits: int, required: bool) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=-most, max_value=most, max_digits=digits, decimal_places=6
    )


class SignatureField(forms.CharField):
    """A name written by finger, as the bytes of a PNG; empty where none was drawn."""

    widget = SignatureInput

    def __init__(self, *, required: bool, **kwargs: Any) -> None:
        super().__init__(
            required=required, max_length=MOST_BYTES * 2, label=_("手写签名"),
            error_messages={"required": _("请手写签名。")}, **kwargs,
        )  # fmt: skip

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return b""
        try:
            content = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except ValueError:
            content = b""
        if not content.startswith(_PNG) or len(content) > MOST_BYTES:
            raise forms.ValidationError(_("签名图像有误，请重新签名。"))
        return content
