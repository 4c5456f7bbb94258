import type { ControlContext, Server } from '#control/http/context.ts'
import { applicationRoutes } from './application-routes.ts'
import { peopleMailRoutes } from './people-mail-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { registrationRoutes } from './registration-routes.ts'

export const portalRoutes = (server: Server, context: ControlContext): void => {
  peopleRoutes(server, context)
  peopleMailRoutes(server, context)
  applicationRoutes(server, context)
  registrationRoutes(server, context)
}
export { consoleRoutes } from './console-routes.ts'
