/** The line from a cell's process to control: published documents, control's revocations, usage. The cell always calls. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import type { JWK } from './jose.ts'
import type { Log } from './log.ts'
import { type Audience, openEnvelope, Revocation } from './publication.ts'
import { peerUnavailable, problemFromAnswer } from './rpc.ts'
import type { Secret } from './secret.ts'

/**
 * What control serves on its own socket, `authorization: Bearer <link key of the cell>`:
 * `GET  /link/{cell}/{audience}`              the newest envelope
 * `GET  /link/{cell}/{audience}/stream?after=N`  NDJSON of LinkLine, control's revocations above N first; never ends
 * `POST /link/{cell}/{audience}/receipts`       Receipt: what a reader holds now, or why it refused a document
 * `POST /link/{cell}/usage`                    UsageBatch (gateway/usage.ts) → UsageReceipt
 * `POST /link/{cell}/live`                     LiveReport (gateway/live-report.ts) → {}
 * `POST /link/{cell}/fields`                   FieldBatch (gateway/field-report.ts) → FieldReceipt
 * `POST /link/{cell}/business-events`          BusinessBatch (courier/business-events.ts) → BusinessReceipt
 */
export const LinkLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('epoch'), epoch: z.number().int().positive() }),
  z.strictObject({ type: z.literal('revocation'), revocation: Revocation }),
  z.strictObject({ type: z.literal('heartbeat'), at: z.string() }),
])
export type LinkLine = z.output<typeof LinkLine>

/** What a reader made of a document. Control keeps the last ones, so that somebody sees who serves by which epoch (G44). */
export const Receipt = z.strictObject({
  /** The gateway's own name. */
  reader: z.string().regex(/^[a-z]+_[0-9a-f]{32}$/),
  taken: z.boolean(),
  /** Of the document; null where not even that could be read. */
  epoch: z.number().int().positive().nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Why it was refused. */
  reason: z.string().max(500).nullable(),
  /** Highest epoch that the reader ever took: it takes nothing at or below it again. */
  highest: z.number().int().nonnegative(),
})
export type Receipt = z.output<typeof Receipt>

export interface Link {
  readonly cell: Cell
  readonly socketPath: string
  readonly key: Secret<string>
}

const KEPT_ON_DISK = 3
const HEARD_NOTHING_MS = 3_000
const FETCH_AGAIN_MS = 250

const linkDispatcher = (link: Link) =>
  new Agent({
    connect: { socketPath: link.socketPath },
    connections: 4,
    bodyTimeout: HEARD_NOTHING_MS,
    headersTimeout: 10_000,
  })

const headersOf = (link: Link) => ({ authorization: `Bearer ${link.key.reveal()}` })

export interface Publication {
  /** Epoch that is held now; 0 before the first. */
  epoch(): number
  /** Highest epoch that control has announced. */
  offered(): number
  /** Monotonic milliseconds (performance.now) at which control was last heard. */
  heardAtMs(): number
  stop(): Promise<void>
}

