/** Calls that are begun and not ended: the edge answers them before they are anybody's. */
import { once } from 'node:events'
import { connect } from 'node:tls'
import { z } from 'zod'
import { type Answer, type Coverage, type Operation, walked } from './heard.ts'
import type { Walking } from './partner.ts'
import { properCall } from './provocations.ts'
import type { WellKnown } from '../journeys/web.ts'

/** The bytes of an HTTP/1.1 answer that ends its connection. */
const answerIn = (bytes: string): Answer => {
  const [head = '', body = ''] = bytes.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = Object.fromEntries(
    fields.map((field) => {
      const at = field.indexOf(':')
      return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()]
    }),
  )
  return {
    status: Number(line.split(' ')[1]),
    contentType: headers['content-type'] ?? '',
    headers,
    json: z.record(z.string(), z.unknown()).parse(JSON.parse(body)),
  }
}

/** So many are begun at once; each lasts as long as the edge waits for a head. */
const AT_ONCE = 64

/** Begins every call and ends none: the first line and a header come, and then nothing more. */
export const dawdle = async (
  { wellKnown, walking, coverage }: Dawdled,
  operations: readonly Operation[] = walked,
): Promise<void> => {
  const { cell, identity, accounts } = walking
  const { hostname, port, host } = new URL(wellKnown.cells[cell].gatewayMtls)
  const begin = async (operation: Operation) => {
    const { path = operation.path } = properCall(operation, accounts)
    const socket = connect({
      host: hostname,
      port: Number(port),
      servername: hostname,
      ca: wellKnown.ca,
      key: identity.key,
      cert: identity.certificate,
    })
    let said = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    await once(socket, 'secureConnect')
    socket.write(`${operation.method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`)
    await once(socket, 'close')
    coverage.hear(cell, operation, answerIn(said))
  }
  const waiting = [...operations]
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await begin(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

export interface Dawdled {
  readonly wellKnown: WellKnown
  readonly walking: Walking
  readonly coverage: Coverage
}
