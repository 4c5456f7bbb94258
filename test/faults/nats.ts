/** NATS goes away, one server or the majority of three: control itself is asked, and nothing waits for what carries. */
import { setTimeout as sleep } from 'node:timers/promises'
import { newApplication } from '../journeys/onboarding.ts'
import { callerPlan } from './callers.ts'
import type { Fault } from './fault.ts'
import type { Street } from './street.ts'
import { until } from './town.ts'

const scope = 'fx:rates'

/** A new application is registered; how long it is until a call of it is taken, its token included. */
const publishes = async ({ wellKnown, callers }: Street): Promise<number> => {
  const [caller] = callers
  if (!caller) throw new Error('nobody calls')
  const { partner } = caller
  const application = await newApplication({
    wellKnown,
    partner,
    plan: callerPlan,
    cell: 'sandbox',
  })
  try {
    return await until('a new application’s call is taken', 60_000, async () => {
      const token = await application.token(scope)
      return (await application.call(token, 'GET', '/fx/v1/rates')).status === 200
    })
  } finally {
    await application.close()
  }
}

/** A customer's consent is ended: how long it is until nothing of it is taken any more. */
const revokes = async (street: Street): Promise<number> => {
  const { use, end } = await street.consent()
  await until('the consent is good', 60_000, async () => (await use()) === 'taken')
  await end()
  return until('its end is known', 60_000, async () => (await use()) === 'refused')
}

const servers = (which: readonly number[], breaks: string): Fault => ({
  breaks,
  keeps: 'all: snapshots, revocations and usage go to and from control itself',
  run: async (street, { short }) => {
    const { nats } = street.town
    if (!nats) return { figures: [], skipped: 'nats-server is not installed' }
    const before = street.sum()
    for (const one of which) await nats.kill(one)
    const published: number[] = []
    const revoked: number[] = []
    try {
      for (let n = 0; n < (short ? 1 : 5); n++) {
        published.push(await publishes(street))
        revoked.push(await revokes(street))
        await sleep(short ? 1_000 : 10_000)
      }
    } finally {
      for (const one of which) await nats.start(one)
    }
    const { taken, sent } = street.since(street.sum(), before)
    published.push(await publishes(street))
    revoked.push(await revokes(street))
    const most = (of: readonly number[]) => Math.round(Math.max(...of))
    return {
      figures: [
        `${taken} of ${sent} calls taken meanwhile; a new application’s first call after at most ${most(published)} ms, an ended consent refused after at most ${most(revoked)} ms, the servers’ return included`,
      ],
      ...(taken === 0 && { wrong: ['no call was taken'] }),
    }
  },
})

export const natsFaults: Readonly<Record<string, Fault>> = {
  'nats-node': servers([0], '`kill -9` of one of three NATS servers'),
  'nats-majority': servers(
    [0, 1],
    '`kill -9` of two of three NATS servers: no stream takes or gives anything',
  ),
  'nats-all': servers([0, 1, 2], '`kill -9` of all three NATS servers'),
}
