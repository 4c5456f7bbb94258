/** What each application may ask of the library's endpoints: looked at when it is named, spent when it has proven itself. */
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import type { Abuse } from '../abuse.ts'

type Spends = Pick<Abuse, 'assertApplication' | 'charge'>

const kindOf = (route: string | undefined) => {
  if (route === 'pushed_authorization_request') return 'push'
  return route === 'token' || route === 'revocation' ? 'token' : undefined
}

/** RFC 6749 §5.2 with the status of RFC 6585 §4: the library's callers read `error`, others the status. */
const waits = (ctx: KoaContextWithOIDC, { code, detail, status, particulars }: Problem) => {
  ctx.set({ ...particulars.headers })
  const word = new errors.CustomOIDCProviderError('temporarily_unavailable', `${code}: ${detail}`)
  return Object.assign(word, { status, statusCode: status })
}

/** Called while the library looks the application up, before any signature is checked. */
export const assertMayAsk = (abuse: Spends, applicationId: string): void => {
  const ctx = Provider.ctx
  const kind = kindOf(ctx?.oidc.route)
  if (!ctx || !kind) return
  try {
    abuse.assertApplication(applicationId, kind)
  } catch (error) {
    throw error instanceof Problem ? waits(ctx, error) : error
  }
}

const Unproven = z.object({ error: z.literal('invalid_client') })

export const spends =
  (abuse: Spends) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    const kind = kindOf(ctx.oidc?.route)
    const applicationId: string | undefined = ctx.oidc?.client?.clientId
    if (!kind || applicationId === undefined || ctx.status >= 500) return
    if (!Unproven.safeParse(ctx.body).success) abuse.charge(applicationId, kind)
  }
