"""Search of streets by prefix and likeness; accounts by number."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# pg_trgm only sees letters of the server's ctype; in the locale C that is Latin ones. Similar sounds share a letter.
LATIN = """
CREATE FUNCTION uk_latin(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT translate(lower(value), 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя', 'abvggdeejziiiyklmnoprstufhcxwwqua')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_providerservice_volume_of"), ("kernel", "0002_database")]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(LATIN, "DROP FUNCTION uk_latin(text)"),
        migrations.RunSQL(
            "CREATE INDEX street_name_likeness ON registry_streetname USING gin (uk_latin(key) gin_trgm_ops)",
            "DROP INDEX street_name_likeness",
        ),
        migrations.AddIndex(
            model_name="personalaccount",
            index=models.Index(fields=["town", "number"], name="account_by_number"),
        ),
    ]
