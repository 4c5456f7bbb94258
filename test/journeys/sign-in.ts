/** How people of the stories prove themselves: a password, and codes of an authenticator app (RFC 6238). */
import { setTimeout as sleep } from 'node:timers/promises'
import { base32, codeAt, stepOf } from '#platform/one-time-code.ts'
import type { Answer } from './walker.ts'
import type { Office } from './web.ts'

/** An authenticator app. A code works once, so it never shows one twice: the next but one has to be waited for. */
export const authenticatorApp = (secret: string) => {
  let last = -1n
  return async (): Promise<string> => {
    const now = () => stepOf(Temporal.Now.instant())
    const next = last >= now() ? last + 1n : now()
    // A server takes codes of the next half minute, too, for clocks that go before its own.
    while (next > now() + 1n) await sleep(500)
    last = next
    return codeAt(base32(secret), next)
  }
}
export type AuthenticatorApp = ReturnType<typeof authenticatorApp>

/** The same office; what asks for the second factor once more gets it. */
export const proving =
  (office: Office, code: AuthenticatorApp): Office =>
  async (...asked): Promise<Answer> => {
    const answer = await office(...asked)
    if (answer.body['code'] !== 'sign-in/factor-stale') return answer
    await withCode(code, (given) => office('POST', '/sessions/current/factor', { code: given }))
    return office(...asked)
  }

/** Tries with a code, and where somebody has used that one already, with the next. */
export const withCode = async (
  code: AuthenticatorApp,
  attempt: (code: string) => Promise<Answer>,
  triesLeft = 3,
): Promise<Answer> => {
  const answer = await attempt(await code())
  if (answer.body['code'] === 'sign-in/delayed') {
    await sleep((Number(answer.headers.get('retry-after')) || 1) * 1000)
    return withCode(code, attempt, triesLeft)
  }
  const isUsed = answer.body['code'] === 'sign-in/factor-refused'
  return isUsed && triesLeft > 0 ? withCode(code, attempt, triesLeft - 1) : answer
}
