"""The full-text index: how like a query each document is. One engine for each database.

Another way of telling likeness, such as embeddings, would be another class with these methods.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection, text

from daemon.domain.query_terms import Term


class LikenessIndex(Protocol):
    """What an engine can do. Documents are known by their ids, as in ``documents``."""

    def replace(self, old: Mapping[int, str], new: Mapping[int, str]) -> None:
        """Take out the old texts of documents, as they were put in, and put in the new ones."""

    def frequencies(self, words: Sequence[str], *, at_most: int) -> dict[str, int]:
        """In how many documents each word stands; counting may stop beyond ``at_most``."""

    def rank(self, terms: Sequence[Term], *, limit: int) -> list[tuple[int, float]]:
        """The documents most like the terms, best first, each with a likeness above 0 up to 1."""

    def rebuild(self) -> None:
        """Make the index anew from the ``documents`` that there are."""


def likeness_index(connection: Connection) -> LikenessIndex:
    """The engine of this database."""
    engine = Fts5Index if connection.dialect.name == "sqlite" else PostgresIndex
    return engine(connection)


_REFERENCE = 10
"""The document of this rank has a likeness of 1, and so have those before it: one that happens to
be long must not make all others look unlike."""


def scaled(found: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Scores (best first) as likenesses from 0 to 1."""
    if not found:
        return []
    reference = found[min(_REFERENCE, len(found)) - 1][1]
    if reference <= 0:
        return []
    return [(document, min(1.0, score / reference)) for document, score in found if score > 0]


class Fts5Index:
    """SQLite's FTS5 with bm25. Its tokenizer stems English words and drops diacritics."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, old: Mapping[int, str], new: Mapping[int, str]) -> None:
        """Take out the old texts of documents, as they were put in, and put in the new ones."""
        run = self._connection.exec_driver_sql
        if old:
            run(
                "INSERT INTO document_index(document_index, rowid, text) VALUES ('delete', ?, ?)",
                list(old.items()),
            )
        if new:
            run("INSERT INTO document_index(rowid, text) VALUES (?, ?)", list(new.items()))

    def frequencies(self, words: Sequence[str], *, at_most: int) -> dict[str, int]:
        """In how many documents each word stands; counting may stop beyond ``at_most``."""
        count = text(
            "SELECT count(*) FROM"
            " (SELECT 1 FROM document_index WHERE document_index MATCH :word LIMIT :most)"
        )
        return {
            word: int(
                self._connection.execute(
                    count, {"word": _quoted(word), "most": at_most}
                ).scalar_one()
            )
            for word in words
        }

    def rank(self, terms: Sequence[Term], *, limit: int) -> list[tuple[int, float]]:
        """The documents most like the terms, best first, each with a likeness above 0 up to 1."""
        if not terms:
            return []
        query = " OR ".join(_quoted(term.word) for term in terms)
        rows = self._connection.execute(
            text(
                "SELECT rowid, -rank FROM document_index WHERE document_index MATCH :query"
                " ORDER BY rank LIMIT :limit"
            ),
            {"query": query, "limit": limit},
        )
        return scaled([(int(document), float(score)) for document, score in rows.all()])

    def rebuild(self) -> None:
        """Make the index anew from the ``documents`` that there are."""
        self._connection.exec_driver_sql(
            "INSERT INTO document_index(document_index) VALUES ('rebuild')"
        )


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


class PostgresIndex:
    """PostgreSQL's full-text search: a ``tsvector`` under a GIN index, ``ts_rank`` for each term.

    ``ts_rank`` knows nothing of a word's rarity, so each term's rank is weighed.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, old: Mapping[int, str], new: Mapping[int, str]) -> None:
        """Take out the old texts of documents, as they were put in, and put in the new ones."""
        gone = [document for document in old if document not in new]
        if gone:
            self._connection.execute(
                text("DELETE FROM document_index WHERE id = ANY(:gone)"), {"gone": gone}
            )
        if new:
            self._connection.execute(
                text(
                    "INSERT INTO document_index (id, terms)"
                    " SELECT id, to_tsvector('english', text)"
                    " FROM unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[])) AS new(id, text)"
                    " ON CONFLICT (id) DO UPDATE SET terms = excluded.terms"
                ),
                {"ids": list(new), "texts": list(new.values())},
            )

    def frequencies(self, words: Sequence[str], *, at_most: int) -> dict[str, int]:
        """In how many documents each word stands; counting may stop beyond ``at_most``."""
        counted = text(
            "SELECT word, (SELECT count(*) FROM (SELECT 1 FROM document_index"
            " WHERE terms @@ plainto_tsquery('english', word) LIMIT :most) AS found)"
            " FROM unnest(CAST(:words AS text[])) AS asked(word)"
        )
        rows = self._connection.execute(counted, {"words": list(words), "most": at_most})
        return {word: int(number) for word, number in rows}

    def rank(self, terms: Sequence[Term], *, limit: int) -> list[tuple[int, float]]:
        """The documents most like the terms, best first, each with a likeness above 0 up to 1."""
        if not terms:
            return []
        values: dict[str, object] = {"limit": limit}
        queries, ranks = [], []
        for place, term in enumerate(terms):
            values[f"word{place}"], values[f"weight{place}"] = term.word, term.weight
            query = f"plainto_tsquery('english', CAST(:word{place} AS text))"
            queries.append(query)
            weight = f"CAST(:weight{place} AS float8)"
            ranks.append(f"{weight} * ts_rank(terms, {query}, 1)")
        statement = (
            f"SELECT id, {' + '.join(ranks)} AS score FROM document_index"  # noqa: S608 - only numbered parameters are put in
            f" WHERE terms @@ ({' || '.join(queries)}) ORDER BY score DESC, id LIMIT :limit"
        )
        rows = self._connection.execute(text(statement), values)
        return scaled([(int(document), float(score)) for document, score in rows.all()])

    def rebuild(self) -> None:
        """Make the index anew from the ``documents`` that there are."""
        self._connection.execute(text("DELETE FROM document_index"))
        self._connection.execute(
            text(
                "INSERT INTO document_index (id, terms)"
                " SELECT id, to_tsvector('english', text) FROM documents"
            )
        )
