"""Measures the judge on labelled comments: who is wronged, how often, in which language, kind, group and disguise.

`evaluate` is the whole way. It changes no threshold and writes no file; page.py shows what comes from here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from majlis.domain.decision import Verdict
from majlis.domain.guidelines import CLAUSES
from majlis.domain.site import LANGUAGES
from majlis.judge.policy import Policy
from majlis.learn import disguise, groups, measures
from majlis.learn.cases import BLUNT_KINDS, Pair
from majlis.learn.groups import Groups
from majlis.learn.labelled import Example
from majlis.learn.measures import Area, Bin, Risk, Share
from majlis.learn.outcomes import Outcome

ALL = "all"
"""Stands for every language together."""

DISGUISED = 40
"""Comments of each language that are typed anew in each way: half of them fair."""

Judge = Callable[[Sequence[Example]], Iterable[Outcome]]


class Lanes(NamedTuple):
    """Where the comments of one language, fair and broken ones, end up, and how well the scores tell them apart."""

    fair: int
    fair_approved: Share
    fair_rejected: Share
    broken: int
    broken_approved: Share
    broken_rejected: Share
    area: Area
    named: Share
    words: float


class Calibration(NamedTuple):
    """What the overall score said and what came true, and the mean distance of the two."""

    bins: list[Bin]
    error: float


class Group(NamedTuple):
    """Comments that name a group: how many fair ones were rejected or wait, how many broken ones were approved."""

    language: str
    name: str
    rejected: Share
    held: Share
    approved: Share


class Kind(NamedTuple):
    """The verdicts on the fair and the unfair cases of one kind."""

    name: str
    blunt: bool
    fair: dict[Verdict, int]
    unfair: dict[Verdict, int]


class Wrong(NamedTuple):
    """A comment that the machine decided wrongly: `name` says where it stands or what kind it is."""

    name: str
    language: str
    text: str
    broken: bool
    score: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured. The keys of `lanes`, `calibration` and both risks are languages and `ALL`.

    `areas` has for each clause and language how well the clause's own score finds it; `rate` is the share of broken
    comments that calibration and risk were weighted to, None where the set's own is kept. `decided` is what the policy
    makes of it today, with everything that it asks for besides a score.
    """

    model: str
    policy: str
    rate: float | None
    lanes: dict[str, Lanes]
    areas: dict[str, dict[str, Area]]
    calibration: dict[str, Calibration]
    approving: dict[str, list[Risk]]
    rejecting: dict[str, list[Risk]]
    decided: dict[str, dict[Verdict, Risk]]
    groups: list[Group]
    disguises: dict[str, dict[str, Share]]
    kinds: list[Kind]
    wrong: list[Wrong]
    wrong_cases: list[Wrong]


def evaluate(
    examples: Sequence[Example],
    pairs: Sequence[Pair],
    names: Groups,
    judged: Judge,
    policy: Policy,
    rate: float | None,
    seed: int = 7,
) -> Report:
    """Return what was measured.

    Args:
        examples: labelled comments.
        pairs: the functional cases; none where they are not asked for.
        names: of groups, by language.
        judged: turns comments into outcomes, in their order.
        policy: the lanes under which they were judged.
        rate: how large a share of comments is broken where the judge is used; None for the share in `examples`.
        seed: which comments are disguised, and how.
    """
    found = list(judged(examples))
    by = {ALL: found} | {one: [o for o in found if o.example.language == one] for one in LANGUAGES}
    by = {language: some for language, some in by.items() if some}
    cases = list(judged([example for pair in pairs for example in _both(pair)]))
    return Report(
        model=found[0].model,
        policy=policy.version,
        rate=rate,
        lanes={language: lanes(some) for language, some in by.items()},
        areas={clause: {language: _area(some, clause) for language, some in by.items()} for clause in CLAUSES},
        calibration={language: _calibration(some, rate) for language, some in by.items()},
        approving={language: _risks(some, rate, approve=True) for language, some in by.items()},
        rejecting={language: _risks(some, rate, approve=False) for language, some in by.items()},
        decided={language: _decided(some, rate) for language, some in by.items()},
        groups=_groups(found, names),
        disguises=_disguises(found, judged, random.Random(seed)),
        kinds=_kinds(pairs, cases),
        wrong=[_wrong(one, one.example.kind) for one in found if is_wrong(one)],
        wrong_cases=[_wrong(one, one.example.kind) for one in cases if is_wrong(one)],
    )


def lanes(some: Sequence[Outcome]) -> Lanes:
    """Return the table's line of some outcomes."""
    fair = [one for one in some if not one.example.broken]
    broken = [one for one in some if one.example.broken]
    known = [one for one in broken if one.example.clauses]
    quoted = [_overlap(one) for one in broken if one.example.quotes and one.findings]
    return Lanes(
        fair=len(fair),
        fair_approved=_verdicts(fair, Verdict.APPROVE),
        fair_rejected=_verdicts(fair, Verdict.REJECT),
        broken=len(broken),
        broken_approved=_verdicts(broken, Verdict.APPROVE),
        broken_rejected=_verdicts(broken, Verdict.REJECT),
        area=measures.area([one.score for one in some], [one.example.broken for one in some]),
        named=measures.share(sum(one.strongest in (one.example.clauses or ()) for one in known), len(known)),
        words=sum(quoted) / len(quoted) if quoted else float("nan"),
    )


