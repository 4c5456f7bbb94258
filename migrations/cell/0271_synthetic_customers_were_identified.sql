-- What the make-believe bank verified about its people when they came, so that it can say who they are.
create table synthetic.identity (
  ref         text primary key references synthetic.customer (ref),
  given_name  text not null,
  family_name text not null,
  born_on     date not null,
  -- ISO 3166-1 alpha-2.
  citizenship char(2) not null,
  residence   char(2) not null,
  street      text not null,
  locality    text not null,
  postal_code text not null,
  document    text not null check (document in ('idcard', 'passport')),
  verified_on date not null
);
