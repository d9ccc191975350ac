"""What accounts and their services stand on is checked once a statement (docs/adr/0013-references-by-statement.md);
indexes that a unique one begins with are gone."""

import django.db.models.deletion
from django.db import migrations, models

ACCOUNTS = {"premises_id": "registry_premises", "provider_id": "registry_provider", "town_id": "registry_town"}
SERVICES = {"account_id": "registry_personalaccount", "provider_service_id": "registry_providerservice"}

# The lock is shared by those who open accounts and taken alone by those who delete what the rows name.
KEPT = """
CREATE FUNCTION registry_keep_named() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    used bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7201003);
    EXECUTE format('SELECT c.%I FROM old_rows o JOIN %I c ON c.%I = o.id LIMIT 1', TG_ARGV[1], TG_ARGV[0], TG_ARGV[1])
        INTO used;
    IF used IS NOT NULL THEN
        RAISE EXCEPTION '% % is named by % and stays', TG_TABLE_NAME, used, TG_ARGV[0]
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_ARGV[0] || '_' || TG_ARGV[1];
    END IF;
    RETURN NULL;
END $$;
"""
CHECK = """
    SELECT n.{column} INTO missing FROM (SELECT DISTINCT {column} FROM new_rows) n
        LEFT JOIN {parent} p ON p.id = n.{column} WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no {parent} %', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{table}_{column}';
    END IF;
"""
CHECKED = """
CREATE FUNCTION {table}_check() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7201003);
    {checks}
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_inserted AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_check();
CREATE TRIGGER {table}_updated AFTER UPDATE ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_check();
"""
KEEP = """
CREATE TRIGGER {parent}_named_by_{table} AFTER DELETE ON {parent}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION registry_keep_named('{table}', '{column}');
"""


def rules() -> str:
    """Triggers of both tables and of all they name."""
    parts = [KEPT]
    for table, named in (("registry_personalaccount", ACCOUNTS), ("registry_accountservice", SERVICES)):
        checks = "".join(
            CHECK.format(table=table, column=column, parent=parent) for column, parent in named.items()
        )
        parts.append(CHECKED.format(table=table, checks=checks))
        parts += [KEEP.format(table=table, column=column, parent=parent) for column, parent in named.items()]
    return "".join(parts)


def key(to: str, *, related: str = "", cascade: bool = False, index: bool = True) -> models.ForeignKey:
    """A key without a constraint of its own."""
    on_delete = django.db.models.deletion.CASCADE if cascade else django.db.models.deletion.PROTECT
    more = {"related_name": related} if related else {}
    return models.ForeignKey(to=to, on_delete=on_delete, db_constraint=False, db_index=index, **more)


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_rows_of_a_provider")]

    operations = [
        migrations.AlterField("personalaccount", "town", key("registry.town", index=False)),
        migrations.AlterField("personalaccount", "provider", key("registry.provider", index=False)),
        migrations.AlterField("personalaccount", "premises", key("registry.premises", related="accounts")),
        migrations.AlterField(
            "accountservice", "account", key("registry.personalaccount", related="services", cascade=True, index=False)
        ),
        migrations.AlterField("accountservice", "provider_service", key("registry.providerservice")),
        migrations.RunSQL(rules(), migrations.RunSQL.noop),
    ]
