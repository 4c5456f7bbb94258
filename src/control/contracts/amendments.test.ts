import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import * as approvals from '#control/approvals/routes.ts'
import { appliers as catalogueAppliers } from '#control/catalogue/index.ts'
import * as catalogue from '#control/catalogue/routes.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { listLevels } from '#control/service-levels/index.ts'
import * as staffRoutes from '#control/staff/routes.ts'
import {
  appliers,
  changedBetween,
  compiled,
  ContractId,
  contractPeriods,
  countersignContract,
  findContract,
  freezeContract,
  ruleAt,
  standingContracts,
} from './index.ts'
import * as routes from './routes.ts'
import { readEntries, work } from '#journal/index.ts'
import { insert } from './store.ts'

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
const now = () => offices.context.world.now()
await seedControl(db, now(), { documents: bankDocuments() })
const success = await offices.staff('success')
const head = await offices.staff('head')
const finance = await offices.staff('finance')
const compliance = await offices.staff('compliance')

const Change = z.object({ change: z.object({ id: z.string(), hash: z.string() }) })
const approve = async (by: Visitor, { status, body }: Awaited<ReturnType<Visitor>>) => {
  assert.equal(status, 202, JSON.stringify(body))
  const { id, hash } = Change.parse(body).change
  const decided = await by('POST', `/api/approvals/${id}/decision`, { decision: 'approve', hash })
  assert.equal(decided.status, 200, JSON.stringify(decided.body))
}
const Listed = z.array(z.object({ id: ContractId, documentSha256: z.string() }))

const silver = { tier: 'Silver', early: 'agreed' }
const terms = { tier: 'Gold', products: ['payments', 'cards'], priceVersion: '2026-11' }
const level = {
  product: 'payments',
  title: 'Payments are there',
  availability: { method: 'occurrences', bands: [{ below: '99.9', percent: '10' }] },
}

const open = async (over: object = {}) => {
  const { id, visit } = await offices.partner()
  const partnerId = PartnerId.parse(id)
  const newest = async () => {
    const [contract] = Listed.parse((await visit('GET', '/api/contracts')).body['data'])
    assert.ok(contract)
    return contract
  }
  const bothSign = async () => {
    const { id: contractId, documentSha256 } = await newest()
    const signed = await visit('POST', `/api/contracts/${contractId}/signature`, { documentSha256 })
    assert.equal(signed.status, 200, JSON.stringify(signed.body))
    const after = await success('POST', `/api/contracts/${contractId}/countersignature`, {
      documentSha256,
    })
    assert.equal(after.status, 200, JSON.stringify(after.body))
    return contractId
  }
  await approve(head, await success('POST', '/api/contracts', { partnerId, ...terms, ...over }))
  const first = await bothSign()
  const propose = (contractId: ContractId, changes: object) =>
    success('POST', `/api/contracts/${contractId}/amendments`, changes)
  return {
    partnerId,
    visit,
    first,
    newest,
    propose,
    bothSign,
    amend: async (contractId: ContractId, changes: object) => {
      await approve(head, await propose(contractId, changes))
      return bothSign()
    },
    standing: async (at = now()) => (await standingContracts(db, at, partnerId)).get(partnerId),
  }
}
const textOf = async (id: ContractId) => {
  const contract = await findContract(db, id)
  assert.ok(contract)
  return { ...contract, sets: compiled(contract.document) }
}
const clausesOf = ({ document }: { document: string }) =>
  z
    .object({ clauses: z.array(z.object({ id: z.string(), version: z.int(), text: z.string() })) })
    .parse(JSON.parse(document)).clauses

test('changing one thing of a signed text changes exactly what it sets in motion, and the clause that says so', async () => {
  const { first, amend } = await open()
  let before = await textOf(first)
  const notices = { breakingMonths: 24, priceDays: 120, endDays: 200 }
  const support = { hours: null, firstAnswerMinutes: { critical: 30, major: 60, minor: 600 } }
  for (const [changes, part, clauses] of [
    [{ notices }, 'notices', ['notice']],
    [{ levels: [level] }, 'levels', ['levels']],
    [{ support }, 'support', ['support']],
    [{ tier: 'Platinum', support, early: 'agreed' }, 'limits', ['limits']],
    [{ signatures: 'required', early: 'agreed' }, 'messages', ['signatures']],
    [{ products: ['payments'], early: 'agreed' }, 'products', ['use']],
  ] as const) {
    const after = await textOf(await amend(before.id, changes))

    const changed = changedBetween(before.sets, after.sets)
    // Prices of what is no longer open leave with it, and a tier has its own fees.
    assert.deepEqual(changed, /^(products|limits)$/.test(part) ? [part, 'prices'] : [part])
    const were = new Map(clausesOf(before).map((c) => [c.id, c.text]))
    const others = clausesOf(after).filter((c) => were.get(c.id) !== c.text)
    assert.deepEqual(
      others.map((c) => c.id),
      clauses,
    )
    assert.deepEqual([after.version, after.amends], [before.version + 1, before.id])
    before = after
  }
  assert.equal((await textOf(first)).sets.notices.breakingMonths, 12, 'the first is as it was')
})

