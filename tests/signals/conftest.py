"""The real signals, loaded once for all tests of this folder."""

from __future__ import annotations

import pytest

from majlis.signals.gather import Signals, load


@pytest.fixture(scope="session")
def signals() -> Signals:
    """Return the signals as a newsroom runs them."""
    made = load()
    made.warm()
    return made
