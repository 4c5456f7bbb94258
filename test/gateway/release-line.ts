/** A caller's connection, read byte by byte: what came over the wire, not what a client library makes of it. */
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { once } from 'node:events'

export interface RawAnswer {
  readonly status: number
  /** From the first byte to the end of the headers. */
  readonly head: string
  readonly body: string
}

const nothing = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')

/** The answer when it is whole. Bytes behind it belong to no question. */
const answerIn = (bytes: Buffer): RawAnswer | undefined => {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  // One character for each byte, so that nothing can hide behind what is no UTF-8.
  const head = bytes.toString('latin1', 0, end)
  const status = /^HTTP\/1\.1 ([2-5]\d\d)[ \r]/.exec(head)?.[1]
  const length = /\r\ncontent-length: (\d+)(?:\r|$)/i.exec(head)?.[1]
  if (status === undefined || length === undefined) throw new Error(`no plain answer: ${head}`)
  const whole = end + HEAD_END.length + Number(length)
  if (bytes.length > whole) throw new Error(`bytes behind an answer: ${bytes.toString('latin1')}`)
  if (bytes.length < whole) return undefined
  return { status: Number(status), head, body: bytes.toString('utf8', end + HEAD_END.length) }
}

/** One question at a time, on a connection that is kept and opened anew where it ended. */
export const openLine = (options: ConnectionOptions) => {
  let kept: TLSSocket | undefined
  const connected = async (): Promise<TLSSocket> => {
    if (kept && !kept.destroyed && kept.readable) return kept
    const socket = connect(options)
    await once(socket, 'secureConnect')
    // Between questions it may end as it likes.
    socket.on('error', () => socket.destroy()).on('end', () => socket.destroy())
    kept = socket
    return socket
  }
  const exchange = (socket: TLSSocket, request: string): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      let held: Buffer = nothing
      const settle = (act: () => void) => {
        socket.off('data', onData).off('close', onClose)
        act()
      }
      const onData = (bytes: Buffer) => {
        held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
        try {
          const answer = answerIn(held)
          if (answer) settle(() => resolve(answer))
        } catch (error) {
          socket.destroy()
          settle(() => reject(error instanceof Error ? error : new Error(String(error))))
        }
      }
      const onClose = () =>
        settle(() => reject(new ConnectionEnded(`after ${held.length} bytes of an answer`)))
      socket.on('data', onData).once('close', onClose)
      socket.write(request)
    })
  return {
    ask: async (request: string): Promise<RawAnswer> => {
      const socket = await connected()
      const answer = await exchange(socket, request)
      if (/\r\nconnection: close(?:\r|$)/i.test(answer.head)) socket.destroy()
      return answer
    },
    close: () => kept?.destroy(),
  }
}

/** No answer, or half of one. */
export class ConnectionEnded extends Error {
  override readonly name = 'ConnectionEnded'
}
