/** What people of the bank see of versions: which product has which, what was decided, who was told and who has read it. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import type { ControlContext, Server } from '#control/http/context.ts'
import {
  announced,
  extensionsAsked,
  hoursPlanned,
  openProposals,
  productLives,
  states,
} from './desk.ts'
import { retirementOf, standingOn, sunsetFor } from './index.ts'
import { stages, versionNotFound } from './life.ts'
import { versionsFor } from './meaning.ts'
import { ComingView, StandsOnView, VersionView } from './views.ts'

const tags = ['versions']

export const ProductLivesView = z.object({
  product: z.string(),
  versions: z.array(
    z.object({
      version: z.string(),
      stage: z.enum(stages),
      deprecatedAt: Instant.nullable(),
      sunsetAt: Instant.nullable(),
      retiredAt: Instant.nullable(),
      changes: z.number().int().describe('How many changes this version brought to the product'),
    }),
  ),
})

export const HoursView = z.object({
  id: z.string().nullable().describe('Null: it is proposed'),
  changeId: z.string().nullable().describe('The proposal that waits for its decision'),
  version: z.string(),
  cell: Cell,
  startsAt: Instant,
  endsAt: Instant,
  paymentsOf: z.array(z.string()).describe('Partners that agreed that payments are refused too'),
  state: z.enum(['proposed', 'planned', 'running', 'over']),
})

export const ExtensionView = z.object({
  changeId: z.string(),
  version: z.string(),
  partnerId: z.string(),
  organisation: z.string().nullable(),
  until: Instant,
  reason: z.string(),
  state: z.enum(states),
  stillNeeded: z.number().int().describe('How many more people have to approve'),
  proposedBy: z.string(),
  proposedAt: Instant,
  decidedAt: Instant.nullable(),
})

export const AnnouncedView = ComingView.extend({
  changeId: z.string().nullable(),
  inEffect: z.boolean(),
  told: z.array(
    z.object({
      partnerId: z.string(),
      organisation: z.string().nullable(),
      acknowledged: z.boolean(),
    }),
  ),
})

export const VersionDetail = VersionView.extend({
  standing: z.array(StandsOnView),
  earliestSunset: Instant.describe('If its end were announced now'),
  retirement: z.object({ allowed: z.boolean(), why: z.string().nullable() }),
  hours: z.array(HoursView),
  extensions: z.array(ExtensionView),
  proposals: z.array(ChangeView).describe('What waits for a second person'),
})

const list = <T extends z.ZodType>(view: T) => z.object({ data: z.array(view), next: z.null() })

export const deskRoutes = (server: Server, { db, world }: ControlContext): void => {
  server.get(
    '/api/versions/products',
    {
      schema: {
        tags,
        operationId: 'listProductVersions',
        summary: 'Every product with its versions, newest first, and how each one ends',
        response: { 200: list(ProductLivesView) },
      },
    },
    async () => ({ data: await productLives(db, world.now()), next: null }),
  )

  server.get(
    '/api/versions/brownouts',
    {
      schema: {
        tags,
        operationId: 'listBrownouts',
        summary: 'Hours in which versions are refused: proposed, planned, running and over',
        response: { 200: list(HoursView) },
      },
    },
    async () => ({ data: await hoursPlanned(db, world.now()), next: null }),
  )

  server.get(
    '/api/versions/extensions',
    {
      schema: {
        tags,
        operationId: 'listVersionExtensions',
        summary: 'Who asked for more time, and what was decided; the newest first',
        querystring: z.object({ version: z.iso.date().optional() }),
        response: { 200: list(ExtensionView) },
      },
    },
    async (request) => ({
      data: await extensionsAsked(db, world.now(), request.query.version),
      next: null,
    }),
  )

  server.get(
    '/api/versions/coming',
    {
      schema: {
        tags,
        operationId: 'listComingChanges',
        summary: 'What will break somebody, on which day, who was told of it and who has read it',
        response: { 200: list(AnnouncedView) },
      },
    },
    async () => ({ data: await announced(db, world.now()), next: null }),
  )

  server.get(
    '/api/versions/:version',
    {
      schema: {
        tags,
        operationId: 'getVersion',
        summary: 'A version with who stands on it, its hours, its extensions and what is proposed',
        params: z.object({ version: z.iso.date() }),
        response: { 200: VersionDetail },
      },
    },
    async (request) => {
      const { version } = request.params
      const now = world.now()
      const found = (await versionsFor(db, now)).find((one) => one.version === version)
      if (!found) throw versionNotFound(`no version is of ${version}`)
      const standing = await standingOn(db, version, now)
      const retirement = await retirementOf(db, version, now)
      return {
        ...found,
        standing,
        earliestSunset: sunsetFor(standing, now),
        retirement: {
          allowed: retirement.allowed,
          why: retirement.allowed ? null : retirement.why,
        },
        hours: (await hoursPlanned(db, now)).filter((one) => one.version === version),
        extensions: await extensionsAsked(db, now, version),
        proposals: (await openProposals(db, version, now)).map((one) => viewOfChange(one, now)),
      }
    },
  )
}
