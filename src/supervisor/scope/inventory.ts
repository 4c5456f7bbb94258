/** What an assessor asks first: where card data can be, what never is anywhere, and what a search of this house cannot see. */

/** Requirements are numbered as in PCI DSS v4.0.1. */
export const standard = 'PCI DSS v4.0.1'

/** Each place where account data can be, by design. The search says that there is no other. */
export const inventory = [
  {
    place: 'vault database, vault.card.sealed_number',
    holds: 'PAN, AES-256-GCM under a data key of its range',
    requirement: '3.5.1, 3.6.1',
  },
  {
    place: 'vault database, vault.card.sealed_cardholder',
    holds: 'cardholder name, the same way',
    requirement: 'beyond 3.5.1',
  },
  {
    place: 'vault database, vault.taken_number',
    holds: 'keyed hash of the PAN (HMAC-SHA-256), without the card that it belongs to',
    requirement: '3.5.1.1',
  },
  {
    place: 'vault database, vault.data_key',
    holds: 'data-encrypting keys, wrapped under a key-encrypting key that is kept elsewhere',
    requirement: '3.6.1.2, 3.7.4, 3.7.5',
  },
  {
    place: 'vault database, vault.pin',
    holds:
      'PIN blocks of ISO 9564-1 format 4, AES-256 under a key of their range, bound to the PAN; kept as an issuer',
    requirement: '3.3.3',
  },
  {
    place: 'key files of the vault, or the key service',
    holds: 'key-encrypting key, lookup key',
    requirement: '3.6.1.2, 3.6.1.3, 3.6.1.4',
  },
  {
    place: 'memory of the vault',
    holds: 'a PAN for the milliseconds of an issue or a reveal; wiped after it',
    requirement: '3.2.1',
  },
  {
    place: 'answer of a reveal, by way of the gateway',
    holds: 'a JWE to the partner’s key: the gateway cannot open it',
    requirement: '4.2.1',
  },
  {
    place: 'page of the vault’s own origin',
    holds: 'PAN and verification code, once, in the cardholder’s browser',
    requirement: '3.4.1, 4.2.1',
  },
  {
    place: 'bank database, cards.card',
    holds: 'token, first six and last four: a truncated PAN, which is no PAN',
    requirement: '3.4.1, 3.5.1',
  },
] as const

/** Sensitive authentication data that is kept nowhere. */
export const neverKept = [
  {
    what: 'card verification code',
    because:
      'computed under a key of its own when it is shown or checked, and forgotten; three digits cannot be searched for, so this rests on the design: no column, file or message has a place for it',
    requirement: '3.3.1.2',
  },
  {
    what: 'full track data, or its equivalent on a chip',
    because: 'nothing here makes, reads or takes it',
    requirement: '3.3.1.1',
  },
  {
    what: 'PIN in clear',
    because: 'from the cardholder’s browser to the vault, sealed there before anything is kept',
    requirement: '3.3.1.3, 3.3.3',
  },
] as const

/**
 * What is in scope without holding account data, because it is connected to what does or could weaken it, and what parts it
 * from that (12.5.2).
 */
export const connected = [
  {
    system: 'gateway of the cell',
    why: 'asks the vault for reveals, and carries the JWE',
    partedBy: 'a socket, a header sealed for each call, no key of any card',
  },
  {
    system: 'bank of the cell',
    why: 'asks the vault for cards, and holds their tokens',
    partedBy:
      'a socket, a header sealed for each call; no operation of the vault answers it with a number',
  },
  {
    system: 'PostgreSQL',
    why: 'serves the vault’s database beside others: where they share a server, its administrators are in scope',
    partedBy: 'a database and a role of the vault’s own; numbers leave the vault sealed',
  },
  {
    system: 'supervisor, and whoever may act as its user on this machine',
    why: 'starts the vault, and may read its key files and its memory',
    partedBy: 'nothing: give that user to few people, or keep the keys in a key service',
  },
  {
    system: 'the other cell, authorization, courier, control',
    why: 'same machine or network; none of them talks to the vault',
    partedBy: 'the isolation report, and network namespaces where they are on',
  },
] as const

/** What this search does not see: named, so that nobody takes its silence for an answer. */
export const notSearched = [
  'swap and core dumps of the machine',
  'backups and replicas that stand elsewhere',
  'systems of partners, of the core and of the card scheme',
  'the key service, where one is used',
  'collectors that logs and traces are sent to',
] as const
