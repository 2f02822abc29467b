"""Form letters: those that ship, and filling their placeholders.

Placeholders are Chinese words in braces, since administrators write them. What cannot be filled is left as a visible
gap, 【待补：约谈时间】, and a paper with a gap is not signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from quancheng.kernel.papers.models import PaperTemplate

#: What a template may name, with what stands for it.
PLACEHOLDERS: tuple[str, ...] = (
    "单位", "事项", "期限", "今日", "超期天数", "前次督办", "回复期限", "发文机关",
    "约谈时间", "约谈地点", "办结期限", "内容",
)  # fmt: skip
_PLACE = re.compile(r"\{([^{}\n]{1,20})\}")
_GAP = re.compile(r"【待补：[^】]*】")
_SHIPPED = Path(__file__).parent / "data" / "templates.json"


def load_templates() -> int:
    """Enter the first version of each form letter that is not known; idempotent, run after each migration."""
    known = set(PaperTemplate.objects.values_list("code", flat=True))
    shipped = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    new = [PaperTemplate(version=1, made_at=datetime.now(UTC), **each) for each in shipped if each["code"] not in known]
    PaperTemplate.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def unknown_placeholders(text: str) -> list[str]:
    """Names in braces that nothing can fill, in their order."""
    return [name for name in _PLACE.findall(text) if name not in PLACEHOLDERS]


def fill(text: str, values: Mapping[str, object]) -> str:
    """The text with its placeholders filled; a line that is left empty is dropped, a missing value becomes a gap."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        return f"【待补：{match[1]}】" if found is None else str(found)

    lines = (_PLACE.sub(value, line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line.strip())


def gaps_in(*texts: str) -> list[str]:
    """The gaps left in some texts, each once."""
    return list(dict.fromkeys(gap for text in texts for gap in _GAP.findall(text)))
