"""Orders by age, by status and age, and by total: what the pages of their list begin at."""

import django.db.models.functions.comparison
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0043_lists'),
        ('syncjobs', '0041_before_images'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='record',
            name='record_listing',
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(models.F('connection'), models.F('flow'), models.F('disposition'), models.OrderBy(models.Case(models.When(source_placed_at__isnull=True, then=models.F('first_seen_at')), default=models.F('source_placed_at')), descending=True), models.OrderBy(models.F('id'), descending=True), name='record_of_state'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(models.F('connection'), models.F('flow'), models.OrderBy(models.Case(models.When(source_placed_at__isnull=True, then=models.F('first_seen_at')), default=models.F('source_placed_at')), descending=True), models.OrderBy(models.F('id'), descending=True), name='record_by_age'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(models.F('connection'), models.F('flow'), models.OrderBy(django.db.models.functions.comparison.Coalesce('source_total', Decimal('0')), descending=True), models.OrderBy(models.F('id'), descending=True), name='record_by_total'),
        ),
    ]
