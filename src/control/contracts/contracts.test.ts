import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { noon } from '#test/world.ts'
import { canonical } from '#kernel/canonical.ts'
import { Problem } from '#kernel/problem.ts'
import * as approvals from '#control/approvals/routes.ts'
import { appliers as catalogueAppliers } from '#control/catalogue/index.ts'
import * as catalogue from '#control/catalogue/routes.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import { type Contract, ContractId, moved, statusAt } from './contract.ts'
import { appliers, standingContracts } from './index.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices(
  {
    portal: [partners.portalRoutes, routes.portalRoutes],
    console: [
      staffRoutes.consoleRoutes,
      approvals.consoleRoutes,
      catalogue.consoleRoutes,
      routes.consoleRoutes,
    ],
  },
  new Map([...Object.entries(appliers), ...Object.entries(catalogueAppliers)]),
)
const { db } = offices
await seedControl(db, offices.context.world.now(), { documents: bankDocuments() })
const success = await offices.staff('success')
const head = await offices.staff('head')
const finance = await offices.staff('finance')
const product = await offices.staff('product')

const decide = (by: Visitor, body: Record<string, unknown>) => {
  const { id, hash } = body['change'] as { id: string; hash: string }
  return by('POST', `/api/approvals/${id}/decision`, { decision: 'approve', hash })
}
const ask = (partnerId: string, over: object = {}) =>
  success('POST', '/api/contracts', {
    partnerId,
    tier: 'Gold',
    products: ['payments', 'accounts'],
    priceVersion: '2026-11',
    ...over,
  })

interface View {
  id: string
  status: string
  waitsFor: string | null
  documentSha256: string
  document: { prices: { unitPrices: Record<string, string> }; products: { id: string }[] }
}
const listed = async (visit: Visitor) =>
  (await visit('GET', '/api/contracts')).body['data'] as View[]
const newest = async (visit: Visitor): Promise<View> => {
  const [contract] = await listed(visit)
  assert.ok(contract)
  return contract
}

const offered = async (over: object = {}) => {
  const partner = await offices.partner()
  assert.equal((await decide(head, (await ask(partner.id, over)).body)).status, 200)
  return { ...partner, contract: await newest(partner.visit) }
}
const sign = (visit: Visitor, { id, documentSha256 }: View) =>
  visit('POST', `/api/contracts/${id}/signature`, { documentSha256 })
const countersign = ({ id, documentSha256 }: View) =>
  success('POST', `/api/contracts/${id}/countersignature`, { documentSha256 })
const inForce = async (over: object = {}) => {
  const partner = await offered(over)
  await sign(partner.visit, partner.contract)
  await countersign(partner.contract)
  return partner
}
const standing = async (id: string) =>
  (await standingContracts(db, offices.context.world.now(), PartnerId.parse(id))).get(id)

test('a contract is offered by two people, signed by the partner, countersigned by the bank, and then in force', async () => {
  const partner = await offices.partner()
  const asked = await ask(partner.id)
  assert.equal(asked.status, 202)
  assert.deepEqual(await listed(partner.visit), [])
  assert.equal((await decide(success, asked.body)).body['code'], 'approvals/own-change')
  await decide(head, asked.body)

  const contract = await newest(partner.visit)
  assert.deepEqual([contract.status, contract.waitsFor], ['offered', 'partner'])
  const text = canonical(contract.document)
  assert.equal(createHash('sha256').update(text).digest('hex'), contract.documentSha256)
  assert.equal(contract.document.prices.unitPrices['createSplitPayment'], '1200')
  assert.ok(!('issueCard' in contract.document.prices.unitPrices), 'cards are not in it')

  assert.equal((await countersign(contract)).body['code'], 'contracts/wrong-step')
  assert.equal((await sign(partner.visit, contract)).status, 200)
  assert.deepEqual((await newest(partner.visit)).waitsFor, 'bank')
  assert.equal((await standing(partner.id))?.inForce, false)
  assert.equal((await countersign(contract)).status, 200)
  assert.equal((await standing(partner.id))?.inForce, true)
})

