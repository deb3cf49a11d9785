"""Reads every training set into one shape. Unknown labels stay unknown; nothing is guessed here.

The sets, their licences and what may never be read are listed in the data folder's own README.
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from majlis.domain.decision import ANY
from majlis.signals.classifier import HEADS

_POLITE = Path(__file__).with_name("polite.txt")
ABUSE = tuple(head for head in HEADS if head not in {ANY, "promotion", "private-data"})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled text. `labels` maps heads to probabilities; a head that is absent is unknown.

    `source` is the set, `batch` what has to stay together when rows are held out. `split` is the corpus' own: `test` is
    never learned from nor calibrated on. `pair` names the other row of a minimal pair. `marks` has, for each head whose
    words were asked for, the marked code points as (start, end, share of the readers).
    """

    text: str
    labels: dict[str, float]
    source: str
    language: str
    batch: str
    weight: float = 1.0
    kind: str = ""
    clauses: tuple[str, ...] = ()
    title: str = ""
    summary: str = ""
    parent: str = ""
    split: str = ""
    pair: str = ""
    marks: dict[str, list[tuple[int, int, float]]] = {}


CLEAN: dict[str, float] = dict.fromkeys(HEADS, 0.0)
_NO_ABUSE: dict[str, float] = {ANY: 0.03} | dict.fromkeys(ABUSE, 0.0)

# What a row of a hate speech set is about, where the set itself does not say.
_ABOUT = {
    "homophobia": ("fag", "dyke", "gay", "lesbian", "tranny", "trans", "homo", "queer"),
    "racism": ("nigg", "kike", "jew", "black", "negro", "coon", "chink", "spic", "gook", "ape", "muslim", "moslem"),
    "xenophobia": ("immigrant", "refugee", "migrant", "illegal", "wetback", "foreigner", "invader", "deport"),
    "sexism": ("women", "woman", "bitch", "hoe", "whore", "slut", "cunt", "feminis"),
}


def public(data: Path, seed: int) -> list[Row]:
    """Return the rows of the public sets below a folder, in a stable order."""
    rng = random.Random(seed)
    readers = (_davidson, _hatexplain, _cad, _jigsaw, _jigsaw_six, _spans, _mlma, _turkish, _youtube, _sms, _surge)
    rows = [row for reader in readers for row in reader(data)]
    rows.extend(_clean(data))
    rows.extend(polite())
    rng.shuffle(rows)
    return rows


def corpus(folder: Path) -> list[Row]:
    """Return our own rows, `LANG.jsonl` of a folder, in the order of the files' names, and then their twins."""
    items = [item for path in sorted(folder.glob("*.jsonl")) for item in _json(path)]
    return [_published(item) for item in _with_twins(items, folder)]


def judged(folder: Path) -> list[Row]:
    """Return rows of public sets that were judged anew under our guidelines: as they are, and put into our languages.

    They stand in `relabelled/` and `translated/` of the corpus' folder, all of the split `train`; their twins follow.
    """
    paths = [path for part in ("relabelled", "translated") for path in sorted((folder / part).glob("*.jsonl"))]
    added = {"batch": "judged", "kind": "judged", "split": "train"}
    items = [item | added for path in paths for item in _json(path)]
    return [_published(item) for item in _with_twins(items, folder)]


def _with_twins(items: Sequence[dict[str, object]], folder: Path) -> Iterator[dict[str, object]]:
    """Yield the rows, and then the twins of some: like their row, but for text and label, and a pair with it."""
    twins = [item for path in sorted((folder / "twins").glob("*.jsonl")) for item in _json(path)]
    known = {item["id"]: item for item in items}
    own = [twin for twin in twins if twin["of"] in known]
    paired = {twin["of"]: {"pair": twin["of"]} for twin in own}
    yield from (item | paired.get(item["id"], {}) for item in items)
    yield from (known[twin["of"]] | twin | paired[twin["of"]] | {"kind": "twin"} for twin in own)


def _published(item: dict[str, object]) -> Row:
    story = item.get("story")
    flat = item | {"language": item["lang"]} | (story if isinstance(story, dict) else {})
    return _corpus_row(flat, str(item["batch"]))


def _corpus_row(item: dict[str, object], batch: str) -> Row:
    clauses = item.get("clauses", ())
    broken = tuple(str(clause) for clause in clauses) if isinstance(clauses, list | tuple) else ()
    labels = {head: float(head in broken) for head in HEADS if head != ANY}
    if not broken or set(broken) & set(labels):
        labels[ANY] = float(bool(broken))
    return Row(
        text=str(item["text"]),
        labels=labels,
        source="corpus",
        language=str(item.get("language", "")),
        batch=batch,
        weight=12.0,
        kind=str(item.get("kind", "")),
        clauses=broken,
        title=str(item.get("title", "")),
        summary=str(item.get("summary", "")),
        parent=str(item.get("parent") or ""),
        split=str(item.get("split", "")),
        pair=str(item.get("pair") or ""),
        marks=_quoted(str(item["text"]), item.get("quotes"), broken),
    )


