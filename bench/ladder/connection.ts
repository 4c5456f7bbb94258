/** One connection of the loader: whole requests out, answers counted. HTTP/1.1 as servers answer it, and no more. */
import { createPrivateKey, sign } from 'node:crypto'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256url } from '#platform/jose.ts'
import type { Lane, Plan } from './plan.ts'

export interface Connection {
  /** Sends the next request; tells the status, or 0 where the connection broke. */
  call(answered: (status: number) => void): void
  /** Resolves when no call is under way. */
  quiet(): Promise<void>
  close(): void
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

export const openConnection = async (
  { port, ca }: Pick<Plan, 'port' | 'ca'>,
  lane: Lane,
): Promise<Connection> => {
  const dial = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket =
        ca === null
          ? connectPlain({ port, host: '127.0.0.1' }, () => resolve(socket))
          : connectTls(
              {
                port,
                host: '127.0.0.1',
                servername: 'localhost',
                ca,
                ...(lane.cert !== null && lane.key !== null && { cert: lane.cert, key: lane.key }),
              },
              () => resolve(socket),
            )
      socket.once('error', reject)
      socket.setNoDelay(true)
    })

  const next = requestsOf(lane)
  let answered: ((status: number) => void) | undefined
  let received: Buffer = Buffer.alloc(0)
  let closing = false
  let socket = await dial()

  const finish = (status: number) => {
    const tell = answered
    answered = undefined
    tell?.(status)
  }
  const onData = (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const headEnd = received.indexOf(HEAD_END)
    if (headEnd < 0) return
    const head = received.toString('latin1', 0, headEnd)
    const bodyStart = headEnd + 4
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) {
      if (received.indexOf(LAST_CHUNK, bodyStart) < 0) return
    } else if (received.length < bodyStart + Number(length)) return
    const status = Number(head.slice(9, 12))
    received = Buffer.alloc(0)
    next.heard(head)
    // RFC 9449 §8: a first proof is answered with the nonce that it lacks, and every client tries again. The call is one.
    if (status === 401 && next.isChallenge(head)) {
      socket.write(next.again(), 'latin1')
      return
    }
    if (/\r\nconnection: *close/i.test(head)) {
      socket.removeAllListeners('close')
      socket.destroy()
      void redial().then(() => finish(status))
      return
    }
    finish(status)
  }
  const redial = async () => {
    for (let tries = 0; !closing; tries++) {
      try {
        socket = await dial()
        listen()
        return
      } catch (error) {
        if (tries === 50) throw error
        await sleep(20)
      }
    }
  }
  const listen = () => {
    received = Buffer.alloc(0)
    socket.on('data', onData)
    socket.on('error', () => {})
    socket.once('close', () => {
      if (!closing) void redial().then(() => finish(0))
    })
  }
  listen()

  return {
    call: (tell) => {
      answered = tell
      socket.write(next.take(), 'latin1')
    },
    quiet: async () => {
      for (let i = 0; answered && i < 400; i++) await sleep(5)
    },
    close: () => {
      closing = true
      socket.destroy()
    },
  }
}

/** The requests in turns; under DPoP each with a proof of its own, which the loader signs as it goes. */
const requestsOf = ({ requests, dpop }: Lane) => {
  let turn = 0
  if (!dpop)
    return {
      take: (): string => requests[turn++ % requests.length]!,
      heard: () => {},
      isChallenge: () => false,
      again: () => '',
    }
  const key = createPrivateKey({ key: dpop.privateJwk, format: 'jwk' })
  const header = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: dpop.publicJwk })
  const hashes = dpop.tokens.map(sha256url)
  let nonce: string | undefined
  const proven = (index: number): string => {
    const payload = encode({
      jti: crypto.randomUUID(),
      htm: dpop.htm,
      htu: dpop.htu,
      iat: Math.floor(Date.now() / 1000),
      ath: hashes[index],
      nonce,
    })
    const signature = sign('sha256', Buffer.from(`${header}.${payload}`), {
      key,
      dsaEncoding: 'ieee-p1363',
    }).toString('base64url')
    return `${requests[index]}DPoP: ${header}.${payload}.${signature}\r\n\r\n`
  }
  return {
    take: () => proven(turn++ % requests.length),
    /** The request that was sent last, with a new proof. */
    again: () => proven((turn - 1) % requests.length),
    isChallenge: (head: string) => /\r\nwww-authenticate:[^\r]*use_dpop_nonce/i.test(head),
    /** RFC 9449 §8.2: any answer may bring the next nonce. */
    heard: (head: string) => {
      nonce = /\r\ndpop-nonce: *([^\r]+)/i.exec(head)?.[1] ?? nonce
    },
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
