"""The store's tables: what is known of each CRM, kept by the mirror."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from daemon.db.tables import known_state, metadata
from daemon.db.types import Instant, Json, RowId, State
from daemon.domain.duplicate_states import DUPLICATES, DuplicateState

mirrors = Table(
    "mirrors",
    metadata,
    Column("connector", String(100), primary_key=True),
    Column("sweep", Integer, nullable=False, server_default="0"),
    Column("sweep_started_at", Instant),
    Column("sweep_cursor", Text),
    Column("sweep_page", Integer, nullable=False, server_default="0"),
    Column("swept_at", Instant),
    Column("changes_cursor", Text),
    Column("refreshed_at", Instant),
    Column("records", Integer, nullable=False, server_default="0"),
    Column("held", Text, nullable=False, server_default=""),
    Column("accepted_shrink", Float, nullable=False, server_default="0"),
    Column("blocked_code", String(60), nullable=False, server_default=""),
    Column("blocked_text", Text, nullable=False, server_default=""),
    Column("lease_owner", String(100)),
    Column("lease_until", Instant),
)

sweep_pages = Table(
    "sweep_pages",
    metadata,
    Column("connector", String(100), nullable=False),
    Column("sweep", Integer, nullable=False),
    Column("page", Integer, nullable=False),
    Column("record_ids", Json, nullable=False),
    PrimaryKeyConstraint("connector", "sweep", "page"),
)

crm_records = Table(
    "crm_records",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("connector", String(100), nullable=False),
    Column("record_id", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("domains", Json, nullable=False),
    Column("key", String(500)),
    Column("country", Text),
    Column("city", Text),
    Column("industry", Text),
    Column("size", Text),
    Column("description", Text),
    Column("crm_created_at", Instant),
    Column("crm_modified_at", Instant),
    Column("fingerprint", String(32), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Column("merged_into", String(200)),
    Column("push_id", RowId),
    Index("uq_crm_records_connector_record_id", "connector", "record_id", unique=True),
    Index("ix_crm_records_changed_at", "changed_at"),
)

crm_domains = Table(
    "crm_domains",
    metadata,
    Column("domain", String(500), nullable=False),
    Column("connector", String(100), nullable=False),
    Column("record_id", String(200), nullable=False),
    PrimaryKeyConstraint("domain", "connector", "record_id"),
    sqlite_with_rowid=False,
)

duplicates = Table(
    "duplicates",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("connector", String(100), nullable=False),
    Column("domain", String(500), nullable=False),
    Column("push_id", ForeignKey("pushes.id"), nullable=False),
    Column("record_id", String(200), nullable=False),
    Column("other_id", String(200), nullable=False),
    Column("survivor_id", String(200), nullable=False),
    Column("state", State(DuplicateState), nullable=False),
    Column("rule", String(60), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease_owner", String(100)),
    Column("lease_until", Instant),
    Column("found_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("connector", "record_id", "other_id"),
    known_state(DUPLICATES),
    Index("ix_duplicates_state", "state"),
)
