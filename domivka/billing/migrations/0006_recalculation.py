"""Acts of recalculation; charge lines know theirs. A provider's staff sees its own acts only (docs/adr/0012)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import domivka.kernel.fields
from django.db import migrations, models

LINES = """
ALTER TABLE billing_charge_line ADD COLUMN recalculation_id bigint;
ALTER TABLE billing_charge_line DROP CONSTRAINT billing_charge_line_check,
    ADD CONSTRAINT billing_charge_line_check CHECK (num_nonnulls(run_id, import_batch_id, recalculation_id) >= 1);
CREATE INDEX billing_charge_line_recalculation ON billing_charge_line (recalculation_id)
    WHERE recalculation_id IS NOT NULL;
"""
ONLY = "(SELECT coalesce(current_setting('domivka.provider_ids', true), ''))"
OWN = (
    f"{ONLY} = '' OR provider_service_id = ANY (ARRAY("
    f"SELECT id FROM registry_providerservice WHERE provider_id = ANY (string_to_array({ONLY}, ',')::bigint[])))"
)
ROWS = f"""
CREATE POLICY rows_of_a_provider ON billing_recalculation USING ({OWN}) WITH CHECK ({OWN});
ALTER TABLE billing_recalculation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0005_penalty'),
        ('registry', '0006_checks_in_order'),
    ]

    operations = [
        migrations.RunSQL(
            LINES,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AddField("chargeline", "recalculation_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Recalculation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('outage_days', 'Послуги не було: за днями'), ('outage_hours', 'Послуги не було: за годинами'), ('absence', 'Мешканці були відсутні')], max_length=12)),
                ('place', models.CharField(choices=[('service', 'Усі рахунки цієї послуги'), ('buildings', 'Вибрані будинки'), ('account', 'Один особовий рахунок')], max_length=9)),
                ('building_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('period', domivka.kernel.fields.PeriodField()),
                ('last_period', domivka.kernel.fields.PeriodField()),
                ('first_on', models.DateField(null=True)),
                ('last_on', models.DateField(null=True)),
                ('hours', models.PositiveSmallIntegerField(null=True)),
                ('percent_a_day', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('people_away', models.PositiveSmallIntegerField(null=True)),
                ('document', models.CharField(max_length=60)),
                ('document_on', models.DateField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(choices=[('draft', 'Чернетка'), ('applied', 'Застосовано'), ('undone', 'Скасовано')], default='draft', max_length=7)),
                ('totals', models.JSONField(default=dict)),
                ('made_by_id', models.BigIntegerField(null=True)),
                ('made_at', models.DateTimeField()),
                ('booked_in', models.IntegerField(null=True)),
                ('applied_by_id', models.BigIntegerField(null=True)),
                ('applied_at', models.DateTimeField(null=True)),
                ('undone_by_id', models.BigIntegerField(null=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('account_service', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='registry.accountservice')),
                ('provider_service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='registry.providerservice')),
            ],
            options={
                'indexes': [models.Index(fields=['provider_service', 'period'], name='recalculation_by_month')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('first_on__isnull', False), ('last_on__isnull', False), ('percent_a_day__gt', 0), ('reason', 'outage_days')), models.Q(('hours__gt', 0), ('reason', 'outage_hours')), models.Q(('first_on__isnull', False), ('last_on__isnull', False), ('people_away__gt', 0), ('reason', 'absence')), _connector='OR'), name='recalculation_says_how_much'), models.CheckConstraint(condition=models.Q(models.Q(('account_service__isnull', False), ('place', 'account')), models.Q(('account_service__isnull', True), ('building_ids__len__gt', 0), ('place', 'buildings')), models.Q(('account_service__isnull', True), ('place', 'service')), _connector='OR'), name='recalculation_says_where'), models.CheckConstraint(condition=models.Q(models.Q(('reason', 'absence'), _negated=True), ('place', 'account'), _connector='OR'), name='recalculation_absence_of_one_account'), models.CheckConstraint(condition=models.Q(('first_on__isnull', True), ('last_on__gte', models.F('first_on')), _connector='OR'), name='recalculation_dates'), models.CheckConstraint(condition=models.Q(('last_period__gte', models.F('period'))), name='recalculation_months'), models.CheckConstraint(condition=models.Q(('percent_a_day__isnull', True), ('percent_a_day__lte', 100), _connector='OR'), name='recalculation_percent'), models.CheckConstraint(condition=models.Q(models.Q(('applied_at__isnull', True), ('state', 'draft'), ('undone_at__isnull', True)), models.Q(('applied_at__isnull', False), ('booked_in__isnull', False), ('state', 'applied'), ('undone_at__isnull', True)), models.Q(('applied_at__isnull', False), ('state', 'undone'), ('undone_at__isnull', False)), _connector='OR'), name='recalculation_state')],
            },
        ),
        migrations.RunSQL(ROWS, migrations.RunSQL.noop),
    ]
