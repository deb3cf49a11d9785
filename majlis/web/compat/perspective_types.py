"""The messages of Perspective's Comment Analyzer API, v1alpha1, and the discovery document that describes them.

Names and fields are those of the API's discovery document, revision 20190414. Nothing is judged here.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

ANALYZE = "v1alpha1/comments:analyze"
SUGGEST = "v1alpha1/comments:suggestscore"


class _Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A message in the JSON form of protocol buffers: a field that is null is one that was not set."""


class TextEntry(_Message, frozen=True, kw_only=True):
    """A text. `type` is PLAIN_TEXT or nothing."""

    text: str | None = None
    type: str | None = None


class ArticleAndParentComment(_Message, frozen=True, kw_only=True):
    """What a comment is about and what it answers."""

    article: TextEntry | None = None
    parent_comment: TextEntry | None = None


class Context(_Message, frozen=True, kw_only=True):
    """Either earlier messages, the last of which is answered, or an article and a parent."""

    entries: list[TextEntry] | None = None
    article_and_parent_comment: ArticleAndParentComment | None = None


class AttributeParameters(_Message, frozen=True, kw_only=True):
    """How an attribute is asked for."""

    score_type: str | None = None
    score_threshold: float | None = None


class Score(_Message, frozen=True, kw_only=True):
    """A probability."""

    value: float | None = None
    type: str | None = None


class SpanScore(_Message, frozen=True, kw_only=True):
    """The score of a part; `begin` and `end` are UTF-16 code units, end exclusive."""

    begin: int | None = None
    end: int | None = None
    score: Score | None = None


class AttributeScores(_Message, frozen=True, kw_only=True):
    """The score of a whole text and of its parts."""

    summary_score: Score | None = None
    span_scores: list[SpanScore] | None = None


class AnalyzeCommentRequest(_Message, frozen=True, kw_only=True):
    """A text to be judged."""

    comment: TextEntry | None = None
    context: Context | None = None
    requested_attributes: dict[str, AttributeParameters | None] | None = None
    span_annotations: bool | None = None
    languages: list[str] | None = None
    do_not_store: bool | None = None
    client_token: str | None = None
    session_id: str | None = None
    community_id: str | None = None


class AnalyzeCommentResponse(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """The scores. `languages` are those asked for, or else the one that was found."""

    attribute_scores: dict[str, AttributeScores]
    languages: list[str]
    detected_languages: list[str] = []
    client_token: str | None = None


class SuggestCommentScoreRequest(_Message, frozen=True, kw_only=True):
    """A text and the scores that it should have had."""

    comment: TextEntry | None = None
    context: Context | None = None
    attribute_scores: dict[str, AttributeScores | None] | None = None
    languages: list[str] | None = None
    client_token: str | None = None
    session_id: str | None = None
    community_id: str | None = None


class SuggestCommentScoreResponse(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """That it was kept."""

    client_token: str | None = None
    requested_languages: list[str] = []
    detected_languages: list[str] = []


_MESSAGES = (
    TextEntry,
    ArticleAndParentComment,
    Context,
    AttributeParameters,
    Score,
    SpanScore,
    AttributeScores,
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
)


def discovery(root: str) -> dict[str, Any]:
    """Return the discovery document from which Google's client libraries build themselves.

    Args:
        root: our own origin.
    """
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "canonicalName": "Comment Analyzer",
        "title": "Perspective Comment Analyzer API",
        "description": "Scores of comments, as Perspective gave them, by the newsroom's own guidelines.",
        "protocol": "rest",
        "rootUrl": f"{root}/",
        "servicePath": "",
        "baseUrl": f"{root}/",
        "basePath": "",
        "batchPath": "batch",
        "parameters": {
            name: {"type": "string", "location": "query"}
            for name in ("key", "alt", "fields", "prettyPrint", "quotaUser", "callback", "access_token", "$.xgafv")
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", ANALYZE, AnalyzeCommentRequest, AnalyzeCommentResponse),
                    "suggestscore": _method(
                        "suggestscore", SUGGEST, SuggestCommentScoreRequest, SuggestCommentScoreResponse
                    ),
                }
            }
        },
        "schemas": {message.__name__: _schema(message) for message in _MESSAGES},
    }


def _method(name: str, path: str, request: type[_Message], response: type[_Message]) -> dict[str, Any]:
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameterOrder": [],
        "parameters": {},
        "request": {"$ref": request.__name__},
        "response": {"$ref": response.__name__},
    }


def _schema(message: type[_Message]) -> dict[str, Any]:
    kind = inspect.type_info(message)
    assert isinstance(kind, inspect.StructType)
    return {
        "id": message.__name__,
        "type": "object",
        "properties": {field.encode_name: _property(field.type) for field in kind.fields},
    }


def _property(kind: inspect.Type) -> dict[str, Any]:
    match kind:
        case inspect.UnionType():
            return _property(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
        case inspect.StructType():
            return {"$ref": kind.cls.__name__}
        case inspect.ListType():
            return {"type": "array", "items": _property(kind.item_type)}
        case inspect.DictType():
            return {"type": "object", "additionalProperties": _property(kind.value_type)}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.IntType():
            return {"type": "integer", "format": "int32"}
        case inspect.FloatType():
            return {"type": "number", "format": "float"}
        case _:
            return {"type": "string"}
