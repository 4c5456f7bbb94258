/** The line from a cell's process to control: published documents, control's revocations, usage. The cell always calls. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Agent, request } from 'undici'
import { z } from 'zod'
import { dispatcherTo, eachDoor, type Link } from './control-doors.ts'
import type { JWK } from './jose.ts'
import { type Bytes, LinkLine, type Receipt } from './link-words.ts'
import { linesOf, offeredIn, reasonOf, wholeOf } from './link-bytes.ts'
import type { Log } from './log.ts'
import type { Nats } from './nats.ts'
import { followOverNats, usageOverNats } from './nats-link.ts'
import { type Audience, openEnvelope, type Revocation } from './publication.ts'
import { peerUnavailable, problemFromAnswer } from './rpc.ts'
import { openShelf } from './shelf.ts'

export type { Link } from './control-doors.ts'

export { type Bytes, LinkLine, Receipt } from './link-words.ts'

const HEARD_NOTHING_MS = 3_000
const FETCH_AGAIN_MS = 250
/** How long NATS must have missed nothing before control's own line is let go, and how often it is looked after then. */
const STEADY_MS = 3_000
const NATS_LOOK_MS = 100

const linkDispatcher = (link: Link) => dispatcherTo(link, HEARD_NOTHING_MS)

const headersOf = (link: Link) => ({ authorization: `Bearer ${link.key.reveal()}` })

export interface Publication {
  /** Epoch that is held now; 0 before the first. */
  epoch(): number
  /** Highest epoch that control has announced. */
  offered(): number
  /** Monotonic milliseconds (performance.now) at which control was last heard. */
  heardAtMs(): number
  /** Whether all of control's live revocations came once: a beat stands behind those that were sent before it. */
  heardOnce(): boolean
  stop(): Promise<void>
}

/** Proves a document and takes it over. Throws what it is refused with; until it answers, the held one counts. */
export type Take = (
  bytes: Bytes,
  above: number,
) => Promise<{ readonly epoch: number; readonly sha256: string; readonly bytes: Bytes }>

interface FollowOptions {
  readonly link: Link
  readonly audience: Audience
  /** Folder of the last three envelopes, and of the highest epoch that was ever taken. */
  readonly folder: string
  readonly log: Log
  /** Carries the same; while it is away, or misses something, control is asked. */
  readonly nats?: Nats | undefined
  readonly onRevocation: (revocation: Revocation) => void
}

/** As `followPublications`, for a reader that takes documents whole and at once. */
export const followPublication = <T extends z.ZodType>(
  options: FollowOptions & {
    publicKey: JWK
    content: T
    onDocument: (
      content: z.output<T>,
      epoch: number,
      envelope: { readonly sha256: string; readonly compiledAt: string },
    ) => void | Promise<void>
  },
): Promise<Publication> => {
  const { link, audience, publicKey: key, content } = options
  return followPublications({
    ...options,
    take: async (bytes, above) => {
      const raw: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
      const opened = openEnvelope(raw, { cell: link.cell, audience, key, above, content })
      await options.onDocument(opened.content, opened.epoch, opened)
      return { ...opened, bytes }
    },
  })
}

/**
 * Holds the newest trustworthy document: from disk at once, then from control for as long as it runs. `take` gets each
 * that is offered; a refused one is logged, reported to control, and the held one stays. `onRevocation` gets control's
 * revocations in order, again from the start after every reconnect: applying one twice must do nothing.
 */
