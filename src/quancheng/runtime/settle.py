"""What a process loaded at its start is taken out of the collector's sight."""

from __future__ import annotations

import gc


def settle() -> None:
    """Keep the half million objects of a loaded house out of every later full collection.

    Such a collection looks at all of them, frees none, and holds whoever waits for a page for a tenth of a second.
    To be called once, when everything is loaded.
    """
    from django.urls import get_resolver

    # Views, forms and templates are loaded with the addresses.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
