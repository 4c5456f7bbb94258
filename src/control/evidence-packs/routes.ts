import { z } from 'zod'
import { evidenceFolder } from '#journal/index.ts'
import { Instant } from '#kernel/time.ts'
import { makeSigningKey } from '#platform/keys.ts'
import {
  asWork,
  type ControlContext,
  partnerOf,
  type Server,
  staffOf,
} from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import type { Asked } from './asked.ts'
import { type HearConsents, type Making, makePack, orderPack, recordPack } from './index.ts'
import {
  type OrderedPack,
  packGone,
  PackId,
  packNotFound,
  packNotMade,
  PackView,
  viewOf,
} from './ordered.ts'
import * as store from './store.ts'

const tags = ['evidence-packs']
const PAGE = 100

const Archive = z.custom<Buffer>(() => true).meta({ type: 'string', format: 'binary' })
const Period = z.strictObject({ from: Instant, to: Instant })
const One = z.object({ id: PackId })
const Packs = z.object({ data: z.array(PackView) })

/** What packs have to do with besides the context: who is asked for consents, and who hears that one waits. */
export interface PackWorld {
  readonly consents?: HearConsents
  readonly ordered?: () => Promise<void>
}

/** What every pack of this installation is made with. */
export const makingOf = async (
  { layout }: ControlContext['world'],
  { consents }: PackWorld,
): Promise<Omit<Making, 'now' | 'progress'>> => {
  const { key, publicKey } = layout.evidencePacks
  return {
    folder: evidenceFolder(layout.data, 'control'),
    key: await makeSigningKey(key, publicKey, 'EdDSA'),
    consents,
  }
}

const make = async (
  context: ControlContext,
  more: PackWorld,
  request: Parameters<typeof asWork>[1],
  { partnerId, from, to, reader }: Omit<Asked, 'bank'>,
): Promise<Buffer> => {
  const { db, world } = context
  const { settings } = world
  const bank = { name: settings.PORTICO_BANK_NAME, zone: settings.PORTICO_BANK_ZONE }
  const asked: Asked = { partnerId, from, to, bank, reader }
  const archive = await makePack(db, asked, {
    ...(await makingOf(world, more)),
    now: world.now(),
  })
  await asWork(context, request, (work) => recordPack(work, asked, archive))
  return archive
}

const nameOf = ({ partnerId, from }: Pick<OrderedPack, 'partnerId' | 'from'>) =>
  `attachment; filename="evidence-${partnerId}-${from.toString().slice(0, 10)}.tar"`

/** The archive of a pack that this reader may have. */
const archiveOf = async (
  { db }: ControlContext,
  id: PackId,
  mine: (pack: OrderedPack) => boolean,
): Promise<{ pack: OrderedPack; archive: Buffer }> => {
  const pack = await store.find(db, id)
  if (!pack || !mine(pack)) throw packNotFound('no evidence pack has this id')
  if (pack.state !== 'made') throw packNotMade(`it is ${pack.state}`)
  const archive = await store.findArchive(db, id)
  if (!archive) throw packGone(`it was made at ${String(pack.endedAt)}`)
  return { pack, archive }
}

