/** Who people are: the part of the core port that knowing one's customers rests on. In our words, as `core.ts` is. */

/** What the bank itself verified about a person when they became its customer. */
export interface CoreIdentity {
  /** The core's own name of the customer. */
  readonly ref: string
  readonly givenName: string
  readonly familyName: string
  readonly bornOn: Temporal.PlainDate
  /** ISO 3166-1 alpha-2, as is `residence`. */
  readonly citizenship: string
  readonly residence: string
  readonly address: {
    readonly street: string
    readonly locality: string
    readonly postalCode: string
  }
  readonly document: 'idcard' | 'passport'
  readonly verifiedOn: Temporal.PlainDate
}

/** Somebody whom the bank is asked to look at, who need not be its customer. */
export interface Examined {
  readonly kind: 'person' | 'organisation'
  /** Full name of a person, legal name of an organisation, in any script. */
  readonly name: string
  /** PINFL (14 digits) or STIR (9 digits). */
  readonly nationalId: string
  readonly bornOn: Temporal.PlainDate | null
  /** When it was asked first: whoever looks at it by hand decides later. */
  readonly since: Temporal.Instant
}

/**
 * `identity`: the registers confirm it, contradict it, or people at the bank have to look at it. `screening`: the lists
 * have nobody like that, somebody has to look, or they could not be asked. Neither ever says why.
 */
export interface Examination {
  readonly identity: 'confirmed' | 'contradicted' | 'unclear'
  readonly screening: 'clear' | 'review' | 'unavailable'
}

export interface CoreIdentities {
  /** Undefined for an organisation, for whoever is no customer, and where nothing is on file. */
  identity(ref: string): Promise<CoreIdentity | undefined>
  /** Asked again, it says what is known by then. Changes nothing. */
  examine(subject: Examined): Promise<Examination>
}
