"""Links as orders need them: what one asks about is read in one statement, as plain rows, and each written in one."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection as database
from django.utils import timezone

from connections.models import Connection
from ipaas.prepared import fetch, fetch_one
from mappings.models import Link

Key = tuple[Link.Kind, str]  # and `Link.source_id`
COLUMNS = ("id", "kind", "source_id", "target_id", "target_label", "fingerprint", "is_by_hand")
# Each by its whole key: a plain join, planned while the table was small, goes on reading all links of a connection.
READ = f"""
SELECT {", ".join(f"link.{column}" for column in COLUMNS)}
FROM unnest(%(kinds)s::text[], %(sources)s::text[]) wanted (kind, source_id), LATERAL (
    SELECT * FROM mappings_link one WHERE one.connection_id = %(connection)s AND one.kind = wanted.kind
        AND one.source_id = wanted.source_id LIMIT 1) link"""  # noqa: S608 (names of our own columns)

INTO = """
INSERT INTO mappings_link (connection_id, kind, source_id, target_id, target_label, fingerprint, store_ref, is_by_hand,
    created_at, updated_at) """
ROW = """%(connection)s, %(kind)s, %(source_id)s, %(target_id)s, %(target_label)s, %(fingerprint)s, %(store_ref)s,
    %(is_by_hand)s, %(linked_at)s, %(linked_at)s"""
OR_UPDATE = """
ON CONFLICT (connection_id, kind, source_id) DO UPDATE SET target_id = EXCLUDED.target_id,
    target_label = EXCLUDED.target_label, fingerprint = EXCLUDED.fingerprint, store_ref = EXCLUDED.store_ref,
    is_by_hand = EXCLUDED.is_by_hand, updated_at = EXCLUDED.updated_at
RETURNING id"""
WRITE = f"{INTO}VALUES ({ROW}){OR_UPDATE}"
WRITE_FOR_EACH = f"{INTO}SELECT {ROW} FROM {{source}}{OR_UPDATE}"  # noqa: S608 (our own words; `source`: a WITH clause)


class KnownLink(NamedTuple):
    """A row of Link."""

    pk: int
    kind: str
    source_id: str
    target_id: str
    target_label: str
    fingerprint: str
    is_by_hand: bool

    @property
    def is_sure(self) -> bool:
        """Of an item's link: whether it rests on equal numbers, or on what a person said."""
        return self.is_by_hand or self.target_label == self.source_id


KnownLinks = dict[Key, KnownLink]


def links_known(connection: Connection, keys: Iterable[Key]) -> KnownLinks:
    """Those of these links that there are, in one statement; none is asked for nothing."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    found = [KnownLink(*row) for row in _rows(connection, wanted)]
    return {(Link.Kind(link.kind), link.source_id): link for link in found}


def _rows(connection: Connection, wanted: list[Key]) -> list[tuple[int, str, str, str, str, str, bool]]:
    kinds, sources = [str(kind) for kind, _ in wanted], [source for _, source in wanted]
    if database.vendor == "postgresql":
        return fetch(READ, {"connection": connection.pk, "kinds": kinds, "sources": sources})
    links = Link.objects.filter(connection=connection, kind__in=kinds, source_id__in=sources)
    return [row for row in links.values_list(*COLUMNS) if (row[1], row[2]) in wanted]


def link_write(link: Link, beside: str = "") -> Link:
    """Insert or update a link by its key, in one statement; orders wait for it. Answers it with its id.

    `beside`: what else the statement does, as a WITH clause, where the database is PostgreSQL.
    """
    (link.pk,) = fetch_one(beside + WRITE, link_values(link))
    return link


def link_values(link: Link) -> dict[str, Any]:
    """Parameters of the statements that write it."""
    return {
        "connection": link.connection_id,
        "kind": str(link.kind),
        "source_id": link.source_id,
        "target_id": link.target_id,
        "target_label": link.target_label,
        "fingerprint": link.fingerprint,
        "store_ref": link.store_ref,
        "is_by_hand": link.is_by_hand,
        "linked_at": database.ops.adapt_datetimefield_value(timezone.now()),
    }
