import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import {
  type Entry,
  evidenceFolder,
  provenLine,
  provenLines,
  readEntries,
  searchEntries,
} from '#journal/index.ts'
import { listPeople } from '#control/partners/index.ts'
import { AllInForce, inForceAt } from '#control/publication/index.ts'
import { callInBatch, sealedEvent } from '#control/usage/index.ts'
import { type ControlContext, partnerOf, type Server } from './context.ts'
import { journalLogRoutes } from './journal-log-routes.ts'

export const lineNotFound = problem('journal/line-not-found', 404, 'The journal has no such line')
export const callUnproven = problem(
  'journal/call-not-found',
  404,
  'No such call of yours is sealed',
)

const Line = z.object({
  seq: z.string().describe('Place in the chain, from 1 without gaps'),
  at: z.string(),
  actor: z.string(),
  event: z.string(),
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
  hash: z.string().describe('Hex SHA-256 over the place before and this line'),
})
const LineInForce = Line.extend({
  inForce: AllInForce.describe(
    'Documents that were in force when it was written, by reader: the last line at or before this place that says they were published',
  ),
})
const PAGE = 200
const Place = z.string().regex(/^\d{1,18}$/)
const Word = z.string().max(120).exactOptional()

const viewOf = ({ seq, hash, at, actor, event, subject, data }: Entry): z.output<typeof Line> => ({
  seq: seq.toString(),
  at,
  actor,
  event,
  subject,
  data,
  hash: Buffer.from(hash).toString('hex'),
})

/** The journal, as it is read by people of the bank. */
export const journalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  journalLogRoutes({ bundles: true })(server, context)
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
          actor: Word.describe('Who did it, as `staff:staff_…`, `person:person_…` or `system`'),
          about: Word.describe('The id that lines are about, or a partner that they name'),
          event: Word.describe('An event, or a room with its dot: `contracts.`'),
          from: Instant.exactOptional(),
          to: Instant.exactOptional().describe('Not included'),
        }),
        response: { 200: z.object({ data: z.array(LineInForce), next: z.string().nullable() }) },
      },
    },
    async (request) => {
      const { after, before, ...search } = request.query
      const isSearch = before !== undefined || Object.keys(search).length > 0
      const entries = isSearch
        ? await searchEntries(db, search, { before: BigInt(before ?? LAST_PLACE), limit: PAGE })
        : await readEntries(db, BigInt(after), PAGE)
      const inForce = await inForceAt(
        db,
        entries.map(({ seq }) => seq),
      )
      const data = entries.map((entry) => ({
        ...viewOf(entry),
        inForce: inForce.get(entry.seq) ?? {},
      }))
      return { data, next: data.length === PAGE ? (data.at(-1)?.seq ?? null) : null }
    },
  )

  server.get(
    '/api/journal/lines/:seq',
    {
      schema: {
        tags: ['journal'],
        operationId: 'proveLine',
        summary: 'One line as it was hashed, with the proof that the signed journal holds it',
        params: z.object({ seq: Place }),
        response: {
          200: z.object({
            checkpoint: z.string().nullable(),
            line: MaybeProven,
            inForce: AllInForce.describe(
              'Documents in force then; each names the line that says so',
            ),
          }),
        },
      },
    },
    async (request) => {
      const folder = evidenceFolder(world.layout.data, 'control')
      const found = await provenLine(db, folder, { seq: BigInt(request.params.seq) })
      if (!found) throw lineNotFound(`there is no line ${request.params.seq}`)
      const { seq } = found.line
      return {
        checkpoint: found.checkpoint ?? null,
        line: provenView(found.line),
        inForce: (await inForceAt(db, [seq])).get(seq) ?? {},
      }
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
const MaybeProven = Proven.extend({
  proof: z
    .array(z.string())
    .nullable()
    .describe('Null while no checkpoint is over this line: it follows within about a second'),
})
const provenView = (line: {
  seq: bigint
  body: string
  proof: readonly Buffer[] | null
}): z.output<typeof MaybeProven> => ({
  seq: line.seq.toString(),
  body: line.body,
  proof: line.proof?.map((hash) => hash.toString('base64')) ?? null,
})
const InBatch = z.object({
  text: z.string().describe('The call as it was hashed: the leaf is SHA-256(0x00 ‖ UTF-8 of it)'),
  index: z.int().describe('Its place among the calls of its batch, from 0'),
  size: z.int(),
  proof: z.array(z.string()).describe('Base64 hashes from the leaf to the root that the line says'),
})
const PROOFS = 50
const LAST_PLACE = '999999999999999999'

/** What a partner did, what came about it and what it called, with proofs that the journal which was signed holds it. */
export const journalPortalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  journalLogRoutes({ bundles: false })(server, context)

  server.get(
    '/api/journal/calls/:callId',
    {
      schema: {
        tags: ['journal'],
        operationId: 'proveCall',
        summary: 'That one of your calls stands in the signed journal, as it was counted',
        params: z.object({ callId: z.string().regex(/^[0-9a-f]{32}$/, 'is no id of a call') }),
        response: {
          200: z.object({
            call: InBatch,
            checkpoint: z.string().nullable(),
            line: MaybeProven.describe('It says `root`, the root of the tree over the batch'),
          }),
        },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const call = await callInBatch(db, partnerId, request.params.callId)
      const folder = evidenceFolder(world.layout.data, 'control')
      const found =
        call && (await provenLine(db, folder, { event: sealedEvent, subject: call.batch }))
      if (!found) throw callUnproven('it is not yours, or it was counted before calls were sealed')
      const { text, index, size, proof } = call
      return {
        call: { text, index, size, proof: proof.map((hash) => hash.toString('base64')) },
        checkpoint: found.checkpoint ?? null,
        line: provenView(found.line),
      }
    },
  )

  server.get(
    '/api/journal/proofs',
    {
      schema: {
        tags: ['journal'],
        operationId: 'proveJournal',
        summary:
          'What your people did and what came about you, with proofs that it stands in the signed journal; lines that name people of the bank are the bank’s',
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
      const { partnerId } = partnerOf(request)
      const people = await listPeople(db, partnerId)
      const { checkpoint, lines } = await provenLines(
        db,
        evidenceFolder(world.layout.data, 'control'),
        {
          actors: [`partner:${partnerId}`, ...people.map(({ id }) => `person:${id}` as const)],
          partnerId,
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
