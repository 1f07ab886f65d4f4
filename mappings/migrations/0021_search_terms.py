"""What orders and products are found by. PostgreSQL compares terms byte by byte, whatever its own order of letters."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def compare_by_byte(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE mappings_productterm ALTER term TYPE varchar(90) COLLATE "C"')


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0035_hooks_by_hand'),
        ('mappings', '0020_ids_of_any_store'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProductTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(max_length=90)),
            ],
        ),
        migrations.RunPython(compare_by_byte, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='link',
            index=models.Index(condition=models.Q(('kind', 'item')), fields=['connection', 'target_label'], name='link_of_number'),
        ),
        migrations.AddField(
            model_name='productterm',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='connections.connection'),
        ),
        migrations.AddField(
            model_name='productterm',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='mappings.catalogueproduct'),
        ),
        migrations.AddIndex(
            model_name='productterm',
            index=models.Index(fields=['connection', 'term', 'product'], name='product_term_found'),
        ),
        migrations.AddConstraint(
            model_name='productterm',
            constraint=models.UniqueConstraint(fields=('product', 'term'), name='product_term_once'),
        ),
    ]
