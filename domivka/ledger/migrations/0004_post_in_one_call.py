"""A transaction of a few postings in one call: `ledger.operations.post` and the confirmation of payments use it."""

from django.db import migrations

SQL = """
-- Writes one transaction and returns its id, or NULL when its key was used before. What must hold is checked where it is
-- always checked, by the trigger on postings: the sum is zero, accounts exist, balances follow.
CREATE FUNCTION ledger_post(
    of_town bigint, of_key text, of_cause text, of_cause_id text, in_period integer, at timestamptz,
    accounts bigint[], kinds text[], amounts bigint[], periods integer[], refs bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
    month integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201001);  -- ledger.operations.JOURNAL_LOCK: sealing waits for us
    INSERT INTO ledger_transaction (town_id, idempotency_key, cause, cause_id, period, recorded_at)
        VALUES (of_town, of_key, of_cause, of_cause_id, in_period, at)
        ON CONFLICT (idempotency_key) DO NOTHING RETURNING id INTO written;
    IF written IS NULL THEN
        RETURN NULL;
    END IF;
    -- As kernel.partitions: a month's partition is made when the month is first written.
    FOR month IN SELECT DISTINCT p FROM unnest(periods) p WHERE to_regclass('ledger_posting_' || p) IS NULL LOOP
        PERFORM pg_advisory_xact_lock(hashtext('partitions:ledger_posting'));
        EXECUTE format('CREATE TABLE IF NOT EXISTS ledger_posting_%s PARTITION OF ledger_posting FOR VALUES IN (%s)',
            month, month);
    END LOOP;
    INSERT INTO ledger_posting (transaction_id, account_id, kind, amount_kop, period, ref_id)
        SELECT written, * FROM unnest(accounts, kinds, amounts, periods, refs);
    RETURN written;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_checks_by_statement")]

    operations = [
        migrations.RunSQL(
            SQL,
            "DROP FUNCTION ledger_post(bigint, text, text, text, integer, timestamptz, bigint[], text[], bigint[],"
            " integer[], bigint[])",
        )
    ]
