import { officeAddress } from '#platform/config.ts'
import type { ProcessWorld } from '#platform/process.ts'
import type { RelyingParty } from '#control/sign-in/index.ts'
import type { Office } from './cookie.ts'

/** Who an office is to authenticators. On one machine both have one host; the origin, which is checked, tells them apart. */
export const relyingParty = (
  { settings, ports }: Pick<ProcessWorld, 'settings' | 'ports'>,
  office: Office,
): RelyingParty => ({
  office,
  id: new URL(officeAddress(ports, office)).hostname,
  name: settings.PORTICO_BANK_NAME,
  origin: officeAddress(ports, office),
})
