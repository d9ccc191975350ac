"""The account services of charge lines are checked once a statement (docs/adr/0013-references-by-statement.md)."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
ALTER TABLE billing_charge_line DROP CONSTRAINT billing_charge_line_account_service_id_fkey;

CREATE FUNCTION billing_check_lines() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201001);  -- ledger.operations.JOURNAL_LOCK: nobody deletes accounts meanwhile
    SELECT n.account_service_id INTO missing
        FROM new_rows n LEFT JOIN registry_accountservice s ON s.id = n.account_service_id
        WHERE s.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no account service %', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'billing_charge_line_account_service';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_charge_line_checked AFTER INSERT ON billing_charge_line
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION billing_check_lines();

CREATE FUNCTION billing_keep_charged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    charged bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7201001);
    SELECT o.id INTO charged FROM old_rows o JOIN billing_charge_line l ON l.account_service_id = o.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account service % has charge lines and stays', charged
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'billing_charge_line_account_service';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER billing_account_service_charged AFTER DELETE ON registry_accountservice
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION billing_keep_charged();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_inputs_and_buildings"), ("ledger", "0003_checks_by_statement")]

    operations = [
        migrations.RunSQL(
            SQL,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField(
                    model_name="chargeline",
                    name="account_service",
                    field=models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="registry.accountservice",
                    ),
                )
            ],
        )
    ]
