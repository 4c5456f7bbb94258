import { z } from 'zod'
import { evidenceFolder } from '#journal/index.ts'
import { Instant } from '#kernel/time.ts'
import { makeSigningKey } from '#platform/keys.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { type Asked, makePack, recordPack } from './index.ts'

const tags = ['evidence-packs']

const Archive = z.custom<Buffer>(() => true).meta({ type: 'string', format: 'binary' })
const Period = z.strictObject({ from: Instant, to: Instant })

const make = async (
  context: ControlContext,
  request: Parameters<typeof asWork>[1],
  { partnerId, from, to, reader }: Omit<Asked, 'bank'>,
): Promise<Buffer> => {
  const { db, world } = context
  const { settings, layout } = world
  const bank = { name: settings.PORTICO_BANK_NAME, zone: settings.PORTICO_BANK_ZONE }
  const asked: Asked = { partnerId, from, to, bank, reader }
  const { key, publicKey } = layout.evidencePacks
  const archive = await makePack(db, asked, {
    folder: evidenceFolder(layout.data, 'control'),
    key: await makeSigningKey(key, publicKey, 'EdDSA'),
    now: world.now(),
  })
  await asWork(context, request, (work) => recordPack(work, asked, archive))
  return archive
}

const nameOf = (partnerId: string, from: Temporal.Instant) =>
  `attachment; filename="evidence-${partnerId}-${from.toString().slice(0, 10)}.tar"`

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/partners/:partnerId/evidence-pack',
    {
      schema: {
        tags,
        operationId: 'makeEvidencePack',
        summary:
          'Everything about a partner and a period in one signed archive: PDF, tables, data, journal with proofs',
        params: z.object({ partnerId: PartnerId }),
        querystring: Period,
        response: { 200: Archive },
      },
    },
    async (request, reply) => {
      const { partnerId } = request.params
      const archive = await make(context, request, {
        partnerId,
        reader: 'supervisor',
        ...request.query,
      })
      return reply
        .header('content-disposition', nameOf(partnerId, request.query.from))
        .type('application/x-tar')
        .send(archive)
    },
  )
}

/** A partner that leaves takes its own record with it. */
export const portalRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/evidence-pack',
    {
      config: { roles: ['owner', 'admin', 'signatory'] },
      schema: {
        tags,
        operationId: 'makeOwnEvidencePack',
        summary: 'Everything that the bank keeps about you in a period, in one signed archive',
        querystring: Period,
        response: { 200: Archive },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      const archive = await make(context, request, {
        partnerId,
        reader: 'partner',
        ...request.query,
      })
      return reply
        .header('content-disposition', nameOf(partnerId, request.query.from))
        .type('application/x-tar')
        .send(archive)
    },
  )
}
