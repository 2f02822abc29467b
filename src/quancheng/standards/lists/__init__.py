"""Regulated lists (管控名录): who stands on which, in which edition, how sure.

What the hazardous chemicals catalogue itself holds comes from the official table that an installation imports
(:mod:`quancheng.standards.lists.catalogue` reads it); of it only the highly toxic entries ship, as a list of their
own.
"""

from quancheng.standards.lists.match import HOW, MIXTURE_NAMES, Membership, memberships
from quancheng.standards.lists.model import MEASURES, Entry, RegulatedList, entries, regulated_lists
from quancheng.standards.lists.processes import KeyProcess, find_process, is_watched_like_a_key_process, key_processes

__all__ = [
    "HOW",
    "MEASURES",
    "MIXTURE_NAMES",
    "Entry",
    "KeyProcess",
    "Membership",
    "RegulatedList",
    "entries",
    "find_process",
    "is_watched_like_a_key_process",
    "key_processes",
    "memberships",
    "regulated_lists",
]
