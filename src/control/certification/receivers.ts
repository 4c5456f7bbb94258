/** Endpoints of the sandbox, tried with the bank's events and forged ones. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { TriedView } from '#courier/desk-contract.ts'
import type { PartnerId } from '#control/partners/index.ts'
import type { Receiver } from './certificate.ts'

const Row = z.object({
  endpointId: z.string(),
  at: z.instanceof(Temporal.Instant),
  trials: z.array(TriedView),
})

/** The last trial of each endpoint since an instant. */
export const receiversOf = async (
  db: Db,
  partnerId: PartnerId,
  since: Temporal.Instant,
): Promise<Receiver[]> => db.many(Row)`
  select distinct on (endpoint_id) endpoint_id as "endpointId", tried_at as at, trials
    from certification.receiver_trial
   where partner_id = ${partnerId} and tried_at >= ${since}
   order by endpoint_id, id desc
   limit 1000
`

/** Keeps what an endpoint answered. */
export const keepTrial = async (
  work: Work,
  tried: {
    partnerId: PartnerId
    applicationId: string
    endpointId: string
    trials: readonly z.output<typeof TriedView>[]
  },
): Promise<void> => {
  const { partnerId, applicationId, endpointId, trials } = tried
  await work.run`
    insert into certification.receiver_trial (partner_id, application_id, endpoint_id, trials, tried_by, tried_at)
    values (${partnerId}, ${applicationId}, ${endpointId}, ${JSON.stringify(trials)}::text::jsonb, ${work.actor},
            ${work.now})
  `
  const wrong = [...new Set(trials.filter((t) => !t.right).map((t) => t.trial))].toSorted()
  await work.record('certification.receiver-tried', endpointId, { partnerId, applicationId, wrong })
}
