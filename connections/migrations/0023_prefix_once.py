"""One store a prefix in a tenant, by the database: whatever code writes, and whichever version of it.

A row knows its tenant by a trigger, since a constraint looks at one table only. What shared its prefix before keeps it
as long as it is not changed; an empty one is refused, except where it stands already.
"""

from typing import Any

import django.db.models.functions.text
from django.db import migrations, models

TRIGGER = """
CREATE FUNCTION order_prefix_tenant() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.order_prefix = OLD.order_prefix AND NEW.connection_id = OLD.connection_id THEN
        NEW.tenant := COALESCE(NULLIF(OLD.tenant, ''), NEW.tenant);
        RETURN NEW;
    END IF;
    IF NEW.order_prefix = '' THEN
        RAISE check_violation
            USING MESSAGE = 'a store numbers its orders with a prefix', CONSTRAINT = 'order_prefix_given';
    END IF;
    NEW.tenant := (
        SELECT lower(account.base_url)
        FROM connections_heartlandaccount account
        JOIN connections_connection pair ON pair.heartland_id = account.id
        WHERE pair.id = NEW.connection_id
    );
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER order_prefix_tenant BEFORE INSERT OR UPDATE ON connections_ordersettings
    FOR EACH ROW EXECUTE FUNCTION order_prefix_tenant();
"""
WITHOUT = "DROP TRIGGER order_prefix_tenant ON connections_ordersettings; DROP FUNCTION order_prefix_tenant();"


def on_postgresql(sql: str) -> Any:
    """Elsewhere, where developers try things out, our own code alone writes the tenant."""

    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("connections", "0022_prefix_of_a_tenant")]
    operations = [
        migrations.RunPython(on_postgresql(TRIGGER), on_postgresql(WITHOUT)),
        migrations.AddConstraint(
            model_name="ordersettings",
            constraint=models.UniqueConstraint(
                models.F("tenant"),
                django.db.models.functions.text.Lower("order_prefix"),
                condition=models.Q(("tenant", ""), _negated=True),
                name="order_prefix_once",
            ),
        ),
    ]
