"""Account services that an import opened are kept as ranges of ids."""

from django.db import migrations

SQL = """
UPDATE exchange_importbatch b
SET opened = (SELECT jsonb_agg(jsonb_build_array(id, id)) FROM jsonb_array_elements(b.opened) AS one(id))
WHERE jsonb_typeof(b.opened -> 0) = 'number'
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0005_one_key_of_rows")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
