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
    because: 'computed under a key of its own when it is shown or checked, and forgotten',
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

/** What this search does not see: named, so that nobody takes its silence for an answer. */
export const notSearched = [
  'swap and core dumps of the machine',
  'backups and replicas that stand elsewhere',
  'systems of partners, of the core and of the card scheme',
  'the key service, where one is used',
  'collectors that logs and traces are sent to',
] as const
