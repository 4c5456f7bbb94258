/** What is rated: the members of a rating case. Decimal text stays text until it is computed with. */
import { z } from 'zod'

export const Decimal = z
  .string()
  .regex(/^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/, 'is decimal text such as 12.50')
const CalendarDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'is a date such as 2026-11-01')
const Instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/, 'is an instant in UTC')
/** A date is the start of that day in the zone of the period; an instant is its local day where days are counted. */
export const Moment = z.union([CalendarDate, Instant])

export const Period = z.union([
  z.strictObject({ zone: z.string(), start: CalendarDate, end: CalendarDate }),
  z.strictObject({
    zone: z.string(),
    anchor: CalendarDate,
    months: z.int().min(1),
    nth: z.int().min(0),
  }),
])
export type Period = z.output<typeof Period>

export const Tier = z.strictObject({
  /** Inclusive; the lower edge is the previous one, exclusive. Null: open. */
  upTo: Decimal.nullable(),
  unit: Decimal.optional(),
  percent: Decimal.optional(),
  flat: Decimal.optional(),
  size: Decimal.optional(),
  round: z.enum(['up', 'down']).default('up'),
})
export type Tier = z.output<typeof Tier>

export const RatedEvent = z.strictObject({
  id: z.string().optional(),
  at: Instant.optional(),
  status: z.int().optional(),
  quantity: Decimal.optional(),
  value: Decimal.optional(),
  type: z.string().optional(),
})
export type RatedEvent = z.output<typeof RatedEvent>

const InForce = { from: Moment.optional(), to: Moment.optional() }

const common = {
  id: z.string().optional(),
  convert: z
    .strictObject({
      divide: Decimal,
      round: z.enum(['up', 'down', 'none']),
      per: z.enum(['total', 'event']).default('total'),
    })
    .optional(),
  freeUnits: Decimal.optional(),
  discountPercent: Decimal.optional(),
  maximum: Decimal.optional(),
  minimum: Decimal.optional(),
  booked: Decimal.optional(),
  taxPercent: Decimal.optional(),
  ...InForce,
}
const metered = {
  ...common,
  quantity: Decimal.optional(),
  events: z.array(RatedEvent).optional(),
}
const tiered = { ...metered, tiers: z.array(Tier).min(1) }

export const Charge = z
  .discriminatedUnion('model', [
    z.strictObject({
      model: z.literal('per_unit'),
      ...metered,
      unit: Decimal,
      pairing: z
        .strictObject({
          trigger: z.string(),
          withinSeconds: z.int().min(0),
          prices: z.record(z.string(), Decimal),
        })
        .optional(),
    }),
    z.strictObject({ model: z.literal('graduated'), ...tiered }),
    z.strictObject({ model: z.literal('volume'), ...tiered }),
    z.strictObject({ model: z.literal('stairstep'), ...tiered }),
    z.strictObject({ model: z.literal('graduated_percentage'), ...tiered }),
    z.strictObject({
      model: z.literal('package'),
      ...metered,
      package: z.strictObject({
        size: Decimal,
        price: Decimal,
        free: Decimal.optional(),
        round: z.enum(['up', 'down']).default('up'),
      }),
    }),
    z.strictObject({
      model: z.literal('percentage'),
      ...common,
      events: z.array(RatedEvent),
      percent: Decimal,
      fixed: Decimal.optional(),
      freeEvents: z.int().min(0).optional(),
      freeValue: Decimal.optional(),
      eventMinimum: Decimal.optional(),
      eventMaximum: Decimal.optional(),
      eventMaximumAbove: Decimal.optional(),
    }),
  ])
  .refine(
    (charge) =>
      charge.model === 'percentage' ||
      (charge.quantity === undefined) !== (charge.events === undefined),
    { error: 'says either quantity or events' },
  )
export type Charge = z.output<typeof Charge>
export type ChargeOf<Model extends Charge['model']> = Extract<Charge, { model: Model }>

export const Fee = z.strictObject({
  id: z.string().optional(),
  amount: Decimal,
  quantity: Decimal.optional(),
  booked: Decimal.optional(),
  taxPercent: Decimal.optional(),
  ...InForce,
})
export type Fee = z.output<typeof Fee>

export const Commitment = z.strictObject({
  amount: Decimal,
  overageFactor: Decimal,
  trueUp: z.boolean().default(false),
  /** Of what is billed because less was used. */
  taxPercent: Decimal.optional(),
  ...InForce,
})
export type Commitment = z.output<typeof Commitment>

export const Credit = z.strictObject({
  id: z.string().optional(),
  amount: Decimal,
  priority: z.int().default(0),
  expires: Instant.optional(),
})
export type Credit = z.output<typeof Credit>

const money = {
  currency: z.string().regex(/^[A-Z]{3}$/),
  exponent: z.int().min(0).max(6).optional(),
  rounding: z.enum(['half_up', 'half_even']).default('half_up'),
}

export const InvoiceInput = z
  .strictObject({
    ...money,
    period: Period.optional(),
    basis: z.enum(['day', 'second']).default('day'),
    final: z.boolean().default(true),
    at: Instant.optional(),
    charges: z.array(Charge).optional(),
    commitment: Commitment.optional(),
    fees: z.array(Fee).optional(),
    credits: z.array(Credit).optional(),
  })
  .refine(({ charges, fees }) => charges !== undefined || fees !== undefined, {
    error: 'has neither charges nor fees',
  })
export type InvoiceInput = z.output<typeof InvoiceInput>

export const SplitInput = z.strictObject({
  ...money,
  split: z.strictObject({ amount: Decimal, weights: z.array(Decimal) }),
})
export type SplitInput = z.output<typeof SplitInput>

export const ServiceCreditInput = z.strictObject({
  ...money,
  sla: z.strictObject({
    base: Decimal,
    slos: z.array(
      z.strictObject({
        good: Decimal,
        total: Decimal,
        bands: z.array(z.strictObject({ below: Decimal, percent: Decimal })),
      }),
    ),
    capPercent: Decimal.optional(),
  }),
})
export type ServiceCreditInput = z.output<typeof ServiceCreditInput>

export const CreditNoteInput = z.strictObject({
  ...money,
  creditNote: z
    .strictObject({
      line: Decimal,
      quantity: Decimal.optional(),
      creditQuantity: Decimal.optional(),
      creditAmount: Decimal.optional(),
      creditedQuantity: Decimal.optional(),
      credited: Decimal.optional(),
      taxPercent: Decimal.optional(),
    })
    .refine(
      ({ quantity, creditQuantity, creditAmount }) =>
        (creditAmount !== undefined) !== (quantity !== undefined && creditQuantity !== undefined),
      { error: 'credits either units of a quantity, or an amount' },
    ),
})
export type CreditNoteInput = z.output<typeof CreditNoteInput>

export const RatingInput = z.union([SplitInput, ServiceCreditInput, CreditNoteInput, InvoiceInput])
/** The one of the four jobs that an input means to be, so that its mistakes are told and not those of all four. */
export const meantInput = (input: object): z.ZodType<RatingInput> => {
  if ('split' in input) return SplitInput
  if ('sla' in input) return ServiceCreditInput
  return 'creditNote' in input ? CreditNoteInput : InvoiceInput
}
export type RatingInput = z.output<typeof RatingInput>
