"""A set of postings sums in whole kopiykas and writes new balances without looking for ones that are not there."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
-- sum(bigint) goes through numeric and back, nine times a balance; kopiykas fit a bigint, and what does not is refused.
CREATE AGGREGATE ledger_sum(bigint) (SFUNC = int8pl, STYPE = bigint, INITCOND = '0');

-- Nested loops only: the plan is made once a session, for the first statement; it must suit one payment in a table of a
-- million accounts and a million charges alike, and a look-up by key a row does.
CREATE OR REPLACE FUNCTION ledger_apply_postings() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT n.transaction_id, t.id IS NULL AS is_missing INTO wrong
        FROM (SELECT transaction_id, sum(amount_kop) AS total FROM new_rows GROUP BY transaction_id) n
        LEFT JOIN ledger_transaction t ON t.id = n.transaction_id
        WHERE n.total <> 0 OR t.id IS NULL LIMIT 1;
    IF FOUND AND wrong.is_missing THEN
        RAISE EXCEPTION 'there is no transaction %', wrong.transaction_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_posting_transaction';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'transaction % does not sum to zero', wrong.transaction_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balanced';
    END IF;
    -- A file of accounts that nothing was posted to in the month: its balances are new, and so written in half the time.
    IF (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 1000) n) = 1000 THEN
        BEGIN
            {balances};
            RETURN NULL;
        EXCEPTION WHEN unique_violation THEN
            NULL;  -- some were there, or came meanwhile: what the block wrote is gone, and the long way is right
        END;
    END IF;
    {balances}
        ON CONFLICT (account_id, period, shard) DO UPDATE SET
            opening_kop = b.opening_kop + EXCLUDED.opening_kop,
            charged_kop = b.charged_kop + EXCLUDED.charged_kop,
            subscription_kop = b.subscription_kop + EXCLUDED.subscription_kop,
            penalty_kop = b.penalty_kop + EXCLUDED.penalty_kop,
            correction_kop = b.correction_kop + EXCLUDED.correction_kop,
            subsidy_kop = b.subsidy_kop + EXCLUDED.subsidy_kop,
            benefit_kop = b.benefit_kop + EXCLUDED.benefit_kop,
            paid_kop = b.paid_kop + EXCLUDED.paid_kop,
            other_kop = b.other_kop + EXCLUDED.other_kop;
    RETURN NULL;
END $$;
"""
# The order is one for all writers: that of their locks.
BALANCES = """
    INSERT INTO ledger_balance AS b (account_id, period, shard, opening_kop, charged_kop, subscription_kop,
            penalty_kop, correction_kop, subsidy_kop, benefit_kop, paid_kop, other_kop)
        SELECT n.account_id, n.period,
            -- shared accounts are written by every payment: spread them so that writers do not queue on one row
            CASE WHEN a.kind = 'personal' THEN 0
                 WHEN a.id IS NULL THEN ledger_no_account(n.account_id)
                 ELSE pg_backend_pid() % 16 END,
            n.opening, n.charge, n.subscription, n.penalty, n.correction, n.subsidy, n.benefit, n.payment,
            n.total - n.opening - n.charge - n.subscription - n.penalty - n.correction - n.subsidy - n.benefit - n.payment
        FROM (
            SELECT account_id, period, ledger_sum(amount_kop) AS total,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'opening') AS opening,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'charge') AS charge,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'subscription') AS subscription,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'penalty') AS penalty,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'correction') AS correction,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'subsidy') AS subsidy,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'benefit') AS benefit,
                ledger_sum(amount_kop) FILTER (WHERE kind = 'payment') AS payment
            FROM new_rows GROUP BY account_id, period
        ) n LEFT JOIN ledger_account a ON a.id = n.account_id
        ORDER BY n.account_id, n.period"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_post_in_one_call")]

    operations = [
        migrations.AlterField(  # the primary key begins with the account
            model_name="balance",
            name="account",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="balances",
                to="ledger.account",
            ),
        ),
        migrations.RunSQL(SQL.replace("{balances}", BALANCES), migrations.RunSQL.noop),
    ]
