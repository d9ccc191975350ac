"""Whether a home takes part in the comparison with similar homes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("homes", "0002_reminders"),
    ]

    operations = [
        migrations.AddField(
            model_name="home",
            name="compared",
            field=models.BooleanField(default=True),
        ),
    ]
