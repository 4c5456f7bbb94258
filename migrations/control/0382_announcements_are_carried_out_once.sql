-- What was announced excuses one break: once it is carried out, what is promised afterwards is a new promise.
alter table versions.coming add column carried_out_at timestamptz;
