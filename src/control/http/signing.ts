import type { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { type Assertion, checkSignature, type SignedStatement } from '#control/sign-in/index.ts'
import type { ControlContext, SignedIn } from './context.ts'
import type { Office } from './cookie.ts'
import { relyingParty } from './relying-party.ts'

/**
 * What proves that the one who asks signs this text: their passkey's assertion over its hash, or else the moment of
 * their second factor, which the guard has found to be fresh.
 */
export const evidenceOfSigning = async (
  { world }: Pick<ControlContext, 'world'>,
  work: Work,
  office: Office,
  signedIn: SignedIn,
  {
    documentSha256: about,
    assertion,
  }: { documentSha256: string; assertion?: z.output<typeof Assertion> },
): Promise<SignedStatement | { provenAt: string }> => {
  const { session, standing } = signedIn
  if (assertion)
    return checkSignature(
      work,
      relyingParty(world, office),
      assertion,
      { holder: session.holder, about },
      work.now,
    )
  assert(standing.factorAt, 'a signature asks for a fresh second factor')
  return { provenAt: standing.factorAt.toString() }
}