test('what is enforced is what the signed text says: limits, prices, levels and notice', async () => {
  const notices = { breakingMonths: 7, priceDays: 61, endDays: 91 }
  const { partnerId, first, standing } = await open({ levels: [level], notices })
  const { sets } = await textOf(first)
  const { tier, ...limits } = sets.limits

  const stands = await standing()

  assert.deepEqual(
    [stands?.tier, stands?.limits, stands?.priceVersion, stands?.notices],
    [tier, limits, sets.prices.version, notices],
  )
  const [promised, ...more] = await listLevels(db, partnerId)
  assert.deepEqual([promised?.contractId, promised?.terms.title, more], [first, level.title, []])
  const soon = now()
    .add({ hours: 24 * 90 })
    .toString()
  const early = await success('POST', `/api/contracts/${first}/end`, {
    endsAt: soon,
    reason: 'test',
  })
  assert.equal(early.body['code'], 'contracts/notice-too-short')
})

test('an amendment that begins ahead leaves the old terms until then, and nobody has to do anything that day', async () => {
  const { partnerId, first, amend, propose, standing } = await open()
  const day = now().add({ hours: 48 })

  const second = await amend(first, { ...silver, validFrom: day.toString() })

  assert.deepEqual([(await standing())?.tier, (await standing())?.until], ['Gold', day])
  const then = await standing(day)
  assert.deepEqual([then?.id, then?.tier, then?.inForce], [second, 'Silver', true])
  const validFrom = day.add({ hours: 1 }).toString()
  const third = await propose(first, { ...silver, tier: 'Bronze', validFrom })
  await approve(head, third)
  assert.equal((await ruleAt(db, partnerId, { at: day, known: now() }))?.contractId, second)
})

test('which contract ruled has two answers for two times, and the text of either stays readable', async () => {
  const { partnerId, visit, first, amend } = await open()
  const day = now().add({ hours: 72 })
  const knownBefore = now()
  offices.pass({ minutes: 1 })
  const second = await amend(first, { ...silver, validFrom: day.toString() })
  const knownAfter = now()
  const ask = async (at: Temporal.Instant, known: Temporal.Instant) =>
    (await ruleAt(db, partnerId, { at, known }))?.contractId

  assert.equal(await ask(day, knownBefore), first, 'nobody knew yet')
  assert.equal(await ask(day, knownAfter), second)
  assert.equal(await ask(day.subtract({ hours: 1 }), knownAfter), first)
  assert.equal(await ask(day, knownBefore.subtract({ hours: 1 })), undefined)
  const path = `/api/contract-rule?at=${day.toString()}&known=${knownBefore.toString()}`
  const { rule } = z
    .object({ rule: z.object({ contractId: z.string() }) })
    .parse((await visit('GET', path)).body)
  assert.equal(rule.contractId, first)
  assert.equal((await visit('GET', `/api/contracts/${first}`)).status, 200)
  await assert.rejects(
    db.run`update contracts.rule set valid_to = now() where partner_id = ${partnerId}`,
    /stays on record/,
  )
  await assert.rejects(
    db.run`delete from contracts.rule where partner_id = ${partnerId}`,
    /stays on record/,
  )
})

test('what is frozen stays frozen when other terms begin', async () => {
  const { first, amend, standing } = await open()
  const day = now().add({ hours: 24 })
  await amend(first, { ...silver, validFrom: day.toString() })

  await work(db, 'system', now(), (w) => freezeContract(w, first, 'the licence is looked into'))

  assert.equal((await standing())?.inForce, false)
  const then = await standing(day)
  assert.deepEqual([then?.tier, then?.inForce], ['Silver', false])
  const other = await open()
  await work(db, 'system', now(), (w) => freezeContract(w, other.first, 'looked into'))
  await other.amend(other.first, silver)
  const amended = await other.standing()
  assert.deepEqual([amended?.tier, amended?.inForce], ['Silver', false])
})

