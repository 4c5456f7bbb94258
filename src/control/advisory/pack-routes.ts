import { z } from 'zod'
import { languages } from '#kernel/format.ts'
import type { ControlContext, partnerOf, Server } from '#control/http/context.ts'
import { MeetingId, meetingNotFound, packOf, packPdf, packText } from './index.ts'

const tags = ['advisory']
const OneMeeting = z.object({ id: MeetingId })
const Language = z.object({ language: z.enum(languages).default('en') })
const File = z.instanceof(Buffer)

/** Both offices give a meeting's pack as paper and as data; who may is theirs to say. */
export const packRoutes = (
  server: Server,
  { db, world }: ControlContext,
  mayRead: (request: Parameters<typeof partnerOf>[0]) => Promise<void>,
) => {
  const found = async (id: MeetingId) => {
    const pack = await packOf(db, id)
    if (!pack) throw meetingNotFound('there is no such meeting, or it has no pack yet')
    return pack
  }
  server.get(
    '/api/advisory/meetings/:id/pack.pdf',
    {
      schema: {
        tags,
        operationId: 'getAdvisoryPackPdf',
        summary: 'The pack of a meeting on paper, in English, Russian or Uzbek',
        params: OneMeeting,
        querystring: Language,
        response: { 200: File },
      },
    },
    async (request, reply) => {
      await mayRead(request)
      const pack = await found(request.params.id)
      const { language } = request.query
      const pdf = await packPdf(pack, { language, zone: world.settings.PORTICO_BANK_ZONE })
      return reply
        .type('application/pdf')
        .header('content-disposition', `attachment; filename="advisory-${pack.quarter}.pdf"`)
        .send(pdf)
    },
  )
  server.get(
    '/api/advisory/meetings/:id/pack.json',
    {
      schema: {
        tags,
        operationId: 'getAdvisoryPackData',
        summary: 'The pack of a meeting as data: the bytes that its SHA-256 is of',
        params: OneMeeting,
        response: { 200: File },
      },
    },
    async (request, reply) => {
      await mayRead(request)
      const pack = await found(request.params.id)
      return reply
        .type('application/json')
        .header('content-disposition', `attachment; filename="advisory-${pack.quarter}.json"`)
        .send(Buffer.from(packText(pack)))
    },
  )
}
