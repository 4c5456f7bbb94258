import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { CALLER_HEADER, callerSigner, callerVerifier } from '#platform/caller.ts'
import { openServer } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { openLog } from '#platform/log.ts'
import { freshDatabase } from '#test/world.ts'
import { hearAccounts, hearAnswers } from './accounts/heard.ts'
import { openDoors } from './bank.ts'
import { hearCards } from './cards/heard.ts'
import { coreSpeechIn } from './core-words.ts'
import { openCoreOn, startSimulator, wholeFile } from './cores/legacy/simulator-process.ts'
import { misfit, operations, resolved, Schema } from './documents.ts'
import { hearEvents } from './events/heard.ts'
import { hearFx } from './fx/heard.ts'
import { hearKyc } from './kyc/heard.ts'
import { hearLending } from './lending/heard.ts'
import { admitOnlyPartnerCalls } from './partner-call.ts'
import { hearOrders, hearPayments } from './payments/heard.ts'
import { openCarrier } from './payments/index.ts'
import { hearSandbox } from './sandbox/heard.ts'
import { bankOver, callBy, enrol, newPartner, openTrial, paperVault, refs } from './trial.ts'
import type { BankWorld } from './world.ts'

const key = randomBytes(32)
const sign = callerSigner(key)

/** The bank's own doors over a world, without a socket. */
const doorsOf = (bank: BankWorld) => {
  const server = openServer(openLog({ process: 'documents' }, 'silent'), {
    trustInteractionId: true,
  })
  const routes: { method: string; path: string; operation: string | undefined }[] = []
  server.addHook('onRoute', ({ method, url, config }) => {
    const methods = [method].flat().filter((m) => m !== 'HEAD')
    for (const m of methods) {
      const path = url.replace(/:(\w+)/g, '{$1}')
      routes.push({ method: m, path, operation: config?.operation })
    }
  })
  admitOnlyPartnerCalls(server, callerVerifier(key), bank.now)
  openDoors(server, bank, openCarrier(bank))
  after(() => server.close())
  return { server, routes }
}

const cell = (await freshDatabase('cell')).as('bank')
const trial = await openTrial(cell)
const { server: sandbox, routes } = doorsOf(trial.bank)

test('every operation has its route and every route its operation', () => {
  const promised = operations
    .filter(({ operation }) => operation['x-upstream'] === 'bank')
    .map(({ method, path, operation }) => `${operation.operationId} ${method} ${path}`)
  const kept = routes
    .filter(({ path }) => !path.startsWith('/internal/'))
    .map(({ method, path, operation }) => `${operation} ${method} ${path}`)
  assert.deepEqual(kept.toSorted(), promised.toSorted())
})

test('no call comes in without a proof, with another body, for another operation, or late', async () => {
  const proof = callBy(newPartner(), 'listCards')
  const listing = (header?: string) =>
    sandbox.inject({
      method: 'GET',
      url: '/cards/v1/cards',
      headers: header === undefined ? {} : { [CALLER_HEADER]: header },
    })
  assert.equal((await listing(sign(proof))).statusCode, 200)
  const stranger = callerSigner(randomBytes(32))
  const refusals = [
    undefined,
    '',
    'a.b',
    stranger(proof),
    `${sign(proof)}x`,
    sign({ ...proof, operation: 'getCard' }),
    sign({ ...proof, bodySha256: sha256url('x') }),
  ]
  for (const header of refusals) {
    const { statusCode, json } = await listing(header)
    assert.deepEqual([statusCode, json().code], [401, 'bank/caller-unproven'], String(header))
  }
  const late = await listing(sign({ ...proof, at: proof.at.subtract({ minutes: 2 }) }))
  assert.deepEqual([late.statusCode, late.json().code], [401, 'bank/caller-late'])
  const unknown = await sandbox.inject({ method: 'GET', url: '/cards/v1/other' })
  assert.equal(unknown.statusCode, 401)
})

/** Every answer that a partner got, by operation. */
type Heard = Map<string, unknown[]>

interface Place {
  readonly bank: BankWorld
  readonly ask: (
    operation: string,
    given: {
      path?: string
      body?: object
      details?: object[]
      query?: string
      consentId?: string
    },
  ) => Promise<{ status: number; body: Record<string, unknown> }>
}

