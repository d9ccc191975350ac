"""The shared counters of rate limits (Django's database cache keeps its rows here)."""

from django.db import migrations

CREATE = """
CREATE TABLE identity_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX identity_cache_expires ON identity_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_sessions")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE identity_cache")]
