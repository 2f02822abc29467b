"""Fetching the divisions of the country, which may take minutes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from quancheng.kernel.areas.fetching import fetch


@app.task(name="areas.fetch_divisions", queue="slow", queueing_lock="areas.fetch_divisions")
def fetch_divisions() -> None:
    fetch()
