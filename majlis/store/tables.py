"""The tables, defined once for both databases. No query stands here, and no type that only one database has.

Times are milliseconds since 1970 UTC. Truth values are 0 and 1, and structured values are JSON text, so that a row
reads the same through both drivers without conversion.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, MetaData, Table, Text, text

metadata = MetaData()


def _ref(target: str) -> ForeignKey:
    return ForeignKey(target)


def _number(name: str, *, default: str | None = "0") -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=default)


sites = Table(
    "sites",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    _number("created_at", default=None),
    _number("log_seq"),
    Column("log_hash", Text, nullable=False, server_default=""),
)
"""`log_seq` and `log_hash` are the head of the site's decision log: locking this row puts entries in one order."""

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("language", Text, nullable=False),
    _number("published_at", default=None),
    Column("section", Text, nullable=False, server_default=""),
    Column("dateline", Text, nullable=False, server_default=""),
    Column("teaser", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False, server_default=""),
    Column("photo", Text),
    Column("caption", Text, nullable=False, server_default=""),
    Column("credit", Text, nullable=False, server_default=""),
    _number("open", default="1"),
    _number("comments"),
    _number("revision"),
)
Index("stories_by_url", stories.c.site, stories.c.url, unique=True)
Index("stories_latest", stories.c.site, stories.c.published_at.desc(), stories.c.id.desc())

