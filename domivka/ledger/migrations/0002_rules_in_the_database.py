"""What must always hold: postings partitioned by period, append-only, balanced; balances written by one trigger."""

from django.db import migrations

SQL = """
DROP TABLE ledger_posting;
CREATE SEQUENCE ledger_posting_id_seq;
CREATE TABLE ledger_posting (
    id bigint NOT NULL DEFAULT nextval('ledger_posting_id_seq'),
    period integer NOT NULL,
    transaction_id bigint NOT NULL REFERENCES ledger_transaction (id),
    account_id bigint NOT NULL REFERENCES ledger_account (id),
    kind varchar(12) NOT NULL,
    amount_kop bigint NOT NULL CHECK (amount_kop <> 0),
    ref_id bigint,
    PRIMARY KEY (period, id)
) PARTITION BY LIST (period);
CREATE INDEX ledger_posting_account ON ledger_posting (account_id, period);
CREATE INDEX ledger_posting_transaction ON ledger_posting (transaction_id);
ALTER SEQUENCE ledger_posting_id_seq OWNED BY ledger_posting.id;

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_posting_append_only BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_transaction_append_only BEFORE UPDATE OR DELETE ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE FUNCTION ledger_apply_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced bigint;
BEGIN
    SELECT transaction_id INTO unbalanced FROM new_rows GROUP BY transaction_id HAVING sum(amount_kop) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % does not sum to zero', unbalanced
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balanced';
    END IF;
    INSERT INTO ledger_balance AS b (account_id, period, shard, opening_kop, charged_kop, subscription_kop,
            penalty_kop, correction_kop, subsidy_kop, benefit_kop, paid_kop, other_kop)
        SELECT n.account_id, n.period,
            -- shared accounts are written by every payment: spread them so that writers do not queue on one row
            CASE WHEN a.kind = 'personal' THEN 0 ELSE pg_backend_pid() %% 16 END,
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'opening'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'charge'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'subscription'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'penalty'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'correction'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'subsidy'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'benefit'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind = 'payment'), 0),
            coalesce(sum(amount_kop) FILTER (WHERE n.kind NOT IN ('opening', 'charge', 'subscription', 'penalty',
                'correction', 'subsidy', 'benefit', 'payment')), 0)
        FROM new_rows n JOIN ledger_account a ON a.id = n.account_id
        GROUP BY n.account_id, n.period, a.kind
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
CREATE TRIGGER ledger_posting_applied AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_postings();

CREATE FUNCTION ledger_guard_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'balances follow from postings: % of a balance is refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_balance_guard BEFORE INSERT OR UPDATE OR DELETE ON ledger_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(SQL.replace("%%", "%"), migrations.RunSQL.noop)]
