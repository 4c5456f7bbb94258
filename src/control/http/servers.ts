/** The two offices of the control plane: the portal for partners, the console for the bank. Two origins, two cookies. */
import { officeAddress } from '#platform/config.ts'
import { openServer, type Server } from '#platform/http.ts'
import { countRequests, type Telemetry } from '#platform/telemetry.ts'
import { personOfSession } from '#control/partners/index.ts'
import { staffOfSession } from '#control/staff/index.ts'
import type { ControlContext, SignedIn } from './context.ts'
import type { Office } from './cookie.ts'
import { describeApi } from './description.ts'
import { guard } from './guard.ts'
import { servePages } from './pages.ts'
import { statePurpose } from './purpose.ts'

export type AddRoutes = (server: Server, context: ControlContext) => void

const whoIs = (office: Office, { db, world }: ControlContext) =>
  office === 'portal'
    ? async (secret: string): Promise<SignedIn | null> => {
        const person = await personOfSession(db, secret, world.now())
        if (!person) return null
        const { id: personId, partnerId, roles, session, standing } = person
        return { kind: 'person', personId, partnerId, roles, session, standing }
      }
    : async (secret: string): Promise<SignedIn | null> => {
        const staff = await staffOfSession(db, secret, world.now())
        if (!staff) return null
        const { id: staffId, roles, session, standing } = staff
        return { kind: 'staff', staffId, roles, session, standing }
      }

/** An office with all its routes, not yet listening. */
export const openOffice = async (
  office: Office,
  context: ControlContext,
  rooms: readonly AddRoutes[],
  telemetry?: Telemetry,
): Promise<Server> => {
  const server = openServer(context.world.log)
  if (telemetry) countRequests(server, telemetry, office)
  const { ports, now } = context.world
  guard(server, {
    office,
    address: officeAddress(ports, office),
    port: ports[office],
    now,
    whoIs: whoIs(office, context),
    statePurpose: (request) => statePurpose(context, request),
  })
  await describeApi(server, office)
  for (const addRoutes of rooms) addRoutes(server, context)
  await servePages(server, office)
  await server.ready()
  return server
}
