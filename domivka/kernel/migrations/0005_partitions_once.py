"""The second of two who make a month at once sees the month that the first one made."""

from django.db import migrations

SQL = """
-- The second look is a query: its snapshot is taken after the wait. `to_regclass` would answer from the session's own cache,
-- which knows nothing yet of what was committed meanwhile.
CREATE OR REPLACE FUNCTION kernel_ensure_partition(of_table text, month integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    made text := of_table || '_' || month;
BEGIN
    IF to_regclass(made) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('partitions:' || of_table));
        IF NOT EXISTS (SELECT FROM pg_class WHERE relname = made AND relnamespace = current_schema()::regnamespace) THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', made, of_table);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)', of_table, made, month);
        END IF;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_partitions_aside")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
