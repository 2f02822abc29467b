"""Which tasks of the text a chart's row serves (挂图行对应正文任务): by numbers and words, with the reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from quancheng.domains.duty.plans.marks import mark_of

#: Share of common pairs of characters from which two passages say the same, or nearly.
_SAME, _LIKE = 0.5, 0.3
_HEADING = 0.45
#: Characters of a clause that says something by itself, and what its likeness counts against a whole sentence's.
_CLAUSE, _OF_CLAUSE = 6, 0.9
#: So far below the best a further task of the text is served as well.
_NEAR = 0.35
_MARKS = re.compile(r"^\s*(?:附件\d*[：:]?|[（(]?[一二三四五六七八九十\d]{1,3}[）)]?[.、．]{0,2}|[①-⑳])\s*")
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z\d]+")
_ANNEX = re.compile(r"附件\d*[：:]?|挂图作战|责任(?:分解)?表|任务分解表|作战图|工作要点|安全监管|工作(?:方案|计划)")
_NUMERALS = {char: number for number, char in enumerate("一二三四五六七八九十", 1)}


@dataclass(frozen=True, slots=True)
class TextItem:
    """A task of the text: the caller's key; headings and own title, outermost first, as printed; its sentences."""

    key: str
    headings: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowItem:
    """A measure of a chart: its annex's title, its levels as printed, its own words."""

    key: str
    chart: str
    levels: tuple[str, ...]
    measure: str


@dataclass(frozen=True, slots=True)
class Served:
    """A row serves a task of the text.

    :param passage: the sentence of the text that it serves.
    :param reason: in words, why.
    :param sure: numbers and words agree.
    """

    row: str
    task: str
    passage: str
    reason: str
    sure: bool


def propose(rows: Sequence[RowItem], texts: Sequence[TextItem]) -> list[Served]:
    """What each row serves, in the order of the rows; a row for which nothing fits is left out."""
    places = _places(rows)
    parts = _parts_of(rows, texts)
    found: list[Served] = []
    for row in rows:
        found += _serve(row, places[row.key], parts[row.chart])
    return found


def likeness(one: str, other: str) -> float:
    """Common pairs of characters as a share of the shorter passage's (0 to 1)."""
    mine, theirs = _pairs(one), _pairs(other)
    if not mine or not theirs:
        return 0.0
    return len(mine & theirs) / min(len(mine), len(theirs))


def says(measure: str, sentence: str) -> float:
    """How far a sentence says what a measure says: the whole of it, or one of its clauses."""
    clauses = [clause for clause in re.split(r"[，、；]", sentence) if len(clause) >= _CLAUSE]
    return max([likeness(measure, sentence), *(_OF_CLAUSE * likeness(measure, clause) for clause in clauses)])


def _pairs(text: str) -> set[str]:
    words = "".join(_WORDS.findall(_MARKS.sub("", text)))
    return {words[at : at + 2] for at in range(len(words) - 1)}


def _places(rows: Sequence[RowItem]) -> dict[str, tuple[int, ...]]:
    """The place of each row in its chart: which level 1 of the chart, which level 2 below it (1, 2, …)."""
    result: dict[str, tuple[int, ...]] = {}
    seen: dict[tuple[str, ...], dict[str, int]] = {}
    for row in rows:
        place: list[int] = []
        above: tuple[str, ...] = (row.chart,)
        for level in row.levels:
            known = seen.setdefault(above, {})
            place.append(known.setdefault(level, len(known) + 1))
            above = (*above, level)
        result[row.key] = tuple(place)
    return result


def _parts_of(rows: Sequence[RowItem], texts: Sequence[TextItem]) -> dict[str, list[TextItem]]:
    """The tasks of the part to which each chart is annexed: the part whose title is most like the chart's."""
    titles = list(dict.fromkeys(item.headings[0] for item in texts if item.headings))
    result: dict[str, list[TextItem]] = {}
    for chart in dict.fromkeys(row.chart for row in rows):
        scores = [(likeness(_ANNEX.sub("", chart), _ANNEX.sub("", title)), title) for title in titles]
        best = max(scores, default=(0.0, ""))
        is_clear = sum(score == best[0] for score, _title in scores) == 1
        if best[0] >= _HEADING and is_clear:
            result[chart] = [item for item in texts if item.headings[:1] == (best[1],)]
        else:
            result[chart] = list(texts)
    return result


def _number_of(heading: str) -> int:
    mark = mark_of(heading)
    return mark.value if mark is not None else 0


def _numbered(item: TextItem, place: tuple[int, ...], levels: tuple[str, ...]) -> tuple[int, float, list[str]]:
    """How far the item's headings answer to the row's levels: how many by number, how like by words, which ones."""
    best = (0, 0.0, list[str]())
    headings = item.headings
    for start in range(max(1, len(headings) - len(levels) + 1)):
        pairs = list(zip(levels, place, headings[start : start + len(levels)], strict=False))
        numbers = 0
        for _level, number, heading in pairs:
            if _number_of(heading) != number:
                break
            numbers += 1
        words = [likeness(level, heading) for level, _number, heading in pairs]
        mean = sum(words) / len(levels) if levels else 0.0
        if (mean, numbers) > (best[1], best[0]):
            best = (numbers, mean, [heading for _level, _number, heading in pairs])
    return best


def _serve(row: RowItem, place: tuple[int, ...], texts: Sequence[TextItem]) -> list[Served]:
    scored: list[tuple[float, Served]] = []
    for item in texts:
        numbers, words, headings = _numbered(item, place, row.levels)
        own = words if words >= _HEADING or numbers == len(row.levels) else 0.0
        for sentence in item.sentences:
            same = says(row.measure, sentence)
            if own < _HEADING and same < 0.75:
                continue
            if same < _LIKE:
                continue
            sure = own >= _HEADING and numbers == len(row.levels) and same >= _SAME
            reason = _reason(place if numbers else (), headings if own >= _HEADING else [], sentence, same)
            scored.append((own + same, Served(row.key, item.key, sentence, reason, sure)))
    if not scored:
        return []
    top = max(score for score, _one in scored)
    unique: dict[str, tuple[float, Served]] = {}
    for score, one in scored:
        is_near = score == top or (score >= top - _NEAR and says(row.measure, one.passage) >= _SAME)
        if is_near and (one.task not in unique or score > unique[one.task][0]):
            unique[one.task] = (score, one)
    return [one for _score, one in unique.values()]


def _reason(place: tuple[int, ...], headings: Sequence[str], sentence: str, same: float) -> str:
    said = []
    if place:
        said.append(f"挂图第{'.'.join(map(str, place))}行的序号与正文一致")
    if headings:
        said.append(f"标题与“{headings[-1]}”相近")
    short = sentence if len(sentence) <= 24 else f"{sentence[:23]}…"
    said.append(f"措施与“{short.rstrip('。；')}”有{same:.0%}相同")
    return "，".join(said)
