/**
 * The reference beside a gateway that is really called: what control compiles of these partners is signed, sent over the
 * link, and every operation is asked for over mutual TLS with a token of the cell's issuer. A decision is what came back:
 * a refusal that names one of entitlement's gates, or anything that only somebody entitled hears.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { Client } from 'undici'
import { bankDocuments } from '../documents.ts'
import { openCell, type TestCell } from '../gateway/cell.ts'
import { type ClientCertificate, newCertificate, newHolder } from '../gateway/partner.ts'
import { documentsOf, type Known, knownAs, partner } from '../licences/decisions.ts'
import { allLeft, type Given, mayCall, operations, policy } from '../licences/reference.ts'

export interface Compared {
  readonly decisions: number
  readonly allowed: number
  readonly partners: number
  /** What differed: who, what, what the gateway said. */
  readonly disagreements: readonly string[]
  /** How often each word was answered. */
  readonly answers: ReadonlyMap<string, number>
}

const TOLD_EVERY = 50
const CALLERS = 8

/** The first gates of every call, in the words of the gateway. All else is heard by those who are past them. */
const gates = new Set([
  'partners/suspended',
  'licences/missing',
  'licences/expired',
  'licences/suspended',
  'licences/exceeded',
  'licences/attestation-missing',
  'contracts/inactive',
  'gateway/scope-missing',
])

/** What only those who are past them hear: of limits, of consent, of the request's shape, or of the played bank's empty answer. */
const past =
  /^(200|consents\/missing|gateway\/(request-invalid|answer-withheld|limits-[a-z-]+)|limits\/[a-z-]+)$/

const undecided = new Set([
  'gateway/revocations-unheard',
  'gateway/overloaded',
  'gateway/not-ready',
])
const TRIES_MAX = 120

const methods = ['get', 'post', 'put', 'patch', 'delete']

interface Address {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly takesBody: boolean
}

const addresses = new Map<string, Address>(
  bankDocuments().flatMap(({ openapi }) => {
    const { paths } = openapi as {
      paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>
    }
    return Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => methods.includes(method))
        .map(
          ([method, { operationId, requestBody }]) =>
            [
              operationId,
              {
                method: method.toUpperCase() as Address['method'],
                path: path.replaceAll(/\{[^}]+\}/g, `acc_${'1'.repeat(32)}`),
                takesBody: requestBody !== undefined,
              },
            ] as const,
        ),
    )
  }),
)

interface Caller extends Known {
  readonly certificate: ClientCertificate
}

