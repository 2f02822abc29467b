"""What the object pages of the domain share."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model

from quancheng.kernel.pages.objects import ObjectPage

RowT = TypeVar("RowT", bound=Model)


class DomainPage(ObjectPage[RowT]):
    """An object page with the domain's own style sheet."""

    template = "duty/object.html"
