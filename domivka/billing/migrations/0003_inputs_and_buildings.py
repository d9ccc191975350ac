"""Charge lines carry everything their volume was made of; ranges of a run are ranges of buildings."""

from django.db import migrations, models
from django.db.models import F, Q

SQL = """
ALTER TABLE billing_charge_line
    ADD COLUMN base_kind varchar(12) NOT NULL DEFAULT '',
    ADD COLUMN base_total numeric(16, 4),
    ADD COLUMN source_volume numeric(14, 6);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_charge_lines_by_period")]

    operations = [
        migrations.RunSQL(
            SQL,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AddField("chargeline", "base_kind", models.CharField(max_length=12, default="")),
                migrations.AddField(
                    "chargeline", "base_total", models.DecimalField(max_digits=16, decimal_places=4, null=True)
                ),
                migrations.AddField(
                    "chargeline", "source_volume", models.DecimalField(max_digits=14, decimal_places=6, null=True)
                ),
            ],
        ),
        migrations.RemoveConstraint("runrange", "run_range_once"),
        migrations.RemoveConstraint("runrange", "run_range_order"),
        migrations.RenameField("runrange", "first_premises_id", "first_building_id"),
        migrations.RenameField("runrange", "last_premises_id", "last_building_id"),
        migrations.AddConstraint(
            "runrange", models.UniqueConstraint(fields=["run", "first_building_id"], name="run_range_once")
        ),
        migrations.AddConstraint(
            "runrange",
            models.CheckConstraint(condition=Q(first_building_id__lte=F("last_building_id")), name="run_range_order"),
        ),
    ]
