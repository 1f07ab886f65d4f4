
import mappings.core.rules.match_payouts
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0048_promise_days'),
        ('syncjobs', '0048_loyalty'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='payoutentry',
            name='payout_entry_how_known',
        ),
        migrations.RemoveIndex(
            model_name='payoutentry',
            name='payout_entry_open',
        ),
        migrations.AddIndex(
            model_name='payoutentry',
            index=models.Index(condition=models.Q(('how__in', (mappings.core.rules.match_payouts.How['NONE_FITS'], mappings.core.rules.match_payouts.How['SEVERAL_FIT'], mappings.core.rules.match_payouts.How['DIFFERS'], mappings.core.rules.match_payouts.How['ENDED']))), fields=['connection', 'happened_at'], name='payout_entry_open'),
        ),
        migrations.AddConstraint(
            model_name='payoutentry',
            constraint=models.CheckConstraint(condition=models.Q(('how__in', ['', mappings.core.rules.match_payouts.How['REFERENCE'], mappings.core.rules.match_payouts.How['AMOUNT'], mappings.core.rules.match_payouts.How['PERSON'], mappings.core.rules.match_payouts.How['NONE_FITS'], mappings.core.rules.match_payouts.How['SEVERAL_FIT'], mappings.core.rules.match_payouts.How['DIFFERS'], mappings.core.rules.match_payouts.How['ENDED']])), name='payout_entry_how_known'),
        ),
    ]
