-- A stop has a reason that people read later; the journal holds no free text, so it stands here.
alter table contracts.contract add column stopped_because text;