/** Calls one operation as a partner with a customer's consent; the answer is held against its document. */
const asking = (
  server: ReturnType<typeof doorsOf>['server'],
  as: { partnerId: string; subject: string },
  heard: Heard,
): Place['ask'] => {
  return async (operationId, { path, body, details = [], query = '', consentId }) => {
    const found = operations.find(({ operation }) => operation.operationId === operationId)
    assert.ok(found, `${operationId} is in a document`)
    const payload = body === undefined ? '' : JSON.stringify(body)
    const header = sign({
      ...callBy(as.partnerId, operationId),
      subject: details.length > 0 ? as.subject : null,
      consentId: details.length > 0 ? (consentId ?? `consent_${uuidv7()}`) : null,
      details: z.array(z.looseObject({ type: z.string() })).parse(details),
      bodySha256: sha256url(payload),
      at: Temporal.Now.instant(),
    })
    const answer = await server.inject({
      method: found.method === 'POST' ? 'POST' : 'GET',
      url: `${path ?? found.path}${query}`,
      headers: {
        [CALLER_HEADER]: header,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      payload,
    })
    const response = resolved(found.raw, found.operation.responses[String(answer.statusCode)])
    const content = Schema.parse(response['content'])
    if (answer.statusCode < 300 && content['application/json'] === undefined) {
      assert.ok(content[String(answer.headers['content-type'])], `${operationId} is no such file`)
      heard.set(operationId, heard.get(operationId) ?? [])
      return { status: answer.statusCode, body: {} }
    }
    const type = answer.statusCode < 300 ? 'application/json' : 'application/problem+json'
    assert.ok(String(answer.headers['content-type']).startsWith(type))
    const { schema } = Schema.parse(content[type])
    const json: unknown = answer.json()
    assert.equal(misfit(found.product, schema, json), undefined, `${operationId} ${answer.body}`)
    heard.set(operationId, [...(heard.get(operationId) ?? []), json])
    return { status: answer.statusCode, body: Schema.parse(json) }
  }
}

const expecting =
  (ask: Place['ask']) =>
  async (status: number, ...given: Parameters<Place['ask']>) => {
    const answer = await ask(...given)
    assert.equal(answer.status, status, `${given[0]}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

interface People {
  readonly owner: string
  readonly current: string
  readonly poor: string
  /** Something of each kind is arranged on it. */
  readonly arranged: string
  readonly programme: string
  readonly seller: string
  /** In so'm, of somebody who has dollars too. */
  readonly exchanger: { readonly owner: string; readonly account: string }
}

/** Every operation of the bank once, its refusals among them: the whole of what a partner can hear. */
const hearEverything = async (bank: BankWorld, people: People): Promise<Heard> => {
  const { server } = doorsOf(bank)
  const core = bank.coreFor('anybody')
  const partnerId = newPartner()
  const { subject, id } = await enrol({ bank, core }, partnerId, people.owner)
  const heard: Heard = new Map()
  const expect = expecting(asking(server, { partnerId, subject }, heard))

  const accountId = id(people.current)
  await hearAccounts(expect, { accountId, arranged: id(people.arranged) })
  const [account, owner, seller] = await Promise.all([
    core.account(people.current),
    core.customer(people.owner),
    core.account(people.seller),
  ])
  assert.ok(account && owner && seller)
  const held = { accountId, number: account.number, currency: account.currency, owner: owner.name }
  await hearAnswers(expect, held)

  const payment = await hearPayments(expect, {
    accountId,
    poor: id(people.poor),
    seller: seller.number,
  })
  await hearOrders(expect, { accountId, payment, now: bank.now() })

  const today = bank.now().toZonedDateTimeISO(bank.zone).toPlainDate()
  await hearLending(expect, { accountId, today })

  await hearCards(expect, { accountId, imagined: core.imagined === true })

  const exchanger = await enrol({ bank, core }, partnerId, people.exchanger.owner)
  await hearFx(expecting(asking(server, { partnerId, subject: exchanger.subject }, heard)), {
    accountId: exchanger.id(people.exchanger.account),
  })

  await hearKyc(expect, { ...held, imagined: core.imagined === true })

  await hearEvents(expect)

  // Last: it goes to other worlds, in which what came before is not.
  await hearSandbox(expect, { accountId, imagined: core.imagined === true })

  const ofTheBank = operations.filter(({ operation }) => operation['x-upstream'] === 'bank')
  assert.deepEqual(
    [...heard.keys()].toSorted(),
    ofTheBank.map(({ operation }) => operation.operationId).toSorted(),
  )
  return heard
}

test('over the synthetic core every answer is what its document says, and says it in our words', async () => {
  const now = () => Temporal.Now.instant()
  const heard = await hearEverything(
    { ...trial.bank, now },
    {
      owner: refs.payer.owner,
      current: refs.payer.current,
      poor: refs.payer.savings,
      arranged: refs.payer.savings,
      programme: refs.programme,
      seller: refs.pottery,
      exchanger: { owner: refs.payer.owner, account: refs.payer.current },
    },
  )
  assert.deepEqual([...heard.values()].flat().flatMap(coreSpeechIn), [])
})

test('over the legacy core every answer is what its document says, and nothing of the core’s is in it', async () => {
  const life = wholeFile()
  const simulator = await startSimulator(life)
  const { core } = openCoreOn(simulator, life)
  const now = () => Temporal.Now.instant()
  const db = (await freshDatabase('cell')).as('bank')
  const programme = '9000010101'
  const positions = ['9000090004', '9000090005']
  const bank = await bankOver(db, core, {
    now,
    vault: paperVault().vault,
    programme,
    positions,
    loanFunds: ['9000090006'],
  })

  const heard = await hearEverything(bank, {
    owner: '90000002',
    current: '9000000201',
    poor: '9000000202',
    arranged: '9000000201',
    programme,
    seller: '9000010201',
    exchanger: { owner: '90000001', account: '9000000101' },
  })

  assert.deepEqual([...heard.values()].flat().flatMap(coreSpeechIn), [])
})
