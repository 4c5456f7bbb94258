import type { LiveGateway } from '#control/usage/index.ts'
import type { ControlContext, Server } from './context.ts'

/** Where everything is, for people's scripts: public, and readable from any page. */
export const wellKnownRoutes = (
  server: Server,
  { wellKnown, live, world }: ControlContext,
): void => {
  server.get('/.well-known/portico', { config: { open: true } }, (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .header('access-control-allow-origin', '*')
      .type('application/json')
      .send(JSON.stringify(withHealth(wellKnown(), live.gateways(world.now())))),
  )
}

/** The codes of what is wrong are public; their words, and which gateway it is, are the bank's. */
const withHealth = (document: unknown, gateways: readonly LiveGateway[]): unknown => ({
  ...(typeof document === 'object' && document),
  health: gateways.map(({ cell, ready, degraded, reasons }) => ({
    cell,
    ready,
    degraded,
    reasons,
  })),
})
