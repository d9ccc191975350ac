"""A new meter's initial reading may stand in the same month as its first ordinary one."""

from django.db import migrations

SQL = """
DROP INDEX metering_reading_current;
CREATE UNIQUE INDEX metering_reading_current ON metering_reading (meter_id, zone, period, (channel = 'initial'))
    WHERE superseded_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("metering", "0002_readings_by_period")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
