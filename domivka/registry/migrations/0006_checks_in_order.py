"""What a new row names for itself is looked up in the order of the rows; only what all rows share is made distinct."""

from importlib import import_module

from django.db import migrations

before = import_module("domivka.registry.migrations.0005_checks_by_statement")
OWN = ("premises_id", "account_id")


def check(table: str, named: dict[str, str]) -> str:
    """The function of a table, made anew."""
    checks = ""
    for column, parent in named.items():
        text = before.CHECK.format(table=table, column=column, parent=parent)
        checks += text.replace(f"(SELECT DISTINCT {column} FROM new_rows)", "new_rows") if column in OWN else text
    made: str = before.CHECKED.format(table=table, checks=checks).split("CREATE TRIGGER")[0]
    return made.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_checks_by_statement")]

    operations = [
        migrations.RunSQL(check("registry_personalaccount", before.ACCOUNTS), migrations.RunSQL.noop),
        migrations.RunSQL(check("registry_accountservice", before.SERVICES), migrations.RunSQL.noop),
    ]