/** At least so many decisions over the wire; `told` hears how far it is. */
export const compareOverTheWire = async (
  atLeast: number,
  seed: number,
  told: (line: string) => void,
): Promise<Compared> => {
  // Every caller comes from one machine.
  const cell = await openCell({ PORTICO_EDGE_HANDSHAKES_PER_ADDRESS: '10000' })
  cell.setPlay((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  const answers = new Map<string, number>()
  const disagreements: string[] = []
  let [decisions, allowed, partners] = [0, 0, 0]
  try {
    await cell.start()
    // One snapshot for all: a gateway does not believe one that takes from partners what the one before gave.
    const numRuns = Math.ceil(atLeast / operations.length)
    const given = fc.sample(partner, { seed, numRuns })
    const callers = await publish(cell, given.map(placed).map(knownAs))
    const waiting = [...callers]
    const work = async () => {
      for (let caller = waiting.shift(); caller; caller = waiting.shift()) {
        const rests = allLeft(caller.one)
        for (const { operation, answer } of await askAll(cell, caller)) {
          const expected = mayCall(caller.one, operation, rests)
          const is = !gates.has(answer)
          if (is) assert.match(answer, past, `${operation.id} says nothing of entitlement`)
          decisions++
          if (is) allowed++
          answers.set(answer, (answers.get(answer) ?? 0) + 1)
          if (is !== expected)
            disagreements.push(`${operation.id}: ${answer}; ${JSON.stringify(caller.one)}`)
        }
        partners++
        if (partners % TOLD_EVERY === 0)
          told(`${decisions} decisions, ${disagreements.length} disagreements`)
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, work))
    return { decisions, allowed, partners, disagreements, answers }
  } finally {
    await cell.close()
  }
}

const evidence = Object.keys(policy.evidence).filter((type) => type !== 'contract')
const products = [...new Set(operations.map((o) => o.product))]

/** Every second one has everything that can be had, so that what it holds and what was stopped decides. */
const placed = (given: Given, at: number): Given =>
  at % 2 === 0
    ? { ...given, cell: 'production' }
    : {
        ...given,
        cell: 'production',
        suspended: false,
        contract: products,
        products,
        scopes: undefined,
        evidence: Object.fromEntries(evidence.map((type) => [type, null])),
      }

/** Signs and sends what control makes of these partners, and waits until the gateway decides by it. */
const publish = async (cell: TestCell, known: readonly Known[]): Promise<Caller[]> => {
  const holding = known.map((k) => ({
    ...k,
    application: { ...k.application, senderConstraint: 'mtls' as const },
  }))
  const callers: Caller[] = []
  for (const one of holding) {
    const { id: applicationId, partnerId } = one.application
    const named = { cell: cell.cell, partnerId, applicationId, days: 2 }
    const certificate = await newCertificate(cell.partnerCa, named)
    callers.push({ ...one, certificate })
  }
  const { issuer, certificates: none } = cell.content()
  const { gateway } = documentsOf('production', holding, {
    at: cell.world.now(),
    certificates: [],
    issuer,
  })
  const notAfter = cell.world.now().add({ hours: 24 }).toString()
  const certificates = [
    ...none,
    ...callers.map(({ certificate: { sha256 }, application }) => ({
      sha256,
      applicationId: application.id,
      notAfter,
    })),
  ]
  const epoch = cell.publish(undefined, () => ({ ...gateway, certificates }))
  for (const untilMs = performance.now() + 60_000; (await cell.health()).epoch < epoch;) {
    assert.ok(performance.now() < untilMs, 'the gateway does not take the snapshot')
    await sleep(10)
  }
  return callers
}

const scopes = [...new Set(operations.map((o) => o.scope))].join(' ')

/** The issuer gave every scope: whether the partner may have it is the gateway's question. */
const tokenOf = async (cell: TestCell, { application }: Known, certificate: ClientCertificate) => {
  const holder = await stranger(cell)
  return cell.token(holder, (claims) => ({
    ...claims,
    sub: application.id,
    client_id: application.id,
    partner_id: application.partnerId,
    scope: scopes,
    exp: Number(claims['iat']) + 300,
    cnf: { 'x5t#S256': certificate.sha256 },
  }))
}

/** The shape of a token; who it is about is written over it. */
const stranger = (() => {
  let made: ReturnType<typeof newHolder> | undefined
  return (cell: TestCell) => (made ??= newHolder(cell.partnerCa, cell.cell, 'mtls'))
})()

/** Every operation, one after the other, on one connection. */
const askAll = async (cell: TestCell, caller: Caller) => {
  const { certificate } = caller
  const token = await tokenOf(cell, caller, certificate)
  const client = new Client(`https://localhost:${cell.world.ports.production.gatewayMtls}`, {
    connect: { ca: cell.ca, cert: certificate.pem, key: certificate.key },
    pipelining: 1,
  })
  try {
    const heard = []
    for (const operation of operations) {
      const address = addresses.get(operation.id)
      assert.ok(address, `${operation.id} has no address`)
      const { method, path, takesBody } = address
      const ask = async () => {
        const answered = await client.request({
          method,
          path,
          headers: {
            authorization: `Bearer ${token}`,
            ...(takesBody && { 'content-type': 'application/json' }),
          },
          body: takesBody ? '{}' : null,
        })
        const text = await answered.body.text()
        return answered.statusCode < 300 ? String(answered.statusCode) : codeOf(text)
      }
      let answer = await ask()
      // No decision was made: on a machine that is busy with other things, the streams of revocations fall silent.
      for (let tries = 0; undecided.has(answer) && tries < TRIES_MAX; tries++) {
        await sleep(500)
        answer = await ask()
      }
      heard.push({ operation, answer })
    }
    return heard
  } finally {
    await client.close()
  }
}

const codeOf = (text: string): string => {
  const { code }: { code?: unknown } = JSON.parse(text)
  return String(code)
}
