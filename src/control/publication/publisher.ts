/** Follows the journal: first what must stop, then whole documents, signed, and only when they say something new. */
import { createHash } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { z } from 'zod'
import { Registry } from '#authorization/registry.ts'
import { Snapshot } from '#gateway/snapshot.ts'
import { canonical } from '#kernel/canonical.ts'
import { type Cell, Cell as CellName, cells } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import { type Entry, followJournal, type Work, work } from '#journal/index.ts'
import { addressesOf } from '#platform/config.ts'
import type { Db, Postgres } from '#platform/db.ts'
import type { JWK } from '#platform/jose.ts'
import { readJwk, readJwks } from '#platform/keys.ts'
import { standForLeader } from '#platform/leader.ts'
import type { Log } from '#platform/log.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { type Audience, Audience as Audiences, sealText } from '#platform/publication.ts'
import {
  edition,
  listProducts,
  listTiers,
  listUpstreams,
  type Product,
} from '#control/catalogue/index.ts'
import { turningPoints } from '#control/licences/index.ts'
import { certificatesOfCell, listApplications } from '#control/partners/index.ts'
import { portalOf, readEndings } from '#control/version-lives/index.ts'
import { compile } from './compile.ts'
import { keepPermissions } from './permission-versions.ts'
import { momentOf, readPolicy } from './policy.ts'
import { revocationsOf } from './revocations.ts'
import * as store from './store.ts'

export interface Publisher {
  /** Whether every document of every cell has been published. */
  ready(): boolean
  stop(): Promise<void>
}

export interface PublisherOptions {
  readonly db: Postgres
  readonly world: ProcessWorld
  readonly log: Log
  /** How long after a resumption the cells get documents of their own; shorter in tests. */
  readonly settledMs?: number
  /** New revocations or a new epoch: those who listen look themselves. */
  readonly onNews: (cell: Cell) => void
  /** Where copies of control agree which of them publishes; without it this one does. What must stop, each of them notes. */
  readonly leaderUrl?: string
}

/** Several changes in a row make one document; a stop does not wait for it. */
const GATHER_MS = 25
const RETRY_MS = 250
const APPLICATIONS_MAX = 1_000_000
const KEYS_LOOK_MS = 250
/** Nothing is believed to be quiet for longer than this. */
const LOOK_AGAIN_MS = 3_600_000
/** Cells hold a denial against documents compiled this soon after it, in case they were read before it. */
const SETTLED_MS = 6_000

/** Entries that no document depends on. */
const irrelevant = /^(publication|approvals|staff|usage)\.|^partners\.(signed-in|person-|password-)/
/** What was stopped goes on: a cell believes that from a document of its own. */
const resumes = new Set([
  'partners.reinstated',
  'licences.reinstated',
  'contracts.thawed',
  'contracts.activated',
])

