import { z } from 'zod'

/** An instant: text on the wire (`2026-11-22T10:00:00Z`), `Temporal.Instant` inside. */
export const Instant = z.codec(z.string(), z.instanceof(Temporal.Instant), {
  decode: (text, ctx) => {
    try {
      return Temporal.Instant.from(text)
    } catch {
      ctx.issues.push({
        code: 'custom',
        message: 'not an instant such as 2026-11-22T10:00:00Z',
        input: text,
      })
      return z.NEVER
    }
  },
  encode: (instant) => instant.toString(),
})

/** A calendar day: `2026-11-22` on the wire, `Temporal.PlainDate` inside. */
export const PlainDate = z.codec(z.string(), z.instanceof(Temporal.PlainDate), {
  decode: (text, ctx) => {
    try {
      return Temporal.PlainDate.from(text, { overflow: 'reject' })
    } catch {
      ctx.issues.push({ code: 'custom', message: 'not a day such as 2026-11-22', input: text })
      return z.NEVER
    }
  },
  encode: (day) => day.toString(),
})

export const isBefore = (a: Temporal.Instant, b: Temporal.Instant) =>
  Temporal.Instant.compare(a, b) < 0
