"""Documents that a machine can hold against the code and the tree."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from quancheng.runtime import loop_pages
from quancheng.runtime.place import ROOT

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")


def _pages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_the_pages_of_loops_are_what_the_code_draws() -> None:
    assert loop_pages.stale() == [], "run `bin/quancheng dev loops` and commit docs/loops"


def test_every_link_between_documents_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in _pages()
        for target in _LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_domain_has_its_page() -> None:
    domains = [path.parent for path in (ROOT / "src" / "quancheng" / "domains").glob("*/apps.py")]
    assert [folder.name for folder in domains if not (folder / "README.md").is_file()] == []