export const startPublisher = async (options: PublisherOptions): Promise<Publisher> => {
  const { db, world, log, onNews } = options
  const compileCell = documentCompiler(world)
  const readyCells = new Set<Cell>()
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false
  /** Cells whose next documents are published even if they say nothing new. */
  const anew = new Set<Cell>()
  let wake: () => void = () => {}
  let dirty = true
  /** What another copy published is published. */
  const seeReady = async () => {
    for (const { cell } of await store.newest(db)) readyCells.add(cell)
  }

  const touch = () => {
    dirty = true
    wake()
  }
  const later = (ms: number, body: () => void) => {
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        body()
      },
      Math.min(ms, LOOK_AGAIN_MS),
    )
    timers.add(timer)
    return timer
  }

  const onEntries = async (entries: readonly Entry[]) => {
    await keepRevocations(options, entries)
    if (readyCells.size < cells.length && options.leaderUrl !== undefined) await seeReady()
    for (const cell of cells) onNews(cell)
    if (entries.some((e) => resumes.has(e.event)))
      later(options.settledMs ?? SETTLED_MS, () => {
        for (const cell of cells) anew.add(cell)
        touch()
      })
    if (entries.some((e) => !irrelevant.test(e.event))) touch()
  }

  const publishAll = async (): Promise<Temporal.Instant | undefined> => {
    let next: Temporal.Instant | undefined
    for (const cell of cells) {
      const forced = anew.has(cell)
      const { isNew, turns } = await work(db, 'system', world.now(), (w) =>
        publishCell(w, {
          cell,
          compileCell,
          key: readJwk(world.layout.control.snapshotKey),
          forced,
        }),
      )
      if (forced) anew.delete(cell)
      readyCells.add(cell)
      if (isNew) onNews(cell)
      if (turns && (!next || isBefore(turns, next))) next = turns
    }
    return next
  }

  const run = async (ended: () => boolean) => {
    let turn: NodeJS.Timeout | undefined
    while (!ended()) {
      if (!dirty) await new Promise<void>((resolve) => (wake = resolve))
      if (ended()) return
      await pause(GATHER_MS)
      dirty = false
      try {
        const next = await publishAll()
        if (turn) timers.delete(turn)
        clearTimeout(turn)
        const waitMs = next ? next.epochMilliseconds - world.now().epochMilliseconds : LOOK_AGAIN_MS
        turn = later(Math.max(waitMs, 0) + 1, touch)
      } catch (cause) {
        log.error(
          { cause },
          'documents could not be published; the cells keep those that they hold',
        )
        dirty = true
        await pause(RETRY_MS)
      }
    }
  }

  /** Whoever begins does not know what was left undone. */
  const publish = (): Running => {
    let ended = false
    touch()
    const running = run(() => ended || stopped)
    return {
      stop: async () => {
        ended = true
        wake()
        await running
      },
    }
  }

  // The keys of the issuers change without a line in our journal: their cells write them down beside their own.
  const keyFiles = cells.map((cell) => world.layout.cell(cell).issuerPublicKeys)
  for (const file of keyFiles) watchFile(file, { interval: KEYS_LOOK_MS, persistent: false }, touch)

  const follower = await followJournal(
    db,
    {
      after: await store.readUpTo(db),
      onError: (cause) => log.error({ cause }, 'the journal could not be read; it is tried again'),
    },
    onEntries,
  )
  const { leaderUrl: url } = options
  const publishing =
    url === undefined ? publish() : standForLeader({ url, name: 'publication', log, lead: publish })
  return {
    ready: () => readyCells.size === cells.length,
    stop: async () => {
      stopped = true
      wake()
      for (const file of keyFiles) unwatchFile(file, touch)
      await Promise.all([follower.stop(), publishing.stop()])
      // Last of all: what was under way has set its own by now.
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Notes what the entries stop, together with how far the journal was read: nothing is skipped, nothing noted twice. */
const keepRevocations = (
  { db, world, log }: PublisherOptions,
  entries: readonly Entry[],
): Promise<void> =>
  db.transaction(async (tx) => {
    const place = await store.lockPlace(tx)
    for (const entry of entries.filter((e) => e.seq > place)) {
      if (entry.event === 'publication.published')
        await store.saveLine(tx, publishedIn(entry), entry.seq)
      try {
        for (const revocation of await revocationsOf(tx, entry, momentOf(world)))
          await store.insertRevocation(tx, revocation)
      } catch (cause) {
        // One line that cannot be read must not keep the stops behind it from the cells. The documents say it anyway.
        if (!(cause instanceof z.ZodError)) throw cause
        log.error(
          { cause, seq: String(entry.seq), event: entry.event },
          'an entry stops nothing: it cannot be read',
        )
      }
    }
    const last = entries.at(-1)?.seq
    if (last !== undefined && last > place) await store.savePlace(tx, last)
  })

const Published = z.object({ epoch: z.int() })

/** Which document a line says was published. */
const publishedIn = ({ subject, data }: Entry) => {
  const [cell, audience] = subject.split('/')
  return {
    cell: CellName.parse(cell),
    audience: Audiences.parse(audience),
    epoch: Published.parse(data).epoch,
  }
}

type CompileCell = ReturnType<typeof documentCompiler>

/** Compiles a cell's documents; products are read again only when the catalogue has another edition. */
const documentCompiler = (world: ProcessWorld) => {
  let held: { edition: string; products: readonly Product[] } | undefined
  const productsNow = async (db: Db) => {
    const now = await edition(db)
    if (held?.edition !== now) held = { edition: now, products: await listProducts(db) }
    return held.products
  }
  return async (db: Db, cell: Cell) => {
    const moment = momentOf(world)
    const policy = await readPolicy(db, moment)
    const { issuer, audience } = addressesOf(world.ports, cell)
    const keys = Snapshot.shape.issuer.shape.keys.parse(
      readJwks(world.layout.cell(cell).issuerPublicKeys),
    )
    const documents = compile({
      cell,
      now: moment.now,
      policy,
      products: await productsNow(db),
      upstreams: (await listUpstreams(db)).flatMap(({ cell: of, ...one }) =>
        of === cell ? [one] : [],
      ),
      tiers: await listTiers(db),
      applications: await listApplications(db, { cell }, APPLICATIONS_MAX),
      certificates: await certificatesOfCell(db, cell, moment.now),
      issuer: { issuer, audience, keys },
      endings: await readEndings(db, portalOf(world)),
    })
    const turns = policy.partners
      .flatMap((p) => {
        const facts = policy.facts(p.id)
        return facts ? turningPoints(facts, policy.matrix, moment.now) : []
      })
      .reduce<Temporal.Instant | undefined>((a, b) => (a && isBefore(a, b) ? a : b), undefined)
    // A document that its reader would refuse is never sent.
    const content = {
      gateway: Snapshot.parse(documents.gateway),
      authorization: Registry.parse(documents.authorization),
    } satisfies Readonly<Record<Audience, unknown>>
    return { content, turns, compiledAt: moment.now }
  }
}

/** One cell's documents of this moment, without waiting for the journal; nothing where they say nothing new. */
export const publishOnce = async (db: Postgres, world: ProcessWorld, cell: Cell): Promise<void> => {
  const compileCell = documentCompiler(world)
  const key = readJwk(world.layout.control.snapshotKey)
  await work(db, 'system', world.now(), (w) =>
    publishCell(w, { cell, compileCell, key, forced: false }),
  )
}

/** One cell's documents of one moment, both or none. */
const publishCell = async (
  work: Work,
  {
    cell,
    compileCell,
    key,
    forced,
  }: { cell: Cell; compileCell: CompileCell; key: JWK; forced: boolean },
): Promise<{ isNew: boolean; turns: Temporal.Instant | undefined }> => {
  await work.run`set transaction isolation level repeatable read`
  const held = new Map((await store.newest(work)).map((d) => [`${d.cell} ${d.audience}`, d]))
  const journalSeq = await store.readUpTo(work)
  const { content, turns, compiledAt } = await compileCell(work, cell)
  let isNew = false
  for (const audience of Audiences.options) {
    const before = held.get(`${cell} ${audience}`)
    const text = canonical(content[audience])
    const sha256 = createHash('sha256').update(text).digest('hex')
    if (before?.sha256 === sha256 && !forced) continue
    // A control that was restored from a backup must not count where its readers have been: they take nothing older.
    const seen = await store.highestTaken(work, cell, audience)
    const epoch = Math.max(Number(before?.epoch ?? 0n), Number(seen)) + 1
    const head = { cell, audience, epoch, compiledAt: compiledAt.toString() }
    await store.insertDocument(
      work,
      { ...head, sha256 },
      sealText({ ...head, content: text }, key),
      journalSeq,
    )
    if (audience === 'gateway')
      await keepPermissions(work, content.gateway, { epoch, sha256, at: compiledAt })
    await work.record('publication.published', `${cell}/${audience}`, { epoch, sha256 })
    isNew = true
  }
  return { isNew, turns }
}
