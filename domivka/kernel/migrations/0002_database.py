"""Extensions and the Ukrainian alphabet for ORDER BY, the same on every server."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

SORT_KEY = """
CREATE FUNCTION uk_sort_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    -- each letter of the alphabet to a code point in its order; the apostrophes vanish
    SELECT translate(lower(value),
        'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя''’ʼ`',
        'ԀԁԂԃԄԅԆԇԈԉԊԋԌԍԎԏԐԑԒԓԔԕԖԗԘԙԚԛԜԝԞԟԠ') COLLATE "C"
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(SORT_KEY, "DROP FUNCTION uk_sort_key(text)"),
    ]
