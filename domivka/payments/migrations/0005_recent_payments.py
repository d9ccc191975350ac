"""The last payments of a home, for its first page. A function, so that a session plans it once: planned for each page it
would take ten times longer than reading does, and longer with every month's partition."""

from django.db import migrations

SQL = """
CREATE FUNCTION payments_recent(of_premises bigint, first integer, last integer, at_most integer)
RETURNS TABLE (paid_on date, month integer, amount_kop bigint) LANGUAGE plpgsql STABLE
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce((i.confirmed_at AT TIME ZONE 'Europe/Kyiv')::date, r.paid_on) AS paid, p.period, -sum(p.amount_kop)::bigint
    FROM registry_personalaccount pa
    JOIN registry_accountservice s ON s.account_id = pa.id
    JOIN ledger_account a ON a.kind = 'personal' AND a.owner_id = s.id
    JOIN ledger_posting p ON p.account_id = a.id AND p.kind = 'payment' AND p.period BETWEEN first AND last
    JOIN ledger_transaction t ON t.id = p.transaction_id
    LEFT JOIN payments_intent i ON i.ledger_transaction_id = t.id
    LEFT JOIN payments_registerpayment r
        ON t.cause = 'register' AND r.ledger_transaction_id = t.id AND r.row_id = p.ref_id
    WHERE pa.premises_id = of_premises
      AND t.reverses_id IS NULL AND NOT EXISTS (SELECT FROM ledger_transaction b WHERE b.reverses_id = t.id)
    GROUP BY t.id, p.period, paid
    ORDER BY p.period DESC, paid DESC NULLS LAST, t.id DESC LIMIT at_most;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_credit_in_one_call")]

    operations = [migrations.RunSQL(SQL, "DROP FUNCTION payments_recent(bigint, integer, integer, integer)")]
