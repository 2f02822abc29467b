"""What a process loads at its start is no work for the collector: neither while it is loaded nor later."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load what stays for good, and keep its half million objects out of every later full collection.

    The collector would look at them again and again meanwhile, a third of the whole time, and free none; later a full
    collection of them would hold whoever waits for a page for a tenth of a second.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def load_addresses() -> None:
    """Views, forms and templates are loaded with the addresses."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
