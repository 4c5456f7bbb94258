/** Consents that customers gave, in a cell of their own, and its authorization server's desk, asked without its line. */
import { createHash, randomUUID } from 'node:crypto'
import { askConsent, authoriseConsent, consentsDesk } from '#authorization/consents/index.ts'
import { doing, freshDatabase, noon } from './world.ts'

const type = 'urn:bank:accounts:v1' as const

export const openGivenConsents = async () => {
  const cell = (await freshDatabase('cell')).as('authorization')
  const desk = consentsDesk({
    postgres: cell,
    clients: { find: () => ({ authorizationDetailsTypes: [type] }) },
    now: () => noon,
  })
  return {
    servers: { of: () => desk },
    /** Answers its id; the partner knows its customer as `sub_` and its own id. */
    giveTo: async ({ id: partnerId }: { id: string }, applicationId: string): Promise<string> => {
      const ask = {
        partnerId,
        partnerName: 'Anor Telecom',
        applicationId,
        applicationName: 'Wallet',
        customerId: 'customer_of_the_bank',
        subject: `sub_${partnerId}`,
        detail: { type, permissions: ['ReadAccountsBasic' as const] },
        scopes: ['accounts'],
        matrix: '2026-11-22',
      }
      const requested = createHash('sha256').update(randomUUID()).digest()
      const { id } = await doing(cell)((w) => askConsent(w, ask, requested))
      const answer = {
        customerId: 'customer_of_the_bank',
        accounts: ['acc_1'],
        authenticatedAt: noon,
      }
      await doing(cell)((w) => authoriseConsent(w, id, answer))
      return id
    },
  }
}
