"""What a page of the newsroom has to load for the embed: two scripts, together at most 6 KB compressed."""

from __future__ import annotations

from pathlib import Path

import brotli

import majlis

STATIC = Path(majlis.__file__).parent / "web" / "static"
MOST_BYTES = 6 * 1024


def test_the_embed_is_light() -> None:
    scripts = [STATIC / "embed.js", STATIC / "majlis.js"]

    assert sum(len(brotli.compress(script.read_bytes())) for script in scripts) <= MOST_BYTES


def test_scripts_ask_nobody_else() -> None:
    for script in STATIC.glob("*.js"):
        text = script.read_text("utf-8")
        assert "http://" not in text
        assert "https://" not in text
