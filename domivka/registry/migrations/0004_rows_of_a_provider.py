"""A provider's staff sees its own accounts only, whatever a query forgets (docs/operations.md, kernel/rows.py).

The setting is empty for everybody else. `(SELECT …)` makes it a constant of the query, read once and not once a row.
"""

from django.db import migrations

ONLY = "(SELECT coalesce(current_setting('domivka.provider_ids', true), ''))"
IDS = f"string_to_array({ONLY}, ',')::bigint[]"
POLICIES = {
    "registry_personalaccount": f"{ONLY} = '' OR provider_id = ANY ({IDS})",
    "registry_accountservice": (
        f"{ONLY} = '' OR provider_service_id = ANY "
        f"(ARRAY(SELECT id FROM registry_providerservice WHERE provider_id = ANY ({IDS})))"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_search")]

    operations = [
        migrations.RunSQL(
            f"""
            CREATE POLICY rows_of_a_provider ON {table} USING ({condition}) WITH CHECK ({condition});
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            """,
            f"""
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
            DROP POLICY rows_of_a_provider ON {table};
            """,
        )
        for table, condition in POLICIES.items()
    ]
