"""Row-level security: the second wall under the tenant scoping, in PostgreSQL itself.

A page is drawn as the role WEB_ROLE, for one person: a query that forgot its filter finds the rows of that person's
merchants and nobody else's, and trail and proofs can only be added to. Workers, commands, callbacks of other systems
and the platform admin go on as the tables' owner. Policies are read off the models after every migrate, so that a new
table is behind the wall from its first row on.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.apps import apps
from django.db import DatabaseError, OperationalError, connection, models, transaction
from django.db.backends.utils import CursorWrapper

from connections.models import AuditEntry, Connection, Credential, Merchant, User
from connections.tenancy import tenant_path

logger = logging.getLogger(__name__)

WEB_ROLE = "tillbridge_web"
POLICY = "tenant"
ADDED_TO = ("connections_auditentry", "syncjobs_proof")  # tables that a page never changes
TRIES = 10
MERCHANTS = "ANY ((SELECT tillbridge_merchants())::bigint[])"
PEOPLE = "ANY ((SELECT tillbridge_people())::bigint[])"
CONNECTIONS = "ANY ((SELECT tillbridge_connections())::bigint[])"

# They read as the tables' owner: what a policy asks must not stand behind the policy itself.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION tillbridge_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('tillbridge.person', true), '')::bigint
$$;
CREATE OR REPLACE FUNCTION tillbridge_merchants() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(merchant_id), '{}') FROM (
        SELECT merchant_id FROM connections_membership WHERE user_id = tillbridge_person()
        UNION
        SELECT merchant_id FROM connections_supportgrant
        WHERE staff_id = tillbridge_person() AND given_at IS NOT NULL AND ended_at IS NULL AND until > now()
    ) AS mine
$$;
CREATE OR REPLACE FUNCTION tillbridge_connections() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(id), '{}') FROM connections_connection WHERE merchant_id = ANY (tillbridge_merchants())
$$;
CREATE OR REPLACE FUNCTION tillbridge_people() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(user_id), '{}') FROM connections_membership
    WHERE merchant_id = ANY (tillbridge_merchants())
$$;
CREATE OR REPLACE FUNCTION tillbridge_may_open(credential bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(bool_and(merchant_id = ANY (tillbridge_merchants())), true) FROM (
        SELECT merchant_id FROM connections_store WHERE credential_id = credential
        UNION ALL
        SELECT merchant_id FROM connections_heartlandaccount WHERE credential_id = credential
    ) AS owners
$$;
"""
ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{WEB_ROLE}') THEN
        CREATE ROLE {WEB_ROLE} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was faster
