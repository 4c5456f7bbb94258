-- An epoch is a number of control's; the digest is what the gateway itself had proven when it decided the call.
alter table usage.event add column snapshot_sha256 text check (snapshot_sha256 ~ '^[0-9a-f]{64}$');
