"""Finds the language of a comment: one of the six, a foreign one that is known by name, or `und`.

Two opinions are joined. py3langid knows many languages and errs on what readers really type; a small model of our own
(`weights/language.npz`) knows only these six and Southern Kurdish, with letters left out and on foreign keyboards.
Says nothing about what the comment says.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from majlis import errors
from majlis.domain.decision import Observation
from majlis.domain.site import LANGUAGES
from majlis.signals.features import extract

NAME, VERSION = "language", "1"
BITS = 15
CLASSES = ("en", "ar", "ckb", "kmr", "tr", "fa", "sdh")
GRAMS = (2, 4)
WEIGHTS = Path(__file__).with_name("weights") / "language.npz"

_ENOUGH = 300
_RARE = 0.15
_NAMES = {"sdh": "ckb", "ku": "kmr", "arz": "ar", "ary": "ar"}
_WIDE_TEXT = """
en ar sdh ku tr fa arz ary de fr es it pt nl sv ru uk el he hy ka ur ps az uz kk tk ug hi ro pl id so zh ja
"""
_WIDE = tuple(_WIDE_TEXT.split())
_NOISE = re.compile(r"https?://\S{1,400}|www\.\S{1,400}|[@#]\w{1,64}")
_WORD = re.compile(r"[^\W\d_]+")
_ARABIZI = re.compile(r"(?=[a-z]*[23579])[a-z23579]{2,}")
_ARABIZI_WORDS_TEXT = """
wallah walla yalla mesh mish mush msh shu shou ana enta inta enti inti howa heya lesh leish leh kaman ktir
keteer habibi habibti allah inshallah mashallah hamdulillah akhi ya el al da di dah bas ba2a keda kida kda 3ala
3an fi
"""
_ARABIZI_WORDS = frozenset(_ARABIZI_WORDS_TEXT.split())
_KURDISH = frozenset("ڕڵێۆەڤ")


@dataclass(frozen=True, slots=True)
class Found:
    """A language tag, how certain it is (0 to 1), and whether Arabic was written with Latin letters and digits."""

    language: str
    score: float
    arabizi: bool = False


class Identifier:
    """Both models. The wide one is read when it is first asked, because that takes half a second."""

    def __init__(self, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        self._weights = weights
        self._bias = bias

    @cached_property
    def _wide(self) -> Any:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        model.set_languages([name for name in _WIDE if name in model.labels])
        return model

    def find(self, text: str, hint: str | None = None) -> Found:
        """Return the language of a text. The hint decides where the text leaves it open, and nowhere else."""
        plain = _NOISE.sub(" ", text)
        words = pieces(plain)
        count = sum(map(len, words))
        if not count:
            return Found(hint, 0.6) if hint else Found("und", 0.0)
        script = _script(words, count)
        if script == "other":
            name, score = self._wide_scores(plain)[0]
            return Found(name if name not in LANGUAGES else "und", score)
        if script == "latin" and (hint in {None, "ar"} or count > 12) and _arabizi(plain.lower()):
            return Found("ar", 0.45, True)
        joined = self._joined(words, plain, script)
        if hint in joined:
            joined[hint] *= 2 + 60 / count
        total = sum(joined.values()) or 1.0
        best = max(joined, key=joined.__getitem__)
        return Found(best, float(joined[best] / total))

    def _joined(self, words: list[str], plain: str, script: str) -> dict[str, float]:
        """Multiply both opinions. A language that only the wide model knows keeps what the other leaves of it."""
        own = self._own_scores(words)
        wide = dict(self._wide_scores(plain))
        scores = {}
        for name in CLASSES:
            # The wide model cannot tell Southern Kurdish from Sorani, and few readers write it.
            seen = max(wide.get("ckb" if name == "sdh" else name, 0.0), 0.02)
            scores[name] = own[name] * seen**0.5 * (_RARE if name == "sdh" else 1.0)
        foreign = {name: score for name, score in wide.items() if name not in LANGUAGES}
        trust = _foreign_trust(words, script)
        for name, score in foreign.items():
            scores[name] = trust * score**1.5
        return scores

    def _own_scores(self, words: list[str]) -> dict[str, float]:
        rows = extract(words, bits=BITS, shortest=GRAMS[0], longest=GRAMS[1]).rows
        logits = self._weights[rows].sum(axis=0) / max(1, len(rows)) ** 0.5 + self._bias
        raised = np.exp((logits - logits.max()) * 1.0)
        return dict(zip(CLASSES, (raised / raised.sum()).tolist(), strict=True))

    def _wide_scores(self, plain: str) -> list[tuple[str, float]]:
        merged: dict[str, float] = {}
        for name, score in self._wide.rank(plain.encode("utf-8", "replace").decode()[:4000]):
            tag = _NAMES.get(name, name)
            merged[tag] = merged.get(tag, 0.0) + float(score)
        return sorted(merged.items(), key=lambda item: -item[1])


def load(path: Path = WEIGHTS) -> Identifier:
    """Read the small model.

    Raises:
        errors.WeightsInvalid: the file is missing or is not such a model.
    """
    try:
        with np.load(path) as file:
            weights = file["weights"].astype(np.float32) * float(file["scale"])
            bias = file["bias"].astype(np.float32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise errors.WeightsInvalid(f"{path.name} cannot be read: {type(error).__name__}.") from None
    if weights.shape != (1 << BITS, len(CLASSES)) or bias.shape != (len(CLASSES),):
        raise errors.WeightsInvalid(f"{path.name} has the shape {weights.shape}.")
    return Identifier(weights, bias)


def observe(identifier: Identifier, text: str, hint: str | None) -> Observation:
    """Return the language as facts: `language`, `score`, and `arabizi` where Arabic is written in Latin letters."""
    found = identifier.find(text, hint)
    facts: dict[str, str | int | float | bool] = {"language": found.language, "score": round(found.score, 4)}
    if found.arabizi:
        facts["arabizi"] = True
    return Observation(signal=NAME, version=VERSION, facts=facts)


def pieces(text: str) -> list[str]:
    """Return the words that languages are told apart by: small letters, no folding, the first few hundred."""
    lowered = _NOISE.sub(" ", text.replace("İ", "i")[:8000]).lower()
    return [word[:32] for word in _WORD.findall(lowered)[:_ENOUGH]]


def _script(words: list[str], count: int) -> str:
    arabic = sum(1 for word in words for c in word if "\u0600" <= c < "\u0780" or "\ufb50" <= c < "\uff00")
    latin = sum(1 for word in words for c in word if c < "\u0250" or "\u1e00" <= c < "\u1f00")
    if arabic * 2 >= count:
        return "arabic"
    return "latin" if latin * 2 >= count else "other"


def _foreign_trust(words: list[str], script: str) -> float:
    """How much the wide model's foreign languages weigh: little for few words, none against Kurdish letters."""
    if script == "arabic" and any(c in _KURDISH for word in words for c in word):
        return 0.002
    return float(min(0.5, 0.02 * len(words) ** 1.5))


def _arabizi(text: str) -> bool:
    words = re.findall(r"[a-z0-9']+", text[:4000])
    if not words:
        return False
    digits = sum(1 for word in words if len(word) > 2 and _ARABIZI.fullmatch(word) and not word[-1:].isdigit())
    known = sum(1 for word in words if word in _ARABIZI_WORDS)
    return digits >= 1 and digits * 2 + known >= max(2, len(words) // 3)
