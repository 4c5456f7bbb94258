/** Passkeys in the browser: what the server asks, the device answers; the library is fetched when one is used. */
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { read, send } from './api.ts'

const library = () => import('@simplewebauthn/browser')

export const canUsePasskeys = (): boolean => 'PublicKeyCredential' in window

const assertion = async (optionsJSON: PublicKeyCredentialRequestOptionsJSON) =>
  (await library()).startAuthentication({ optionsJSON })

/** Signs in with the device alone. */
export const signInByPasskey = async () =>
  send<unknown>('/api/passkey-sessions', {
    assertion: await assertion(await send('/api/passkey-challenges')),
  })

/** Proves to the session that its holder is there. */
export const proveByPasskey = async () =>
  send<unknown>('/api/sessions/current/factor', {
    assertion: await assertion(await send('/api/me/passkey-challenges')),
  })

/** Signs the text of this SHA-256, where the reader has a passkey; their fresh second factor stands for it where not. */
export const signatureOver = async (about: string) => {
  const { passkeys } = await read<{ passkeys: readonly unknown[] }>('/api/me/security')
  if (passkeys.length === 0 || !canUsePasskeys()) return {}
  return { assertion: await assertion(await send('/api/me/passkey-challenges', { about })) }
}

/** Makes a passkey in the device and gives it to the server. */
export const makePasskey = async (name: string) => {
  const optionsJSON = await send<PublicKeyCredentialCreationOptionsJSON>('/api/me/passkeys/options')
  const response = await (await library()).startRegistration({ optionsJSON })
  return send<unknown>('/api/me/passkeys', { name, response })
}
