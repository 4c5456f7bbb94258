/**
 * Keeps the evidence of one journal: its tree in tiles, and every second in which something happened a signed
 * checkpoint. Of several processes one does it at a time. What a witness says of it is fetched apart: only some may reach it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { makeSigningKey, tellOnce, writeWhole } from '#platform/keys.ts'
import type { Log } from '#platform/log.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import {
  isSignedBy,
  noteUnreadable,
  readCheckpoint,
  readVkey,
  signCheckpoint,
  type SignedCheckpoint,
  type Signer,
  signerOf,
} from './note.ts'
import {
  checkpointPath,
  dropPartials,
  readBundle,
  readNote,
  readTile,
  rememberingTiles,
  witnessedPath,
  writeBundle,
  writeTile,
} from './tiles.ts'
import { growTree, leafHash, type Tile, TILE_WIDTH } from './tree.ts'
import { askWitness, type Witness } from './witnessing.ts'

export const journalShrank = problem(
  'journal/shrank',
  500,
  'The journal holds fewer lines than were signed',
)

/** Checkpoints while there is much to do; they are never further apart. */
const ROUND_LINES_MAX = 20 * TILE_WIDTH
const EVERY_MS = 1000

export interface EvidenceKeeper {
  readonly folder: string
  readonly signer: Signer
}

/** Where the evidence of a journal lies, by the name of its database. */
export const evidenceFolder = (data: string, database: string): string =>
  join(data, 'evidence', database)

/** Whose key signs a journal: of the process that keeps its evidence. */
export const evidenceOwner = (database: string): string => {
  const [cell, kind] = database.split('_')
  return kind === undefined ? database : `${cell}/${kind === 'vault' ? 'vault' : 'courier'}`
}

/** Where that key lies. */
export const evidenceKeyPath = (data: string, database: string): string =>
  join(data, 'keys', evidenceOwner(database), 'journal-signing.json')

/** The public half of the log's key, as verifiers pin it. */
export const evidenceVkeyPath = (data: string, database: string): string =>
  join(data, 'keys', 'public', `journal-${database}.vkey`)

const Sealed = z.object({ body: z.string() })
const Last = z.object({ seq: z.bigint() })

/** Names the lock: one round at a time, whichever process is first. */
const lock = 'journal.evidence'

/** How many lines are sealed. */
export const lastPlace = async (db: Db): Promise<number> => {
  const last = await db.maybe(Last)`select seq from journal.chain order by seq desc limit 1`
  return Number(last?.seq ?? 0n)
}

/** The signed state on disk: it is our own word, so another's signature is refused. */
const stateOf = ({ folder, signer }: EvidenceKeeper): SignedCheckpoint | undefined => {
  const note = readNote(checkpointPath(folder))
  if (note === undefined) return undefined
  const state = readCheckpoint(note)
  if (!isSignedBy(state, signer)) throw noteUnreadable(`${folder} was signed by another key`)
  return state
}

/**
 * Takes the next lines into the tree and signs the larger tree; answers its size. What a killed round left behind is
 * written again by the next: the checkpoint comes last, and nothing counts that it does not name.
 */
export const keepRound = async (postgres: Postgres, keeper: EvidenceKeeper): Promise<number> =>
  postgres.transaction(async (db) => {
    const { locked } = await db.one(
      Locked,
    )`select pg_try_advisory_xact_lock(hashtext(${lock})) as locked`
    const before = stateOf(keeper)
    const size = before?.size ?? 0
    if (!locked) return size
    const last = await lastPlace(db)
    if (last < size)
      throw journalShrank(`it holds ${last} lines, and ${size} were signed; nothing more is signed`)
    if (last === size && before) return size
    const lines = await db.many(Sealed)`
      select e.body
        from journal.chain c
        join journal.entry e on e.id = c.entry_id
       where c.seq > ${size}
       order by c.seq
       limit ${ROUND_LINES_MAX}
    `
    return grow(
      keeper,
      size,
      lines.map(({ body }) => Buffer.from(body)),
    )
  })
const Locked = z.object({ locked: z.boolean() })

