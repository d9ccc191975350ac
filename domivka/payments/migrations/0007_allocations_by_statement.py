"""What allocations refer to is checked once a statement, as postings are (docs/adr/0013): two foreign keys cost a payment of
eight lines sixteen look-ups with a row lock each, and two indexes that nothing reads another sixteen entries."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
CREATE FUNCTION payments_check_allocations() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT n.account_service_id INTO wrong FROM new_rows n
        LEFT JOIN payments_intentline l ON l.id = n.intent_line_id
        WHERE CASE WHEN n.intent_line_id IS NULL
            THEN (SELECT s.id FROM registry_accountservice s WHERE s.id = n.account_service_id) IS NULL
            ELSE l.account_service_id IS DISTINCT FROM n.account_service_id END
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an allocation of account service % has no such line or service', wrong
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'allocation_of_line';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_allocation_checked AFTER INSERT ON payments_allocation
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION payments_check_allocations();

-- An account service with allocations has postings, so the ledger keeps it; a line is kept here.
CREATE FUNCTION payments_keep_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows o JOIN payments_allocation a ON a.intent_line_id = o.id) THEN
        RAISE EXCEPTION 'a line that was paid stays' USING ERRCODE = 'foreign_key_violation',
            CONSTRAINT = 'allocation_of_line';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_intentline_kept AFTER DELETE ON payments_intentline
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION payments_keep_lines();
"""
UNDO = """
DROP TRIGGER payments_intentline_kept ON payments_intentline;
DROP TRIGGER payments_allocation_checked ON payments_allocation;
DROP FUNCTION payments_keep_lines();
DROP FUNCTION payments_check_allocations();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_shared_balances"), ("payments", "0006_receipts_without_notify")]

    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="account_service",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="registry.accountservice",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="intent_line",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="payments.intentline",
            ),
        ),
        migrations.AlterField(
            model_name="allocation",
            name="register_payment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="allocations",
                to="payments.registerpayment",
            ),
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
