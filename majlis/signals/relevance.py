"""How much a comment has to do with its story, by the words they share. Lexical only: it knows no meaning.

Most good comments share few words with a headline, so the scores are modest and this signal alone rejects nothing.
"""

from __future__ import annotations

from majlis.domain.decision import Observation, Submission
from majlis.signals import letters
from majlis.signals.text import Text, read

NAME, VERSION = "relevance", "1"
CLAUSE = "off-topic"

_STEM = 4
_SHORT, _LONG = 12, 40


def stems(text: Text) -> frozenset[str]:
    """Return the beginnings of the words, without letters that keyboards lack: a crude stem for all six languages."""
    found = set()
    for token in text.words:
        form = letters.deep(token.form)
        form = form[2:] if form.startswith("ال") and len(form) > _STEM + 1 else form
        if len(form) >= _STEM:
            found.add(form[: _STEM + 1])
    return frozenset(found)


def observe(submission: Submission, text: Text) -> Observation:
    """Return a score for `off-topic`, at most 0.3. Without a story nothing is off its topic."""
    source = read(" ".join((submission.title, submission.summary, submission.parent))[:4000])
    story, comment = stems(source), stems(text)
    if not story or len(text.words) < _SHORT or not comment:
        shared = len(story & comment)
        return Observation(
            signal=NAME, version=VERSION, scores={CLAUSE: 0.02}, covers=(CLAUSE,), facts={"shared": shared}
        )
    shared = len(story & comment)
    length = min(1.0, (len(text.words) - _SHORT) / (_LONG - _SHORT))
    score = 0.02 if shared else 0.05 + 0.09 * length
    return Observation(
        signal=NAME,
        version=VERSION,
        scores={CLAUSE: round(score, 4)},
        covers=(CLAUSE,),
        facts={"shared": shared, "words": len(text.words)},
    )
