/** What a gateway can be told to deny. */
export type RevokedKind =
  | 'consent'
  | 'grant'
  | 'client'
  | 'token'
  | 'certificate'
  | 'key'
  | 'partner'
