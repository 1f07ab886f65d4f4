"""All checks in order. Those that ask the database are left out when it does not answer."""

import logging
from collections.abc import Iterator

from syncjobs.engine.doctor import database, surroundings, work
from syncjobs.engine.doctor.doctor_findings import Check, Finding, Problem

logger = logging.getLogger(__name__)

ALONE: tuple[Check, ...] = (
    surroundings.configuration,
    surroundings.disk,
    surroundings.address,
    surroundings.mail,
    surroundings.known_faults,
)
SCHEMA: tuple[Check, ...] = (database.version, database.migrations, database.cache_table, database.clock)
STORED: tuple[Check, ...] = (
    database.rights,
    surroundings.database_size,
    surroundings.keys,
    surroundings.outside_hosts,
    work.schedules,
    work.workers,
    work.queues,
    work.jobs,
    work.feeds,
    work.alerts,
    work.webhooks,
)


def examine() -> Iterator[Finding]:
    """Run every check that can be run: what the schema holds is only asked when it is of this version."""
    reached = _run(database.reachable)
    yield reached
    schema = [] if reached.problems else [_run(check) for check in SCHEMA]
    yield from schema
    if schema and not any(finding.problems for finding in schema if finding.check == "migrations"):
        yield from (_run(check) for check in STORED)
    yield from (_run(check) for check in ALONE)


def _run(check: Check) -> Finding:
    try:
        problems = tuple(check())
    except Exception as exc:
        logger.exception("a check of the doctor broke")
        problems = (Problem(says=f"This could not be looked at: {exc!r}", do="Look at the log above."),)
    return Finding(check=check.__name__, problems=problems)
