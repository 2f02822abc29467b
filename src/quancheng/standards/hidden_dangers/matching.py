"""From what somebody wrote to the criteria it may fall under (判定参考): suggestions with reasons, never a verdict.

A text and each criterion are cut into pairs of Chinese characters and whole Latin words; rare pairs weigh more than
common ones. A text without any Chinese is held against the English of the criteria. A small table of synonyms says what
people mean by other words. Same text, same answer: no model, no chance.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from quancheng.standards.hidden_dangers.criteria import (
    Criterion,
    Standing,
    applicable,
    criteria_on,
    families,
    trades,
)
from quancheng.standards.hidden_dangers.data import rows
from quancheng.standards.wording import Text

#: Letters of a description that are looked at.
MOST_LETTERS = 2000
#: What a suggestion must reach: by itself, and as a share of the best one.
_LEAST_SCORE = 5.0
_LEAST_SHARE = 0.35
#: Saturation by length of the criterion, as in the usual ranking by rare words.
_LENGTH_SHARE = 0.4
#: What a word counts that is not the text's own but meant by it.
_MEANT_SHARE = 0.8
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
#: English words that say nothing about what is wrong.
_EMPTY_WORDS = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have", "in", "into",
        "is", "it", "its", "no", "not", "of", "off", "on", "or", "so", "than", "that", "the", "their", "there",
        "this", "to", "too", "was", "were", "which", "while", "with", "without", "found", "seen", "wrong",
        "problem", "company", "enterprise", "unit",
    }
)  # fmt: skip
#: Pairs that say nothing about what is wrong.
_EMPTY = frozenset(
    {
        "没有", "或者", "不符", "符合", "要求", "进行", "以及", "有的", "是否", "存在", "发现", "现场", "检查", "企业",
        "单位", "公司", "问题", "情况", "设置", "没设", "使用", "不到", "已经", "一个", "这个", "有人", "有一", "在用",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A criterion that a text may fall under; a person decides whether it does.

    :ivar score: for the order alone; larger is nearer. Scores of different texts cannot be compared.
    :ivar matched: words of the text that the criterion has too, in the order of the text.
    :ivar through: words of the text with what they were taken to mean.
    :ivar caveat: where the wording is not that of the edition in force.
    """

    criterion: Criterion
    score: float
    matched: tuple[str, ...]
    through: tuple[tuple[str, str], ...]
    caveat: Text | None


def candidates(
    text: str,
    *,
    on: date,
    trade: str | None = None,
    place_kind: str | None = None,
    limit: int = 8,
    standing: Sequence[Standing] | None = None,
) -> list[Candidate]:
    """Criteria of a day that a description may fall under, the nearest first; empty where nothing is near.

    :param trade: leaves out criteria that speak of another trade, and brings in those for trade enterprises.
    :param place_kind: class of the enterprise (:mod:`quancheng.standards.enterprise_classes`): leaves out families
        that are not about it.
    :param standing: the criteria of the day where a district holds its own register, in place of those that ship.
    :raises ValueError: unknown trade or class.
    """
    if trade is not None and trade not in trades():
        raise ValueError(f"no trade {trade!r}; there are {', '.join(trades())}")
    every = tuple(criteria_on(on) if standing is None else standing)
    left_out = set() if place_kind is None else set(families()) - {one.code for one in applicable(place_kind)}
    if trade is not None:
        left_out.discard("GM")
    said = _folded(text)[:MOST_LETTERS]
    is_english = not _CHINESE.search(said)
    rarity, average = _weights(tuple(one.criterion for one in every), is_english)
    through = _meant(said)
    own = set(_terms(said, is_english=is_english))
    meant = {term: pair for pair in through for term in _terms(_folded(pair[1])) if term not in own}
    found = []
    for place, one in enumerate(every):
        criterion = one.criterion
        if criterion.family in left_out or (trade is not None and criterion.trade not in ("", trade)):
            continue
        terms = _terms_of(criterion, is_english)
        hits = own & terms
        indirect = meant.keys() & terms
        damping = 1 - _LENGTH_SHARE + _LENGTH_SHARE * len(terms) / average
        weight = sum(rarity[term] for term in sorted(hits)) + _MEANT_SHARE * sum(rarity[t] for t in sorted(indirect))
        if weight:
            found.append((round(weight / damping, 6), place, one, hits, {meant[term] for term in indirect}))
    best = max((score for score, *_rest in found), default=0.0)
    near = [one for one in found if one[0] >= max(_LEAST_SCORE, best * _LEAST_SHARE)]
    near.sort(key=lambda one: (-one[0], one[1]))
    return [
        Candidate(one.criterion, round(score, 2), _spans(said, hits), _in_order(said, used), one.caveat)
        for score, _place, one, hits, used in near[:limit]
    ]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _terms(folded: str, *, is_english: bool = False) -> list[str]:
    """Pairs of characters and Latin words, in order; those that say nothing are left out, English plurals are cut."""
    found: list[str] = []
    for run in _RUN.findall(folded):
        if run[0].isascii():
            if len(run) > 1 and not run.isdigit() and not (is_english and run in _EMPTY_WORDS):
                found.append(_singular(run) if is_english else run)
        else:
            found += [run[at : at + 2] for at in range(len(run) - 1) if run[at : at + 2] not in _EMPTY]
    return found


def _singular(word: str) -> str:
    """A word without the ending of the plural; what is cut off wrongly is cut off on both sides."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def _synonyms() -> tuple[tuple[str, str], ...]:
    """What people write and what they mean, the longer words first."""
    pairs = [(_folded(row["term"]), row["means"]) for row in rows("hidden_danger_synonyms")]
    return tuple(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0])))


def _meant(said: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in _synonyms() if pair[0] in said)


@lru_cache(maxsize=4096)
def _terms_of(one: Criterion, is_english: bool = False) -> frozenset[str]:
    if is_english:
        return frozenset(_terms(_folded(one.text.en), is_english=True))
    return frozenset(term for text in (one.text.zh, *one.words) for term in _terms(_folded(text)))


@lru_cache(maxsize=8)
def _weights(those: tuple[Criterion, ...], is_english: bool = False) -> tuple[dict[str, float], float]:
    """How rare each term is among these criteria, and how many terms one has on average."""
    counts = Counter(term for one in those for term in _terms_of(one, is_english))
    rarity = {term: math.log(1 + len(those) / count) for term, count in counts.items()}
    return rarity, sum(counts.values()) / len(those) if those else 1.0


def _spans(said: str, hits: Iterable[str]) -> tuple[str, ...]:
    """The words of the text that the hits make up: pairs that overlap or touch become one."""
    covered = [False] * len(said)
    for hit in hits:
        at = said.find(hit)
        while at >= 0:
            covered[at : at + len(hit)] = [True] * len(hit)
            at = said.find(hit, at + 1)
    spans: list[str] = []
    for at, letter in enumerate(said):
        if not covered[at]:
            continue
        if at and covered[at - 1]:
            spans[-1] += letter
        else:
            spans.append(letter)
    return tuple(dict.fromkeys(spans))


def _in_order(said: str, used: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(used, key=lambda pair: (said.find(pair[0]), pair[0])))