test('terms that are signed after the day that they name begin when both have signed', async () => {
  const { first, propose, bothSign, standing } = await open()
  const day = now().add({ minutes: 2 })
  await approve(head, await propose(first, { ...silver, validFrom: day.toString() }))
  offices.pass({ minutes: 3 })

  await bothSign()

  assert.equal((await standing())?.tier, 'Silver')
  const { endsAt } = await textOf(first)
  assert.deepEqual(endsAt, now(), 'until then the old terms ruled')
})

test('an end behind the day of other terms is an end of those, and is refused for the ones before', async () => {
  const { first, amend, standing } = await open()
  const day = now().add({ hours: 24 })
  const second = await amend(first, { ...silver, validFrom: day.toString() })
  const endsAt = now().add({ hours: 24 * 100 })
  const end = (id: ContractId) =>
    success('POST', `/api/contracts/${id}/end`, { endsAt: endsAt.toString(), reason: 'they leave' })

  const { id, hash } = Change.parse((await end(first)).body).change
  const decided = await head('POST', `/api/approvals/${id}/decision`, { decision: 'approve', hash })
  assert.equal(decided.body['code'], 'contracts/wrong-step')

  await approve(head, await end(second))
  assert.deepEqual((await standing(day))?.until, endsAt)
  assert.equal((await standing(endsAt))?.inForce, false)
})

test('what was open when two people ended a contract is open no more, and nobody alone brings it back', async () => {
  const { partnerId, visit, first, propose, newest, standing } = await open()
  await approve(head, await propose(first, silver))
  const { id, documentSha256 } = await newest()
  await visit('POST', `/api/contracts/${id}/signature`, { documentSha256 })
  const breach = { endsAt: now().toString(), reason: 'breach', early: 'breach' }
  await approve(head, await success('POST', `/api/contracts/${first}/end`, breach))

  const path = `/api/contracts/${id}/countersignature`
  const { body } = await success('POST', path, { documentSha256 })
  assert.equal(body['code'], 'contracts/wrong-step')
  assert.equal((await textOf(id)).status, 'withdrawn')
  assert.equal((await standing())?.inForce, false)
  const line = (await readEntries(db, 0n, 10_000)).findLast((e) => e.subject === id)
  assert.deepEqual([line?.event, line?.data], ['contracts.withdrawn', { partnerId, endOf: first }])
})

test('terms of an agreement with an end begin for nobody: not those that waited, nor those that would be signed', async () => {
  const { partnerId, first, amend, propose, standing } = await open()
  const day = now().add({ hours: 24 * 120 })
  const second = await amend(first, { ...silver, validFrom: day.toString() })
  const endsAt = now().add({ hours: 24 * 100 })
  const end = async (at: Temporal.Instant) =>
    approve(
      head,
      await success('POST', `/api/contracts/${first}/end`, { endsAt: at.toString(), reason: 'x' }),
    )
  await end(endsAt)

  assert.equal((await textOf(second)).status, 'withdrawn')
  assert.equal((await standing(day))?.inForce, false)
  assert.equal(await ruleAt(db, partnerId, { at: day, known: now() }), undefined)
  assert.equal((await propose(first, silver)).body['code'], 'contracts/wrong-step')
  // As it would be had it been offered before: the step itself looks at what it changes.
  const { document, ...was } = await textOf(second)
  const stray = { ...was, document, id: ContractId.next(), amends: first, activeFrom: null }
  await insert(db, { ...stray, status: 'offered' }, 'none')
  const { id } = stray
  await db.run`update contracts.contract set status = 'signed', signed_by = 'p', signed_at = ${now()} where id = ${id}`
  await assert.rejects(
    work(db, 'system', now(), (w) => countersignContract(w, id, stray.documentSha256)),
    { code: 'contracts/wrong-step' },
  )
  await end(endsAt.add({ hours: 24 }))
  const rule = await ruleAt(db, partnerId, { at: endsAt, known: now() })
  assert.equal(rule?.contractId, first, 'a later end is known of its rule as well')
})

