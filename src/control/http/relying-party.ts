import type { ProcessWorld } from '#platform/process.ts'
import type { RelyingParty } from '#control/sign-in/index.ts'
import type { Office } from './cookie.ts'

/** Who an office is to authenticators. Both have one host; the origin, which is checked, tells them apart. */
export const relyingParty = (
  { settings, ports }: Pick<ProcessWorld, 'settings' | 'ports'>,
  office: Office,
): RelyingParty => ({
  office,
  id: 'localhost',
  name: settings.PORTICO_BANK_NAME,
  origin: `http://localhost:${ports[office]}`,
})
