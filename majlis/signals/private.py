"""Finds other people's private data: telephone numbers, e-mail addresses, bank accounts, identity numbers.

What looks like a public office's contact has a low score, so that a person decides. Nothing found is kept anywhere
but in the finding itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from majlis.domain.decision import Finding, Observation
from majlis.signals.text import Text

NAME, VERSION = "private-data", "2"
CLAUSE = "private-data"

_REGIONS = {
    "en": ("GB", "US", "IQ"),
    "ar": ("IQ", "SY", "EG", "SA", "JO", "LB"),
    "ckb": ("IQ", "IR"),
    "kmr": ("TR", "SY", "IQ", "DE"),
    "tr": ("TR", "DE"),
    "fa": ("IR", "AF"),
}
_MOBILE = {"tr": re.compile(r"(?:0?0?90|0)?5\d{9}"), "kmr": re.compile(r"(?:0?0?90|0)?5\d{9}|09\d{8}")}
"""Mobiles of Turkey and Syria, given out yet or not: elsewhere the same digits are a line."""

_EVERYWHERE = ("IQ", "TR", "IR", "GB", "US")
_NUMBER = re.compile(r"[+(]{0,2}\d(?:[ ().\-/]{0,2}\d){6,33}")
_ACCOUNT = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_LOCAL = re.compile(r"[\w.+\-]{1,64}\Z")
_DOMAIN = re.compile(r"[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,4}", re.IGNORECASE)
_MANY = 20
_AROUND = 60

# Words of a public office beside a number. They lower the score to where a person decides.
_PUBLIC_TEXT = """
office hotline helpline reception ministry municipality council hospital police emergency newsroom switchboard
customer service bürosu belediye bakanlık hastane santral danışma polis ihbar çağrı merkezi مكتب وزارة بلدية
مستشفى طوارئ شرطة استعلامات الخط الساخن دائرة وەزارەت شارەوانی نەخۆشخانە پۆلیس فریاکەوتن بەڕێوەبەرایەتی هێڵی
گەرم ئۆفیس نووسینگە wezaret şaredarî nexweşxane polîs buro ofîs xeta وزارت شهرداری بیمارستان پلیس اورژانس اداره
سامانه دفتر روابط عمومی complaint şikayet شكاوى سکاڵا شکایت gilî
"""
_PUBLIC = tuple(_PUBLIC_TEXT.split())
_PUBLIC_BOXES_TEXT = """
info contact office press editor redaksiyon news support help mail iletisim bilgi pr hr
"""
_PUBLIC_BOXES = frozenset(_PUBLIC_BOXES_TEXT.split())
_IDENTITY_TEXT = """
national id; identity card; identity number; id number; passport; kimlik no; tc kimlik; t.c.; tckn; nasname; pasaport
هوية; البطاقة الوطنية; رقم البطاقة; جواز السفر; ناسنامە; پاسپۆرت; کارتی نیشتمانی; کد ملی; کدملی; شناسنامه; کارت ملی
"""
_IDENTITY = tuple(_IDENTITY_TEXT.strip().replace("\n", "; ").split("; "))


class Seen(NamedTuple):
    """Private data at original code points, with the probability and the sort of it."""

    start: int
    end: int
    score: float
    sort: str


def observe(text: Text, language: str) -> Observation:
    """Return a finding for each number or address. Covers `private-data`."""
    found = sorted(find(text.original, language))
    seen = [one for one in found if not any(_within(one, other) for other in found)]
    findings = tuple(
        Finding(
            clause=CLAUSE,
            score=one.score,
            quote=text.quote(one.start, one.end),
            start=one.start,
            end=one.end,
            signal=NAME,
        )
        for one in seen
    )
    facts: dict[str, str | int | float | bool] = {}
    for one in seen:
        facts[one.sort] = int(facts.get(one.sort, 0)) + 1
    scores = {CLAUSE: max(one.score for one in seen)} if seen else {}
    return Observation(signal=NAME, version=VERSION, scores=scores, findings=findings, covers=(CLAUSE,), facts=facts)


def _within(one: Seen, other: Seen) -> bool:
    """Return whether the same words were seen as part of something longer."""
    inside = other.start <= one.start and one.end <= other.end
    return inside and (other.end - other.start) > (one.end - one.start)


def find(original: str, language: str) -> Iterator[Seen]:
    """Yield what was found, at most a few dozen. Digits of every script count."""
    if "@" in original:
        yield from _mails(original)
    if not any(char.isdigit() for char in original):
        return
    plain = "".join(_digit(char) if char.isdigit() else char for char in original)
    taken: list[tuple[int, int]] = []
    for match in list(_ACCOUNT.finditer(plain))[:_MANY]:
        compact = match.group().replace(" ", "")
        if valid_iban(compact):
            taken.append(match.span())
            yield Seen(*match.span(), 0.95, "iban")
    for match in list(_NUMBER.finditer(plain))[:_MANY]:
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        if match.start() and (plain[match.start() - 1].isalnum() or plain[match.start() - 1] in "/=#"):
            continue
        score, sort = _number(match.group(), language, _near(original, *match.span()))
        if score:
            yield Seen(*match.span(), score, sort)


def valid_iban(account: str) -> bool:
    """Whether the check digits of an account number hold (ISO 13616, modulo 97)."""
    if not 15 <= len(account) <= 34:
        return False
    digits = "".join(str(int(char, 36)) for char in account[4:] + account[:4])
    return int(digits) % 97 == 1


def valid_turkish_identity(number: str) -> bool:
    """Whether eleven digits carry the two check digits of a Turkish identity number."""
    if len(number) != 11 or number[0] == "0":
        return False
    d = [int(char) for char in number]
    tenth = (7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10
    return tenth == d[9] and sum(d[:10]) % 10 == d[10]


def valid_iranian_identity(number: str) -> bool:
    """Whether ten digits carry the check digit of an Iranian national code."""
    if len(number) != 10 or len(set(number)) == 1:
        return False
    rest = sum(int(char) * (10 - n) for n, char in enumerate(number[:9])) % 11
    return int(number[9]) == (rest if rest < 2 else 11 - rest)


def _number(written: str, language: str, near: str) -> tuple[float, str]:
    digits = "".join(char for char in written if char.isdigit())
    named = any(word in near for word in _IDENTITY)
    if written.isdigit():
        if valid_turkish_identity(digits):
            return (0.95 if named or language in {"tr", "kmr"} else 0.6), "identity-number"
        if named and (valid_iranian_identity(digits) or len(digits) in {8, 9, 10, 12}):
            return 0.9, "identity-number"
        if len(digits) == 16 and _luhn(digits):
            return 0.9, "card-number"
    phone = _phone(written, digits, language)
    if not phone:
        return 0.0, ""
    if phone == "public" or any(word in near for word in _PUBLIC):
        return 0.4, "public-telephone"
    # A line that stays in one place is as often an office's as somebody's, whatever words stand beside it.
    return (0.9 if phone == "mobile" else 0.6), "telephone"


def _phone(written: str, digits: str, language: str) -> str:
    """Say what answers a number: a `mobile`, a `line`, a `public` one (free, shared or premium rate), or nothing."""
    if not 8 <= len(digits) <= 15:
        return ""
    dialled = written.lstrip("(").startswith(("+", "0"))
    if (mobile := _MOBILE.get(language)) and mobile.fullmatch(digits):
        return "mobile"
    if not dialled and not re.fullmatch(r"\(?\d{3}\)?[ .\-]\d{3}[ .\-]\d{4}", written):
        return ""
    import phonenumbers as pn

    number = (
        "+" + digits[2:] if digits.startswith("00") else ("+" + digits if written.lstrip("(")[0] == "+" else digits)
    )
    for region in _REGIONS.get(language, _EVERYWHERE):
        try:
            parsed = pn.parse(number, region)
        except pn.NumberParseException:
            continue
        if pn.is_valid_number(parsed):
            kind = pn.number_type(parsed)
            public = {pn.PhoneNumberType.TOLL_FREE, pn.PhoneNumberType.SHARED_COST, pn.PhoneNumberType.PREMIUM_RATE}
            return "public" if kind in public else "mobile" if kind == pn.PhoneNumberType.MOBILE else "line"
    return ""


def _mails(original: str) -> Iterator[Seen]:
    at = -1
    for _ in range(_MANY):
        at = original.find("@", at + 1)
        if at < 0:
            return
        local = _LOCAL.search(original[max(0, at - 64) : at])
        domain = _DOMAIN.match(original, at + 1)
        if local and domain and domain.group().rsplit(".", 1)[1].isalpha():
            public = local.group().lower() in _PUBLIC_BOXES or _domain_is_public(domain.group().lower())
            yield Seen(at - len(local.group()), domain.end(), 0.4 if public else 0.9, "e-mail")


def _domain_is_public(domain: str) -> bool:
    return any(part in {"gov", "edu", "gob", "bel"} for part in domain.split("."))


def _near(original: str, start: int, end: int) -> str:
    return original[max(0, start - _AROUND) : end + _AROUND].lower()


def _digit(char: str) -> str:
    try:
        return str(int(char))
    except ValueError:
        return char


def _luhn(digits: str) -> bool:
    total = sum(int(c) if n % 2 else sum(divmod(2 * int(c), 10)) for n, c in enumerate(digits))
    return total % 10 == 0
