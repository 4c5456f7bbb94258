import { z } from 'zod'
import { Instant, PlainDate } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, type Server, staffOf } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { doTask } from '#control/tasks/index.ts'
import { IMPORT_STEPS, importRegister } from './importing.ts'
import { RegisterFormat, RegisterImportId } from './register.ts'
import {
  KnownRegister,
  listImports,
  listMatches,
  listRegisters,
  RegisterImport,
  RegisterMatch,
} from './store.ts'

const tags = ['licences']
/** The European register's download has some tens of megabytes. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

const ImportView = RegisterImport.extend({ takenOn: PlainDate, importedAt: Instant })

/** What partners see of registers: by which name their papers may name them. */
export const registerPortalRoutes = (server: Server, { db }: ControlContext): void => {
  server.get(
    '/api/registers',
    {
      schema: {
        tags,
        operationId: 'listRegisters',
        summary: 'Supervisors’ registers that the bank imports, with the day of the newest file',
        response: {
          200: z.object({ data: z.array(KnownRegister.extend({ takenOn: PlainDate })) }),
        },
      },
    },
    async () => ({ data: await listRegisters(db) }),
  )
}

/** Registers of supervisors: their files in, what they changed, and what they say of partners. */
export const registerRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.post(
    '/api/register-imports',
    {
      bodyLimit: FILE_BYTES_MAX,
      config: { roles: ['compliance'] },
      schema: {
        tags,
        operationId: 'importRegister',
        summary:
          'Import a supervisor’s register: the file is kept, and licences that it no longer carries are stopped at once; one that takes much away waits for a second person',
        body: z.strictObject({
          register: z.string().trim().min(1).max(100),
          format: RegisterFormat,
          takenOn: PlainDate,
          content: z.string().min(1),
          /** As the supervisor counts its entries; a file with another number of them is refused. */
          count: z.int().min(1).exactOptional(),
        }),
        response: {
          201: z.object({
            imported: ImportView,
            matches: z.array(RegisterMatch),
            /** What waits for a second person, where the file takes much away. */
            change: ChangeView.nullable(),
          }),
        },
      },
    },
    async (request, reply) => {
      const bank = world.settings.PORTICO_BANK_COUNTRY
      const { staffId } = staffOf(request)
      const { register, takenOn } = request.body
      const { imported, matches, change } = await doTask(context, {
        task: {
          kind: 'register-import',
          about: { register, takenOn: takenOn.toString() },
          partnerId: null,
          askedBy: `staff:${staffId}`,
          steps: IMPORT_STEPS,
        },
        act: (progress) =>
          asWork(context, request, (work) => importRegister(work, request.body, bank, progress)),
        resultOf: (taken) => taken.imported.id,
      })
      return reply.code(201).send({
        imported,
        matches: [...matches],
        change: change && viewOfChange(change, world.now()),
      })
    },
  )

  server.get(
    '/api/register-imports',
    {
      schema: {
        tags,
        operationId: 'listRegisterImports',
        summary: 'Imported registers, newest first, with what changed',
        querystring: z.object({ register: z.string().max(100).optional() }),
        response: { 200: z.object({ data: z.array(ImportView) }) },
      },
    },
    async (request) => ({ data: await listImports(db, request.query.register) }),
  )

  server.get(
    '/api/register-matches',
    {
      schema: {
        tags,
        operationId: 'listRegisterMatches',
        summary: 'What registers said of partners',
        querystring: z.object({
          import: RegisterImportId.optional(),
          partner: PartnerId.optional(),
        }),
        response: { 200: z.object({ data: z.array(RegisterMatch) }) },
      },
    },
    async ({ query }) => ({
      data: await listMatches(db, {
        ...(query.import && { importId: query.import }),
        ...(query.partner && { partnerId: query.partner }),
      }),
    }),
  )
}
