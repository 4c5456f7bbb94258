-- Who was told of what will break it, and who has read it, is asked for each announcement and not for its product.
alter table versions.coming add column change_id text;
create index coming_of_change on versions.coming (change_id);