def is_wrong(one: Outcome) -> bool:
    """Return whether the machine alone did wrong: rejected a fair comment or approved one that breaks a clause."""
    return one.verdict is (Verdict.APPROVE if one.example.broken else Verdict.REJECT)


def _verdicts(some: Sequence[Outcome], verdict: Verdict) -> Share:
    return measures.share(sum(one.verdict is verdict for one in some), len(some))


def _overlap(one: Outcome) -> float:
    """Return F1 of the code points that the judge cites and those that a person marked."""
    marked: set[int] = set()
    for quote in one.example.quotes:
        at = one.example.text.find(quote)
        marked.update(range(at, at + len(quote)) if at >= 0 else ())
    cited = {at for finding in one.findings for at in range(finding.start, finding.end)}
    return measures.overlap(cited, marked)


def _area(some: Sequence[Outcome], clause: str) -> Area:
    asked = [one for one in some if one.example.clauses is not None and clause in one.scores]
    return measures.area(
        [one.scores[clause] for one in asked], [clause in (one.example.clauses or ()) for one in asked]
    )


def _arrays(some: Sequence[Outcome]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.array([one.score for one in some]), np.array([one.example.broken for one in some], dtype=bool)


def _calibration(some: Sequence[Outcome], rate: float | None) -> Calibration:
    scores, broken = _arrays(some)
    weight = measures.weights(broken, rate)
    return Calibration(measures.bins(scores, broken, weight), measures.calibration_error(scores, broken, weight))


def _risks(some: Sequence[Outcome], rate: float | None, *, approve: bool) -> list[Risk]:
    scores, broken = _arrays(some)
    return measures.risks(scores, broken, measures.weights(broken, rate), approve=approve)


def _decided(some: Sequence[Outcome], rate: float | None) -> dict[Verdict, Risk]:
    weight = measures.weights(_arrays(some)[1], rate)
    out = {}
    for verdict in (Verdict.APPROVE, Verdict.REJECT):
        inside = [(share, is_wrong(one)) for one, share in zip(some, weight, strict=True) if one.verdict is verdict]
        covered = float(sum(share for share, _ in inside))
        wrong = float(sum(share for share, bad in inside if bad))
        out[verdict] = Risk(float("nan"), covered / float(weight.sum()), wrong / covered if covered else float("nan"))
    return out


def _groups(found: Sequence[Outcome], names: Groups) -> list[Group]:
    naming: dict[tuple[str, str], list[Outcome]] = {}
    for one in found:
        for name in groups.named(names, one.example.language, one.example.text):
            naming.setdefault((one.example.language, name), []).append(one)
    out = []
    for (language, name), some in sorted(naming.items()):
        fair = [one for one in some if not one.example.broken]
        broken = [one for one in some if one.example.broken]
        held = measures.share(sum(one.verdict is not Verdict.APPROVE for one in fair), len(fair))
        rejected, approved = _verdicts(fair, Verdict.REJECT), _verdicts(broken, Verdict.APPROVE)
        out.append(Group(language, name, rejected, held, approved))
    return out


def _disguises(found: Sequence[Outcome], judged: Judge, rng: random.Random) -> dict[str, dict[str, Share]]:
    """Return by way and language how many comments keep their verdict when they are typed that way."""
    typed: list[tuple[str, Outcome, Example]] = []
    for language in LANGUAGES:
        for broken in (False, True):
            own = [one for one in found if one.example.language == language and one.example.broken is broken]
            for one in rng.sample(own, min(DISGUISED // 2, len(own))):
                for way, change in disguise.ways(language).items():
                    text = change(one.example.text, rng)
                    if text != one.example.text:
                        typed.append((way, one, msgspec.structs.replace(one.example, text=text)))
    again = judged([example for _, _, example in typed])
    kept: dict[str, dict[str, list[bool]]] = {}
    for (way, before, _), after in zip(typed, again, strict=True):
        for language in (ALL, before.example.language):
            kept.setdefault(way, {}).setdefault(language, []).append(before.verdict is after.verdict)
    return {
        way: {language: measures.share(sum(same), len(same)) for language, same in kept[way].items()}
        for way in disguise.WAYS
        if way in kept
    }


def _both(pair: Pair) -> tuple[Example, Example]:
    fair = Example(
        text=pair.fair,
        broken=False,
        language=pair.language,
        title=pair.title,
        summary=pair.summary,
        kind=pair.name,
    )
    return fair, msgspec.structs.replace(fair, text=pair.unfair, broken=True, clauses=pair.clauses)


def _kinds(pairs: Sequence[Pair], cases: Sequence[Outcome]) -> list[Kind]:
    out: dict[str, Kind] = {}
    for pair, fair, unfair in zip(pairs, cases[::2], cases[1::2], strict=True):
        none = dict.fromkeys(Verdict, 0)
        kind = out.setdefault(pair.kind, Kind(pair.kind, pair.kind in BLUNT_KINDS, dict(none), dict(none)))
        kind.fair[fair.verdict] += 1
        kind.unfair[unfair.verdict] += 1
    return list(out.values())


def _wrong(one: Outcome, name: str) -> Wrong:
    return Wrong(name, one.example.language, one.example.text, one.example.broken, one.score)
