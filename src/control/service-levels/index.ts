/** What the bank promised partners, judged by their own calls; what was not kept gives money back by itself. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import {
  compiled,
  type ContractId,
  contractNotFound,
  findContract,
  isRegulated,
} from '#control/contracts/index.ts'
import { type Level, levelFaults, LevelId, levelRefused, LevelTerms } from './agreement.ts'
import { levelsOf } from './contracted.ts'
import { digestOf, evaluate, type Evaluation } from './evaluating.ts'
import { isBelow } from './judging.ts'
import * as store from './store.ts'

export { type Level, LevelId, LevelTerms } from './agreement.ts'
export { evaluate, Evaluation } from './evaluating.ts'
export { type Prober, probePromised, probingJob } from './probing.ts'
export { levelsOf as listLevels } from './contracted.ts'
export { addProbe, evaluationNamed, maintenanceIn } from './store.ts'

const AGREE = 'service-levels.agreement'
const MaintenanceId = idOf('maintenance')
const EvaluationId = idOf('evaluation')

/** Proposes a promise about a product of a contract. */
export const proposeLevel = async (
  work: Work,
  contractId: ContractId,
  terms: LevelTerms,
): Promise<ChangeSet> => {
  const contract = await findContract(work, contractId)
  if (!contract) throw contractNotFound('no contract has this id')
  const errors = levelFaults(terms, await isRegulated(work, terms.product))
  if (!contract.products.includes(terms.product))
    errors.push({ pointer: '/product', code: 'unknown', detail: 'the contract does not open it' })
  if (terms.support && !compiled(contract.document).support)
    errors.push({
      pointer: '/support',
      code: 'missing',
      detail: 'the contract says nothing of first answers',
    })
  const before = (await levelsOf(work, contract.partnerId)).filter(
    (l) => l.contractId === contractId && l.terms.product === terms.product,
  )
  if (before.some((l) => l.terms.endsOn === null || l.terms.endsOn > terms.startsOn))
    errors.push({ pointer: '/startsOn', code: 'overlap', detail: 'another promise rules then' })
  if (errors.length > 0) throw levelRefused(`${errors.length} place(s) are wrong`, { errors })
  return proposeChange(work, {
    kind: AGREE,
    subject: contractId,
    before: null,
    after: { id: LevelId.next(), partnerId: contract.partnerId, terms: z.json().parse(terms) },
    base: baseOf(before.map((l) => l.id)),
    reason: terms.title,
    roles: ['head-of-platform', 'finance', 'partner-success'],
  })
}

const Agreed = z.object({ id: LevelId, partnerId: z.string(), terms: LevelTerms })

export const appliers: Readonly<Record<string, Applier>> = {
  [AGREE]: {
    base: async (work, { subject, after }) => {
      const { partnerId, terms } = Agreed.parse(after)
      const before = (await levelsOf(work, partnerId)).filter(
        (l) => l.contractId === subject && l.terms.product === terms.product,
      )
      return baseOf(before.map((l) => l.id))
    },
    apply: async (work, { id: changeId, subject: contractId, after }) => {
      const { id, partnerId, terms } = Agreed.parse(after)
      await store.insert(work, { id, partnerId, contractId, terms }, { at: work.now, changeId })
      await work.record('service-levels.agreed', id, {
        partnerId,
        contractId,
        product: terms.product,
      })
    },
  },
}

/** Announces work. Whether it excuses anything is said by each contract: by its notice and its allowance. */
export const announceMaintenance = async (
  work: Work,
  asked: Pick<store.Maintenance, 'product' | 'startsAt' | 'endsAt' | 'reason'> &
    Partial<Pick<store.Maintenance, 'words'>>,
): Promise<store.Maintenance> => {
  if (Temporal.Instant.compare(asked.startsAt, asked.endsAt) >= 0)
    throw levelRefused('the work ends before it begins')
  const maintenance = { words: {}, ...asked, id: MaintenanceId.next(), announcedAt: work.now }
  await store.addMaintenance(work, maintenance, work.actor)
  await work.record('service-levels.maintenance-announced', maintenance.id, {
    product: asked.product,
    startsAt: asked.startsAt.toString(),
    endsAt: asked.endsAt.toString(),
  })
  return maintenance
}

/** Whether any objective was missed: it fell below the first band that gives something back. */
export const isMissed = ({ evaluation }: Pick<Judged, 'evaluation'>): boolean =>
  evaluation.objectives.some(({ good, total, bands }) =>
    bands.some(({ below }) => isBelow({ good: BigInt(good), total: BigInt(total) }, below)),
  )

export interface Judged {
  readonly level: Level
  readonly evaluation: Evaluation
  readonly sha256: string
}

/**
 * Every promise of a partner that ruled in a month, judged over the part of it in which it ruled. `asOf`: now, where the
 * month may not be over; what is not due by then counts neither way.
 */
export const judgeMonth = async (
  db: Db,
  partnerId: string,
  month: { readonly zone: string; readonly start: string; readonly end: string },
  asOf?: Temporal.Instant,
): Promise<Judged[]> => {
  const judged: Judged[] = []
  for (const level of await levelsOf(db, partnerId, month.zone)) {
    const { startsOn, endsOn } = level.terms
    const start = startsOn > month.start ? startsOn : month.start
    const end = endsOn !== null && endsOn < month.end ? endsOn : month.end
    if (start >= end) continue
    const instant = (day: string) =>
      Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: month.zone }).toInstant()
    const span = { from: instant(start), to: instant(end) }
    const evaluation = await evaluate(db, level, span, asOf)
    judged.push({ level, evaluation, sha256: digestOf(evaluation) })
  }
  return judged
}

/** Keeps what a draft stands on, so that it can be asked for by its digest. */
export const keepJudgements = async (
  work: Work,
  month: { readonly start: string },
  judged: readonly Judged[],
): Promise<void> => {
  for (const { level, evaluation, sha256 } of judged) {
    await store.keepLevel(work, level, work.now)
    await store.keepEvaluation(work, {
      id: EvaluationId.next(),
      agreementId: level.id,
      month: month.start,
      result: evaluation,
      sha256,
      at: work.now,
    })
  }
}
