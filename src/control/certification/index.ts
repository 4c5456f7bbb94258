/** Whether a partner is ready for production, as its own sandbox traffic shows: measured, not declared. */
import { problem } from '#kernel/problem.ts'
import type { Db } from '#platform/db.ts'
import type { Applier, Appliers } from '#control/approvals/index.ts'
import { listProducts } from '#control/catalogue/index.ts'
import {
  Application,
  ApplicationId,
  findApplication,
  type PartnerId,
} from '#control/partners/index.ts'
import { trace } from '#control/usage/index.ts'
import { type Check, checksOf } from './certificate.ts'
import { receiversOf } from './receivers.ts'

export { Check, checksOf } from './certificate.ts'

export const notCertified = problem(
  'certification/not-shown',
  409,
  'The partner’s sandbox traffic has not shown what its products demand',
)

/** The kind of change by which an application of production is admitted. */
const APPLICATION_CHANGE = 'partners.application'

/** What was shown longer ago was shown by another program. */
const DAYS = 60
const CALLS = 20_000

/** Everything that these products demand, by the partner's traffic of the last weeks. */
export const certify = async (
  db: Db,
  partnerId: PartnerId,
  products: readonly string[],
  now: Temporal.Instant,
): Promise<Check[]> => {
  const operations = (await listProducts(db)).flatMap((p) => p.operations)
  const from = now.subtract({ hours: DAYS * 24 })
  // A call of this very moment counts.
  const to = now.add({ milliseconds: 1 })
  const calls = await trace(db, { cell: 'sandbox', partnerId, from, to }, CALLS)
  const receivers = await receiversOf(db, partnerId, from)
  return products.flatMap((product) => checksOf(product, operations, calls, receivers))
}

const Asked = Application.pick({ cell: true, products: true, partnerId: true })

/** Whether it is a condition of going live, or only shown to those who decide. */
export type Certified = 'advised' | 'required'

/** Where it is required, an application of production takes effect only after everything was shown. */
export const certifiedFirst = (appliers: Appliers, certified: Certified): Appliers => {
  const admission = appliers.get(APPLICATION_CHANGE)
  return certified === 'advised' || !admission
    ? appliers
    : new Map([...appliers, [APPLICATION_CHANGE, conditional(admission)]])
}

const conditional = (admission: Applier): Applier => ({
  ...admission,
  apply: async (work, change) => {
    const asked = Asked.parse(await findApplication(work, ApplicationId.parse(change.subject)))
    if (asked.cell === 'production') {
      const checks = await certify(work, asked.partnerId, asked.products, work.now)
      const open = checks.filter((c) => c.verdict !== 'shown')
      if (open.length > 0)
        throw notCertified(
          open.map(({ product, id, detail }) => `${product} ${id}: ${detail}`).join('; '),
          {
            hint: 'The partner reads what is missing, and how to show it, at GET /api/certification.',
          },
        )
    }
    await admission.apply(work, change)
  },
})
