-- a copy for tests makes no backups, and cannot reach those of its original
UPDATE database_backup
   SET active = false, sftp_password = NULL, sftp_private_key = NULL;
UPDATE database_backup_run
   SET state = 'failed', reason = 'Waiting or running when this copy was made.'
 WHERE state IN ('waiting', 'running');
