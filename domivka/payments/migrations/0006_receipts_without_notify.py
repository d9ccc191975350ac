"""Jobs of receipts wake no worker: a worker that looks every five seconds finds them.

A transaction that notifies holds one lock of the whole database until its commit is on the disk, so payments would be
committed one at a time, whatever the number of connections: of sixteen, ten waited for that lock. Other jobs notify as
before. Should a new Procrastinate make its trigger anew, receipts will notify again; nothing else changes.
"""

from django.db import migrations

SQL = """
DROP TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs;
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN (new.status = 'todo'::procrastinate_job_status AND new.task_name <> 'statements.send_receipt')
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();
"""
UNDO = """
DROP TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs;
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1
    AFTER INSERT ON procrastinate_jobs
    FOR EACH ROW WHEN (new.status = 'todo'::procrastinate_job_status)
    EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_recent_payments"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [migrations.RunSQL(SQL, UNDO)]
