"""Duty lists and operation cards (岗位职责清单、岗位操作卡) from a spreadsheet: one line a duty or a step."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.imports.cells import OfFiles, texts_of
from quancheng.domains.risk.card_parts import BY_NAME, MOST_LINES, SHEET_PARTS
from quancheng.domains.risk.models import Post, PostCard
from quancheng.domains.risk.queries.cards import get_card, newest_editions
from quancheng.domains.risk.queries.posts import posts_of
from quancheng.domains.risk.services import cards as services
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_PARTS = {"duties": gettext_lazy("岗位职责清单"), "steps": gettext_lazy("岗位操作卡")}


class CardLineImport(OfFiles):
    """One line of a post's list or card in the draft that is being written; a draft is begun where there is none."""

    keys = ("file", "post", "part", "number")
    is_own = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._editions: dict[uuid.UUID, PostCard] = {}
        self._posts: dict[str, list[Post]] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        return [
            text("post", gettext_lazy("岗位名称"), 80, required=True, sample="班长",
                 help=gettext_lazy("本单位已登记的岗位名称")),
            choice_column("part", gettext_lazy("清单或卡"), list(_PARTS.items()), required=True, sample="岗位职责清单"),
            SheetColumn("number", gettext_lazy("序号"), kind="integer", minimum=1, maximum=MOST_LINES, required=True,
                        sample="1", help=gettext_lazy("职责序号或作业顺序，从1起连续编号")),
            text("text", gettext_lazy("职责内容或作业程序"), 500, required=True, width=40,
                 sample="交接班前检查储罐液位和报警"),
            text("standard", gettext_lazy("检查标准或作业标准及注意事项"), 500, width=40, sample="液位不高于80%"),
            text("frequency", gettext_lazy("频次"), 60, sample="每班", help=gettext_lazy("只用于岗位职责清单")),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        file = self._own
        if file is None:
            return {}
        for post in posts_of(file):
            self._posts.setdefault(post.name, []).append(post)
        wanted = {row.values.get("post") for row in rows}
        posts = [each[0] for name, each in self._posts.items() if name in wanted and len(each) == 1]
        self._editions = newest_editions(actor=self.actor, posts=posts)
        found = {}
        for card in self._editions.values():
            for part in SHEET_PARTS:
                for number, line in enumerate(card.parts.get(part) or [], start=1):
                    values = {"post": card.post.name, "part": part, "number": number, **line}
                    texts = texts_of(self._columns, {"frequency": "", **values})
                    found[self.key_of(texts)] = Standing(f"{card.pk} {part} {number}", texts, card.status)
        return found

    def check(self, row: Row) -> Iterable[Fault]:
        if self._own is None:
            yield Fault("post", _("请先建立本单位档案，再导入岗位卡。"))
            return
        post = self._post(row)
        if post is None:
            yield Fault("post", _("本单位没有（或不止一个）这个岗位，请先登记岗位。"))
            return
        card = self._editions.get(post.pk)
        if card is not None and card.status == "SUBMITTED":
            yield Fault("post", _("该岗位的卡正在审核，审核后再导入。"))
        if row.values.get("part") == "steps" and row.values.get("frequency"):
            yield Fault("frequency", _("操作卡没有频次。"))

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        """Numbers go on from what stands without a gap."""
        given: dict[tuple[str, str], set[int]] = {}
        for row in rows:
            if (part := row.values.get("part")) and (number := row.values.get("number")) and self._post(row):
                given.setdefault((row.values["post"], part), set()).add(number)
        for (name, part), numbers in given.items():
            card = self._editions.get(self._posts[name][0].pk)
            known = {*range(1, len((card.parts.get(part) if card else None) or []) + 1), *numbers}
            for number in sorted(set(range(1, max(numbers))) - known)[:1]:
                said = _("%(post)s：序号应连续，缺少%(number)s。") % {"post": name, "number": number}
                yield Fault("number", said)

    def order(self, rows: Sequence[Row]) -> Sequence[Row]:
        return sorted(rows, key=lambda row: (row.values["post"], row.values["part"], row.values["number"]))

    def save(self, row: Row) -> str:
        post = self._post(row)
        assert post is not None  # noqa: S101 - a line without one was refused
        card = self._editions.get(post.pk)
        if card is None or card.status != "DRAFT":
            card = services.begin_edition(actor=self.actor, post=post, now=self.now)
            self._editions[post.pk] = card
        part, number = row.values["part"], row.values["number"]
        keys = [key for key, _label in BY_NAME[part].columns]
        lines = [dict(one) for one in card.parts.get(part) or []]
        while len(lines) < number:
            lines.append(dict.fromkeys(keys, ""))
        given = {key: row.values.get(key) or "" for key in keys if key in row.given or row.before is None}
        lines[number - 1] |= given
        self._write(card, part, lines)
        return f"{card.pk} {part} {number}"

    def remove(self, row: Row) -> None:
        pk, part, number = row.saved_id.split(" ")
        card = get_card(actor=self.actor, card_id=uuid.UUID(pk))
        lines = list(card.parts.get(part) or [])
        del lines[int(number) - 1]
        self._write(card, part, lines)

    def _write(self, card: PostCard, part: str, lines: list[dict[str, str]]) -> None:
        services.write_card(actor=self.actor, card=card, version=card.draft_version, parts={part: lines}, phones={},
                            now=self.now)  # fmt: skip

    def _post(self, row: Row) -> Post | None:
        found = self._posts.get(row.values.get("post") or "", [])
        return found[0] if len(found) == 1 else None


CARD_LINES = Register(
    code="risk.card_lines",
    title=gettext_lazy("岗位职责清单和操作卡"),
    duty=services.KEEP,
    session=CardLineImport,
    hint=gettext_lazy("每行一条职责或一步操作；导入到正在编写的版本，没有时开始新版，提交和审核照常办理。"),
    rows_at="risk:cards",
    order=62,
)
