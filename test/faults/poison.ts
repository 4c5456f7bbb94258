/** Control publishes what no gateway may take: the held document serves, and control is told why. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, foundIn, openPlace } from './place.ts'
import type { Found } from './run.ts'
import { until } from './town.ts'

type Envelope = Record<string, unknown>
type Content = { readonly applications: readonly object[]; readonly partners: readonly object[] }

const same = <T>(value: T): unknown => value

interface Poison {
  readonly what: string
  readonly bend?: (envelope: Envelope) => unknown
  readonly change?: (content: Content) => unknown
}

const poisons: readonly Poison[] = [
  { what: 'one that is no envelope', bend: () => ({ poison: true }) },
  {
    what: 'one whose signature is another’s',
    bend: (envelope) => ({ ...envelope, signature: 'A'.repeat(86) }),
  },
  { what: 'one of another cell', bend: (envelope) => ({ ...envelope, cell: 'sandbox' }) },
  {
    what: 'one that says an application twice',
    change: (c) => ({ ...c, applications: [...c.applications, ...c.applications] }),
  },
  { what: 'one whose applications are of no partner', change: (c) => ({ ...c, partners: [] }) },
  { what: 'one with a member that nobody knows', change: (c) => ({ ...c, surprise: 1 }) },
]

export const poisonedPublication = async ({ short }: { short: boolean }): Promise<Found> => {
  const about = {
    name: 'poisoned-publication',
    breaks: `control publishes ${poisons.length} kinds of documents that must not be taken`,
    keeps: 'all calls, by the document that is held; control is told why each was refused',
  }
  const place = await openPlace()
  const balancer = await place.start()
  const { cell, tally } = place
  try {
    const wrong: string[] = []
    await until('a call is taken', 60_000, async () => (await place.read())?.status === 200)
    const refusals = () => cell.receipts.filter(({ taken }) => !taken)
    for (const { what, bend = same, change = same } of poisons) {
      const told = refusals().length
      cell.publish(bend, change)
      await until(`${what} is refused`, 60_000, async () => {
        await place.read()
        return refusals().length > told
      }).catch(() => wrong.push(`${what} was not refused`))
      const endMs = performance.now() + (short ? 500 : 5_000)
      while (performance.now() < endMs) {
        await place.read()
        await sleep(20)
      }
    }
    if (tally.unheard + tally.refused.size > 0) wrong.push('a call was refused')
    const epoch = cell.publish()
    await until('the next good one is taken', 60_000, () =>
      cell.receipts.some((receipt) => receipt.taken && receipt.epoch === epoch),
    )
    const reasons = refusals().map(({ reason }) => reason ?? '')
    return await foundIn(
      place,
      about,
      [
        `${reasons.length} refused (${[...new Set(reasons)].slice(0, 3).join('; ')} …), the next good one taken`,
      ],
      wrong,
    )
  } finally {
    await ended(place, balancer)
  }
}