test('a signature is about one text and no other', async () => {
  const { visit, contract } = await offered()
  const forged = { ...contract, documentSha256: 'f'.repeat(64) }

  assert.equal((await sign(visit, forged)).body['code'], 'contracts/document-differs')
  assert.equal((await newest(visit)).status, 'offered')
  await assert.rejects(
    db.run`update contracts.contract set tier = 'Bronze' where id = ${contract.id}`,
    /terms of a contract do not change/,
  )
})

test('another organisation’s contract is as if it were not there', async () => {
  const { contract } = await offered()
  const stranger = await offices.partner()
  const missing = { ...contract, id: ContractId.next() }
  const without = ({ body }: { body: Record<string, unknown> }) => ({ ...body, instance: '' })

  assert.deepEqual(
    without(await sign(stranger.visit, contract)),
    without(await sign(stranger.visit, missing)),
  )
  assert.equal((await stranger.visit('GET', `/api/contracts/${contract.id}`)).status, 404)
  assert.deepEqual(await listed(stranger.visit), [])
})

test('what cannot be offered is refused', async () => {
  const { id } = await offices.partner()
  for (const [over, code] of [
    [{ tier: 'Sandbox' }, 'catalogue/tier-not-sold'],
    [{ tier: 'Regulated' }, 'catalogue/tier-not-sold'],
    [{ tier: 'Wood' }, 'catalogue/tier-not-found'],
    [{ priceVersion: '1999-01' }, 'catalogue/price-version-not-found'],
    [{ products: ['payments', 'gold'] }, 'contracts/offer-refused'],
    [{ partnerId: PartnerId.next() }, 'partners/not-found'],
    [{ products: [] }, 'platform/request-invalid'],
  ] as const)
    assert.equal((await ask(id, over)).body['code'], code)
})

test('a contract may leave fields out of answers: its text says which, and it holds from the countersignature, frozen too', async () => {
  const withheld = {
    listAccounts: ['/data/*/nickname', '/data/*/account', '/data/*/nickname'],
    getBalances: ['/data/*/type'],
  }
  const { id, visit, contract } = await offered({ withheld })
  const text = contract.document as unknown as {
    withheld: unknown
    clauses: { id: string; text: string }[]
  }
  const settled = {
    getBalances: ['/data/*/type'],
    listAccounts: ['/data/*/account', '/data/*/nickname'],
  }
  assert.deepEqual(text.withheld, settled)
  const clause = text.clauses.find((c) => c.id === 'withheld')
  assert.match(clause?.text ?? '', /of listAccounts \/data\/\*\/account, \/data\/\*\/nickname/)

  assert.deepEqual((await standing(id))?.withheld, {}, 'an offer binds nobody')
  await sign(visit, contract)
  await countersign(contract)
  assert.deepEqual((await standing(id))?.withheld, settled)
  await success('POST', `/api/contracts/${contract.id}/freeze`, { reason: 'test' })
  assert.deepEqual((await standing(id))?.withheld, settled)
})

test('what is to be left out must be there to be left out', async () => {
  const { id } = await offices.partner()
  for (const [withheld, pointer] of [
    [{ listAccounts: ['/data/*/nickname', '/data/*/nick'] }, '/withheld/listAccounts/1'],
    [{ listAccounts: ['/dat'] }, '/withheld/listAccounts/0'],
    [{ issueCard: ['/cardId'] }, '/withheld/issueCard'],
    [{ nothing: ['/x'] }, '/withheld/nothing'],
  ] as const) {
    const { body } = await ask(id, { withheld })
    assert.equal(body['code'], 'contracts/offer-refused')
    assert.deepEqual((body['errors'] as { pointer: string }[])[0]?.pointer, pointer)
  }
  const outOfShape = await ask(id, { withheld: { listAccounts: ['nickname'] } })
  assert.equal(outOfShape.body['code'], 'platform/request-invalid')
})

test('of two countersignatures at once one counts, and one contract rules', async () => {
  const first = await inForce()
  assert.equal(
    (await decide(head, (await ask(first.id, { tier: 'Silver', early: 'agreed' })).body)).status,
    200,
  )
  const next = await newest(first.visit)
  await sign(first.visit, next)
  assert.equal((await standing(first.id))?.tier, 'Gold')

  const answers = await Promise.all([countersign(next), countersign(next)])

  assert.deepEqual(
    answers.map((a) => a.status).toSorted((a, b) => a - b),
    [200, 409],
  )
  assert.deepEqual(
    (await listed(first.visit)).map((c) => c.status),
    ['active', 'ended'],
  )
  assert.equal((await standing(first.id))?.tier, 'Silver')
})

