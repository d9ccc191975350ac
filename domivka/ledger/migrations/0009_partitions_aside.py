"""`ledger_post` makes a month's partition as everybody does, by `kernel_ensure_partition`."""

from django.db import migrations

SQL = """
-- Writes one transaction and returns its id, or NULL when its key was used before. What must hold is checked where it is
-- always checked, by the trigger on postings: the sum is zero, accounts exist, balances follow.
CREATE OR REPLACE FUNCTION ledger_post(
    of_town bigint, of_key text, of_cause text, of_cause_id text, in_period integer, at timestamptz,
    accounts bigint[], kinds text[], amounts bigint[], periods integer[], refs bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201001);  -- ledger.operations.JOURNAL_LOCK: sealing waits for us
    INSERT INTO ledger_transaction (town_id, idempotency_key, cause, cause_id, period, recorded_at)
        VALUES (of_town, of_key, of_cause, of_cause_id, in_period, at)
        ON CONFLICT (idempotency_key) DO NOTHING RETURNING id INTO written;
    IF written IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM kernel_ensure_partition('ledger_posting', p) FROM (SELECT DISTINCT unnest(periods) p ORDER BY 1) months;
    INSERT INTO ledger_posting (transaction_id, account_id, kind, amount_kop, period, ref_id)
        SELECT written, * FROM unnest(accounts, kinds, amounts, periods, refs);
    RETURN written;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_shared_balances"), ("kernel", "0004_partitions_aside")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
