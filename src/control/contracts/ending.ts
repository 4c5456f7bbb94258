/** Ends: of what rules, with all that hangs on it. What two people decide is not undone by what was open then. */
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { type Contract, contractStep, moved } from './contract.ts'
import { withdraw, withdrawOpen } from './offering.ts'
import { ruleUntil } from './rules.ts'
import * as store from './store.ts'

const rules = ({ status }: Contract) => status === 'active' || status === 'frozen'

/** Ends a contract at an instant. Hold the partner's contracts. */
export const endAt = async (
  work: Work,
  contract: Contract,
  at: Temporal.Instant,
): Promise<void> => {
  const { id, partnerId, products, activeFrom } = contract
  const others = (await store.livingOf(work, partnerId)).filter((c) => c.id !== id)
  const agreed = others.find((c) => c.status === 'agreed')
  const neverBegins =
    contract.status === 'agreed' && activeFrom !== null && !isBefore(activeFrom, at)
  if (neverBegins && others.some(rules))
    throw contractStep('it would end before it begins: what has to end is what rules until then')
  if (agreed?.activeFrom && isBefore(agreed.activeFrom, at))
    throw contractStep('other terms begin before that, and it is they that would have to end')
  await withdrawOpen(work, partnerId, { endOf: id })
  if (agreed) await withdraw(work, agreed, { endOf: id })
  if (neverBegins) return withdraw(work, contract, { endOf: id })
  const after = moved(contract, { to: 'ended', at }, work.now)
  await store.save(work, after)
  await ruleUntil(work, after, after.endsAt ?? work.now)
  const event = after.status === 'ended' ? 'contracts.ended' : 'contracts.end-set'
  await work.record(event, id, { partnerId, products, endsAt: after.endsAt?.toString() ?? null })
}

/** Ends everything that is agreed or open with a partner, now: two people decided that it leaves, and on which day. */
export const endAgreement = async (work: Work, partnerId: PartnerId): Promise<void> => {
  await store.lockThoseOf(work, partnerId)
  await store.settle(work, partnerId, work.now)
  const living = await store.livingOf(work, partnerId)
  const last = living.find(rules) ?? living.find((c) => c.status === 'agreed')
  if (last) await endAt(work, last, work.now)
  else await withdrawOpen(work, partnerId, { endOf: null })
}
