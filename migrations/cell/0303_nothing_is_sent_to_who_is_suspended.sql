-- A partner that the bank suspended and an application that was revoked are sent nothing; what they are owed is kept.
create table courier.stopped (
  -- Of a partner or of an application.
  name text primary key
);
