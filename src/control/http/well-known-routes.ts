import type { ControlContext, Server } from './context.ts'

/** Where everything is, for people's scripts: public, and readable from any page. */
export const wellKnownRoutes = (server: Server, { wellKnown }: ControlContext): void => {
  server.get('/.well-known/portico', { config: { open: true } }, (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .header('access-control-allow-origin', '*')
      .type('application/json')
      .send(JSON.stringify(wellKnown())),
  )
}