comments = Table(
    "comments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("story", Text, _ref("stories.id"), nullable=False),
    Column("parent", Text),
    Column("root", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("author_email", Text),
    Column("author_key", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("search", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("status", Text, nullable=False),
    _number("version"),
    _number("submitted_at", default=None),
    Column("published_at", BigInteger),
    _number("root_at", default=None),
    Column("risk", Float(53)),
    Column("flags", Text, nullable=False, server_default=""),
    Column("decision", Text),
    _number("likes"),
    _number("root_likes"),
    _number("replies"),
    _number("reports"),
    _number("featured"),
    Column("claimed_by", Text),
    _number("claimed_until"),
    Column("idempotency_key", Text),
    Column("request_hash", Text, nullable=False, server_default=""),
)
"""`search` is a folded copy for finding, `digest` the hash of the normal form for noticing repetition, and `flags`
the clauses that the judge saw, each between commas. `decision` is the record that put the comment where it is."""

APPROVED = text("status = 'approved'")
PENDING = text("status = 'pending'")

_c = comments.c
Index("comments_idempotency", _c.site, _c.idempotency_key, unique=True)
Index("comments_by_author", _c.site, _c.author_key, _c.submitted_at.desc())
Index("comments_by_story", _c.story, _c.submitted_at.desc())
for _name, _where, _columns in (
    (
        "comments_thread_recent",
        APPROVED,
        (_c.story, _c.root_at.desc(), _c.root.desc(), _c.published_at, _c.id),
    ),
    (
        "comments_thread_top",
        APPROVED,
        (_c.story, _c.root_likes.desc(), _c.root_at.desc(), _c.root.desc(), _c.published_at, _c.id),
    ),
    ("comments_approved", APPROVED, (_c.site, _c.submitted_at.desc(), _c.id.desc())),
    ("comments_rejected", text("status = 'rejected'"), (_c.site, _c.submitted_at.desc(), _c.id.desc())),
    ("comments_waiting", PENDING, (_c.site, _c.submitted_at, _c.id)),
    ("comments_risk", PENDING, (_c.site, _c.risk.desc(), _c.id)),
    ("comments_unjudged", text("status = 'pending' AND risk IS NULL"), (_c.site, _c.submitted_at)),
    ("comments_reported", text("reports > 0"), (_c.site, _c.submitted_at, _c.id)),
):
    Index(_name, *_columns, sqlite_where=_where, postgresql_where=_where)

records = Table(
    "records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("comment", Text, _ref("comments.id"), nullable=False),
    _number("at", default=None),
    Column("actor", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("clauses", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("undoes", Text),
    Column("decision", Text),
    Column("submission", Text),
    Column("evidence", Text),
)
"""One row a decision, with all that it was based on. Rows are never changed."""
Index("records_by_comment", records.c.comment, records.c.at)
Index("records_by_actor", records.c.site, records.c.actor, records.c.at)

log = Table(
    "log",
    metadata,
    Column("site", Text, _ref("sites.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _number("at", default=None),
    Column("kind", Text, nullable=False),
    Column("comment", Text),
    Column("actor", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""The decision log: append-only, each entry with the hash of the one before it."""
Index("log_by_comment", log.c.comment, log.c.seq)

guidelines = Table(
    "guidelines",
    metadata,
    Column("version", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("source", Text, nullable=False),
    _number("first_used_at", default=None),
)

policies = Table(
    "policies",
    metadata,
    Column("version", Text, primary_key=True),
    Column("source", Text, nullable=False),
    _number("first_used_at", default=None),
)

likes = Table(
    "likes",
    metadata,
    Column("comment", Text, _ref("comments.id"), primary_key=True),
    Column("reader", Text, primary_key=True),
    _number("at", default=None),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("comment", Text, _ref("comments.id"), nullable=False),
    Column("clause", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reporter", Text, nullable=False),
    _number("at", default=None),
    _number("open", default="1"),
)
Index("reports_by_comment", reports.c.comment, reports.c.reporter, unique=True)

appeals = Table(
    "appeals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("comment", Text, _ref("comments.id"), nullable=False),
    Column("record", Text, _ref("records.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    _number("at", default=None),
    Column("status", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", BigInteger),
    Column("note", Text, nullable=False, server_default=""),
)
Index(
    "appeals_open",
    appeals.c.site,
    appeals.c.at,
    sqlite_where=text("status = 'open'"),
    postgresql_where=text("status = 'open'"),
)
Index("appeals_by_comment", appeals.c.comment, appeals.c.at)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password", Text),
    _number("created_at", default=None),
    Column("removed_at", BigInteger),
)
"""Rows are never deleted: decisions and the log name them. Who left has `removed_at` and no password."""
Index("staff_by_name", staff.c.site, staff.c.name, unique=True)

logins = Table(
    "logins",
    metadata,
    Column("token", Text, primary_key=True),
    Column("staff", Text, _ref("staff.id"), nullable=False),
    _number("expires_at", default=None),
)
"""One-time logins by the hash of their token. A row is deleted when it is used."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),
    Column("staff", Text, _ref("staff.id"), nullable=False),
    _number("expires_at", default=None),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    _number("created_at", default=None),
    Column("revoked_at", BigInteger),
    Column("rate", Text, nullable=False, server_default=""),
)
"""An empty `rate` is the newsroom's own."""

feedback = Table(
    "feedback",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    _number("at", default=None),
    Column("key", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("about", Text, nullable=False),
)
"""What programs say that a judgement should have been. `key` is no reference, for an archive holds no keys."""
Index("feedback_by_site", feedback.c.site, feedback.c.id)

proofs = Table(
    "proofs",
    metadata,
    Column("proof", Text, primary_key=True),
    _number("expires_at", default=None),
)
"""Proofs of work and form tokens that were used, until they would have expired anyway."""

imports = Table(
    "imports",
    metadata,
    Column("comment", Text, _ref("comments.id"), primary_key=True),
    Column("source", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("original", Text),
)
"""Where an imported comment came from, and the HTML that its words were taken out of. Rows are never changed."""
Index("imports_by_story", imports.c.story, imports.c.source)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, _ref("sites.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("content", Text, nullable=False),
    _number("created_at", default=None),
    _number("due_at", default=None),
    _number("attempts"),
    Column("error", Text, nullable=False, server_default=""),
    Column("dead_at", BigInteger),
)
"""Work that has to be done after a commit: what it is, whom it goes to, and when it may be taken. A row goes when its
work is done. Taking a job puts `due_at` to the end of the lease and counts `attempts`; a job that was given up has
`dead_at`."""
Index(
    "jobs_due",
    jobs.c.site,
    jobs.c.kind,
    jobs.c.target,
    jobs.c.due_at,
    sqlite_where=text("dead_at IS NULL"),
    postgresql_where=text("dead_at IS NULL"),
)
Index(
    "jobs_dead",
    jobs.c.site,
    jobs.c.kind,
    jobs.c.dead_at.desc(),
    jobs.c.id,
    sqlite_where=text("dead_at IS NOT NULL"),
    postgresql_where=text("dead_at IS NOT NULL"),
)

stopped = Table(
    "stopped",
    metadata,
    Column("site", Text, _ref("sites.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    _number("at", default=None),
)
"""Targets that asked for no more jobs of a kind, until somebody begins again."""
