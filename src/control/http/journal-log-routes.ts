/** The journal of the control plane as a transparency log: C2SP tlog-tiles, for staff whole, for partners its hashes. */
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import {
  evidenceFolder,
  evidenceVkeyPath,
  logResourceUnknown,
  notesOf,
  placeOfTile,
  proveConsistency,
  readCheckpoint,
  readLogVkey,
  readResource,
} from '#journal/index.ts'
import type { ControlContext, Server } from './context.ts'

const tags = ['journal']
const DATABASE = 'control'
const Size = z.coerce.number().int().min(0).max(999_999_999_999_999)
const File = z.unknown().describe('Bytes')

const Cosigned = z.object({
  size: z.int(),
  checkpoint: z.string(),
  witnesses: z.array(z.object({ name: z.string(), at: z.string() })),
})
export const LogState = z.object({
  vkey: z.string().describe('The key of the log, as verifiers pin it (C2SP signed-note)'),
  size: z.int(),
  root: z.string().describe('Base64'),
  checkpoint: z.string(),
  witnessed: Cosigned.nullable().describe('The newest checkpoint that a witness has co-signed'),
})

/** Eight bytes of seconds stand before a cosignature (C2SP tlog-cosignature). */
const TIMED_BYTES = 8 + 64
const cosignedBy = (note: string): z.output<typeof Cosigned> => {
  const { size, origin, signatures } = readCheckpoint(note)
  const witnesses = signatures
    .filter(({ name, bytes }) => name !== origin && bytes.length === TIMED_BYTES)
    .map(({ name, bytes }) => ({
      name,
      at: Temporal.Instant.fromEpochMilliseconds(
        Number(bytes.readBigUInt64BE(0)) * 1000,
      ).toString(),
    }))
  return { size, checkpoint: note, witnesses }
}

/** What the log says of itself now; null while nothing is signed. */
export const logState = ({ layout }: ControlContext['world']): z.output<typeof LogState> | null => {
  const { checkpoint, witnessed } = notesOf(evidenceFolder(layout.data, DATABASE))
  if (checkpoint === undefined) return null
  const { size, root } = readCheckpoint(checkpoint)
  return {
    vkey: readLogVkey(evidenceVkeyPath(layout.data, DATABASE)),
    size,
    root: root.toString('base64'),
    checkpoint,
    witnessed: witnessed === undefined ? null : cosignedBy(witnessed),
  }
}

export const journalLogRoutes =
  ({ bundles }: { bundles: boolean }) =>
  (server: Server, { world }: ControlContext): void => {
    const folder = evidenceFolder(world.layout.data, DATABASE)

    server.get(
      '/api/journal/log',
      {
        schema: {
          tags,
          operationId: 'getJournalLog',
          summary: 'The newest checkpoint of the journal, its key, and who has co-signed it',
          response: { 200: z.object({ log: LogState.nullable() }) },
        },
      },
      async () => ({ log: logState(world) }),
    )

    server.get(
      '/api/journal/log/checkpoint',
      {
        schema: {
          tags,
          operationId: 'getJournalCheckpoint',
          summary: 'The newest checkpoint (C2SP tlog-checkpoint)',
          response: { 200: File },
        },
      },
      async (_request, reply) => {
        const { checkpoint } = notesOf(folder)
        if (checkpoint === undefined) throw logResourceUnknown('nothing is signed yet')
        return reply.type('text/plain; charset=utf-8').send(checkpoint)
      },
    )

    server.get(
      '/api/journal/log/tile/*',
      {
        schema: {
          tags,
          operationId: 'getJournalTile',
          summary: bundles
            ? 'Hashes of the tree, or the lines themselves (C2SP tlog-tiles)'
            : 'Hashes of the tree (C2SP tlog-tiles)',
          params: z.object({ '*': z.string().max(100) }),
          response: { 200: File },
        },
      },
      async (request, reply) => {
        const place = placeOfTile(request.params['*'])
        if (!place) throw logResourceUnknown('this is no address of a tile')
        if (place.level === 'entries' && !bundles)
          throw logResourceUnknown('the lines of others are not shown; ask for proofs of your own')
        const bytes = readResource(folder, place)
        // What is signed never changes; only the reader's own browser keeps it.
        void reply.header('cache-control', 'private, max-age=31536000, immutable')
        void reply.type('application/octet-stream')
        const zips =
          place.level === 'entries' && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
        return zips
          ? reply.header('content-encoding', 'gzip').send(gzipSync(bytes))
          : reply.send(bytes)
      },
    )

    server.get(
      '/api/journal/log/consistency',
      {
        schema: {
          tags,
          operationId: 'proveJournalConsistency',
          summary:
            'That a checkpoint which you kept is the beginning of a newer one (RFC 6962 §2.1.2)',
          querystring: z.object({ from: Size, to: Size }),
          response: { 200: z.object({ proof: z.array(z.string()) }) },
        },
      },
      async ({ query: { from, to } }) => ({
        proof: proveConsistency(folder, from, to).map((hash) => hash.toString('base64')),
      }),
    )
  }
