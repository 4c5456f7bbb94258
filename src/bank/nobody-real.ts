/** Where nobody is real nothing real comes in: what could be somebody's is refused before any room of the bank keeps it. */
import { problem } from '#kernel/problem.ts'
import type { Server } from '#platform/http.ts'
import { realIdentifiersWithin } from '#platform/real-identifiers.ts'
import type { BankWorld } from './world.ts'

export const realIdentifierRefused = problem(
  'sandbox/real-identifier',
  400,
  'Nothing of anybody real is taken here',
)

/** Enough to mend a request by; a file of thousands of lines is not told line by line. */
const TOLD_MAX = 20

type Cores = Pick<BankWorld, 'coreFor'>

export const isImagined = ({ coreFor }: Cores, partnerId: string): boolean =>
  coreFor(partnerId).imagined === true

/** Throws where a core that nobody stands behind is brought what validates as a real identifier, and says where it stands. */
export const refuseRealIdentifiers = (bank: Cores, partnerId: string, value: unknown): void => {
  if (!isImagined(bank, partnerId)) return
  const found = realIdentifiersWithin(value).take(TOLD_MAX).toArray()
  if (found.length === 0) return
  throw realIdentifierRefused('the body holds what could be somebody’s', {
    gate: 'partner',
    hint: 'Use what the sandbox has, or numbers of the ranges that its guide names.',
    errors: found.map(({ pointer, kind }) => ({
      pointer,
      code: kind.replaceAll(' ', '-').toLowerCase(),
      detail: `validates as a real ${kind}`,
    })),
  })
}

/** Behind the proof of who calls, before any room. */
export const admitNobodyReal = (server: Server, bank: BankWorld): void => {
  server.addHook('preHandler', async ({ partnerCall, body }) => {
    if (partnerCall && body !== undefined) refuseRealIdentifiers(bank, partnerCall.partnerId, body)
  })
}
