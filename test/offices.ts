/** Offices for tests: the real servers over a fresh database, asked without a wire; and visitors with a cookie each. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { openLiveBoard } from '#control/usage/index.ts'
import { freshDatabase, noon } from './world.ts'
import { work } from '#journal/index.ts'
import { makeAuthority } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import type { Postgres } from '#platform/db.ts'
import type { Server } from '#platform/http.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { Appliers } from '#control/approvals/index.ts'
import { type Authorities, partnerAppliers } from '#control/partners/index.ts'
import { seedStaff } from '#control/staff/index.ts'
import type { ControlContext } from '#control/http/context.ts'
import type { Office } from '#control/http/cookie.ts'
import { type AddRoutes, openOffice } from '#control/http/servers.ts'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Record<string, unknown>
}

export type Visitor = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  headers?: Record<string, string>,
) => Promise<Answer>

export interface TestOffices {
  readonly db: Postgres
  readonly context: ControlContext
  readonly portal: Server
  readonly console: Server
  /** Somebody at an office, with a cookie jar of their own. */
  visitor(office: Office): Visitor
  /** A signed-in person of the bank, by their demonstration login. */
  staff(login: string): Promise<Visitor>
  /** A partner that nobody has seen before, with its first person signed in. */
  partner(): Promise<{ visit: Visitor; id: string; email: string; password: string }>
  /** Turns the clock on. */
  pass(duration: { hours?: number; minutes?: number; seconds?: number }): void
}

const Problem = z.record(z.string(), z.unknown())

export const makeTestAuthorities = async (): Promise<Authorities> => {
  const layout = layoutOf(mkdtempSync(join(tmpdir(), 'portico-control-')))
  return {
    sandbox: await makeAuthority(layout.cell('sandbox').partnerCa, 'sandbox partners'),
    production: await makeAuthority(layout.cell('production').partnerCa, 'production partners'),
  }
}

export const openTestOffices = async (
  routes: Readonly<Record<Office, readonly AddRoutes[]>>,
  moreAppliers: Appliers = new Map(),
  changed: { settings?: Readonly<Record<string, string>>; now?: Temporal.Instant } = {},
): Promise<TestOffices> => {
  const db = (await freshDatabase('control')).as('control')
  const authorities = await makeTestAuthorities()
  const settings = readSettings({
    PORTICO_DATA: 'nowhere',
    PORTICO_LOG_LEVEL: 'silent',
    ...changed.settings,
  })
  let now = changed.now ?? noon
  const context: ControlContext = {
    db,
    world: {
      settings,
      layout: layoutOf(settings.PORTICO_DATA),
      ports: portsOf(settings),
      log: openLog({ process: 'test' }, 'silent'),
      now: () => now,
    },
    authorities,
    appliers: new Map([...partnerAppliers(authorities), ...moreAppliers]),
    offeredProducts: async () => ['accounts', 'payments', 'cards'],
    declarableStatuses: async () => ['unregulated', 'aisp', 'marketplace'],
    live: openLiveBoard(),
    wellKnown: () => ({ ready: true }),
  }
  const offices = {
    portal: await openOffice('portal', context, routes.portal),
    console: await openOffice('console', context, routes.console),
  }
  await work(db, 'system', now, seedStaff)

  const visitor = (office: Office): Visitor => {
    let cookie = ''
    return async (method, path, body, headers = {}) => {
      const answer = await offices[office].inject({
        method,
        url: path,
        headers: {
          host: `localhost:${context.world.ports[office]}`,
          'x-portico-csrf': '1',
          ...(cookie && { cookie }),
          ...headers,
        },
        ...(body !== undefined && { payload: body }),
      })
      const set = answer.headers['set-cookie']
      if (typeof set === 'string') cookie = set.split(';')[0] ?? ''
      const text = answer.body
      return {
        status: answer.statusCode,
        body: text.startsWith('{') ? Problem.parse(JSON.parse(text)) : { text },
        headers: answer.headers,
      }
    }
  }

  return {
    db,
    context,
    ...offices,
    visitor,
    staff: async (login) => {
      const visit = visitor('console')
      await visit('POST', '/api/sessions', {
        email: `${login}@namuna.example`,
        password: 'portico-demo',
      })
      return visit
    },
    partner: async () => {
      const visit = visitor('portal')
      const email = `owner-${crypto.randomUUID()}@partner.example`
      const password = 'a long pass phrase'
      const { body } = await visit('POST', '/api/registrations', {
        organisation: 'Anor Telecom',
        country: 'UZ',
        declaredStatuses: ['unregulated'],
        person: { name: 'First Person', email, password },
      })
      const { partner } = z.object({ partner: z.object({ id: z.string() }) }).parse(body)
      return { visit, id: partner.id, email, password }
    },
    pass: (duration) => {
      now = now.add(duration)
    },
  }
}
