import { z } from 'zod'
import { evidenceFolder, provenLines, readEntries, readEntriesBefore } from '#journal/index.ts'
import { listPeople } from '#control/partners/index.ts'
import { type ControlContext, partnerOf, type Server } from './context.ts'

const Line = z.object({
  seq: z.string().describe('Place in the chain, from 1 without gaps'),
  at: z.string(),
  actor: z.string(),
  event: z.string(),
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
  hash: z.string().describe('Hex SHA-256 over the place before and this line'),
})
const PAGE = 200
const Place = z.string().regex(/^\d{1,18}$/)

/** The journal, as it is read by people of the bank. */
export const journalRoutes = (server: Server, { db }: ControlContext): void => {
  server.get(
    '/api/journal',
    {
      schema: {
        tags: ['journal'],
        operationId: 'readJournal',
        summary: 'What happened, in order, and who did it',
        querystring: z.object({
          after: Place.default('0').describe('In order, the lines behind this place'),
          before: Place.optional().describe('Newest first, the lines before this place'),
        }),
        response: { 200: z.object({ data: z.array(Line), next: z.string().nullable() }) },
      },
    },
    async (request) => {
      const { after, before } = request.query
      const entries =
        before === undefined
          ? await readEntries(db, BigInt(after), PAGE)
          : await readEntriesBefore(db, BigInt(before), PAGE)
      const data = entries.map(({ seq, hash, at, actor, event, subject, data: facts }) => ({
        seq: seq.toString(),
        at,
        actor,
        event,
        subject,
        data: facts,
        hash: Buffer.from(hash).toString('hex'),
      }))
      return { data, next: data.length === PAGE ? (data.at(-1)?.seq ?? null) : null }
    },
  )
}

const Proven = z.object({
  seq: z
    .string()
    .describe('Place in the journal, from 1 without gaps; its leaf in the tree is one less'),
  body: z.string().describe('The line as it was hashed: the leaf is SHA-256(0x00 ‖ UTF-8 of it)'),
  proof: z.array(z.string()).describe('Base64 hashes from the leaf to the root (RFC 6962 §2.1.1)'),
})
const PROOFS = 50
const LAST_PLACE = '999999999999999999'

/** What the people of a partner did, with proofs that it stands in the journal that the bank signed. */
export const journalPortalRoutes = (server: Server, { db, world }: ControlContext): void => {
  server.get(
    '/api/journal/proofs',
    {
      schema: {
        tags: ['journal'],
        operationId: 'proveJournal',
        summary: 'What your people did, with proofs that it stands in the signed journal',
        querystring: z.object({
          before: Place.default(LAST_PLACE).describe('Newest first, the lines before this place'),
        }),
        response: {
          200: z.object({
            checkpoint: z
              .string()
              .nullable()
              .describe('Signed note (C2SP tlog-checkpoint) whose root the proofs lead to'),
            data: z.array(Proven),
            next: z.string().nullable(),
          }),
        },
      },
    },
    async (request) => {
      const people = await listPeople(db, partnerOf(request).partnerId)
      const { checkpoint, lines } = await provenLines(
        db,
        evidenceFolder(world.layout.data, 'control'),
        {
          actors: people.map(({ id }) => `person:${id}` as const),
          before: BigInt(request.query.before),
          limit: PROOFS,
        },
      )
      const data = lines.map(({ seq, body, proof }) => ({
        seq: seq.toString(),
        body,
        proof: proof.map((hash) => hash.toString('base64')),
      }))
      const next = data.length === PROOFS ? (data.at(-1)?.seq ?? null) : null
      return { checkpoint: checkpoint ?? null, data, next }
    },
  )
}