END $$;
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{WEB_ROLE}', 'MEMBER') THEN
        EXECUTE format('GRANT {WEB_ROLE} TO %I', current_user);
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO {WEB_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {WEB_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {WEB_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {WEB_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {WEB_ROLE};
"""


def policies() -> dict[str, str]:
    """Table → the condition under which a row of it is one of the person's merchants'."""
    found = {model._meta.db_table: condition_of(model) for model in apps.get_models() if not model._meta.proxy}
    return {table: condition for table, condition in sorted(found.items()) if condition}


def condition_of(model: type[models.Model]) -> str:
    """SQL for a policy on the model's table; "" where no merchant owns its rows."""
    if model is Merchant:
        return f"id = {MERCHANTS}"
    if model is Credential:
        return "tillbridge_may_open(id)"
    path = tenant_path(model)
    if path is None:
        return ""
    key: Any = model._meta.get_field(path[0])
    if model is AuditEntry:  # an account's entries belong to no merchant
        return f"merchant_id = {MERCHANTS} OR merchant_id IS NULL AND person_id = {PEOPLE}"
    if key.related_model is Merchant:
        return f"{key.column} = {MERCHANTS}"
    if key.related_model is Connection:
        return f"{key.column} = {CONNECTIONS}"
    parent: Any = key.related_model
    own = f"{model._meta.db_table}.{key.column}"  # the parent may have a column of that name, too
    # a row at a time by the parent's key: of EXISTS the planner reads all parents first
    return f"(SELECT true FROM {parent._meta.db_table} AS parent WHERE parent.id = {own})"  # noqa: S608 (names of models)


def wall_build(**kwargs: Any) -> None:
    """Make role and policies what the models say; one query when they are. A receiver of post_migrate."""
    if connection.vendor != "postgresql":
        return
    wanted = stamps(policies())
    try:
        with connection.cursor() as cursor:
            done = standing(cursor)
            if done == wanted:
                return
            with transaction.atomic():
                cursor.execute(ROLE)
                cursor.execute(FUNCTIONS)
                there = set(connection.introspection.table_names(cursor))
                for table in there.intersection(ADDED_TO):
                    cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {WEB_ROLE}")
            for table in sorted(there & wanted.keys()):
                if done.get(table) != wanted[table]:
                    _wall_in(cursor, table, wanted[table])
    except DatabaseError as failure:
        logger.warning("the wall between merchants is not built", extra={"reason": str(failure).splitlines()[0]})


def _wall_in(cursor: CursorWrapper, table: str, stamp: str) -> None:
    """A table at a time, and nobody waits for long: workers of the version before go on meanwhile."""
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                cursor.execute(
                    f"""
                    SET LOCAL lock_timeout = '1s';
                    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                    DROP POLICY IF EXISTS {POLICY} ON {table};
                    CREATE POLICY {POLICY} ON {table} TO {WEB_ROLE} USING ({policies()[table]});
                    COMMENT ON POLICY {POLICY} ON {table} IS '{stamp}';
                    """
                )
        except OperationalError:
            if not tries_left:
                raise
        else:
            return


def stamps(wanted: dict[str, str]) -> dict[str, str]:
    """Table → what its policy's comment says once it stands."""
    return {
        table: hashlib.sha256("".join((FUNCTIONS, ROLE, *ADDED_TO, condition)).encode()).hexdigest()
        for table, condition in wanted.items()
    }


def standing(cursor: CursorWrapper) -> dict[str, str]:
    """Table → the comment of its policy, for each table whose policy is in force."""
    cursor.execute(
        """
        SELECT relname, coalesce(obj_description(pol.oid, 'pg_policy'), '') FROM pg_policy AS pol
        JOIN pg_class ON pg_class.oid = polrelid AND relrowsecurity AND relnamespace = 'public'::regnamespace
        WHERE polname = %s
        """,
        [POLICY],
    )
    return dict(cursor.fetchall())


def wall_stands() -> bool:
    """Whether pages can be drawn behind it here: there is the role, we may take it, and the session is ours alone.

    Behind a pooler in transaction mode the role would stay with whoever gets the session next.
    """
    if connection.vendor != "postgresql" or connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        return False
    known: bool | None = _STANDS.get(connection.settings_dict["NAME"])
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_roles WHERE rolname = %s AND pg_has_role(oid, 'MEMBER')", [WEB_ROLE]
            )
            known = _STANDS[connection.settings_dict["NAME"]] = cursor.fetchone() == (1,)
        if not known:
            logger.warning("no wall between merchants", extra={"role": WEB_ROLE, "advice": "deploy/README.md"})
    return known


_STANDS: dict[str, bool] = {}


def wall_raise(person: User) -> None:
    """From here on this thread's connection sees what is the person's merchants'."""
    if wall_stands():
        _become(WEB_ROLE, str(person.pk))


def wall_lower(**kwargs: Any) -> None:
    """The owner of the tables again; at a request's end, so that streamed pages stay behind the wall, and beginning."""
    person, connection.walled_for = getattr(connection, "walled_for", ""), ""  # type: ignore[attr-defined]
    if person and connection.connection is not None:
        with suppress(DatabaseError):  # in a broken transaction, whose end brings back what was set before it
            _become("none", "")


def wall_again(**kwargs: Any) -> None:
    """A page whose connection broke goes on behind the wall; a receiver of connection_created."""
    if person := getattr(connection, "walled_for", ""):
        _become(WEB_ROLE, person)


@contextmanager
def wall_lifted() -> Iterator[None]:
    """For what has to look beyond the person's merchants, such as whether a store is somebody else's already."""
    person = getattr(connection, "walled_for", "")
    wall_lower()
    try:
        yield
    finally:
        if person:
            _become(WEB_ROLE, person)


def _become(role: str, person: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('role', %s, false), set_config('tillbridge.person', %s, false)", [role, person]
        )
    connection.walled_for = person  # type: ignore[attr-defined]
