"""Sums of a month by building and provider, kept (`ledger.summaries`)."""

import django.db.models.deletion
from django.db import migrations, models

import domivka.kernel.fields


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_balances_of_a_set")]

    operations = [
        migrations.CreateModel(
            name="MonthSummary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("town_id", models.BigIntegerField()),
                ("period", domivka.kernel.fields.PeriodField()),
                ("made_at", models.DateTimeField()),
                ("last_transaction_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("town_id", "period"), name="ledger_summary_once")],
            },
        ),
        migrations.CreateModel(
            name="BuildingSummary",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "summary_id", "building_id", "provider_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("building_id", models.BigIntegerField()),
                ("provider_id", models.BigIntegerField()),
                ("accounts", models.IntegerField()),
                ("debtors", models.IntegerField()),
                ("charged_kop", models.BigIntegerField()),
                ("paid_kop", models.BigIntegerField()),
                ("debt_kop", models.BigIntegerField()),
                ("overpaid_kop", models.BigIntegerField()),
                (
                    "summary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="buildings", to="ledger.monthsummary"
                    ),
                ),
            ],
        ),
    ]
