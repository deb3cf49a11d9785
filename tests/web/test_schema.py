"""Our own OpenAPI document, held against the running server by schemathesis: no 5xx, nothing undescribed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from majlis.signals.gather import Signals
from majlis.web.openapi import document
from tests.served import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, signals: Signals) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("schema"), signals) as made:
        yield made


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [
    (path, method)
    for path, methods in document()["paths"].items()
    for method in methods
    if not path.endswith("/events")  # this answer never ends
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_the_server_does_what_its_document_says(server: Server, path: str, method: str) -> None:
    @given(case=SCHEMA[path][method].as_strategy())
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(
            base_url=server.origin,
            headers={"authorization": f"Bearer {server.key}"},
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    holds()
