/** Dynamic registration as control decides it: the same admission as the portal's, limits from the licence matrix. */
import { z } from 'zod'
import {
  REGISTRATION_TOKEN_HEADER,
  RegistrationAnswer,
  RegistrationAsk,
} from '#authorization/desk.ts'
import { assert } from '#kernel/assert.ts'
import { Cell } from '#kernel/cell.ts'
import type { FieldError } from '#kernel/problem.ts'
import { type Work, work } from '#journal/index.ts'
import { readAuthority } from '#platform/certificates.ts'
import type { Postgres } from '#platform/db.ts'
import { parseRequest, type Server } from '#platform/http.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { listProducts, type Product } from '#control/catalogue/index.ts'
import {
  type Application,
  ApplicationRequest,
  applicationRefused,
  type Authorities,
  deleteRegistered,
  findPartner,
  listCertificates,
  managedApplication,
  type Registered,
  registerApplication,
  registrationTokenInvalid,
  updateRegistered,
} from '#control/partners/index.ts'
import { clientOf, situationOf, verdictsOf } from './compile.ts'
import { momentOf, readPolicy } from './policy.ts'

const InCell = z.object({ cell: Cell })
const One = InCell.extend({ id: z.string().max(64) })
const Shown = z.looseObject({ [REGISTRATION_TOKEN_HEADER]: z.string().max(256) })

const tokenOf = (headers: unknown): string => {
  const shown = Shown.safeParse(headers)
  if (!shown.success) throw registrationTokenInvalid('none was shown')
  return String(shown.data[REGISTRATION_TOKEN_HEADER])
}

/** Products that have a use for what is asked; all of them where nothing is. */
const productsFor = (ask: RegistrationAsk, products: readonly Product[]): string[] => {
  const { scopes, authorizationDetailsTypes: types } = ask
  if (!scopes && !types) return products.map((p) => p.id)
  return products
    .filter((p) =>
      p.operations.some(
        (o) => scopes?.includes(o.scope) || (o.consentType && types?.includes(o.consentType)),
      ),
    )
    .map((p) => p.id)
}

/** The ask as the portal would have sent it. */
const requestOf = (cell: Cell, ask: RegistrationAsk, products: readonly Product[]) => {
  const named = productsFor(ask, products)
  if (named.length === 0)
    throw applicationRefused('no product has a use for what it asks', {
      errors: [{ pointer: '/scopes', code: 'unknown', detail: 'no product has these' }],
    })
  return parseRequest(ApplicationRequest, { ...ask, cell, products: named })
}

/** RFC 7591 §3.2.2: what the licence does not grant is refused by name, so that nobody believes to have it. */
const assertGranted = (
  ask: RegistrationAsk,
  granted: { scopes: readonly string[]; authorizationDetailsTypes: readonly string[] },
): void => {
  const missing = (place: 'scopes' | 'authorizationDetailsTypes') =>
    (ask[place] ?? []).flatMap((word, i): FieldError[] =>
      granted[place].includes(word)
        ? []
        : [{ pointer: `/${place}/${i}`, code: 'not_granted', detail: `${word} is not granted` }],
    )
  const errors = [...missing('scopes'), ...missing('authorizationDetailsTypes')]
  if (errors.length > 0)
    throw applicationRefused('the licence does not grant all of it', { errors })
}

export const registrationDesk = (server: Server, db: Postgres, world: ProcessWorld): void => {
  let authorities: Authorities | undefined
  const readAuthorities = async (): Promise<Authorities> =>
    (authorities ??= {
      sandbox: await readAuthority(world.layout.cell('sandbox').partnerCa),
      production: await readAuthority(world.layout.cell('production').partnerCa),
    })

  const answerOf = async (
    w: Work,
    { application, certificate, managementToken }: Registered,
    products: readonly Product[],
  ): Promise<RegistrationAnswer> => {
    const client = await effectiveClient(w, application, products, world)
    return {
      client,
      registeredAt: application.requestedAt.toString(),
      certificate: certificate?.pem ?? null,
      managementToken: managementToken ?? null,
    }
  }
  const managing = <T>(
    request: { params: unknown; headers: unknown },
    body: (w: Work, application: Application, products: readonly Product[]) => Promise<T>,
  ): Promise<T> => {
    const { cell, id } = parseRequest(One, request.params)
    const token = tokenOf(request.headers)
    return work(db, `application:${id}`, world.now(), async (w) =>
      body(w, await managedApplication(w, { cell, id, token }), await listProducts(w)),
    )
  }

  server.post('/link/:cell/registrations', async (request) => {
    const { cell } = parseRequest(InCell, request.params)
    const ask = parseRequest(RegistrationAsk, request.body)
    const token = tokenOf(request.headers)
    const held = await readAuthorities()
    return work(db, 'system', world.now(), async (w) => {
      const products = await listProducts(w)
      const wanted = requestOf(cell, ask, products)
      const offered = products.map((p) => p.id)
      const registered = await registerApplication(w, held, { cell, token }, wanted, offered)
      const answer = await answerOf(w, registered, products)
      assertGranted(ask, answer.client)
      return answer
    })
  })

  server.get('/link/:cell/registrations/:id', (request) =>
    managing(request, (w, application, products) => answerOf(w, { application }, products)),
  )

  server.put('/link/:cell/registrations/:id', async (request) => {
    const ask = parseRequest(RegistrationAsk, request.body)
    return managing(request, async (w, before, products) => {
      const wanted = requestOf(before.cell, ask, products)
      const offered = products.map((p) => p.id)
      const registered = await updateRegistered(w, before, wanted, offered)
      const answer = await answerOf(w, registered, products)
      assertGranted(ask, answer.client)
      return answer
    })
  })

  server.delete('/link/:cell/registrations/:id', async (request, reply) => {
    await managing(request, (w, application) => deleteRegistered(w, application))
    return reply.code(204).send()
  })
}

/** The application as the authorization server will serve it, a moment before it is published. */
const effectiveClient = async (
  w: Work,
  application: Application,
  products: readonly Product[],
  world: ProcessWorld,
) => {
  const partner = await findPartner(w, application.partnerId)
  assert(partner, 'a partner is never deleted')
  const moment = momentOf(world)
  const policy = await readPolicy(w, moment, partner.id)
  const facts = policy.facts(partner.id)
  assert(facts, 'the policy for one partner has its facts')
  const verdicts = verdictsOf(facts, policy.matrix, situationOf(application), moment.now)
  const certificates = (await listCertificates(w, [application.id])).filter(
    (c) => c.revokedAt === null,
  )
  return clientOf({ application, partner, verdicts }, certificates, {
    matrix: policy.matrix,
    products,
  })
}
