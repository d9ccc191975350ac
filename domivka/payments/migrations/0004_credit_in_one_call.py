"""A confirmed payment in two calls: one locks and reads what the split rule needs, one writes what it decided."""

from django.db import migrations

SQL = """
-- Locks a payment and the personal accounts it pays, then reads them: what `payments.operations.confirm.Due` is made of;
-- NULL when there is no such payment. Every statement here sees what was committed before it began, so the balances,
-- read after the locks, hold every payment that settled the same debts before.
CREATE FUNCTION payments_lock_due(of_gateway text, of_reference text) RETURNS json LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    intent payments_intent;
    town bigint;
    lines json;
BEGIN
    SELECT * INTO intent FROM payments_intent
        WHERE gateway = of_gateway AND gateway_reference = of_reference AND gateway_reference <> ''
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- In one order, so that two payments of one home wait for each other instead of forever.
    PERFORM FROM ledger_account WHERE kind = 'personal' AND owner_id IN (
            SELECT account_service_id FROM payments_intentline WHERE intent_id = intent.id)
        ORDER BY id FOR NO KEY UPDATE;
    SELECT min(p.town_id), json_agg(json_build_array(l.id, s.id, l.amount_kop, s.provider_service_id, p.id,
            (SELECT id FROM ledger_account WHERE kind = 'control' AND owner_id = s.provider_service_id),
            (SELECT id FROM ledger_account WHERE kind = 'clearing' AND owner_id = s.provider_service_id),
            (SELECT coalesce(json_agg(json_build_array(period, net_kop, paid_kop) ORDER BY period), '[]')
                FROM ledger_balance WHERE account_id = p.id)) ORDER BY p.id)
        INTO town, lines
        FROM payments_intentline l
        JOIN registry_accountservice s ON s.id = l.account_service_id
        JOIN ledger_account p ON p.kind = 'personal' AND p.owner_id = s.id
        WHERE l.intent_id = intent.id;
    RETURN json_build_object(
        'intent_id', intent.id, 'state', intent.state, 'gateway', intent.gateway,
        'amount_kop', intent.amount_kop, 'fee_kop', intent.fee_kop, 'town_id', town, 'lines', lines,
        'gateway_account',
            (SELECT id FROM ledger_account
                WHERE kind = 'gateway' AND owner_id IS NULL AND town_id = town AND code = of_gateway),
        'fee_account',
            (SELECT id FROM ledger_account
                WHERE kind = 'fee' AND owner_id IS NULL AND town_id = town AND code = of_gateway));
END $$;

-- Credits a locked payment: postings (by the ledger, which checks them), allocations, the new state with the number of
-- the receipt, and the job that sends it. The split was decided by `payments.rules.split`; here it is only written.
CREATE FUNCTION payments_credit(
    of_intent uuid, of_town bigint, in_period integer, at timestamptz,
    accounts bigint[], kinds text[], amounts bigint[], refs bigint[],
    lines bigint[], services bigint[], months integer[], advances boolean[], parts bigint[],
    receipt_task text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    posted bigint;
BEGIN
    posted := ledger_post(of_town, 'payment:' || of_intent, 'payment', of_intent::text, in_period, at,
        accounts, kinds, amounts, array_fill(in_period, ARRAY[cardinality(accounts)]), refs);
    IF posted IS NULL THEN
        RAISE EXCEPTION 'payment % was credited before', of_intent USING ERRCODE = 'unique_violation';
    END IF;
    INSERT INTO payments_allocation (
            intent_line_id, account_service_id, for_period, is_advance, amount_kop, ledger_transaction_id)
        SELECT line, service, month, advance, part, posted
        FROM unnest(lines, services, months, advances, parts) AS split (line, service, month, advance, part);
    UPDATE payments_intent SET state = 'paid', confirmed_at = at, ledger_transaction_id = posted, next_poll_at = NULL,
            failure = '',
            receipt_number = lpad((in_period % 10000)::text, 4, '0') || '-'
                || lpad(nextval('payments_receipt_seq')::text, 7, '0')
        WHERE id = of_intent;
    PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW('default', receipt_task, 0, NULL, NULL,
        jsonb_build_object('intent_id', of_intent), NULL)::procrastinate_job_to_defer_v1]);
END $$;
"""

UNDO = """
DROP FUNCTION payments_lock_due(text, text);
DROP FUNCTION payments_credit(uuid, bigint, integer, timestamptz, bigint[], text[], bigint[], bigint[],
    bigint[], bigint[], integer[], boolean[], bigint[], text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_post_in_one_call"),
        ("payments", "0003_receipt_numbers"),
        ("procrastinate", "0038_post_batch_defer_jobs"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