/** A published document, as bytes; the reader gives back those that it was given, for the disk. */
export type Bytes = Uint8Array<ArrayBuffer>

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
  let stopped = false
  let receipt: Receipt | undefined

  const tell = async (said: Pick<Receipt, 'taken' | 'epoch' | 'sha256' | 'reason'>) => {
    if (options.reader === undefined) return
    receipt = { ...said, reader: options.reader, highest: shelf.highest() }
    await sendReceipt()
  }
  /** A receipt that is not taken now is sent with the next connection: nobody waits for it. */
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
      await tell({ taken: true, epoch, sha256, reason: null })
      break
    } catch (cause) {
      log.error(
        { file, cause },
        'a document on disk is broken, or older than one that was taken, and was left aside; control sends a new one',
      )
    }
  }

  const fetchNewest = async () => {
    const answer = await request(`http://control/link/${link.cell}/${audience}`, {
      dispatcher,
      headers: headersOf(link),
    })
    if (answer.statusCode !== 200) {
      const body: unknown = await answer.body.json()
      if (answer.statusCode === 404) return
      throw problemFromAnswer(answer.statusCode, body)
    }
    const bytes = await wholeOf(answer.body, Number(answer.headers['content-length']))
    const offered = offeredIn(bytes)
    if (offered.epoch !== null && offered.epoch <= epoch) return
    try {
      const { sha256 } = await accept(bytes, false)
      await tell({ taken: true, epoch, sha256, reason: null })
    } catch (cause) {
      log.error({ cause, audience }, 'a published document was refused; the held one stays')
      await tell({ ...offered, taken: false, reason: reasonOf(cause) })
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
      if (line.type === 'revocation') options.onRevocation(line.revocation)
      else if (line.type === 'epoch') {
        offered = line.epoch
        if (line.epoch > epoch) fetchSoon()
      }
    }
  }

  const run = async () => {
    let waitMs = 50
    while (!stopped) {
      try {
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
    stop: async () => {
      stopped = true
      await dispatcher.destroy()
      await running
      await fetching
    },
  }
}

/** Sends a batch of usage; answers what control answered. Throws `platform/peer-unavailable` when it is away. */
export const usageSender = (link: Link) => {
  const dispatcher = linkDispatcher(link)
  return {
    send: (batch: unknown): Promise<unknown> => postTo(dispatcher, link, 'usage', batch),
    sendFields: (batch: unknown): Promise<unknown> => postTo(dispatcher, link, 'fields', batch),
    sendBusinessEvents: (batch: unknown): Promise<unknown> =>
      postTo(dispatcher, link, 'business-events', batch),
    sendLive: (report: unknown): Promise<unknown> => postTo(dispatcher, link, 'live', report),
    close: () => dispatcher.destroy(),
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

/** Larger than any document that a cell could hold: a sender that does not end is cut off. */
const DOCUMENT_BYTES_MAX = 536_870_912

/** A body as it comes, into a buffer of its announced size: joining 60 MB at the end would stop every call meanwhile. */
const wholeOf = async (body: AsyncIterable<Uint8Array>, announced: number): Promise<Bytes> => {
  let whole = new Uint8Array(new ArrayBuffer(lengthOf(announced)))
  let length = 0
  for await (const chunk of body) {
    if (length + chunk.length > whole.length) {
      const longer = new Uint8Array(new ArrayBuffer(lengthOf((length + chunk.length) * 2)))
      longer.set(whole)
      whole = longer
    }
    whole.set(chunk, length)
    length += chunk.length
  }
  return length === whole.length ? whole : whole.slice(0, length)
}

const lengthOf = (announced: number): number => {
  if (announced > DOCUMENT_BYTES_MAX) throw peerUnavailable('a document is too large to be held')
  return Number.isSafeInteger(announced) ? announced : 0
}

/** What an envelope says of itself, unproven: enough to know it by. Its head and its end are short. */
const offeredIn = (bytes: Bytes): { epoch: number | null; sha256: string | null } => {
  const ends = Buffer.from(bytes.subarray(-400)).toString('latin1') + headOf(bytes)
  return {
    epoch: Number(/"epoch":([1-9]\d{0,14})[,}]/.exec(ends)?.[1] ?? 0) || null,
    sha256: /"sha256":"([0-9a-f]{64})"/.exec(ends)?.[1] ?? null,
  }
}
const headOf = (bytes: Bytes) => Buffer.from(bytes.subarray(0, 400)).toString('latin1')

const reasonOf = (cause: unknown) =>
  (cause instanceof Problem ? cause.detail : String(cause)).slice(0, 500)

const linesOf = async function* (chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}

/**
 * The last documents on disk. Beside them stands the highest epoch that was ever taken: an older file put back, by whom
 * or what ever, is not served (G45). Whoever means it removes that file too.
 */
const openShelf = (folder: string, audience: Audience) => {
  mkdirSync(folder, { recursive: true })
  const highestFile = join(folder, `${audience}-highest`)
  let highest = existsSync(highestFile) ? Number(readFileSync(highestFile, 'utf8')) : 0
  if (!Number.isSafeInteger(highest)) highest = 0
  /** Names sort by epoch. */
  const files = () =>
    readdirSync(folder)
      .filter((name) => name.startsWith(`${audience}-`) && name.endsWith('.json'))
      .toSorted()
      .map((name) => join(folder, name))
  return {
    files,
    highest: () => highest,
    keep: async (epoch: number, bytes: Bytes) => {
      await writeDurably(join(folder, `${audience}-${String(epoch).padStart(12, '0')}.json`), bytes)
      highest = epoch
      await writeDurably(highestFile, String(epoch))
      for (const old of files().slice(0, -KEPT_ON_DISK)) await rm(old, { force: true })
    },
  }
}

/** As `writeWhole`, off this thread: a document may be large. */
const writeDurably = async (path: string, content: string | Uint8Array) => {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
