"""Rules of the whole house that a machine can check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres import fields
from django.core.management import call_command

from quancheng.kernel.arrays import ArrayField
from quancheng.runtime import messages
from quancheng.runtime.place import ROOT

PACKAGE = ROOT / "src" / "quancheng"
#: What the content security policy forbids, or would have to be loosened for.
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "hx-on": re.compile(r"\bhx-on\b"),
    "js: or javascript:": re.compile(r"[\"'](js|javascript):"),
    "a foreign host": re.compile(r"(src|href)=[\"'](https?:)?//"),
}
#: Modules that may be longer: none.
LIMIT = 600


def _files(suffix: str) -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob(f"*{suffix}")):
        if "migrations" not in path.parts and "node_modules" not in path.parts:
            yield path


def test_every_string_that_people_read_has_its_english():
    assert [f"{place}: {message.text}" for place, message in messages.missing()] == []


def test_no_translation_lost_a_placeholder():
    assert messages.damaged() == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_no_template_needs_more_than_the_content_security_policy_allows():
    found = []
    for path in _files(".html"):
        # What stands in a comment is not sent.
        text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
        found += [f"{path.relative_to(PACKAGE)}: {name}" for name, rule in FORBIDDEN.items() if rule.search(text)]
    assert found == []


def test_no_module_is_longer_than_six_hundred_lines():
    long = [path for suffix in (".py", ".html", ".js", ".css") for path in _files(suffix)]
    assert [str(path.relative_to(PACKAGE)) for path in long if len(path.read_text().splitlines()) > LIMIT] == []


def test_every_list_in_a_column_is_the_kernels_that_cuts_nothing():
    lists = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, fields.ArrayField) and not isinstance(field, ArrayField)
    ]
    assert [name for name in lists if not name.startswith("Procrastinate")] == []


def test_no_lock_file_names_a_registrys_host():
    for name in (
        "requirements.lock", "requirements-dev.lock", "requirements-data.lock", "requirements-tool.lock",
        "package-lock.json",
    ):  # fmt: skip
        assert not re.search(r"index-url|find-links|\"resolved\"|file://", (ROOT / name).read_text()), name


def test_every_dependency_has_its_line_of_why():
    page = (ROOT / "docs" / "dependencies.md").read_text()
    for name in ("requirements.in", "requirements-dev.in", "requirements-data.in"):
        for line in (ROOT / name).read_text().splitlines():
            package = re.split(r"[<>=\[ ]", line)[0]
            if package and not line.startswith(("#", "-")):
                known = package in page or (package.startswith("types-") and "types-*" in page)
                assert known, f"{package} has no line in docs/dependencies.md"
