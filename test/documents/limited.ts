/** More calls than a contract lets through: of one application, until each operation has said so. */
import { z } from 'zod'
import { approve, staff } from '../journeys/onboarding.ts'
import { expectStatus } from '../journeys/walker.ts'
import type { WellKnown } from '../journeys/web.ts'
import { type Coverage, walked } from './heard.ts'
import { properCall } from './provocations.ts'
import type { Wire } from './wire.ts'

const BURST = 40
/** The slower the machine, the more is let through meanwhile. */
const BURSTS = 30

/** What one operation has used up is missing to the next: the limits are the application's. */
export const exhaust = async (
  wire: Wire,
  coverage: Coverage,
  accounts: readonly string[],
): Promise<void> => {
  for (const operation of walked) {
    const hurried = { ...properCall(operation, accounts), hurried: true }
    const heard = () => coverage.heard(wire.cell, operation, 429)
    for (let burst = 0; burst < BURSTS && !heard(); burst++)
      await Promise.all(Array.from({ length: BURST }, () => wire.call(operation, hurried)))
  }
}

/** Of those whose access the law opens: no contract makes theirs smaller. */
const BY_LAW = 'Regulated'
const Limits = z.looseObject({ rate: z.looseObject({ perSecond: z.number(), burst: z.number() }) })
const Catalogue = z.looseObject({
  tiers: z.array(z.looseObject({ name: z.string(), limits: Limits })),
})

/** Two of the bank's people lower what access by law grants, so that one program can use it up; then it is as it was. */
export const withLittleByLaw = async (
  wellKnown: WellKnown,
  body: () => Promise<void>,
): Promise<void> => {
  const product = await staff(wellKnown, 'product')
  const { tiers } = Catalogue.parse(expectStatus(await product('GET', '/catalogue'), 200).body)
  const before = Limits.parse(tiers.find(({ name }) => name === BY_LAW)?.limits)
  const setTo = async (limits: object) => {
    const asked = { tier: BY_LAW, limits, reason: 'The documents are walked' }
    const answer = expectStatus(await product('POST', '/catalogue/limits', asked), 202)
    const { change } = z
      .object({ change: z.object({ id: z.string(), hash: z.string() }) })
      .parse(answer.body)
    await approve(wellKnown, change, ['head', 'engineering'])
  }
  await setTo({ ...before, rate: { perSecond: 20, burst: 40 } })
  try {
    await body()
  } finally {
    await setTo(before)
  }
}
