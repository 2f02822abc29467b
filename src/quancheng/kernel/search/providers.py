"""The kernel's own providers: work items, organisations, people."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.utils.translation import gettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.pages.filters import anywhere
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.models import Membership
from quancheng.kernel.search.registry import Hit, url_to
from quancheng.kernel.work import queries as work
from quancheng.kernel.work.models import WorkItem

#: Letters that may be the initials of a person's name.
LONGEST_INITIALS = 6


class WorkItems:
    """Open steps by title; the hit leads to the row that the step belongs to."""

    code = "work.items"
    group = gettext_lazy("办理事项")
    order = 10

    def search(self, actor: Actor, text: str, limit: int) -> list[Hit]:
        found = {f"title__{anywhere(text)}": text}
        items = work.list_items(actor=actor).filter(done_at__isnull=True, **found)
        return [self._hit(item) for item in items[:limit]]

    def _hit(self, item: WorkItem) -> Hit:
        try:
            loop = loop_of(item.loop_code, item.loop_version)
        except KeyError:
            return Hit(str(self.group), item.title, item.owner_org.label, "")
        state = loop.states.get(item.state)
        told = [item.owner_org.label, str(state.label) if state else ""]
        url = url_to(loop.url_name, item.subject_id) if loop.url_name else ""
        return Hit(str(self.group), item.title, " · ".join(filter(None, told)), url)


class Organisations:
    """Organisations by name, short name, alias, initials or credit code."""

    code = "people.organisations"
    group = gettext_lazy("单位")
    order = 50

    def search(self, actor: Actor, text: str, limit: int) -> list[Hit]:
        rows = people.list_organisations(actor=actor, text=text)
        if len(text) == 18 and text.isascii():
            rows = people.list_organisations(actor=actor).filter(credit_code=text.upper())
        return [
            Hit(str(self.group), row.name, row.get_kind_display(), _organisation_url(actor, row.pk))
            for row in rows[:limit]
        ]


class People:
    """People with a place in a public body or in one's own organisation, by name or initials of the pinyin.

    Whoever looks for somebody of an enterprise finds him by the enterprise.
    """

    code = "people.users"
    group = gettext_lazy("人员")
    order = 60

    def search(self, actor: Actor, text: str, limit: int) -> list[Hit]:
        known = people.list_organisations(actor=actor)
        if not actor.administrator:
            known = known.filter(~Q(kind__in=("enterprise", "agency")) | Q(pk=actor.organisation_id))
        named = Q(user__name__icontains=text) | Q(user__pinyin__startswith=" ".join(text.lower().split()))
        if text.isascii() and text.isalpha() and len(text) <= LONGEST_INITIALS:
            # The stored key is full pinyin; initials match the beginnings of its syllables.
            named |= Q(user__pinyin__regex="^" + " ".join(f"{letter}[a-z]*" for letter in text.lower()))
        rows = (
            Membership.objects.current()
            .filter(organisation__in=known.order_by().values("pk"))
            .filter(named)
            .select_related("user", "organisation")
            .order_by("user__pinyin", "organisation__pinyin", "pk")
        )
        return [
            Hit(
                str(self.group),
                row.user.name,
                " · ".join(filter(None, [row.organisation.label, row.post])),
                _organisation_url(actor, row.organisation_id),
            )
            for row in rows[:limit]
        ]


def _organisation_url(actor: Actor, organisation_id: uuid.UUID) -> str:
    """The register's page is the administrators'; others read name and kind here."""
    is_for_actor = actor.has("people.organisations.manage") or actor.has("people.users.manage")
    return url_to("people:organisation", organisation_id) if is_for_actor else ""
