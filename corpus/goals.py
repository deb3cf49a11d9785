"""What the whole corpus is to reach, and which of it is missing: counts, shares, pairs, balance, agreement.

It must not check single rows (rules.py) nor decide whether a missed goal fails a build (check.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from balance import Mentions
from rules import CLAUSES, HARD_FAIR, HATE, KINDS, LANGUAGES, Row, is_fair

ROWS = 2000
FAIR = 0.5
HARD = 2 / 3
IN_PAIRS = 0.25
CLAUSE = 0.06
SHORT_WORDS, SHORT = 40, 0.5
ASIDE = (0.07, 0.13)
PAIRS_OF_A_FUNCTION = 30
BALANCE_FROM, BALANCE = 20, 0.2
AGREEMENT = 0.75

VARIETIES = {
    "en": ("en",),
    "ar": ("ar-iraqi", "ar-levantine", "ar-egyptian", "ar-gulf", "ar-standard", "ar-arabizi"),
    "ckb": ("ckb-slemani", "ckb-hewler", "ckb-arabic-keyboard"),
    "kmr": ("kmr-bahdinan", "kmr-amed", "kmr-qamishlo"),
    "tr": ("tr-standard", "tr-plain"),
    "fa": ("fa-colloquial", "fa-formal", "fa-finglish"),
}


def missed(rows: Sequence[Row], written: Sequence[Row], groups: Sequence[Mentions]) -> Iterator[str]:
    """Yield each goal that the rows do not reach, one line each, by language.

    `written` are the same rows with their writer's own labels, on which agreement is counted.
    """
    for lang in LANGUAGES:
        own = [row for row in rows if row["lang"] == lang]
        first = [row for row in written if row["lang"] == lang]
        yield from (f"{lang}: {words}" for words in _missed_counts(own))
        if own:
            yield from (f"{lang}: {words}" for words in _missed_kinds(lang, own))
            yield from (f"{lang}: {words}" for words in _missed_pairs(own))
            yield from (f"{lang}: {words}" for words in _missed_agreement(first))
            base = sum(map(is_fair, own)) / len(own)
            yield from _missed_balance([name for name in groups if name.lang == lang], base)


def alpha(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Return Krippendorff's alpha of two readers' yes and no on the same rows; 1.0 when all values agree."""
    values = Counter(first) + Counter(second)
    total = sum(values.values())
    if len(values) < 2:
        return 1.0
    observed = sum(a != b for a, b in zip(first, second, strict=True)) / len(first)
    expected = 2 * values[True] * values[False] / (total * (total - 1))
    return 1 - observed / expected


def _missed_counts(rows: Sequence[Row]) -> Iterator[str]:
    fair = [row for row in rows if is_fair(row)]
    # A fair row of a pair is hard by nature: it differs from a violation by a word.
    hard = [row for row in fair if row["kind"] in HARD_FAIR or row["pair"] is not None]
    if len(rows) < ROWS:
        yield f"{len(rows)} of {ROWS} rows"
    if not rows:
        return
    shares = {
        "fair rows": (len(fair) / len(rows), FAIR),
        "hard rows among the fair": (len(hard) / max(1, len(fair)), HARD),
        "rows in pairs": (sum(row["pair"] is not None for row in rows) / len(rows), IN_PAIRS),
        f"rows under {SHORT_WORDS} words": (
            sum(len(row["text"].split()) < SHORT_WORDS for row in rows) / len(rows),
            SHORT,
        ),
    }
    for clause in CLAUSES:
        broken = sum(clause in row["clauses"] for row in rows)
        shares[f"{clause} among the violations"] = (broken / max(1, len(rows) - len(fair)), CLAUSE)
    for name, (share, goal) in shares.items():
        if share < goal:
            yield f"{name} {share:.1%}, at least {goal:.0%}"
    for split in ("dev", "test"):
        share = sum(row["split"] == split for row in rows) / len(rows)
        if not ASIDE[0] <= share <= ASIDE[1]:
            yield f"{split} {share:.1%}, {ASIDE[0]:.0%} to {ASIDE[1]:.0%}"


def _missed_kinds(lang: str, rows: Sequence[Row]) -> Iterator[str]:
    if absent := sorted(KINDS - {row["kind"] for row in rows} - {"fair-criticism", "reply-disagreement"}):
        yield f"no row of kind {', '.join(absent)}"
    for variety in VARIETIES[lang]:
        if not any(row["variety"].startswith(variety) for row in rows):
            yield f"no row of variety {variety}"


def _missed_pairs(rows: Sequence[Row]) -> Iterator[str]:
    pairs = defaultdict(list)
    for row in rows:
        if row["pair"] is not None:
            pairs[row["pair"]].append(row)
    for function, is_of in FUNCTIONS.items():
        count = sum(is_of(own) for own in pairs.values())
        if count < PAIRS_OF_A_FUNCTION:
            yield f"{count} of {PAIRS_OF_A_FUNCTION} pairs of {function}"


def _has_kind(*kinds: str) -> Callable[[Sequence[Row]], bool]:
    return lambda pair: any(row["kind"] in kinds for row in pair)


def _is_person_not_group(pair: Sequence[Row]) -> bool:
    hated = [bool(HATE & set(row["clauses"])) for row in pair]
    attacked = ["personal-attack" in row["clauses"] for row in pair]
    return any(hated) and any(a and not h for a, h in zip(attacked, hated, strict=True))


FUNCTIONS: dict[str, Callable[[Sequence[Row]], bool]] = {
    "negation": _has_kind("negated-abuse"),
    "quotation": _has_kind("quoting-abuse", "counter-speech"),
    "reclaiming": _has_kind("reclaimed", "proud-identity"),
    "homonyms": _has_kind("homonym"),
    "swearing at things": _has_kind("swearing-at-things"),
    "abuse of one person that is not group abuse": _is_person_not_group,
    "split words": _has_kind("disguised-spacing"),
    "implied hate": _has_kind("implied-hate"),
}


def agreement(rows: Sequence[Row]) -> dict[str, float]:
    """Return Krippendorff's alpha by clause over the rows that a second reader has read; empty where there are none."""
    read = [row for row in rows if row["blind"] is not None]
    return {
        clause: alpha([clause in row["clauses"] for row in read], [clause in row["blind"] for row in read])
        for clause in (CLAUSES if read else ())
    }


def _missed_agreement(rows: Sequence[Row]) -> Iterator[str]:
    read = sum(row["blind"] is not None for row in rows)
    if read < len(rows):
        yield f"{read} of {len(rows)} rows read by a second reader"
    for clause, value in agreement(rows).items():
        if value < AGREEMENT:
            yield f"agreement on {clause} {value:.2f}, at least {AGREEMENT}"


def _missed_balance(groups: Sequence[Mentions], base: float) -> Iterator[str]:
    for name in groups:
        if name.all >= BALANCE_FROM and abs(name.fair / name.all - base) > BALANCE:
            yield (
                f"{name.lang}: {name.group} named in {name.fair} fair and {name.violating} violating rows, "
                f"fair share {name.fair / name.all:.0%} against {base:.0%} of all"
            )
