/**
 * What was announced is taken back: the end of a version, or a change that would have broken somebody. Two people decide,
 * whoever was told is told again, and what the announcement excused is excused no longer.
 */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { announce, withdrawAnnouncement } from '#control/webhooks/index.ts'
import { noticeOf } from './coming.ts'
import { comingCarriedOut, comingNotFound, versionAlive, versionNotFound } from './life.ts'
import * as store from './store.ts'
import { DEPRECATED } from './using.ts'
import { calledOffWords, keptWords } from './words.ts'

const makers = ['head-of-platform', 'api-product'] as const

const endingLife = async (work: Work, version: string) => {
  const life = await store.lockLife(work, version)
  if (!life) throw versionAlive(`${version} is not deprecated`)
  if (life.retiredAt) throw versionNotFound(`${version} has ended`)
  return life
}

/** Proposes that a version lives on. */
export const proposeDeprecationWithdrawal = async (
  work: Work,
  version: string,
  reason: string,
): Promise<ChangeSet> => {
  const { sunsetAt } = await endingLife(work, version)
  return proposeChange(work, {
    kind: 'versions.deprecation-withdrawal',
    subject: version,
    before: { sunsetAt: sunsetAt.toString() },
    after: null,
    base: baseOf(sunsetAt.toString()),
    reason,
    roles: [...makers],
  })
}

/** What partners were told of the end of a version. */
const kindsOfEnding = [DEPRECATED, 'version-extended', 'version-brownout'] as const

export const deprecationWithdrawal: Applier = {
  base: async (work, { subject }) =>
    baseOf((await store.lockLife(work, subject))?.sunsetAt.toString() ?? null),
  apply: async (work, change) => {
    const version = change.subject
    const { deprecatedAt, sunsetAt } = await endingLife(work, version)
    await store.deleteLife(work, version)
    const told = new Set<string>()
    for (const kind of kindsOfEnding)
      for (const partnerId of await withdrawAnnouncement(work, { kind, subject: version }))
        told.add(partnerId)
    await work.record('versions.deprecation-withdrawn', version, {
      deprecatedAt: deprecatedAt.toString(),
      sunsetAt: sunsetAt.toString(),
    })
    for (const partnerId of told)
      await announce(work, {
        partnerId,
        kind: 'version-kept',
        subject: version,
        key: `version-kept ${version} ${change.id}`,
        ...keptWords({ version }),
        happensAt: null,
        acknowledge: false,
      })
  },
}

/** All of one announcement that was neither carried out nor taken back. */
const openOf = async (work: Work, id: string): Promise<store.Coming[]> => {
  const open = await store.lockOpenComing(work, id)
  if (open.length > 0) return open
  const found = await store.carriedOut(work, id)
  if (found?.carriedOut) throw comingCarriedOut('what it announced is published')
  throw comingNotFound('nothing of this name is announced')
}

const named = (open: readonly store.Coming[]) => open.map(({ id }) => id)

/** Proposes that what was announced does not happen. */
export const proposeComingWithdrawal = async (
  work: Work,
  id: string,
  reason: string,
): Promise<ChangeSet> => {
  const open = await openOf(work, id)
  const [first] = open
  return proposeChange(work, {
    kind: 'versions.coming-withdrawal',
    subject: id,
    before: z.json().parse({
      product: first?.product,
      keys: open.map(({ key }) => key),
      summary: first?.summary,
      takesEffect: first?.takesEffect,
    }),
    after: null,
    base: baseOf(named(open)),
    reason,
    roles: [...makers],
  })
}

export const comingWithdrawal: Applier = {
  base: async (work, { subject }) => baseOf(named(await store.lockOpenComing(work, subject))),
  apply: async (work, change) => {
    const open = await openOf(work, change.subject)
    await store.withdrawComing(work, named(open), { by: change.id, at: work.now })
    for (const [changeId, own] of Map.groupBy(open, (one) => one.changeId)) {
      const [one] = own
      if (!one) continue
      const { product, takesEffect: day, summary } = one
      await work.record('versions.coming-withdrawn', product, {
        changes: own.length,
        takesEffect: day,
      })
      // Of what was announced before decisions were kept with it, nobody knows who was told.
      if (changeId === null) continue
      for (const partnerId of await withdrawAnnouncement(work, { key: noticeOf(changeId) }))
        await announce(work, {
          partnerId,
          kind: 'version-called-off',
          subject: product,
          key: `version-called-off ${changeId} ${change.id}`,
          ...calledOffWords({ product, day, summary }),
          happensAt: null,
          acknowledge: false,
        })
    }
  },
}