test('a later offer takes the place of an open one', async () => {
  const { id, visit, contract } = await offered()
  await decide(head, (await ask(id, { tier: 'Bronze' })).body)

  assert.equal((await sign(visit, contract)).body['code'], 'contracts/wrong-step')
  assert.deepEqual(
    (await listed(visit)).map((c) => c.status),
    ['offered', 'withdrawn'],
  )
})

test('one person freezes a contract, two let it go on, and an end comes by itself', async () => {
  const { id, contract } = await inForce()
  const at = (noun: string, body: object) =>
    success('POST', `/api/contracts/${contract.id}/${noun}`, { reason: 'test', ...body })

  assert.equal((await at('freeze', {})).status, 200)
  assert.equal((await standing(id))?.inForce, false)
  const thaw = await at('thaw', {})
  assert.equal(thaw.status, 202)
  assert.equal((await decide(success, thaw.body)).status, 403)
  assert.equal((await standing(id))?.inForce, false)
  await decide(finance, thaw.body)
  assert.equal((await standing(id))?.inForce, true)

  const now = offices.context.world.now()
  const past = await at('end', { endsAt: now.subtract({ hours: 1 }).toString() })
  assert.equal(past.body['code'], 'contracts/end-too-early')
  const end = now.add({ hours: 2 })
  const soon = await at('end', { endsAt: end.toString() })
  assert.equal(soon.body['code'], 'contracts/notice-too-short')
  await decide(finance, (await at('end', { endsAt: end.toString(), early: 'agreed' })).body)
  assert.equal((await standing(id))?.inForce, true)
  const later = await standingContracts(db, end, PartnerId.parse(id))
  assert.equal(later.get(id)?.inForce, false)
})

test('a tier that changes leaves the contracts that are signed as they are', async () => {
  const { id } = await inForce({ tier: 'Platinum' })
  const before = (await standing(id))?.limits
  const limits = { ...before, concurrency: 1 }
  const asked = await product('POST', '/api/catalogue/limits', {
    tier: 'Platinum',
    limits,
    reason: 'test',
  })
  assert.equal((await decide(head, asked.body)).body['status'], 'applied')

  assert.deepEqual((await standing(id))?.limits, before)
})

const fresh: Contract = {
  id: ContractId.next(),
  partnerId: PartnerId.next(),
  template: '1',
  tier: 'Gold',
  products: ['cards'],
  priceVersion: '2026-11',
  document: '{}',
  documentSha256: 'a'.repeat(64),
  status: 'offered',
  offeredAt: noon,
  signedBy: null,
  signedAt: null,
  countersignedBy: null,
  activeFrom: null,
  endsAt: null,
  stoppedBecause: null,
  amends: null,
  version: 1,
  validFrom: null,
}

test('no order of steps brings a contract into force without both signatures, or back from its end', () => {
  const step = fc.oneof(
    fc.constant({ to: 'withdrawn' } as const),
    fc.record({
      to: fc.constantFrom('signed' as const, 'active' as const),
      by: fc.constantFrom('person:1', 'staff:1'),
      documentSha256: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
    }),
    fc.constant({ to: 'frozen', reason: 'x' } as const),
    fc.constant({ to: 'thawed' } as const),
    fc
      .integer({ min: -5, max: 50 })
      .map((h) => ({ to: 'ended', at: noon.add({ hours: h }) }) as const),
  )
  const path = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    let contract = fresh
    steps.forEach((next, hour) => {
      const now = noon.add({ hours: hour })
      const before = statusAt(contract, now)
      try {
        contract = moved(contract, next, now)
      } catch (error) {
        assert.ok(error instanceof Problem, String(error))
        return
      }
      assert.ok(before !== 'ended' && before !== 'withdrawn', `it came back from ${before}`)
      const after = statusAt(contract, now)
      if (after === 'active' || after === 'frozen')
        assert.ok(contract.signedAt !== null && contract.countersignedBy !== null)
    })
  })
  fc.assert(path, { numRuns: 2_000 })
})
