"""Reads of divisions."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from quancheng.kernel.areas.models import Area


def home() -> Area | None:
    """The district that this house supervises; None before it was chosen."""
    return Area.objects.filter(is_home=True).first()


def is_whole_district(path: str) -> bool:
    """Whether an organisation's area is the whole home district or more; an organisation without area has it too."""
    if not path:
        return True
    district = home()
    return district is None or district.path.startswith(path)


def find_areas(text: str, *, under: Area | None = None) -> QuerySet[Area]:
    """Standing divisions by name, alias, code or initials, by pinyin."""
    found = Area.objects.filter(valid_to__isnull=True)
    if under is not None:
        found = found.filter(path__startswith=under.path)
    if text := text.strip():
        found = found.filter(
            Q(name__icontains=text)
            | Q(initials__startswith=text.lower())
            | Q(code__startswith=text)
            | Q(pk__in=Area.objects.filter(aliases__name__icontains=text).values("pk"))
        )
    return found.order_by("path")
