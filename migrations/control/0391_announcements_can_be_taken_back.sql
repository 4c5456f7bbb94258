-- What was announced may be taken back by two people: whoever was told is told again, and nothing of it stays in a calendar.
alter table versions.coming add column withdrawn_by text;
alter table webhooks.notice add column withdrawn_at timestamptz;
create index notice_of_subject on webhooks.notice (kind, subject);
