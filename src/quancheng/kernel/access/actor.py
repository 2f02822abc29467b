"""The actor (行为人): who acts, through which membership, with which duties and scope."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from quancheng.kernel.access import duties as registry
from quancheng.kernel.errors import NotPermitted


@dataclass(frozen=True, slots=True)
class Actor:
    """A user acting through one membership (organisation + roles), or a named system actor.

    :ivar area_path: stored path of the organisation's area, e.g. ``/1/2a/``; empty where it has none.
    :ivar whole_district: its area is the whole district (or more): rows without an area are its too.
    :ivar supervises: the organisation is a public authority that supervises by area and link.
    :ivar links: chain links it supervises; ignored where ``general`` is set.
    :ivar general: comprehensive supervision (综合监管): rows of every link, and of none.
    :ivar administrator: ``system``, ``security`` or ``audit`` for the three separated administrators
        (三员分立), who see no business content; else empty.
    :ivar is_narrowed: a token stands for the person, with fewer duties than his place has.
    """

    kind: Literal["person", "system"]
    name: str
    user_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None
    organisation_name: str = ""
    membership_id: uuid.UUID | None = None
    duties: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    area_path: str = ""
    whole_district: bool = False
    supervises: bool = False
    links: frozenset[str] = frozenset()
    general: bool = False
    is_chief: bool = False
    administrator: str = ""
    is_narrowed: bool = False
    #: Users who delegated to this one for today (委托): their items are taken on with their names.
    acts_for: frozenset[uuid.UUID] = frozenset()

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    def has(self, duty: str) -> bool:
        """Whether the actor holds the duty; a system actor holds those it was named for, none else."""
        return duty in self.duties

    def require(self, duty: str) -> None:
        """Raise :class:`NotPermitted`, naming the duty, unless the actor holds it."""
        if not self.has(duty):
            raise NotPermitted(
                _("您没有“%(duty)s”的职责，请联系本单位负责人或系统管理员。") % {"duty": registry.label_of(duty)},
                facts={"duty": duty},
            )


def system_actor(name: str, *duties: str) -> Actor:
    """The system under a name (e.g. ``clock``), for jobs that work for no person.

    It sees every row, since it keeps the house, and holds only the duties that its entry point names.
    """
    return Actor(kind="system", name=name, duties=frozenset(duties))
