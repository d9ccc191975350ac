"""A month's partition is built aside and attached, so that nobody who reads or writes the table is in its way."""

from django.db import migrations

SQL = """
-- CREATE TABLE … PARTITION OF would lock the whole table against its readers: two people with the first readings of a month
-- then wait for each other. Attaching does not. The second of two callers waits for the first one's transaction.
CREATE FUNCTION kernel_ensure_partition(of_table text, month integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    made text := of_table || '_' || month;
BEGIN
    IF to_regclass(made) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('partitions:' || of_table));
        IF to_regclass(made) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', made, of_table);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)', of_table, made, month);
        END IF;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_trace_people")]

    operations = [migrations.RunSQL(SQL, "DROP FUNCTION kernel_ensure_partition(text, integer)")]