const grow = (keeper: EvidenceKeeper, size: number, bodies: readonly Buffer[]): number => {
  const { folder, signer } = keeper
  const tree = growTree(size, readTile(folder))
  const open = tree.partial()
  const [lowest] = open
  const firstTile = Math.floor(size / TILE_WIDTH)
  const held = lowest?.level === 0 ? readBundle(folder, firstTile, lowest.hashes.length) : []
  const lines = [...held, ...bodies]
  for (let at = 0; at < lines.length; at += TILE_WIDTH)
    writeBundle(folder, firstTile + at / TILE_WIDTH, lines.slice(at, at + TILE_WIDTH))
  const places = open.map((tile) => ({ ...tile, width: tile.hashes.length }))
  for (const body of bodies) tree.append(leafHash(body), (tile) => writeTile(folder, tile))
  const stands = (now: Tile) =>
    places.some(
      ({ level, index, width }) =>
        level === now.level && index === now.index && width === now.hashes.length,
    )
  for (const tile of tree.partial()) if (!stands(tile)) writeTile(folder, tile)
  writeWhole(
    checkpointPath(folder),
    signCheckpoint(signer, { origin: signer.name, size: tree.size(), root: tree.root() }),
  )
  for (const { level, index } of places)
    if ((index + 1) * TILE_WIDTH ** (level + 1) <= tree.size()) dropPartials(folder, level, index)
  return tree.size()
}

/** Has the witness co-sign what it has not seen; keeps its word beside ours. It needs no key and no database. */
export const haveWitnessed = async (folder: string, witness: Witness): Promise<void> => {
  const note = readNote(checkpointPath(folder))
  if (note === undefined) return
  const newest = readCheckpoint(note)
  const seen = readNote(witnessedPath(folder))
  const known = seen === undefined ? 0 : readCheckpoint(seen).size
  if (seen !== undefined && known === newest.size) return
  const read = rememberingTiles(folder)
  writeWhole(witnessedPath(folder), await askWitness(witness, { note, newest, known, read }))
}

type EvidenceWorld = Pick<ProcessWorld, 'layout' | 'log' | 'settings'>

/** Keeps the evidence until it is stopped. `keys` is the process whose secret the log's key is. */
export const keepEvidence = async (
  postgres: Postgres,
  world: EvidenceWorld,
  owner: { database: string; keys: string },
): Promise<Running> => {
  const keeper = await openKeeper(world, owner)
  return everySecond(world.log, async (isStopped) => {
    for (let size = -1; !isStopped();) {
      const reached = await keepRound(postgres, keeper)
      if (reached === size) break
      size = reached
    }
  })
}

/** Has what others keep witnessed, until it is stopped; for a process that has a way to the witness. */
export const keepWitnessed = (
  { layout, log, settings }: EvidenceWorld,
  names: readonly string[],
): Running => {
  const { PORTICO_WITNESS_URL: url, PORTICO_WITNESS_KEY: vkey } = settings
  if (!url || !vkey) return { stop: async () => {} }
  const witness = { url, verifier: readVkey(vkey) }
  return everySecond(log, async (isStopped) => {
    for (const name of names)
      if (!isStopped()) await haveWitnessed(evidenceFolder(layout.data, name), witness)
  })
}

/** A failure is told, and tried again in the next second. */
const everySecond = (log: Log, round: (isStopped: () => boolean) => Promise<void>): Running => {
  let stopped = false
  let wake = () => {}
  const run = async () => {
    while (!stopped) {
      await round(() => stopped).catch((cause: unknown) =>
        log.error({ err: cause }, 'the evidence of the journal waits for the next second'),
      )
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, stopped ? 0 : EVERY_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      wake()
      await running
    },
  }
}

/** Opens or makes the key and the folder. */
export const openKeeper = async (
  { layout }: Pick<ProcessWorld, 'layout'>,
  { database, keys }: { database: string; keys: string },
): Promise<EvidenceKeeper> => {
  const folder = evidenceFolder(layout.data, database)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const jwk = await makeSigningKey(
    join(layout.data, 'keys', keys, 'journal-signing.json'),
    join(layout.data, 'keys', 'public', `journal-${database}.json`),
    'EdDSA',
  )
  const signer = signerOf(`portico-journal/${database}`, 'log', jwk)
  tellOnce(evidenceVkeyPath(layout.data, database), `${signer.vkey}\n`)
  return { folder, signer }
}
