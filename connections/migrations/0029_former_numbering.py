"""Keeps the prefixes and the fields of the mark that a store had before: its sales orders are looked for there too."""

from typing import Any

from django.db import migrations, models

# Before the trigger, which lets nobody else write them: what numbers of links tell of the time before this version.
KNOWN = """
UPDATE connections_ordersettings settings SET former_prefixes = known.prefixes FROM (
    SELECT connection_id, jsonb_agg(DISTINCT prefix) AS prefixes FROM (
        SELECT connection_id, left(target_label, length(target_label) - length(source_id)) AS prefix
        FROM mappings_link
        WHERE kind = 'order' AND right(target_label, length(source_id)) = source_id
    ) numbers
    WHERE prefix <> '' AND length(prefix) <= 10
    GROUP BY connection_id
) known
WHERE known.connection_id = settings.connection_id;
"""
TRIGGER = """
CREATE FUNCTION order_numbering_kept() RETURNS trigger AS $$
DECLARE
    mark jsonb := jsonb_build_object('number_field', OLD.number_field, 'source_field', OLD.source_field);
BEGIN
    NEW.former_prefixes := OLD.former_prefixes;
    NEW.former_marks := OLD.former_marks;
    IF NEW.order_prefix <> OLD.order_prefix AND NOT OLD.former_prefixes @> to_jsonb(OLD.order_prefix) THEN
        NEW.former_prefixes := OLD.former_prefixes || to_jsonb(OLD.order_prefix);
    END IF;
    IF (NEW.number_field, NEW.source_field) IS DISTINCT FROM (OLD.number_field, OLD.source_field)
       AND OLD.number_field <> '' AND OLD.source_field <> '' AND NOT OLD.former_marks @> jsonb_build_array(mark) THEN
        NEW.former_marks := OLD.former_marks || mark;
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER order_numbering_kept BEFORE UPDATE ON connections_ordersettings
    FOR EACH ROW EXECUTE FUNCTION order_numbering_kept();
"""
WITHOUT = "DROP TRIGGER order_numbering_kept ON connections_ordersettings; DROP FUNCTION order_numbering_kept();"


def on_postgresql(sql: str) -> Any:
    """Elsewhere, where developers try things out, nothing is remembered."""

    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("connections", "0028_people_prove_themselves"), ("mappings", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="ordersettings",
            name=name,
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, editable=False),
        )
        for name in ("former_prefixes", "former_marks")
    ] + [
        migrations.RunPython(on_postgresql(KNOWN), migrations.RunPython.noop),
        migrations.RunPython(on_postgresql(TRIGGER), on_postgresql(WITHOUT)),
    ]
