import { request } from 'undici'
import { dispatcherTo, type Link } from '#platform/control-doors.ts'
import { peerUnavailable, problemFromAnswer } from '#platform/rpc.ts'
import { REGISTRATION_TOKEN_HEADER, RegistrationAnswer, type RegistrationAsk } from '../desk.ts'

/** Control's desk, as `../desk.ts` describes it. Throws control's own problems; `platform/peer-unavailable` without it. */
export interface Desk {
  register(token: string, ask: RegistrationAsk): Promise<RegistrationAnswer>
  read(token: string, id: string): Promise<RegistrationAnswer>
  update(token: string, id: string, ask: RegistrationAsk): Promise<RegistrationAnswer>
  remove(token: string, id: string): Promise<void>
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000

export const openDesk = (link: Link): Desk => {
  const dispatcher = dispatcherTo(link, TIMEOUT_MS)
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    place: string,
    token: string,
    body?: RegistrationAsk,
  ): Promise<unknown> => {
    const answer = await request(`http://control/link/${link.cell}/registrations${place}`, {
      method,
      dispatcher,
      headers: {
        authorization: `Bearer ${link.key.reveal()}`,
        [REGISTRATION_TOKEN_HEADER]: token,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw peerUnavailable('applications cannot be registered now', { cause })
    })
    if (answer.statusCode === 204) return undefined
    const given: unknown = await answer.body.json()
    if (answer.statusCode !== 200) throw problemFromAnswer(answer.statusCode, given)
    return given
  }
  const placeOf = (id: string) => `/${encodeURIComponent(id)}`
  return {
    register: async (token, asked) => RegistrationAnswer.parse(await ask('POST', '', token, asked)),
    read: async (token, id) => RegistrationAnswer.parse(await ask('GET', placeOf(id), token)),
    update: async (token, id, asked) =>
      RegistrationAnswer.parse(await ask('PUT', placeOf(id), token, asked)),
    remove: async (token, id) => {
      await ask('DELETE', placeOf(id), token)
    },
    close: () => dispatcher.close(),
  }
}
