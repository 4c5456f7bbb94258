/** Passkeys of people in the browser tests: each person's device goes with them from one browser to the next. */
import type { CDPSession, Page } from 'playwright-core'

interface Credential {
  readonly credentialId: string
  readonly isResidentCredential: boolean
  readonly privateKey: string
  readonly signCount: number
  readonly rpId?: string
  readonly userHandle?: string
}

const devices = new Map<string, Credential>()

export const hasDevice = (whose: string): boolean => devices.has(whose)

/** Puts the person's device into this browser; `remember` takes it out again, with the passkey that it has by then. */
export const bringDevice = async (page: Page, whose: string) => {
  const devTools: CDPSession = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  // Each use moves its counter on; one that stood still would be taken for a copy (WebAuthn §6.1.1).
  devTools.on('WebAuthn.credentialAsserted', ({ credential }) => {
    devices.set(whose, { ...devices.get(whose), ...credential })
  })
  const known = devices.get(whose)
  if (known) await devTools.send('WebAuthn.addCredential', { authenticatorId, credential: known })
  return {
    remember: async () => {
      const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId })
      const [credential] = credentials
      if (credential) devices.set(whose, credential)
    },
  }
}