def _quoted(text: str, quotes: object, broken: Sequence[str]) -> dict[str, list[tuple[int, int, float]]]:
    """Return the quotes as marks: of every clause that is broken, since the corpus does not say which is which's."""
    marks: dict[str, list[tuple[int, int, float]]] = {head: [] for head in HEADS}
    for quote in quotes if isinstance(quotes, list | tuple) else ():
        at = text.find(str(quote))
        for head in _cited(broken) if at >= 0 else ():
            marks[head].append((at, at + len(str(quote)), 1.0))
    return marks


def _cited(broken: Sequence[str]) -> tuple[str, ...]:
    known = tuple(clause for clause in broken if clause in HEADS)
    return (ANY, *known) if known else ()


def _davidson(data: Path) -> Iterator[Row]:
    for n, row in enumerate(_csv(data / "davidson" / "labeled_data.csv")):
        votes = float(row["count"])
        hate, offensive = float(row["hate_speech"]) / votes, float(row["offensive_language"]) / votes
        labels = {ANY: 0.9 * (hate + offensive), "profanity": 0.8 * (hate + offensive)}
        if row["class"] == "2":
            labels = _NO_ABUSE | {ANY: 0.5 * (hate + offensive)}
        labels |= _about(row["tweet"]) if row["class"] == "0" else {}
        yield _row(row["tweet"], labels, "davidson", "en", n, 0.4)


def _hatexplain(data: Path) -> Iterator[Row]:
    for name in ("train", "val"):
        for n, (text, label) in enumerate(
            json.loads((data / "hatexplain" / f"{name}.json").read_text(encoding="utf-8"))
        ):
            labels = {"normal": {ANY: 0.1}, "offensive": {ANY: 0.7}, "hatespeech": {ANY: 0.95} | _about(text)}[label]
            yield _row(text, labels, "hatexplain", "en", n, 0.5)


def _cad(data: Path) -> Iterator[Row]:
    for name in ("train", "val"):
        for n, (text, label) in enumerate(json.loads((data / "cad" / f"{name}.json").read_text(encoding="utf-8"))):
            plain = text.replace("[linebreak]", " ")
            yield _row(plain, {ANY: 0.8} if label == "hatespeech" else {ANY: 0.05}, "cad", "en", n, 0.5)


def _jigsaw(data: Path) -> Iterator[Row]:
    places = (
        ("jigsaw_ak/toxic_comments.csv", "text", "toxic"),
        ("jigsaw_khanhhk/text_comment_1.csv", "comment_text", "labels"),
        ("jigsaw_khanhhk/text_comment_2.csv", "comment_text", "labels"),
    )
    for place, text, label in places:
        for n, row in enumerate(_csv(data / place)):
            bad = row[label].strip() == "1"
            yield _row(row[text], {ANY: 0.9} if bad else _NO_ABUSE, "jigsaw", "en", n, 0.5)


def _jigsaw_six(data: Path) -> Iterator[Row]:
    for n, row in enumerate(_csv(data / "jigsaw_six" / "toxic_comments.csv")):
        if row["dataset"] != "train":
            continue
        labels = {
            ANY: 0.95 * float(row["toxic"]),
            "profanity": float(row["obscene"]),
            "threat": float(row["threat"]),
            "personal-attack": 0.9 * float(row["insult"]),
        }
        if row["toxic"] == "0" and row["insult"] == "0":
            labels = dict(_NO_ABUSE)
        yield _row(row["comment_text"], labels, "jigsaw_six", "en", n, 1.0)


def _spans(data: Path) -> Iterator[Row]:
    heads = {"Insult": "personal-attack", "Profane/Obscene": "profanity", "Threat": "threat"}
    folder = data / "toxic_spans"
    typed: defaultdict[str, set[str]] = defaultdict(set)
    spans: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for row in _csv(folder / "spans.csv"):
        typed[row["annotation"]].add(row["type"])
        spans[row["annotation"]].append((row["type"], int(row["start"]), int(row["end"])))
    readers: Counter[str] = Counter()
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    marked: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for row in _csv(folder / "annotations.csv"):
        readers[row["comment_id"]] += 1
        marked[row["comment_id"]].extend(spans[row["annotation"]])
        for name in typed[row["annotation"]]:
            seen[row["comment_id"]][heads.get(name, "")] += 1
        seen[row["comment_id"]][ANY] += bool(typed[row["annotation"]]) or row["all toxic"] == "True"
    for n, row in enumerate(_csv(folder / "comments.csv")):
        total = readers[row["comment_id"]]
        if total:
            votes = seen[row["comment_id"]]
            labels = {head: votes[head] / total for head in (*heads.values(), ANY)}
            made = _row(row["comment_text"], labels, "toxic_spans", "en", n, 0.7)
            yield msgspec.structs.replace(made, marks=_shares(marked[row["comment_id"]], heads, total))