export const followPublications = async (
  options: FollowOptions & {
    take: Take
    /** Under which name control is told what was taken and what was refused. */
    reader?: string
  },
): Promise<Publication> => {
  const { link, audience, log } = options
  const dispatcher = linkDispatcher(link)
  const shelf = openShelf(options.folder, audience)
  let epoch = 0
  let offered = 0
  let heardAtMs = performance.now()
  let heardOnce = false
  let stopped = false
  let receipt: Receipt | undefined

  const tell = (said: Pick<Receipt, 'taken' | 'epoch' | 'sha256' | 'reason'>) => {
    if (options.reader === undefined) return
    receipt = { ...said, reader: options.reader, highest: shelf.highest() }
    void sendReceipt()
  }
  /** A receipt that is not taken now is sent with the next connection: nobody waits for it, least of all a cold start. */
  const sendReceipt = async () => {
    if (!receipt) return
    await postTo(dispatcher, link, `${audience}/receipts`, receipt).catch((cause: unknown) =>
      log.warn({ cause: (cause as Error).message }, 'control takes no receipt now'),
    )
  }
  const accept = async (offered: Bytes, fromDisk: boolean) => {
    const above = Math.max(epoch, shelf.highest() - 1)
    const taken = await options.take(offered, above)
    epoch = taken.epoch
    if (!fromDisk) await shelf.keep(taken.epoch, taken.bytes)
    log.info({ epoch, audience, fromDisk }, 'published document taken')
    return taken
  }

  for (const file of shelf.files().toReversed()) {
    try {
      const { sha256 } = await accept(new Uint8Array(readFileSync(file)), true)
      tell({ taken: true, epoch, sha256, reason: null })
      break
    } catch (cause) {
      log.error(
        { file, cause },
        'a document on disk is broken, or older than one that was taken, and was left aside; control sends a new one',
      )
    }
  }

  const hear = (line: LinkLine) => {
    if (line.type === 'revocation') options.onRevocation(line.revocation)
    else if (line.type === 'epoch') {
      offered = Math.max(offered, line.epoch)
      if (line.epoch > epoch) fetchSoon()
    }
  }
  const overNats =
    options.nats &&
    followOverNats({
      nats: options.nats,
      link,
      audience,
      log,
      onLine: hear,
      onHeard: () => (heardAtMs = performance.now()),
    })

  /** What NATS holds of the newest is taken from there. It is believed in nothing: for all else control is asked. */
  const takeCarried = async (): Promise<boolean> => {
    // What is held already is not taken again: whether there is more, control says.
    if (offered <= epoch) return false
    try {
      const bytes = await overNats?.document(offered)
      if (bytes) await takeOffered(bytes)
      return bytes !== undefined
    } catch (cause) {
      log.error({ cause, audience }, 'what NATS has is no document to take; control is asked')
      return false
    }
  }
  const takeOffered = async (bytes: Bytes) => {
    const { sha256 } = await accept(bytes, false)
    tell({ taken: true, epoch, sha256, reason: null })
  }
  const askedBytes = async (): Promise<Bytes | undefined> => {
    const answer = await request(`http://control/link/${link.cell}/${audience}`, {
      dispatcher,
      headers: headersOf(link),
    })
    if (answer.statusCode !== 200) {
      const body: unknown = await answer.body.json()
      if (answer.statusCode === 404) return undefined
      throw problemFromAnswer(answer.statusCode, body)
    }
    return wholeOf(answer.body, Number(answer.headers['content-length']))
  }
  const fetchNewest = async () => {
    if (await takeCarried()) return
    const bytes = await askedBytes()
    if (!bytes) return
    const offered = offeredIn(bytes)
    if (offered.epoch !== null && offered.epoch <= epoch) return
    try {
      await takeOffered(bytes)
    } catch (cause) {
      log.error({ cause, audience }, 'a published document was refused; the held one stays')
      tell({ ...offered, taken: false, reason: reasonOf(cause) })
    }
  }

  let wanted = false
  let fetching: Promise<void> | undefined
  /** Beside the stream: a large document takes seconds, and a revocation that comes meanwhile must not wait for it. */
  const fetchSoon = (): void => {
    wanted = true
    fetching ??= fetchWanted().finally(() => {
      fetching = undefined
      if (wanted && !stopped) fetchSoon()
    })
  }
  const fetchWanted = async () => {
    while (wanted && !stopped) {
      wanted = false
      try {
        await fetchNewest()
      } catch (cause) {
        if (stopped) return
        log.warn(
          { cause: (cause as Error).message, audience },
          'a published document did not arrive; it is asked for again',
        )
        wanted = true
        await sleep(FETCH_AGAIN_MS)
      }
    }
  }
  const followStream = async () => {
    const answer = await request(`http://control/link/${link.cell}/${audience}/stream?after=0`, {
      dispatcher,
      headers: headersOf(link),
    })
    if (answer.statusCode !== 200)
      throw problemFromAnswer(answer.statusCode, await answer.body.json())
    void sendReceipt()
    fetchSoon()
    for await (const text of linesOf(answer.body)) {
      if (stopped) return
      heardAtMs = performance.now()
      const line = LinkLine.parse(JSON.parse(text))
      if (line.type === 'revocation') overNats?.held(line.revocation)
      if (line.type === 'heartbeat') heardOnce = true
      hear(line)
      // What NATS says alone for a while needs no second line.
      if (overNats?.hears(STEADY_MS)) return
    }
  }

  const run = async () => {
    let waitMs = 50
    while (!stopped) {
      try {
        if (overNats?.hears()) {
          await sleep(NATS_LOOK_MS)
          continue
        }
        await followStream()
        waitMs = 50
      } catch (cause) {
        if (stopped) return
        log.warn(
          { cause: (cause as Error).message, audience },
          'control is not heard; the held document stays',
        )
        waitMs = Math.min(waitMs * 2, 1_000)
      }
      await sleep(waitMs * (0.5 + Math.random() / 2))
    }
  }
  const running = run()
  return {
    epoch: () => epoch,
    offered: () => Math.max(offered, epoch),
    heardAtMs: () => heardAtMs,
    heardOnce: () => (heardOnce ||= overNats?.hears() ?? false),
    stop: async () => {
      stopped = true
      await dispatcher.destroy()
      await Promise.all([running, overNats?.stop()])
      await fetching
    },
  }
}

