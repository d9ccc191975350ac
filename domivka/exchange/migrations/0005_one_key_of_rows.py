"""Staged rows are found by their import and order: one key instead of two; kept files come packed."""

from django.db import migrations, models

SQL = """
ALTER TABLE exchange_importrow DROP CONSTRAINT exchange_importrow_pkey, ADD PRIMARY KEY (batch_id, id);
ALTER TABLE exchange_importbatch ALTER COLUMN content SET STORAGE EXTERNAL;
"""
UNDO = """
ALTER TABLE exchange_importrow DROP CONSTRAINT exchange_importrow_pkey, ADD PRIMARY KEY (id);
ALTER TABLE exchange_importbatch ALTER COLUMN content SET STORAGE EXTENDED;
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0004_batch_by_statement")]

    operations = [
        migrations.RemoveConstraint(model_name="importrow", name="import_row_once"),
        migrations.AlterField(model_name="importrow", name="raw", field=models.TextField(blank=True)),
        migrations.RunSQL(SQL, UNDO),
    ]