def _shares(
    spans: Sequence[tuple[str, int, int]], heads: dict[str, str], total: int
) -> dict[str, list[tuple[int, int, float]]]:
    """Return the marks of several readers: each code point's share of them, in runs of one share."""
    out: dict[str, list[tuple[int, int, float]]] = {}
    for name, head in heads.items():
        votes: Counter[int] = Counter(at for kind, a, b in spans if kind == name for at in range(a, b))
        runs: list[tuple[int, int, float]] = []
        for at in sorted(votes):
            share = min(1.0, votes[at] / total)
            if runs and runs[-1][1] == at and runs[-1][2] == share:
                runs[-1] = (runs[-1][0], at + 1, share)
            else:
                runs.append((at, at + 1, share))
        out[head] = runs
    return out


def _mlma(data: Path) -> Iterator[Row]:
    groups = {
        "women": "sexism",
        "gay": "homophobia",
        "african_descent": "racism",
        "arabs": "racism",
        "asians": "racism",
        "jews": "racism",
        "muslims": "racism",
        "immigrants": "xenophobia",
        "refugees": "xenophobia",
    }
    for language in ("en", "ar"):
        for n, row in enumerate(_csv(data / "mlma" / f"{language}_dataset.csv")):
            said = set(row["sentiment"].split("_"))
            bad = bool(said & {"hateful", "abusive", "offensive"})
            labels = {ANY: 0.75 if bad else 0.1}
            if "hateful" in said and row["group"] in groups:
                labels[groups[row["group"]]] = 0.7
            if said == {"normal"}:
                labels |= dict.fromkeys(ABUSE, 0.0)
            yield _row(row["tweet"].replace("@url", " "), labels, "mlma", language, n, 0.25)


def _turkish(data: Path) -> Iterator[Row]:
    lines = (data / "offenseval_tr" / "offenseval-tr-training-v1.tsv").read_text(encoding="utf-8").splitlines()
    for n, line in enumerate(lines):
        _, text, label = line.split("\t")
        yield _row(text, {ANY: 0.85} if label.strip() == "OFF" else _NO_ABUSE, "offenseval", "tr", n, 0.6)


def _youtube(data: Path) -> Iterator[Row]:
    for path in sorted((data / "youtube_spam").glob("*.csv")):
        for n, row in enumerate(_csv(path)):
            spam = float(row["CLASS"])
            labels = {"promotion": spam, ANY: spam} if spam else {"promotion": 0.0, ANY: 0.05}
            yield _row(row["CONTENT"], labels, "youtube", "en", n, 1.0)


def _sms(data: Path) -> Iterator[Row]:
    with (data / "sms_spam" / "spam.csv").open(encoding="latin-1", newline="") as file:
        for n, row in enumerate(csv.DictReader(file)):
            spam = row["v1"] == "spam"
            yield _row(row["v2"], {"promotion": 0.9 if spam else 0.0}, "sms", "en", n, 0.3)


def _surge(data: Path) -> Iterator[Row]:
    for n, row in enumerate(_csv(data / "surge_toxicity" / "toxicity_en.csv")):
        yield _row(row["text"], {ANY: 0.9} if row["is_toxic"] == "Toxic" else _NO_ABUSE, "surge", "en", n, 1.0)
    for n, row in enumerate(_csv(data / "surge_profanity" / "profanity_en.csv")):
        if float(row["severity_rating"]) >= 1.6:
            yield _row(row["text"], {ANY: 0.9, "profanity": 0.9}, "surge", "en", n, 1.0)


def _clean(data: Path) -> Iterator[Row]:
    languages = {"Arabic": "ar", "CentralKurdish": "ckb", "NorthernKurdish": "kmr", "Persian": "fa", "Turkish": "tr"}
    for path in sorted((data / "kurdish_lid").glob("*_train.txt")):
        language = languages.get(path.name.split("-")[0])
        if language is None:
            continue
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            if line.strip():
                yield _row(line, CLEAN, "lid", language, n, 4.0)


def polite() -> Iterator[Row]:
    """Yield plain comments of our own in which nothing is wrong."""
    for n, line in enumerate(_POLITE.read_text(encoding="utf-8").splitlines()):
        if not line.startswith("#"):
            language, text = line.split("\t")
            yield _row(text, CLEAN, "polite", language, n, 20.0)


def _about(text: str) -> dict[str, float]:
    words = text.lower().split()
    return {
        clause: 0.85
        for clause, starts in _ABOUT.items()
        if any(word.lstrip("#@").startswith(start) for word in words for start in starts)
    }


def _row(text: str, labels: dict[str, float], source: str, language: str, number: int, weight: float) -> Row:
    return Row(
        text=text[:4000],
        labels=labels,
        source=source,
        language=language,
        batch=f"{source}-{number % 20:02}",
        weight=weight,
    )


def _csv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _json(path: Path) -> Iterator[dict[str, object]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)
