-- Files that were announced and not brought within a day are closed; this is how they are found.
create index bulk_awaiting_upload on payments.bulk (created_at) where status = 'AWUP';
