"""References of postings and balances are checked once a statement, and every account service is born with its account
(docs/adr/0013-references-by-statement.md)."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
ALTER TABLE ledger_posting
    DROP CONSTRAINT ledger_posting_transaction_id_fkey,
    DROP CONSTRAINT ledger_posting_account_id_fkey;

CREATE FUNCTION ledger_no_account(account_id bigint) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'there is no ledger account %', account_id
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_posting_account';
END $$;

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
            SELECT account_id, period, sum(amount_kop)::bigint AS total,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'opening'), 0)::bigint AS opening,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'charge'), 0)::bigint AS charge,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'subscription'), 0)::bigint AS subscription,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'penalty'), 0)::bigint AS penalty,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'correction'), 0)::bigint AS correction,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'subsidy'), 0)::bigint AS subsidy,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'benefit'), 0)::bigint AS benefit,
                coalesce(sum(amount_kop) FILTER (WHERE kind = 'payment'), 0)::bigint AS payment
            FROM new_rows GROUP BY account_id, period
        ) n LEFT JOIN ledger_account a ON a.id = n.account_id
        ORDER BY n.account_id, n.period  -- one order of locks
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

-- What postings stand on stays: an account is never renumbered, and goes only with the account service it was opened for.
CREATE FUNCTION ledger_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'ledger accounts stay as they are: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_account_guard BEFORE DELETE OR UPDATE OF id, kind, owner_id, town_id, code ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_account();

CREATE FUNCTION ledger_open_accounts() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    INSERT INTO ledger_account (town_id, kind, owner_id, code)
        SELECT p.town_id, 'personal', s.id, '' FROM new_rows s JOIN registry_personalaccount p ON p.id = s.account_id
        ORDER BY s.id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_service_opened AFTER INSERT ON registry_accountservice
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_open_accounts();
INSERT INTO ledger_account (town_id, kind, owner_id, code)
    SELECT p.town_id, 'personal', s.id, '' FROM registry_accountservice s
    JOIN registry_personalaccount p ON p.id = s.account_id ORDER BY s.id
    ON CONFLICT DO NOTHING;

CREATE FUNCTION ledger_close_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7201001);  -- ledger.operations.JOURNAL_LOCK: no posting is under way
    SELECT a.owner_id INTO owner FROM old_rows o
        JOIN ledger_account a ON a.kind = 'personal' AND a.owner_id = o.id
        JOIN ledger_posting p ON p.account_id = a.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account service % has postings and stays', owner
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_posting_account';
    END IF;
    DELETE FROM ledger_account WHERE kind = 'personal' AND owner_id IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_service_closed AFTER DELETE ON registry_accountservice
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_close_accounts();

-- The balances of a month lie together, so a summary of a few pages finds them (the proof goes month by month).
CREATE INDEX ledger_balance_period ON ledger_balance USING brin (period) WITH (pages_per_range = 32);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_rules_in_the_database"), ("registry", "0004_rows_of_a_provider")]

    operations = [
        migrations.AlterField(
            model_name="balance",
            name="account",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="balances", to="ledger.account"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="posting",
                    name="transaction",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="ledger.transaction",
                    ),
                ),
                migrations.AlterField(
                    model_name="posting",
                    name="account",
                    field=models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.account"
                    ),
                ),
            ]
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
