"""Turnovers of shared accounts are appended, one row a transaction, and folded into the balances by a job
(docs/adr/0014-shared-balances-are-appended.md)."""

import django.contrib.postgres.fields
from django.db import migrations, models

# What the postings of a statement come to, by account and month. What they add to shared accounts, which move with every
# payment, is one row, so that no payment waits for another and none leaves dead rows; deleting the row adds it to the
# balances (`ledger_fold_additions`). The order of balances is one for all writers: that of their locks.
BALANCES = """
    WITH sums AS MATERIALIZED (
        SELECT n.*, a.town_id,
            CASE WHEN a.id IS NULL THEN ledger_no_account(n.account_id) = 0 ELSE a.kind = 'personal' END AS is_personal
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
    ),
    appended AS (
        INSERT INTO ledger_addition (town_id, account_ids, periods, kinds, amounts_kop)
        SELECT s.town_id, array_agg(s.account_id), array_agg(s.period), array_agg(v.kind), array_agg(v.kop)
        FROM sums s CROSS JOIN LATERAL (VALUES
            ('payment', payment), ('charge', charge), ('opening', opening), ('subscription', subscription),
            ('penalty', penalty), ('correction', correction), ('subsidy', subsidy), ('benefit', benefit),
            ('other', total - opening - charge - subscription - penalty - correction - subsidy - benefit - payment)
        ) AS v (kind, kop)
        WHERE NOT s.is_personal AND v.kop <> 0 GROUP BY s.town_id
    )
    INSERT INTO ledger_balance AS b (account_id, period, shard, opening_kop, charged_kop, subscription_kop,
            penalty_kop, correction_kop, subsidy_kop, benefit_kop, paid_kop, other_kop)
        SELECT account_id, period, 0, opening, charge, subscription, penalty, correction, subsidy, benefit, payment,
            total - opening - charge - subscription - penalty - correction - subsidy - benefit - payment
        FROM sums WHERE is_personal
        ORDER BY account_id, period"""
SQL = """
-- Nested loops only: the plan is made once a session, for the first statement; it must suit one payment in a table of a
-- million accounts and a million charges alike, and a look-up by key a row does. Groups by sorting: postings mostly come
-- in the order of accounts, so accounts are looked up and balances written in it.
CREATE OR REPLACE FUNCTION ledger_apply_postings() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_hashagg = off AS $$
DECLARE
    written record;
    wrong record;
BEGIN
    SELECT min(transaction_id) AS first, max(transaction_id) AS last, sum(amount_kop) AS total INTO written FROM new_rows;
    -- A statement writes one transaction as a rule: then nothing is grouped.
    SELECT n.transaction_id, n.total <> 0 AS is_unbalanced INTO wrong
        FROM (
            SELECT written.first AS transaction_id, written.total WHERE written.first = written.last
            UNION ALL
            SELECT transaction_id, sum(amount_kop) FROM new_rows WHERE written.first <> written.last GROUP BY 1
        ) n
        -- Not EXISTS, which may be planned as one read of the whole table.
        WHERE n.total <> 0 OR (SELECT t.id FROM ledger_transaction t WHERE t.id = n.transaction_id) IS NULL LIMIT 1;
    IF FOUND AND NOT wrong.is_unbalanced THEN
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

CREATE TRIGGER ledger_addition_guard BEFORE INSERT OR UPDATE ON ledger_addition
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_balance();

-- To delete an addition is to fold it: nobody can lose one, and every snapshot sees it on one side only.
CREATE FUNCTION ledger_fold_additions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_balance AS b (account_id, period, shard, opening_kop, charged_kop, subscription_kop,
            penalty_kop, correction_kop, subsidy_kop, benefit_kop, paid_kop, other_kop)
        SELECT u.account_id, u.period, 0,
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'opening'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'charge'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'subscription'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'penalty'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'correction'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'subsidy'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'benefit'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind = 'payment'), 0),
            coalesce(sum(u.kop) FILTER (WHERE u.kind NOT IN ('opening', 'charge', 'subscription', 'penalty', 'correction',
                'subsidy', 'benefit', 'payment')), 0)
        FROM old_rows o CROSS JOIN LATERAL unnest(o.account_ids, o.periods, o.kinds, o.amounts_kop)
            AS u (account_id, period, kind, kop)
        GROUP BY u.account_id, u.period
        ORDER BY u.account_id, u.period  -- one order of locks
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
CREATE TRIGGER ledger_addition_folded AFTER DELETE ON ledger_addition
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_fold_additions();

-- Balances as they are now, of every account: what is folded and what is not yet. Read shared accounts here.
CREATE VIEW ledger_turnover AS
    SELECT account_id, period, opening_kop, charged_kop, subscription_kop, penalty_kop, correction_kop, subsidy_kop,
        benefit_kop, paid_kop, other_kop, net_kop
    FROM ledger_balance
    UNION ALL
    SELECT u.account_id, u.period, CASE u.kind WHEN 'opening' THEN u.kop ELSE 0 END,
        CASE u.kind WHEN 'charge' THEN u.kop ELSE 0 END, CASE u.kind WHEN 'subscription' THEN u.kop ELSE 0 END,
        CASE u.kind WHEN 'penalty' THEN u.kop ELSE 0 END, CASE u.kind WHEN 'correction' THEN u.kop ELSE 0 END,
        CASE u.kind WHEN 'subsidy' THEN u.kop ELSE 0 END, CASE u.kind WHEN 'benefit' THEN u.kop ELSE 0 END,
        CASE u.kind WHEN 'payment' THEN u.kop ELSE 0 END,
        CASE WHEN u.kind IN ('opening', 'charge', 'subscription', 'penalty', 'correction', 'subsidy', 'benefit', 'payment')
            THEN 0 ELSE u.kop END,
        u.kop
    FROM ledger_addition a CROSS JOIN LATERAL unnest(a.account_ids, a.periods, a.kinds, a.amounts_kop)
        AS u (account_id, period, kind, kop);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_in_order_of_accounts")]

    operations = [
        migrations.CreateModel(
            name="Addition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("town_id", models.BigIntegerField()),
                ("account_ids", django.contrib.postgres.fields.ArrayField(models.BigIntegerField())),
                ("periods", django.contrib.postgres.fields.ArrayField(models.IntegerField())),
                ("kinds", django.contrib.postgres.fields.ArrayField(models.TextField())),
                ("amounts_kop", django.contrib.postgres.fields.ArrayField(models.BigIntegerField())),
            ],
        ),
        migrations.RunSQL(SQL.replace("{balances}", BALANCES), migrations.RunSQL.noop),
    ]
