/** What the library answers and says, made exact: metadata that claims only what is served, no cookie without a use. */
import type { EventEmitter } from 'node:events'
import type Provider from 'oidc-provider'
import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import type { Log } from '#platform/log.ts'

const isMetadata = (path: string) => path.startsWith('/.well-known/')

/** Sessions are not kept, so no browser is handed one. */
const withoutSession = (cookies: unknown, name: string): string[] =>
  (Array.isArray(cookies) ? cookies : [])
    .map(String)
    .filter((cookie) => !cookie.startsWith(`${name}=`) && !cookie.startsWith(`${name}.sig=`))

export const exactAnswers =
  (provider: Provider) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    if (ctx.res.hasHeader('set-cookie')) {
      const kept = withoutSession(ctx.res.getHeader('set-cookie'), provider.cookieName('session'))
      if (kept.length > 0) ctx.res.setHeader('set-cookie', kept)
      else ctx.res.removeHeader('set-cookie')
    }
    // Clients may use `query` alone (FAPI 2.0 §5.3.2.2): the other modes are refused, so they are not announced.
    if (isMetadata(ctx.path) && typeof ctx.body === 'object' && ctx.body !== null)
      ctx.body = { ...ctx.body, response_modes_supported: ['query'] }
  }

/** Every refusal and every failure, one line each: the error word, never a token, a code or a person. */
export const listen = (provider: Provider, log: Log): void => {
  const refused = (where: string) => (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) =>
    log.info(
      {
        interactionId: ctx.res.getHeader('x-fapi-interaction-id'),
        applicationId: ctx.oidc.client?.clientId,
        error: error.error,
        why: error.error_detail ?? error.error_description,
      },
      `refused at the ${where}`,
    )
  provider.on('grant.error', refused('token endpoint'))
  provider.on('pushed_authorization_request.error', refused('pushed request'))
  const refusedToRevoke = refused('revocation endpoint')
  provider.on('revocation.error', (ctx, error) => {
    // A signed token: `revokesAccessTokens` takes it up.
    if (error.error !== 'unsupported_token_type') refusedToRevoke(ctx, error)
  })
  provider.on('authorization.error', refused('authorization endpoint'))
  provider.on('server_error', (ctx, cause) =>
    log.error(
      { interactionId: ctx.res.getHeader('x-fapi-interaction-id'), route: ctx.oidc?.route, cause },
      'request failed',
    ),
  )
  // Without a listener Koa would print to the console.
  const koa: EventEmitter = provider
  koa.on('error', (cause: unknown) => log.warn({ cause }, 'a connection ended badly'))
}
