"""Meters and their readings are checked once a statement (docs/adr/0013-references-by-statement.md), and imported
readings stay out of the index of offline entries."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE metering_reading DROP CONSTRAINT metering_reading_meter_id_fkey;

-- Readings. The lock is shared by those who write and taken alone by those who delete what the rows name.
CREATE FUNCTION metering_check_readings() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201002);
    SELECT n.meter_id INTO missing FROM new_rows n LEFT JOIN metering_meter m ON m.id = n.meter_id
        WHERE m.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no meter %', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'metering_reading_meter';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER metering_reading_checked AFTER INSERT ON metering_reading
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION metering_check_readings();

CREATE FUNCTION metering_keep_meter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a reading stays with its meter' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER metering_reading_of_meter BEFORE UPDATE OF meter_id ON metering_reading
    FOR EACH STATEMENT EXECUTE FUNCTION metering_keep_meter();

CREATE FUNCTION metering_forget_readings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7201002);
    DELETE FROM metering_reading r USING old_rows o WHERE r.meter_id = o.id;
    RETURN NULL;
END $$;
CREATE TRIGGER metering_meter_deleted AFTER DELETE ON metering_meter
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION metering_forget_readings();

-- Meters.
CREATE FUNCTION metering_check_meters() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201002);
    SELECT n.account_service_id INTO missing
        FROM new_rows n LEFT JOIN registry_accountservice s ON s.id = n.account_service_id WHERE s.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no account service %', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'metering_meter_account_service';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER metering_meter_checked AFTER INSERT ON metering_meter
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION metering_check_meters();

CREATE FUNCTION metering_keep_measured() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    measured bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7201002);
    SELECT o.id INTO measured FROM old_rows o JOIN metering_meter m ON m.account_service_id = o.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account service % has meters and stays', measured
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'metering_meter_account_service';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER metering_account_service_measured AFTER DELETE ON registry_accountservice
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION metering_keep_measured();

-- The key of a file is no offline entry's: its readings are found by their month.
DROP INDEX metering_reading_client_key;
CREATE UNIQUE INDEX metering_reading_client_key ON metering_reading (meter_id, zone, period, client_key)
    WHERE client_key <> '' AND client_key NOT LIKE 'import:%';
"""


class Migration(migrations.Migration):
    dependencies = [("metering", "0005_corrections"), ("registry", "0004_rows_of_a_provider")]

    operations = [
        migrations.AlterField(
            model_name="meter",
            name="account_service",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="meters",
                to="registry.accountservice",
            ),
        ),
        migrations.RunSQL(
            SQL,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField(
                    model_name="reading",
                    name="meter",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readings",
                        to="metering.meter",
                    ),
                )
            ],
        ),
    ]
