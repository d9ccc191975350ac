"""Readings partitioned by period."""

from django.db import migrations

SQL = """
DROP TABLE metering_reading;
CREATE SEQUENCE metering_reading_id_seq;
CREATE TABLE metering_reading (
    id bigint NOT NULL DEFAULT nextval('metering_reading_id_seq'),
    period integer NOT NULL,
    meter_id bigint NOT NULL REFERENCES metering_meter (id) ON DELETE CASCADE,
    zone varchar(10) NOT NULL,
    value numeric(14, 3) NOT NULL CHECK (value >= 0),
    taken_on date NOT NULL,
    channel varchar(10) NOT NULL,
    submitted_by_id bigint,
    submitted_at timestamptz NOT NULL,
    client_key varchar(40) NOT NULL DEFAULT '',
    warning varchar(20) NOT NULL DEFAULT '',
    superseded_at timestamptz,
    PRIMARY KEY (period, id)
) PARTITION BY LIST (period);
CREATE UNIQUE INDEX metering_reading_current ON metering_reading (meter_id, zone, period) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX metering_reading_client_key ON metering_reading (meter_id, zone, period, client_key) WHERE client_key <> '';
ALTER SEQUENCE metering_reading_id_seq OWNED BY metering_reading.id;
"""


class Migration(migrations.Migration):
    dependencies = [("metering", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
