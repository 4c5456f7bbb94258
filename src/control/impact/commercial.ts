/** What a proposal takes from partners that no call of theirs would show: less of a limit, a promise or a term, or a higher price. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { ChangeSet } from '#control/approvals/index.ts'
import { Limits, listProducts } from '#control/catalogue/index.ts'
import { compareTerms, compiled, ContractId, findContract } from '#control/contracts/index.ts'
import { judgeDocument } from '#control/version-lives/index.ts'
import { compareLimits, comparePrices, type Finding } from '#control/versions/index.ts'
import type { Impact } from './impact.ts'

type Commercial = Impact['commercial']

const told = (findings: readonly Finding[], partners: readonly string[] = []): Commercial =>
  findings
    .filter(({ level }) => level !== 'INFO')
    .map(({ id, level, operation, path, text }) => ({
      id,
      level,
      operation,
      path,
      text,
      partners: [...partners],
    }))

const Prices = z.looseObject({ unitPrices: z.record(z.string(), z.string()) })
const Offer = z.looseObject({ document: z.string() })
const Agreed = z.looseObject({ id: ContractId })

/** Commercial changes of a proposal, the ones that break somebody among them. Nothing is kept. */
export const commercialOf = async (
  db: Db,
  change: ChangeSet,
  now: Temporal.Instant,
): Promise<Commercial> => {
  switch (change.kind) {
    case 'contracts.offer': {
      const agreed = Agreed.safeParse(change.before).data
      const contract = agreed && (await findContract(db, agreed.id))
      if (!contract) return []
      const after = compiled(Offer.parse(change.after).document)
      return told(compareTerms(compiled(contract.document), after), [contract.partnerId])
    }
    case 'catalogue.limits':
      // What is signed stays as it is: it is of new contracts, and of those who have access without one.
      return told(compareLimits(Limits.parse(change.before), Limits.parse(change.after)))
    case 'catalogue.prices': {
      const before = Prices.safeParse(change.before).data
      if (!before) return []
      return told(comparePrices(before.unitPrices, Prices.parse(change.after).unitPrices))
    }
    case 'catalogue.document':
      return ofDocument(db, change, now)
    default:
      return []
  }
}

const Document = z.record(z.string(), z.unknown())

const ofDocument = async (
  db: Db,
  change: ChangeSet,
  now: Temporal.Instant,
): Promise<Commercial> => {
  // A product that is new was promised to nobody.
  if (change.before === null && !(await listProducts(db)).some(({ id }) => id === change.subject))
    return []
  const { impacts } = await judgeDocument(db, change.subject, Document.parse(change.after), now)
  return impacts
    .filter(({ id }) => id.startsWith('commercial-'))
    .flatMap((one) =>
      told(
        [one],
        one.hits.map(({ partnerId }) => partnerId),
      ),
    )
}
