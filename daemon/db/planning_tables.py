"""The store's tables: what is known of companies for planning, matching and the budget.

Beside them stands ``document_index``, the full-text index over ``documents.text``: an FTS5 table on
SQLite, a table with a ``tsvector`` on PostgreSQL. Neither can be declared here for both.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from daemon.db.tables import metadata
from daemon.db.types import Instant, Json, RowId

documents = Table(
    "documents",
    metadata,
    # A CRM's record has its own id here, a found company its id with a minus.
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("fingerprint", String(32), nullable=False),
    Column("bare", Boolean, nullable=False),
    Column("country", String(100), nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("blocking_keys", Json, nullable=False),
    Index("ix_documents_country", "country"),
    Index(
        "ix_documents_bare",
        "id",
        sqlite_where=text("bare"),
        postgresql_where=text("bare"),
    ),
)

document_keys = Table(
    "document_keys",
    metadata,
    Column("key", String(600), nullable=False),
    Column("document_id", RowId, nullable=False),
    PrimaryKeyConstraint("key", "document_id"),
    sqlite_with_rowid=False,
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("moment", Instant),
    Column("row_id", RowId, nullable=False, server_default="0"),
    Column("caught_up_at", Instant),
)

plan_samples = Table(
    "plan_samples",
    metadata,
    Column("task_id", ForeignKey("tasks.id"), primary_key=True),
    Column("domain", String(255), primary_key=True),
    Column("signals", Json, nullable=False),
    Column("stands_for", Float, nullable=False),
    Column("excluded", Boolean, nullable=False),
)

exclusion_weights = Table(
    "exclusion_weights",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("weights", Json, nullable=False),
    Column("outcomes", Integer, nullable=False),
    Column("came_back", Integer, nullable=False),
    Column("last_task_id", RowId, nullable=False),
    Column("fitted_at", Instant, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("one", String(500), primary_key=True),
    Column("other", String(500), primary_key=True),
    Column("verdict", String(20), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("decided_at", Instant, nullable=False),
)

budget_notes = Table(
    "budget_notes",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("limit_name", String(60), primary_key=True),
    Column("period", String(40), primary_key=True),
    Column("said_at", Instant, nullable=False),
)

redirects = Table(
    "redirects",
    metadata,
    Column("domain", String(255), primary_key=True),
    Column("leads_to", String(255)),
    Column("reason", Text, nullable=False, server_default=""),
    Column("checked_at", Instant, nullable=False),
)
