
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0048_promise_days'),
        ('errors', '0007_words_of_states'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='alert',
            name='alert_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='alertrule',
            name='alert_rule_kind_known',
        ),
        migrations.AlterField(
            model_name='alert',
            name='kind',
            field=models.CharField(choices=[('failure', 'Records need you'), ('outage', 'A system does not answer'), ('backlog', 'Work waits too long'), ('latency', 'Orders go through slowly'), ('error_rate', 'Many orders fail'), ('money', 'Money waits'), ('distribute', 'Orders to distribute'), ('stock', 'Stock is not heard of'), ('books', 'Money that no order explains'), ('promise', 'Promised money runs out'), ('channel', 'Alerts do not arrive')], max_length=12),
        ),
        migrations.AlterField(
            model_name='alertrule',
            name='kind',
            field=models.CharField(choices=[('failure', 'Records need you'), ('outage', 'A system does not answer'), ('backlog', 'Work waits too long'), ('latency', 'Orders go through slowly'), ('error_rate', 'Many orders fail'), ('money', 'Money waits'), ('distribute', 'Orders to distribute'), ('stock', 'Stock is not heard of'), ('books', 'Money that no order explains'), ('promise', 'Promised money runs out'), ('channel', 'Alerts do not arrive')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['failure', 'outage', 'backlog', 'latency', 'error_rate', 'money', 'distribute', 'stock', 'books', 'promise', 'channel'])), name='alert_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['failure', 'outage', 'backlog', 'latency', 'error_rate', 'money', 'distribute', 'stock', 'books', 'promise', 'channel'])), name='alert_rule_kind_known'),
        ),
    ]
