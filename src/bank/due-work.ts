/** What the rooms do by themselves, done now for one partner: where a clock is turned, nobody waits for a timer. */
import { sql } from '#platform/sql.ts'
import { doDueCards } from './cards/jobs.ts'
import { doDueConversions } from './fx/jobs.ts'
import { lookAfter as lookAfterVerifications } from './kyc/index.ts'
import { doDueLoans } from './lending/jobs.ts'
import { doDuePayments } from './payments/jobs.ts'
import type { BankWorld } from './world.ts'

const chores: readonly { room: string; doDue: (bank: BankWorld) => Promise<void> }[] = [
  {
    room: 'kyc',
    doDue: async (bank) => {
      while ((await lookAfterVerifications(bank)) > 0);
    },
  },
  { room: 'payments', doDue: doDuePayments },
  { room: 'cards', doDue: doDueCards },
  { room: 'lending', doDue: doDueLoans },
  { room: 'fx', doDue: doDueConversions },
]

/** Everything that is due for this partner; a room that fails keeps no other from its work. */
export const doDueWork = async (bank: BankWorld, partnerId: string): Promise<void> => {
  const theirs = { ...bank, whose: sql`partner_id = ${partnerId}` }
  for (const { room, doDue } of chores)
    await doDue(theirs).catch((error: unknown) =>
      bank.log.error({ err: error, partnerId, room }, 'what is due in a world could not be done'),
    )
}
