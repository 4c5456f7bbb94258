/** Offices for tests: the real servers over a fresh database, asked without a wire; and visitors with a cookie each. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { openLiveBoard } from '#control/usage/index.ts'
import { assert } from '#kernel/assert.ts'
import { freshDatabase, noon } from './world.ts'
import { type Work, work } from '#journal/index.ts'
import { makeAuthority } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import type { Postgres } from '#platform/db.ts'
import type { Server } from '#platform/http.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { Letter } from '#platform/mail.ts'
import { base32, codeAt, stepOf } from '#platform/one-time-code.ts'
import type { Appliers } from '#control/approvals/index.ts'
import { staffAppliers } from '#control/approvals/staff-changes.ts'
import {
  type Authorities,
  findPerson,
  openSession,
  partnerAppliers,
  PersonId,
} from '#control/partners/index.ts'
import { listStaff, openStaffSession, seedStaff } from '#control/staff/index.ts'
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
  /** A person of the bank, by their demonstration login, who has proven both factors and proves them again when asked. */
  staff(login: string): Promise<Visitor>
  /** A partner that nobody has seen before; its first person has a proven address and an authenticator app. */
  partner(): Promise<TestPartner>
  /** An organisation that has registered a moment ago: its person has proven nothing yet. */
  newcomer(): Promise<Omit<TestPartner, 'credentials'>>
  /** Codes of an authenticator app, each good for one use: of this moment, then of the half minute after it. */
  app(secret: string): () => string
  /** What was mailed, in order. */
  readonly letters: readonly Letter[]
  /** Turns the clock on. */
  pass(duration: { hours?: number; minutes?: number; seconds?: number }): void
}

export interface TestPartner {
  readonly visit: Visitor
  readonly id: string
  readonly person: string
  readonly email: string
  readonly password: string
  /** All that signs its person in, both factors, once at this moment. */
  readonly credentials: () => { email: string; password: string; code: string }
}

const Totp = z.object({ secret: z.string() })
const Registered = z.object({
  partner: z.object({ id: z.string() }),
  person: z.object({ id: z.string() }),
})
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
  const letters: Letter[] = []
  const factorKey = randomBytes(32)
  const context: ControlContext = {
    db,
    factorKey,
    mail: {
      shown: false,
      send: async (letter) => {
        letters.push(letter)
      },
    },
    world: {
      settings,
      layout: layoutOf(settings.PORTICO_DATA),
      ports: portsOf(settings),
      log: openLog({ process: 'test' }, 'silent'),
      now: () => now,
    },
    authorities,
    appliers: new Map([...staffAppliers, ...partnerAppliers(authorities), ...moreAppliers]),
    offeredProducts: async () => ['accounts', 'payments', 'cards'],
    declarableStatuses: async () => ['unregulated', 'aisp', 'marketplace'],
    live: openLiveBoard(),
    wellKnown: () => ({ ready: true }),
  }
  const offices = {
    portal: await openOffice('portal', context, routes.portal),
    console: await openOffice('console', context, routes.console),
  }
  await work(db, 'system', now, (w) => seedStaff(w, factorKey))

  /** `open` makes a session without the way through the sign-in, which has tests of its own. */
  const visiting = (office: Office, open?: (w: Work) => Promise<string>): Visitor => {
    let cookie = ''
    const renew = async () => {
      if (open) cookie = `portico_${office}=${await work(db, 'system', now, open)}`
    }
    const ask: Visitor = async (method, path, body, headers = {}) => {
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
    return async (...asked) => {
      if (open && !cookie) await renew()
      const answer = await ask(...asked)
      if (!open || answer.body['code'] !== 'sign-in/factor-stale') return answer
      await renew()
      return ask(...asked)
    }
  }
  const visitor = (office: Office) => visiting(office)

  const app = (secret: string) => {
    let last = -1n
    return () => {
      const step = stepOf(now)
      last = last >= step ? last + 1n : step
      return codeAt(base32(secret), last)
    }
  }
  const newcomer = async () => {
    const visit = visitor('portal')
    const email = `owner-${crypto.randomUUID()}@partner.example`
    const password = 'a long pass phrase'
    const { body } = await visit('POST', '/api/registrations', {
      organisation: 'Anor Telecom',
      country: 'UZ',
      declaredStatuses: ['unregulated'],
      person: { name: 'First Person', email, password },
    })
    const { partner, person } = Registered.parse(body)
    return { visit, id: partner.id, person: person.id, email, password }
  }

  return {
    db,
    context,
    letters,
    ...offices,
    visitor,
    app,
    newcomer,
    staff: async (login) => {
      const known = (await listStaff(db)).find((s) => s.email === `${login}@namuna.example`)
      assert(known, `the demonstration bank has no ${login}`)
      return visiting('console', (w) => openStaffSession(w, known.id, { factorAt: now }))
    },
    partner: async () => {
      const { visit: alone, ...known } = await newcomer()
      const letter = letters.findLast(({ to }) => to === known.email)
      const code = /\d{6}/.exec(letter?.text ?? '')?.[0]
      await alone('POST', '/api/me/email-verification', { code })
      const { secret } = Totp.parse((await alone('POST', '/api/me/totp')).body)
      const codes = app(secret)
      await alone('POST', '/api/me/totp/confirmation', { code: codes() })
      const person = await findPerson(db, PersonId.parse(known.person))
      assert(person?.emailProven, 'the address is proven by the code that was mailed')
      const { email, password } = known
      return {
        ...known,
        visit: visiting('portal', (w) => openSession(w, person, { factorAt: now })),
        credentials: () => ({ email, password, code: codes() }),
      }
    },
    pass: (duration) => {
      now = now.add(duration)
    },
  }
}