export const packRoutes = (more: PackWorld) => ({
  consoleRoutes: (server: Server, context: ControlContext): void => {
    const { db } = context
    const forSupervisor = (pack: OrderedPack) => pack.reader === 'supervisor'

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
        const asked = { ...request.params, ...request.query, reader: 'supervisor' as const }
        const archive = await make(context, more, request, asked)
        return reply
          .header('content-disposition', nameOf(asked))
          .type('application/x-tar')
          .send(archive)
      },
    )

    server.post(
      '/api/partners/:partnerId/evidence-packs',
      {
        config: {
          paper: true,
          roles: ['auditor', 'compliance', 'head-of-platform', 'partner-success', 'finance'],
        },
        schema: {
          tags,
          operationId: 'orderEvidencePack',
          summary: 'Ask for the archive: it is made in its own time, and found again',
          params: z.object({ partnerId: PartnerId }),
          body: Period,
          response: { 202: PackView },
        },
      },
      async (request, reply) => {
        const { staffId } = staffOf(request)
        const pack = await asWork(context, request, (work) =>
          orderPack(work, {
            ...request.params,
            ...request.body,
            reader: 'supervisor',
            askedBy: `staff:${staffId}`,
          }),
        )
        await more.ordered?.()
        return reply.code(202).send(viewOf(pack))
      },
    )

    server.get(
      '/api/evidence-packs',
      {
        schema: {
          tags,
          operationId: 'listEvidencePacks',
          summary: 'Packs that the bank asked for, the latest first, and how far each is',
          querystring: z.object({ partner: PartnerId.optional() }),
          response: { 200: Packs },
        },
      },
      async (request) => {
        const filter = { partnerId: request.query.partner, reader: 'supervisor' as const }
        return { data: (await store.list(db, filter, PAGE)).map(viewOf) }
      },
    )

    server.get(
      '/api/evidence-packs/:id/archive',
      {
        schema: {
          tags,
          operationId: 'getEvidencePackArchive',
          summary: 'The archive of a pack that is made; kept for thirty days',
          params: One,
          response: { 200: Archive },
        },
      },
      async (request, reply) => {
        const { pack, archive } = await archiveOf(context, request.params.id, forSupervisor)
        return reply
          .header('content-disposition', nameOf(pack))
          .type('application/x-tar')
          .send(archive)
      },
    )
  },

  /** A partner that leaves takes its own record with it. */
  portalRoutes: (server: Server, context: ControlContext): void => {
    const { db } = context
    const roles = ['owner', 'admin', 'signatory'] as const

    server.get(
      '/api/evidence-pack',
      {
        config: { roles },
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
        const asked = { partnerId, ...request.query, reader: 'partner' as const }
        const archive = await make(context, more, request, asked)
        return reply
          .header('content-disposition', nameOf(asked))
          .type('application/x-tar')
          .send(archive)
      },
    )

    server.post(
      '/api/evidence-packs',
      {
        config: { roles },
        schema: {
          tags,
          operationId: 'orderOwnEvidencePack',
          summary: 'Ask for your own archive: it is made in its own time, and found again',
          body: Period,
          response: { 202: PackView },
        },
      },
      async (request, reply) => {
        const { partnerId, personId } = partnerOf(request)
        const pack = await asWork(context, request, (work) =>
          orderPack(work, {
            partnerId,
            ...request.body,
            reader: 'partner',
            askedBy: `person:${personId}`,
          }),
        )
        await more.ordered?.()
        return reply.code(202).send(viewOf(pack))
      },
    )

    server.get(
      '/api/evidence-packs',
      {
        config: { roles },
        schema: {
          tags,
          operationId: 'listOwnEvidencePacks',
          summary: 'Your packs, the latest first, and how far each is',
          response: { 200: Packs },
        },
      },
      async (request) => {
        const filter = { partnerId: partnerOf(request).partnerId, reader: 'partner' as const }
        return { data: (await store.list(db, filter, PAGE)).map(viewOf) }
      },
    )

    server.get(
      '/api/evidence-packs/:id/archive',
      {
        config: { roles },
        schema: {
          tags,
          operationId: 'getOwnEvidencePackArchive',
          summary: 'The archive of a pack of yours that is made; kept for thirty days',
          params: One,
          response: { 200: Archive },
        },
      },
      async (request, reply) => {
        const { partnerId } = partnerOf(request)
        const { pack, archive } = await archiveOf(
          context,
          request.params.id,
          (p) => p.reader === 'partner' && p.partnerId === partnerId,
        )
        return reply
          .header('content-disposition', nameOf(pack))
          .type('application/x-tar')
          .send(archive)
      },
    )
  },
})
