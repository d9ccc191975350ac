"""Numbers that hold for the whole country until a town says otherwise."""

import datetime as dt

from django.db import migrations

NATIONAL = [
    ("average_months", 3, "ПКМУ № 1182 зі змінами № 1023-2021: до трьох місяців без показань — за середнім"),
    ("average_window_months", 12, "середньодобове споживання за попередні 12 місяців"),
    ("verification_grace_days", 0, "днів після закінчення строку повірки, коли лічильник ще рахується"),
    ("high_use_factor", 5, "показання понад стільки середніх потребує підтвердження"),
]


def add(apps, schema_editor):
    parameter = apps.get_model("tariffs", "Parameter")
    parameter.objects.bulk_create(
        parameter(code=code, value=value, source=source, valid_from=dt.date(2021, 1, 1)) for code, value, source in NATIONAL
    )


class Migration(migrations.Migration):
    dependencies = [("tariffs", "0002_parameter")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
