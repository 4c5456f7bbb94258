/** What a card may be used for: limits over time, merchants, countries and channels. Controls only ever narrow. */
import { z } from 'zod'
import type { FieldError } from '#kernel/problem.ts'
import { type Currency, Money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'

export const Interval = z.enum([
  'per_authorization',
  'daily',
  'weekly',
  'monthly',
  'yearly',
  'all_time',
])
export type Interval = z.output<typeof Interval>
export const intervals = Interval.options

export const Channel = z.enum(['chip', 'contactless', 'online', 'atm'])
export type Channel = z.output<typeof Channel>

/** ISO 18245. */
export const Mcc = z.string().regex(/^\d{4}$/, 'is a merchant category of ISO 18245, four digits')
export const Country = z.string().regex(/^[A-Z]{2}$/, 'is a country of ISO 3166-1, two letters')

const Mode = z.enum(['allow', 'block'])

const Positive = Money.refine(({ minor }) => minor >= 0n, 'is below zero')

export const Controls = z.strictObject({
  limits: z.array(z.strictObject({ interval: Interval, amount: Positive })).max(18),
  /** ISO 18245 categories. */
  merchantCategories: z.strictObject({ mode: Mode, mccs: z.array(Mcc).min(1).max(200) }).optional(),
  countries: z.strictObject({ mode: Mode, codes: z.array(Country).min(1).max(250) }).optional(),
  /** Those that are open; all of them where it is missing. */
  channels: z.array(Channel).min(1).max(4).optional(),
})
export type Controls = z.output<typeof Controls>
export type ControlsJson = z.input<typeof Controls>

/** Kept as JSON, as they are said. */
export const controlsJson = (controls: Controls): ControlsJson => z.encode(Controls, controls)

export const controlsWider = problem(
  'cards/controls-wider',
  400,
  'The controls allow more than the programme does',
)
export const controlsStale = problem(
  'cards/controls-stale',
  409,
  'The controls were changed by somebody else in between',
)

/** Where the controls of a card would allow more than its programme's: they may narrow, never widen. */
export const widerThan = (asked: Controls, programme: Controls): FieldError[] => [
  ...asked.limits.flatMap(({ interval, amount }, at) => {
    const bound = programme.limits.find(
      (one) => one.interval === interval && one.amount.currency === amount.currency,
    )
    if (!bound || amount.minor <= bound.amount.minor) return []
    return [wider(`/limits/${at}/amount`, `the programme’s ${interval} limit is lower`)]
  }),
  ...(asked.channels ?? []).flatMap((channel, at) =>
    programme.channels === undefined || programme.channels.includes(channel)
      ? []
      : [wider(`/channels/${at}`, `the programme is not open for ${channel}`)],
  ),
  ...listedBeyond('/countries/codes', codesOf(asked.countries), codesOf(programme.countries)),
  ...listedBeyond(
    '/merchantCategories/mccs',
    codesOf(asked.merchantCategories),
    codesOf(programme.merchantCategories),
  ),
]

const wider = (pointer: string, detail: string): FieldError => ({ pointer, code: 'wider', detail })

type Listed = { readonly mode: 'allow' | 'block'; readonly codes: readonly string[] } | undefined

const codesOf = (
  given:
    | { mode: 'allow' | 'block'; codes: readonly string[] }
    | { mode: 'allow' | 'block'; mccs: readonly string[] }
    | undefined,
): Listed => given && { mode: given.mode, codes: 'codes' in given ? given.codes : given.mccs }

const admits = (listed: Listed, code: string): boolean =>
  listed === undefined || listed.codes.includes(code) === (listed.mode === 'allow')

/** Only an allow-list names what is open; a block-list can open nothing. */
const listedBeyond = (pointer: string, asked: Listed, programme: Listed): FieldError[] =>
  asked?.mode === 'allow'
    ? asked.codes.flatMap((code, at) =>
        admits(programme, code) ? [] : [wider(`${pointer}/${at}`, `the programme closes ${code}`)],
      )
    : []

/** What a card is used for. */
export interface Use {
  readonly amount: Money
  readonly mcc: string
  readonly country: string
  readonly channel: Channel
}

/** Minor units that were used since the beginning of each interval. */
export type Spent = Readonly<Record<Interval, bigint>>

export type Room =
  | { readonly open: true; readonly upTo: bigint }
  | { readonly open: false; readonly why: ClosedBecause }
export type ClosedBecause =
  | 'CHANNEL_BLOCKED'
  | 'COUNTRY_BLOCKED'
  | 'CATEGORY_BLOCKED'
  | 'LIMIT_EXCEEDED'

/** How much of a use these controls leave room for, all of them together. */
export const roomFor = (use: Use, spent: Spent, all: readonly Controls[]): Room => {
  for (const { channels, countries, merchantCategories } of all) {
    if (channels && !channels.includes(use.channel)) return { open: false, why: 'CHANNEL_BLOCKED' }
    if (!admits(codesOf(countries), use.country)) return { open: false, why: 'COUNTRY_BLOCKED' }
    if (!admits(codesOf(merchantCategories), use.mcc))
      return { open: false, why: 'CATEGORY_BLOCKED' }
  }
  let upTo = use.amount.minor
  for (const { interval, amount } of all.flatMap(({ limits }) => limits)) {
    if (amount.currency !== use.amount.currency) continue
    const left = amount.minor - spent[interval]
    if (left < upTo) upTo = left
  }
  return upTo > 0n ? { open: true, upTo } : { open: false, why: 'LIMIT_EXCEEDED' }
}

/** When an interval that is running began, in the bank's zone; a single authorization has no past. */
export const beganAt = (
  interval: Exclude<Interval, 'per_authorization' | 'all_time'>,
  now: Temporal.Instant,
  zone: string,
): Temporal.Instant => {
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  const first = {
    daily: today,
    weekly: today.subtract({ days: today.dayOfWeek - 1 }),
    monthly: today.with({ day: 1 }),
    yearly: today.with({ month: 1, day: 1 }),
  }[interval]
  return first.toZonedDateTime(zone).toInstant()
}

/** The limits of one currency, for an answer that says what is left. */
export const limitsIn = (controls: Controls, currency: Currency) =>
  controls.limits.filter(({ amount }) => amount.currency === currency)

export const ControlsRequest = z.strictObject({
  ...Controls.shape,
  /** The version that these replace; 0 where there is none yet. */
  replaces: z.int().min(0),
})
export type ControlsRequest = z.output<typeof ControlsRequest>

export const ControlsQuery = z.strictObject({
  version: z.coerce.number().int().min(1).optional(),
})
