"""What the judge's tests share: short guidelines, a policy, and evidence in a line. It asserts nothing."""

from __future__ import annotations

from hypothesis import strategies as st

from majlis.domain.decision import Decision, Evidence, Finding, Observation, Submission
from majlis.domain.guidelines import Guidelines
from majlis.judge import guidelines, policy
from majlis.judge.judge import judge

TEXT = "Bob, I will find you. Buy shoes at example.com!"
IDS = ("threat", "promotion", "off-topic")

RULES: Guidelines = guidelines.parse(
    """# Guidelines for comments {lang=en}
Be welcome.

## Threats {#threat}
No threats, not even as a joke.

## Promotion {#promotion}
No advertising.

## Off topic {#off-topic}
Comments are about the story.
"""
)

LANES = policy.parse(
    """
visible = 0.3
certain = 0.5
[overall]
"*" = 0.2
[lanes."*"]
"*" = { approve = 0.2, reject = 0.8 }
"""
)


def finding(clause: str, score: float, start: int, end: int, *, signal: str = "words", text: str = TEXT) -> Finding:
    """A finding that quotes the text truthfully."""
    return Finding(clause=clause, score=score, quote=text[start:end], start=start, end=end, signal=signal)


def seen(*observations: Observation, language: str = "en", language_score: float = 0.99) -> Evidence:
    """Evidence of these observations, in certain English unless told."""
    return Evidence(language=language, language_score=language_score, observations=observations)


def observation(
    scores: dict[str, float] | None = None,
    *findings: Finding,
    signal: str = "words",
    covers: tuple[str, ...] = IDS,
    failed: str = "",
) -> Observation:
    """One signal that covers every clause unless told."""
    return Observation(signal=signal, version="1", scores=scores or {}, findings=findings, covers=covers, failed=failed)


def decide(evidence: Evidence, text: str = TEXT, rules: Guidelines = RULES) -> Decision:
    """The judge's decision on Alice's comment under these lanes."""
    return judge(Submission(text=text, author="Alice"), rules, evidence, LANES)


_SCORES = st.one_of(st.floats(0, 1), st.sampled_from([0.2, 0.3, 0.8]), st.just(float("inf")), st.just(-0.5))
_CLAUSES = st.sampled_from([*IDS, "unheard-of", "*"])


@st.composite
def findings_in(draw: st.DrawFn, text: str) -> Finding:
    """A finding in the text; now and then one that lies about its place or its words."""
    start = draw(st.integers(-2, len(text) + 2))
    end = draw(st.integers(-2, len(text) + 2))
    quote = draw(st.one_of(st.just(text[start:end]), st.just(text[start:end]), st.text(max_size=3)))
    return Finding(
        clause=draw(_CLAUSES),
        score=draw(_SCORES),
        quote=quote,
        start=start,
        end=end,
        signal=draw(st.sampled_from(["words", "classifier"])),
    )


@st.composite
def observations_of(draw: st.DrawFn, text: str) -> Observation:
    """What some signal may have seen in the text, truly or not."""
    return Observation(
        signal=draw(st.sampled_from(["language", "words", "classifier", "links"])),
        version=draw(st.sampled_from(["1", "2"])),
        scores=draw(st.dictionaries(_CLAUSES, _SCORES, max_size=4)),
        findings=tuple(draw(st.lists(findings_in(text), max_size=4))),
        covers=tuple(draw(st.lists(_CLAUSES, unique=True))),
        failed=draw(st.sampled_from(["", "", "", "timeout"])),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Evidence]:
    """A comment's text and evidence about it."""
    text = draw(st.text(min_size=1, max_size=20))
    return text, Evidence(
        language=draw(st.sampled_from(["en", "ar", "ckb", "sdh", ""])),
        language_score=draw(st.sampled_from([0.1, 0.5, 0.9])),
        observations=tuple(draw(st.lists(observations_of(text), max_size=4))),
    )


@st.composite
def calm_cases(draw: st.DrawFn) -> tuple[str, Evidence]:
    """A comment on which the machine can decide: language known, no signal broken, every clause covered."""
    text = draw(st.text(min_size=2, max_size=20))
    start = draw(st.integers(0, len(text) - 2))
    end = draw(st.integers(start + 1, len(text)))
    scores = draw(st.fixed_dictionaries({id: st.floats(0, 1) for id in IDS}))
    quoted = tuple(finding(id, score, start, end, text=text) for id, score in scores.items() if draw(st.booleans()))
    return text, seen(observation(scores, *quoted))
