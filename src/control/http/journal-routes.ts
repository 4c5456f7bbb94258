import { z } from 'zod'
import { readEntries, readEntriesBefore } from '#journal/index.ts'
import type { ControlContext, Server } from './context.ts'

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
