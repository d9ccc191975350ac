"""Balances and new accounts of a set are written in the order of their keys, found in that order too."""

from django.db import migrations

SQL = """
-- Groups by sorting, not by hashing: postings mostly come in the order of accounts, and so accounts are looked up and
-- balances written in it.
ALTER FUNCTION ledger_apply_postings() SET enable_hashagg = off;

-- The account services are new, and so are their accounts.
CREATE OR REPLACE FUNCTION ledger_open_accounts() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO ledger_account (town_id, kind, owner_id, code)
        SELECT p.town_id, 'personal', s.id, ''
        FROM (SELECT id, account_id FROM new_rows ORDER BY id) s JOIN registry_personalaccount p ON p.id = s.account_id;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_summaries"), ("registry", "0005_checks_by_statement")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
