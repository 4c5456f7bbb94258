-- "Why was this allowed that day" needs the very document that said so: its number and digest stay with the consent.
-- Null in consents that were given before this was kept.
alter table consents.consent
  add column registry_epoch bigint check (registry_epoch > 0),
  add column registry_sha256 text check (registry_sha256 ~ '^[0-9a-f]{64}$'),
  add check ((registry_epoch is null) = (registry_sha256 is null));
