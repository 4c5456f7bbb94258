-- A cardholder sees the card once, within a minute: of the page's address only a digest is kept, and who asked for it.
create table vault.reveal_session (
  digest         bytea primary key check (length(digest) = 32),
  card_id        text not null references vault.card,
  partner_id     text not null,
  application_id text not null,
  call_id        text not null,
  -- Origins of the partner's that may hold the page in a frame; none: it stands alone.
  frame_origins  text[] not null,
  made_at        timestamptz not null,
  expires_at     timestamptz not null check (expires_at <= made_at + interval '60 seconds'),
  used_at        timestamptz
);
create index reveal_session_by_end on vault.reveal_session (expires_at);
