/** The line from a cell's process to control: published documents, control's revocations, usage. The cell always calls. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { writeWhole } from './keys.ts'
import type { JWK } from './jose.ts'
import type { Log } from './log.ts'
import { type Audience, Envelope, openEnvelope, Revocation } from './publication.ts'
import { peerUnavailable, problemFromAnswer } from './rpc.ts'
import type { Secret } from './secret.ts'

/**
 * What control serves on its own socket, `authorization: Bearer <link key of the cell>`:
 * `GET  /link/{cell}/{audience}`              the newest envelope
 * `GET  /link/{cell}/{audience}/stream?after=N`  NDJSON of LinkLine, control's revocations above N first; never ends
 * `POST /link/{cell}/usage`                    UsageBatch (gateway/usage.ts) → UsageReceipt
 * `POST /link/{cell}/fields`                   FieldBatch (gateway/field-report.ts) → FieldReceipt
 */
export const LinkLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('epoch'), epoch: z.number().int().positive() }),
  z.strictObject({ type: z.literal('revocation'), revocation: Revocation }),
  z.strictObject({ type: z.literal('heartbeat'), at: z.string() }),
])
export type LinkLine = z.output<typeof LinkLine>

export interface Link {
  readonly cell: Cell
  readonly socketPath: string
  readonly key: Secret<string>
}

const KEPT_ON_DISK = 3
const HEARD_NOTHING_MS = 3_000

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
  /** Monotonic milliseconds (performance.now) at which control was last heard. */
  heardAtMs(): number
  stop(): Promise<void>
}

/**
 * Holds the newest trustworthy document: from disk at once, then from control for as long as it runs. `onDocument` gets
 * each accepted one; a refused one is logged and the held one stays. `onRevocation` gets control's revocations in order,
 * again from the start after every reconnect: applying one twice must do nothing.
 */
export const followPublication = async <T extends z.ZodType>(options: {
  link: Link
  audience: Audience
  publicKey: JWK
  content: T
  /** Folder of the last three envelopes. */
  folder: string
  log: Log
  onDocument: (
    content: z.output<T>,
    epoch: number,
    envelope: { readonly sha256: string; readonly compiledAt: string },
  ) => void | Promise<void>
  onRevocation: (revocation: Revocation) => void
}): Promise<Publication> => {
  const { link, audience, log } = options
  const expected = { cell: link.cell, audience, key: options.publicKey, content: options.content }
  const dispatcher = linkDispatcher(link)
  let epoch = 0
  let heardAtMs = performance.now()
  let stopped = false

  const accept = async (raw: unknown, fromDisk: boolean) => {
    const opened = openEnvelope(raw, { ...expected, above: epoch })
    await options.onDocument(opened.content, opened.epoch, opened)
    epoch = opened.epoch
    if (!fromDisk) keep(options.folder, audience, raw)
    log.info({ epoch, audience, fromDisk }, 'published document taken')
  }

  for (const file of kept(options.folder, audience).toReversed()) {
    try {
      await accept(JSON.parse(readFileSync(file, 'utf8')), true)
      break
    } catch (cause) {
      log.error(
        { file, cause },
        'a document on disk is broken and was left aside; remove it, control sends a new one',
      )
    }
  }

  const fetchNewest = async () => {
    const answer = await request(`http://control/link/${link.cell}/${audience}`, {
      dispatcher,
      headers: headersOf(link),
    })
    const body: unknown = await answer.body.json()
    if (answer.statusCode === 404) return
    if (answer.statusCode !== 200) throw problemFromAnswer(answer.statusCode, body)
    const offered = Envelope.safeParse(body)
    if (offered.success && offered.data.epoch <= epoch) return
    await accept(body, false)
  }

  const followStream = async () => {
    const answer = await request(`http://control/link/${link.cell}/${audience}/stream?after=0`, {
      dispatcher,
      headers: headersOf(link),
    })
    if (answer.statusCode !== 200)
      throw problemFromAnswer(answer.statusCode, await answer.body.json())
    await fetchNewest()
    for await (const text of linesOf(answer.body)) {
      if (stopped) return
      heardAtMs = performance.now()
      const line = LinkLine.parse(JSON.parse(text))
      if (line.type === 'revocation') options.onRevocation(line.revocation)
      else if (line.type === 'epoch' && line.epoch > epoch)
        await fetchNewest().catch((cause: unknown) =>
          log.error({ cause, audience }, 'a published document was refused; the held one stays'),
        )
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
    heardAtMs: () => heardAtMs,
    stop: async () => {
      stopped = true
      await dispatcher.destroy()
      await running
    },
  }
}

/** Sends a batch of usage; answers what control answered. Throws `platform/peer-unavailable` when it is away. */
export const usageSender = (link: Link) => {
  const dispatcher = linkDispatcher(link)
  return {
    send: (batch: unknown): Promise<unknown> => postTo(dispatcher, link, 'usage', batch),
    sendFields: (batch: unknown): Promise<unknown> => postTo(dispatcher, link, 'fields', batch),
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

const linesOf = async function* (chunks: AsyncIterable<Uint8Array>) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}

/** File names sort by epoch. */
const kept = (folder: string, audience: Audience): string[] => {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${audience}-`) && name.endsWith('.json'))
    .toSorted()
    .map((name) => join(folder, name))
}

const keep = (folder: string, audience: Audience, raw: unknown) => {
  const { epoch } = Envelope.parse(raw)
  writeWhole(
    join(folder, `${audience}-${String(epoch).padStart(12, '0')}.json`),
    JSON.stringify(raw),
  )
  for (const old of kept(folder, audience).slice(0, -KEPT_ON_DISK)) rmSync(old, { force: true })
}
