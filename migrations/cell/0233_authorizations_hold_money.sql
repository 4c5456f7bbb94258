-- What a card is asked for, who decided it, and where its money stands: held, cleared and released are what was approved, always.
create table cards.control_version (
  card_id    text not null references cards.card (id),
  version    int not null check (version > 0),
  partner_id text not null,
  controls   jsonb not null,
  made_at    timestamptz not null,
  primary key (card_id, version)
);

create table cards.authorization (
  id                text primary key check (id ~ '^authorization_[0-9a-f]{32}$'),
  partner_id        text not null,
  card_id           text not null references cards.card (id),
  programme_id      text not null references cards.programme (id),
  -- The network's name of it: the same reference is the same authorization.
  network_reference text not null,
  body_sha256       text not null,
  status            text not null check (status in ('pending', 'closed', 'reversed', 'expired')),
  -- Null until it is decided.
  approved          boolean,
  decided_by        text check (decided_by in ('controls', 'partner', 'stand_in', 'core')),
  decline_reason    text,
  currency          char(3) not null,
  requested_minor   bigint not null check (requested_minor > 0),
  -- Counted against the limits while nobody has decided yet.
  reserved_minor    bigint not null check (reserved_minor between 0 and requested_minor),
  approved_minor    bigint not null check (approved_minor between 0 and requested_minor),
  held_minor        bigint not null check (held_minor >= 0),
  cleared_minor     bigint not null check (cleared_minor >= 0),
  released_minor    bigint not null check (released_minor >= 0),
  merchant          jsonb not null,
  channel           text not null check (channel in ('chip', 'contactless', 'online', 'atm')),
  partial_approval  boolean not null,
  partner_timed_out boolean not null default false,
  -- Ours, of the hold at the core.
  hold_reference    text not null unique,
  created_at        timestamptz not null,
  expires_at        timestamptz not null,
  updated_at        timestamptz not null,
  constraint authorization_reference_is_one unique (partner_id, network_reference),
  check (approved_minor = held_minor + cleared_minor + released_minor),
  check (approved is null or reserved_minor = 0),
  check (approved is not false or (approved_minor = 0 and decline_reason is not null)),
  check ((approved is null) = (decided_by is null)),
  check (status = 'pending' or held_minor = 0)
);
create index authorization_of_card on cards.authorization (card_id, created_at);
create index authorization_of_partner on cards.authorization (partner_id, id desc) where approved is not null;
create index authorization_that_is_open on cards.authorization (expires_at) where status = 'pending';

-- The journal of card money: a line for each change, beside the cell's journal and never changed. Lists, files and disputes read it.
create table cards.movement (
  id               text primary key check (id ~ '^movement_[0-9a-f]{32}$'),
  partner_id       text not null,
  card_id          text not null references cards.card (id),
  authorization_id text not null references cards.authorization (id),
  kind             text not null check (kind in ('approved', 'declined', 'cleared', 'reversed', 'expired', 'refunded', 'restored')),
  amount_minor     bigint not null check (amount_minor >= 0),
  currency         char(3) not null,
  -- What made it: the same reference makes one movement.
  reference        text not null,
  body_sha256      text not null,
  at               timestamptz not null,
  -- The bank's day of it.
  day              date not null,
  constraint movement_reference_is_one unique (authorization_id, kind, reference)
);
create index movement_of_partner on cards.movement (partner_id, id desc) where kind in ('cleared', 'refunded', 'restored');
create index movement_of_day on cards.movement (partner_id, day, id);
create function cards.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what happened to a card stays written';
end $$;
create trigger movement_stays before update or delete or truncate on cards.movement
  for each statement execute function cards.refuse();

-- What the core has yet to be told: written with the change that it follows from, carried until the core has it.
create table cards.core_order (
  reference        text primary key,
  partner_id       text not null,
  authorization_id text not null references cards.authorization (id),
  kind             text not null check (kind in ('capture', 'release', 'cancel', 'credit')),
  amount_minor     bigint not null check (amount_minor >= 0),
  written_at       timestamptz not null,
  carried_at       timestamptz
);
create index core_order_to_carry on cards.core_order (written_at) where carried_at is null;
