/** Yes or no about a person, instead of the data itself (O34): what may be asked, and what the bank's file answers. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { problem } from '#kernel/problem.ts'
import { compareNames } from '../name.ts'
import type { CoreAccount, CoreCustomer } from '../cores/core.ts'
import type { CoreIdentity } from '../cores/identity.ts'

export const Predicate = z.enum(['age_over_18', 'resident_in', 'name_matches', 'account_owned'])
export type Predicate = z.output<typeof Predicate>

export const Result = z.enum(['TRUE', 'FALSE', 'UNAVAILABLE'])
export type Result = z.output<typeof Result>

/** ISO 3166-1: where the bank is, and what the customer was told that `resident_in` means. */
export const BANK_COUNTRY = 'UZ'

export const ANSWER_HOURS = 24
/** Different questions about one person in a day: a name may be mistyped, not searched for (O13). */
export const QUESTIONS_MAX = 10
/** Answers of no to one partner in an hour, from which on somebody looks at it. */
export const NO_ANSWERS_ALARM = 25

export const questionsExhausted = problem(
  'kyc/questions-exhausted',
  429,
  'Too many different questions about one person',
)

/** What a question needs beside its word. */
export const questionMembers = {
  predicates: z
    .array(Predicate)
    .min(1)
    .max(Predicate.options.length)
    .refine((list) => new Set(list).size === list.length, 'names one thing twice'),
  name: z.string().min(2).max(140).optional(),
  account: z
    .strictObject({
      schemeName: z.literal('UZ.AccountNumber'),
      identification: z.string().regex(/^\d{20}$/),
    })
    .optional(),
}

export interface Asked {
  readonly predicates?: readonly Predicate[] | undefined
  readonly name?: string | undefined
  readonly account?: { readonly identification: string } | undefined
}

/** A name goes with `name_matches` and an account with `account_owned`, and with nothing else. */
export const isComplete = ({ predicates = [], name, account }: Asked): boolean =>
  predicates.includes('name_matches') === (name !== undefined) &&
  predicates.includes('account_owned') === (account !== undefined)

/** What is asked with a predicate beside its word. */
const argumentOf = (predicate: Predicate, { name, account }: Asked): string | null => {
  switch (predicate) {
    case 'age_over_18':
      return null
    case 'resident_in':
      return BANK_COUNTRY
    case 'name_matches':
      return name ?? null
    case 'account_owned':
      return account?.identification ?? null
  }
}

/** A question as a keyed hash: who reads the table cannot try names against it. */
export const fingerprintOf = (
  key: Uint8Array,
  about: { readonly partnerId: string; readonly subject: string },
  predicate: Predicate,
  asked: Asked,
): Buffer =>
  createHmac('sha256', key)
    .update(
      canonical(['kyc', about.partnerId, about.subject, predicate, argumentOf(predicate, asked)]),
    )
    .digest()

/** All that the bank knows of a customer that a predicate can rest on. */
export interface Known {
  readonly customer: CoreCustomer | undefined
  readonly identity: CoreIdentity | undefined
  readonly accounts: readonly CoreAccount[]
}

const yesOrNo = (is: boolean): Result => (is ? 'TRUE' : 'FALSE')

/** `UNAVAILABLE` where the bank has nothing on file, as for a company. */
export const answered = (
  predicate: Predicate,
  asked: Asked,
  { customer, identity, accounts }: Known,
  today: Temporal.PlainDate,
): Result => {
  switch (predicate) {
    case 'age_over_18':
      return identity ? yesOrNo(isAdult(identity.bornOn, today)) : 'UNAVAILABLE'
    case 'resident_in':
      return identity ? yesOrNo(identity.residence === BANK_COUNTRY) : 'UNAVAILABLE'
    case 'name_matches':
      if (!customer || asked.name === undefined) return 'UNAVAILABLE'
      return yesOrNo(compareNames(asked.name, customer.name, customer.kind) === 'MATCH')
    case 'account_owned':
      return yesOrNo(
        accounts.some(
          ({ number, status }) => number === asked.account?.identification && status === 'enabled',
        ),
      )
  }
}

/** From the eighteenth birthday on. Who was born on 29 February has it on 1 March in other years. */
export const isAdult = (bornOn: Temporal.PlainDate, today: Temporal.PlainDate): boolean => {
  const birthday = bornOn.add({ years: 18 })
  const adult = birthday.day === bornOn.day ? birthday : birthday.add({ days: 1 })
  return Temporal.PlainDate.compare(adult, today) <= 0
}
