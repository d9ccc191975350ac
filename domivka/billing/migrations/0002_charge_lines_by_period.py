"""Charge lines partitioned by period, append-only."""

from django.db import migrations

SQL = """
DROP TABLE billing_charge_line;
CREATE SEQUENCE billing_charge_line_id_seq;
CREATE TABLE billing_charge_line (
    id bigint NOT NULL DEFAULT nextval('billing_charge_line_id_seq'),
    period integer NOT NULL,
    account_service_id bigint NOT NULL REFERENCES registry_accountservice (id),
    kind varchar(12) NOT NULL,
    component varchar(20) NOT NULL,
    structure varchar(14) NOT NULL,
    method varchar(14) NOT NULL,
    meter_id bigint,
    previous_value numeric(14, 3),
    current_value numeric(14, 3),
    base numeric(14, 4),
    volume numeric(14, 6) NOT NULL,
    price numeric(14, 7) NOT NULL,
    coefficient numeric(12, 8) NOT NULL,
    days smallint,
    amount_kop bigint NOT NULL,
    tariff_version_id bigint,
    run_id bigint,
    import_batch_id bigint,
    corrects_id bigint,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (period, id),
    CHECK (num_nonnulls(run_id, import_batch_id) >= 1)
) PARTITION BY LIST (period);
CREATE INDEX billing_charge_line_account ON billing_charge_line (account_service_id, period);
ALTER SEQUENCE billing_charge_line_id_seq OWNED BY billing_charge_line.id;
CREATE TRIGGER billing_charge_line_append_only BEFORE UPDATE OR DELETE ON billing_charge_line
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("ledger", "0002_rules_in_the_database")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