/** Usage as a gateway sends it: over NATS, or to control where no receipt comes from there. */
export const usageOver = (
  nats: Nats | undefined,
  link: Link,
  gateway: string,
  send: (batch: unknown) => Promise<unknown>,
) => {
  if (!nats) return send
  const carried = usageOverNats(nats, link, gateway)
  return (batch: Parameters<typeof carried>[0]): Promise<unknown> =>
    carried(batch).catch(() => send(batch))
}

/** Sends a batch of usage; answers what control answered. Throws `platform/peer-unavailable` when it is away. */
export const usageSender = (link: Link) => {
  const dispatcher = linkDispatcher(link)
  /** What happens now is looked at in every copy of control. */
  const boards = eachDoor(link).map((door) => ({ door, dispatcher: linkDispatcher(door) }))
  return {
    send: (batch: unknown): Promise<unknown> => postTo(dispatcher, link, 'usage', batch),
    sendFields: (batch: unknown): Promise<unknown> => postTo(dispatcher, link, 'fields', batch),
    sendBusinessEvents: (batch: unknown): Promise<unknown> =>
      postTo(dispatcher, link, 'business-events', batch),
    sendLive: (report: unknown): Promise<unknown> =>
      Promise.any(boards.map((board) => postTo(board.dispatcher, board.door, 'live', report))),
    close: async () => {
      await Promise.all([dispatcher, ...boards.map((b) => b.dispatcher)].map((d) => d.destroy()))
    },
  }
}

const postTo = async (dispatcher: Agent, link: Link, path: string, what: unknown) => {
  const answer = await request(`http://control/link/${link.cell}/${path}`, {
    method: 'POST',
    dispatcher,
    headers: { ...headersOf(link), 'content-type': 'application/json' },
    body: JSON.stringify(what),
  }).catch((cause: unknown) => {
    throw peerUnavailable(`control takes nothing at ${path} now`, { cause })
  })
  const body: unknown = await answer.body.json()
  if (answer.statusCode !== 200) throw problemFromAnswer(answer.statusCode, body)
  return body
}
