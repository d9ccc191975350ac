"""Numbers of receipts: one sequence for the town's cashless payments."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_registers_and_polls")]

    operations = [migrations.RunSQL("CREATE SEQUENCE payments_receipt_seq", "DROP SEQUENCE payments_receipt_seq")]
