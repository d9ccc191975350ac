"""The batch of staged rows is checked once a statement, by one trigger (docs/adr/0013-references-by-statement.md)."""

import django.db.models.deletion
from django.db import migrations, models

SQL = """
CREATE FUNCTION exchange_check_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    missing bigint;
BEGIN
    SELECT n.batch_id INTO missing FROM (SELECT DISTINCT batch_id FROM new_rows) n
        WHERE NOT EXISTS (SELECT FROM exchange_importbatch b WHERE b.id = n.batch_id FOR KEY SHARE) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no import %', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'exchange_importrow_batch';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER exchange_importrow_checked AFTER INSERT ON exchange_importrow
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION exchange_check_rows();

CREATE FUNCTION exchange_keep_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM exchange_importrow r JOIN old_rows o ON o.id = r.batch_id) THEN
        RAISE EXCEPTION 'an import with rows stays'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'exchange_importrow_batch';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER exchange_importbatch_kept AFTER DELETE ON exchange_importbatch
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION exchange_keep_batch();
"""
UNDO = """
DROP TRIGGER exchange_importbatch_kept ON exchange_importbatch;
DROP TRIGGER exchange_importrow_checked ON exchange_importrow;
DROP FUNCTION exchange_keep_batch();
DROP FUNCTION exchange_check_rows();
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0003_raw_keeps_its_order")]

    operations = [
        migrations.AlterField(
            model_name="importrow",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="exchange.importbatch",
            ),
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
