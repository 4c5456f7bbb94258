/**
 * Events as receivers of older versions know them. What is kept is today's form; an endpoint is written to in its own, when
 * it is sent and before it is signed. Changes are the same data as those of the products' documents.
 */
import { problem } from '#kernel/problem.ts'
import { bringDown, Change, type Rewrite } from '#kernel/changes/index.ts'
import { type Event, payloadOf } from './event.ts'

export const eventVersionUnknown = problem(
  'webhooks/version-unknown',
  422,
  'Events have no such version',
)

/** The first day on which events were told. */
export const OLDEST = '2026-05-04'

export const eventChanges: readonly Change[] = [
  {
    id: 'recall-events-name-payments-by-id',
    since: '2026-08-03',
    summary: {
      en: 'Events of recalls name their payment as `paymentId`.',
      ru: 'События отзывов называют платёж полем `paymentId`.',
      uz: 'Qaytarib olish hodisalari to‘lovni `paymentId` maydonida ko‘rsatadi.',
    },
    events: Object.fromEntries(
      ['payments.recall-created', 'payments.recall-accepted', 'payments.recall-rejected'].map(
        (type) => [type, [{ do: 'rename', at: '', from: 'payment', to: 'paymentId' }]],
      ),
    ),
  },
  {
    id: 'authorization-events-say-who-approved',
    since: '2026-11-22',
    summary: {
      en: 'Where you did not decide in time, `approved` says what was decided; it was a word before.',
      ru: 'Если вы не решили вовремя, `approved` сообщает решение; раньше это было слово.',
      uz: 'O‘z vaqtida qaror qilmagan bo‘lsangiz, `approved` qarorni bildiradi; avval u so‘z edi.',
    },
    events: {
      'cards.authorization-timed-out': [
        {
          do: 'map',
          at: '',
          member: 'approved',
          up: { approved: 'true', declined: 'false' },
          down: { true: 'approved', false: 'declined' },
        },
        {
          do: 'cast',
          at: '',
          member: 'approved',
          older: 'string',
          newer: 'boolean',
          schema: { enum: ['true', 'false'] },
        },
      ],
    },
  },
].map((one) => Change.parse(one))

/** What brings an event back for receivers of versions before a day. */
const formsBefore = (before: string): [string, Rewrite][] => {
  const known = eventChanges.filter(({ since }) => since >= before)
  const types = new Set(known.flatMap(({ events }) => Object.keys(events)))
  return [...types].map((type) => [
    type,
    bringDown(known.flatMap(({ events }) => events[type] ?? [])),
  ])
}

/** By type, the oldest form first. */
const forms = new Map<string, { before: string; lower: Rewrite }[]>()
for (const before of new Set(eventChanges.map(({ since }) => since)))
  for (const [type, lower] of formsBefore(before))
    forms.set(type, [...(forms.get(type) ?? []), { before, lower }])

/** An event as a receiver reads it; null: in today's form. */
export const payloadFor = (
  event: Event,
  version: Temporal.PlainDate | null,
): ReturnType<typeof payloadOf> => {
  const payload = payloadOf(event)
  if (version === null) return payload
  const day = version.toString()
  const form = forms.get(event.type)?.find(({ before }) => day < before)
  if (!form) return payload
  form.lower(payload.data)
  return payload
}

/** What an endpoint is written to in where it names none, from the day on which it is made: a later change moves nobody. */
export const newestEventVersion: Temporal.PlainDate = Temporal.PlainDate.from(
  eventChanges.reduce((newest, { since }) => (since > newest ? since : newest), OLDEST),
)

/** Throws `webhooks/version-unknown` for a day on which nothing was told yet, and for one that has still to come. */
export const checkEventVersion = (
  version: Temporal.PlainDate | null,
  now: Temporal.Instant,
): void => {
  if (version === null) return
  const day = version.toString()
  if (day < OLDEST) throw eventVersionUnknown(`the first version is of ${OLDEST}`)
  const today = now.toZonedDateTimeISO('UTC').toPlainDate().toString()
  const newest = newestEventVersion.toString()
  if (day > today && day > newest)
    throw eventVersionUnknown(`${day} is not there yet; the newest version is of ${newest}`)
}