test('a text whose template this release has forgotten is amended in the newest wording', async () => {
  const { first, propose, bothSign } = await open()
  await db.run`update contracts.contract set template = '2' where id = ${first}`

  await approve(head, await propose(first, silver))

  const { template, tier } = await textOf(await bothSign())
  assert.deepEqual([template.split('.')[0], tier], ['4', 'Silver'])
})

test('what rules is found behind however many papers came later', async () => {
  const { partnerId, first, amend, standing } = await open()
  const { document, documentSha256 } = await textOf(first)
  const old = Array.from({ length: 120 }, () => ContractId.next())
  await db.run`
    insert into contracts.contract (id, partner_id, template, tier, products, price_version, document, document_sha256,
                                    status, offered_at, change_id)
    select id, ${partnerId}, '3', 'Gold', '{cards}', '2026-11', ${document}, ${documentSha256}, 'withdrawn', ${now()}, 'x'
      from unnest(${old}::text[]) id
  `
  offices.pass({ minutes: 1 })

  await amend(first, silver)

  assert.equal((await standing())?.tier, 'Silver')
  assert.equal((await textOf(first)).status, 'ended')
  assert.equal((await contractPeriods(db, partnerId)).length, 2)
})

test('an amendment is of what rules, changes something, begins ahead, and promises what can be kept', async () => {
  const { first, amend, propose } = await open()
  const past = now().subtract({ hours: 1 }).toString()
  const stranger = [{ ...level, product: 'accounts' }]
  const lawful = {
    ...level,
    product: 'payments',
    maintenance: { noticeHours: 24, minutesAMonth: 9 },
  }
  for (const [changes, code] of [
    [{}, 'contracts/amendment-refused'],
    [{ tier: 'Gold' }, 'contracts/amendment-refused'],
    [{ tier: 'Wood' }, 'catalogue/tier-not-found'],
    [{ validFrom: past, tier: 'Silver' }, 'contracts/offer-refused'],
    [{ levels: stranger }, 'contracts/offer-refused'],
    [{ levels: [level, level] }, 'contracts/offer-refused'],
    [{ levels: [lawful] }, 'contracts/offer-refused'],
    [{ template: '99' }, 'contracts/template-not-found'],
  ] as const)
    assert.equal((await propose(first, changes)).body['code'], code, JSON.stringify(changes))
  await amend(first, silver)
  const late = await propose(first, { tier: 'Bronze', early: 'agreed' })
  assert.equal(late.body['code'], 'contracts/wrong-step')
})

test('a clause is worded by two people, as a version and a template of its own; signed texts keep theirs', async () => {
  const { first, amend } = await open()
  const word = (text: string) =>
    compliance('POST', '/api/contract-clauses', { id: 'price', title: 'Price', text, reason: 'x' })
  assert.equal((await word('It costs {money}.')).body['code'], 'contracts/clause-refused')
  assert.equal((await word('It is free.')).body['code'], 'contracts/clause-refused')

  const text = 'Calls cost what {price-version} says, in {currency}. Nothing else is charged.'
  const asked = await word(text)
  await approve(head, asked)

  const { data } = z
    .object({ data: z.array(z.object({ id: z.string() })) })
    .parse((await finance('GET', '/api/contract-templates')).body)
  assert.deepEqual(
    data.map((t) => t.id),
    ['4.1', '4', '3'],
  )
  const priceOf = (of: { document: string }) => clausesOf(of).find((c) => c.id === 'price')
  const kept = await textOf(await amend(first, silver))
  assert.deepEqual([kept.template, priceOf(kept)?.version], ['4', 1])
  const moved = await textOf(await amend(kept.id, { template: '4.1' }))
  assert.deepEqual([moved.template, priceOf(moved)?.version], ['4.1', 2])
  assert.match(priceOf(moved)?.text ?? '', /what 2026-11 says, in UZS/)
  assert.deepEqual(changedBetween(kept.sets, moved.sets), [])
})

test('of an old text nobody can make a new one: it is countersigned by the hash that it has', async () => {
  const { partnerId, first, propose } = await open()
  await approve(head, await propose(first, silver))
  const { documentSha256 } = await textOf(first)
  const rule = await ruleAt(db, partnerId, { at: now(), known: now() })
  assert.equal(rule?.contractId, first)

  await assert.rejects(
    work(db, 'system', now(), (w) => countersignContract(w, first, documentSha256)),
    { code: 'contracts/wrong-step' },
  )
})
