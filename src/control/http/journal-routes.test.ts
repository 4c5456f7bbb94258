import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { listPeople, PartnerId } from '#control/partners/index.ts'
import { portalRoutes as partnerRoutes } from '#control/partners/routes.ts'
import { openTestOffices } from '#test/offices.ts'
import { work } from '#journal/index.ts'
import { keepRound, openKeeper } from '#journal/evidence.ts'
import { isSignedBy, readCheckpoint } from '#journal/note.ts'
import { tilePath } from '#journal/tiles.ts'
import { leafHash, provesConsistency, provesInclusion, rootOver } from '#journal/tree.ts'
import { uuidv7 } from '#kernel/id.ts'
import { seedMatrix } from '#control/licences/index.ts'
import { openMeter } from '#control/usage/index.ts'
import { AllInForce } from '#control/publication/index.ts'
import { journalPortalRoutes, journalRoutes } from './journal-routes.ts'

const data = mkdtempSync(join(tmpdir(), 'portico-proofs-'))
after(() => rmSync(data, { recursive: true, force: true }))
const offices = await openTestOffices(
  { portal: [journalPortalRoutes, partnerRoutes], console: [journalRoutes, staffRoutes] },
  new Map(),
  { settings: { PORTICO_DATA: data } },
)
const Proofs = z.object({
  checkpoint: z.string(),
  data: z.array(z.object({ seq: z.string(), body: z.string(), proof: z.array(z.string()) })),
})
const Lines = z.array(z.object({ seq: z.string(), event: z.string() }))
const Log = z.object({
  log: z.object({ vkey: z.string(), size: z.number(), root: z.string(), checkpoint: z.string() }),
})
const Line = z.object({ seq: z.string(), body: z.string(), proof: z.array(z.string()) })
const bytesOf = (hashes: readonly string[]) => hashes.map((hash) => Buffer.from(hash, 'base64'))

test('the journal is read from its beginning, or from its end back', async () => {
  const { db, context } = offices
  for (const event of ['tests.first', 'tests.second', 'tests.third'])
    await work(db, 'system', context.world.now(), (w) => w.record(event, 'subject', {}))
  const visit = await offices.staff('auditor')

  const onward = Lines.parse((await visit('GET', '/api/journal?after=0')).body['data'])
  const back = Lines.parse(
    (await visit('GET', '/api/journal?before=999999999999999999')).body['data'],
  )
  const middle = onward.find(({ event }) => event === 'tests.second')
  const earlier = Lines.parse(
    (await visit('GET', `/api/journal?before=${middle?.seq}`)).body['data'],
  )

  assert.deepEqual(back, onward.toReversed())
  assert.equal(earlier[0]?.event, 'tests.first')
  assert.equal((await visit('GET', '/api/journal?before=-1')).status, 400)
})

test('a line says which documents were in force when it was written, and the lines that say so', async () => {
  const { db, context } = offices
  const said = (event: string, subject: string, facts: object) =>
    work(db, 'system', context.world.now(), (w) => w.record(event, subject, facts))
  const published = async (epoch: number) => {
    const sha256 = String(epoch).repeat(64)
    await said('publication.published', 'production/gateway', { epoch, sha256 })
    return { epoch, sha256 }
  }
  await said('tests.under-none', 'dated', {})
  const first = await published(1)
  await said('tests.under-first', 'dated', {})
  const second = await published(2)
  await said('tests.under-second', 'dated', {})
  const visit = await offices.staff('auditor')
  const Dated = z.object({ seq: z.string(), event: z.string(), inForce: AllInForce })

  const { body } = await visit('GET', '/api/journal?about=dated')
  const [latest, middle, oldest] = z.array(Dated).parse(body['data'])

  const gateway = 'production/gateway'
  assert.deepEqual(oldest?.inForce, {})
  const under = (line: number) => ({ [gateway]: { ...first, line } })
  assert.deepEqual(middle?.inForce, under(Number(middle?.seq) - 1))
  assert.deepEqual(latest?.inForce, { [gateway]: { ...second, line: Number(latest?.seq) - 1 } })
  const one = (await visit('GET', `/api/journal/lines/${middle?.seq}`)).body
  assert.deepEqual(one['inForce'], middle?.inForce)
})

test('a partner proves its own lines against the signed checkpoint, and sees nobody else’s', async () => {
  const { db, context } = offices
  const ours = await offices.partner()
  const theirs = await offices.partner()
  for (const { id } of [ours, theirs])
    for (const person of await listPeople(db, PartnerId.parse(id)))
      for (const event of ['tests.began', 'tests.ended'])
        await work(db, `person:${person.id}`, context.world.now(), (w) => w.record(event, id, {}))
  const now = context.world.now()
  await work(db, 'staff:staff_1', now, (w) => w.record('licences.looked-at', ours.id, {}))
  await work(db, 'system', now, async (w) => {
    await w.record('licences.recertification-owned', ours.id, { owner: 'staff_1' })
    await w.record('licences.recertification-due', ours.id, { notice: '60 days' })
  })
  const keeper = await openKeeper(context.world, { database: 'control', keys: 'control' })
  assert.deepEqual((await ours.visit('GET', '/api/journal/proofs')).body['checkpoint'], null)
  await keepRound(db, keeper)

  const proofs = async ({ visit }: typeof ours) =>
    Proofs.parse((await visit('GET', '/api/journal/proofs')).body)
  const mine = await proofs(ours)
  const { size, root, ...note } = readCheckpoint(mine.checkpoint)

  assert.ok(isSignedBy({ ...note, size, root }, keeper.signer))
  assert.ok(mine.data.length >= 2)
  for (const { seq, body, proof } of mine.data) {
    const hashes = proof.map((hash) => Buffer.from(hash, 'base64'))
    const claim = { index: Number(seq) - 1, size, root }
    assert.ok(provesInclusion(hashes, { ...claim, leaf: leafHash(body) }))
    assert.ok(!provesInclusion(hashes, { ...claim, leaf: leafHash(`${body} `) }))
  }
  const told = mine.data.map(({ body }) => body).join('\n')
  assert.match(told, /licences\.recertification-due/, 'what came about it by itself is told')
  assert.doesNotMatch(told, /staff_|looked-at|-owned/, 'who of the bank did what is not')
  const places = new Set(mine.data.map(({ seq }) => seq))
  const others = await proofs(theirs)
  assert.ok(others.data.length > 0)
  assert.ok(others.data.every(({ seq }) => !places.has(seq)))
})

test('lines are found by who did it, what it was about and when', async () => {
  const { db, context } = offices
  const visit = await offices.staff('auditor')
  const partnerId = `partner_${uuidv7()}`
  const now = context.world.now()
  await work(db, 'system', now, (w) => w.record('tests.sought', partnerId, {}))
  await work(db, `partner:${partnerId}`, now, (w) => w.record('tests.named', 'x', { partnerId }))
  const seek = async (query: string) =>
    Lines.parse((await visit('GET', `/api/journal?${query}`)).body['data']).map((l) => l.event)

  assert.deepEqual(await seek(`about=${partnerId}`), ['tests.named', 'tests.sought'])
  assert.deepEqual(await seek(`about=${partnerId}&event=tests.sought`), ['tests.sought'])
  assert.deepEqual(await seek(`about=${partnerId}&event=sign-in.`), [])
  assert.deepEqual(await seek(`actor=partner:${partnerId}`), ['tests.named'])
  assert.deepEqual(await seek(`about=${partnerId}&to=2020-01-01T00:00:00Z`), [])
  assert.equal((await seek(`about=${partnerId}&from=2020-01-01T00:00:00Z`)).length, 2)
})

test('C2SP tlog-tiles: a stranger makes the root again from what is served, and old checkpoints are its beginning', async () => {
  const { db, context } = offices
  const keeper = await openKeeper(context.world, { database: 'control', keys: 'control' })
  const visit = await offices.staff('auditor')
  const { visit: ofPartner } = await offices.partner()
  await keepRound(db, keeper)
  const before = Log.parse((await visit('GET', '/api/journal/log')).body).log
  await work(db, 'system', context.world.now(), async (w) => {
    for (let n = 0; n < 300; n++) await w.record('tests.many', String(n), {})
  })
  await keepRound(db, keeper)
  const note = String((await visit('GET', '/api/journal/log/checkpoint')).body['text'])
  const { size, root } = readCheckpoint(note)
  assert.ok(size > 300)

  const stranger = await offices.visitor('console')('GET', '/api/journal/log/tile/0/000')
  assert.equal(stranger.status, 401)
  const leaves: Buffer[] = []
  for (let index = 0; index * 256 < size; index++) {
    const width = Math.min(256, size - index * 256)
    const path = tilePath('', 0, index, width)
    for (const asks of [visit, ofPartner]) {
      const answer = await asks('GET', `/api/journal/log/${path}`)
      assert.equal(answer.status, 200, path)
      assert.equal(Number(answer.headers['content-length']), width * 32)
      assert.match(String(answer.headers['cache-control']), /immutable/)
    }
    const entries = await visit('GET', `/api/journal/log/${path.replace('tile/0', 'tile/entries')}`)
    assert.equal(entries.status, 200)
    const refused = await ofPartner(
      'GET',
      `/api/journal/log/${path.replace('tile/0', 'tile/entries')}`,
    )
    assert.equal(refused.status, 404)
    const { lines } = await linesOf(index * 256, width)
    leaves.push(...lines.map((body) => leafHash(body)))
  }
  assert.deepEqual(rootOver(leaves), root)

  for (const path of [
    '0/0',
    '0/00',
    '00/000',
    '0/x000/000',
    '64/000',
    '0/000.p/256',
    '0/000.p/0',
    '9/000',
    '0/999',
  ])
    assert.equal((await visit('GET', `/api/journal/log/tile/${path}`)).status, 404, path)

  const { proof } = Consistency.parse(
    (await ofPartner('GET', `/api/journal/log/consistency?from=${before.size}&to=${size}`)).body,
  )
  const older = { size: before.size, root: Buffer.from(before.root, 'base64') }
  assert.ok(provesConsistency(bytesOf(proof), older, { size, root }))
  assert.ok(!provesConsistency(bytesOf(proof), { ...older, root: leafHash('x') }, { size, root }))
  assert.equal(
    (await ofPartner('GET', `/api/journal/log/consistency?from=1&to=${size + 1}`)).status,
    404,
  )
})
const Consistency = z.object({ proof: z.array(z.string()) })

/** Lines one by one, each with a proof of its own. */
const linesOf = async (from: number, count: number) => {
  const rows = await offices.db.many(z.object({ body: z.string() }))`
    select e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where c.seq > ${from} and c.seq <= ${from + count}
     order by c.seq
  `
  return { lines: rows.map(({ body }) => body) }
}

test('a partner proves one of its own calls, down to the checkpoint; nobody proves another’s', async () => {
  const { db, context } = offices
  const ours = await offices.partner()
  const theirs = await offices.partner()
  const now = context.world.now()
  const calls = Array.from({ length: 7 }, (_, n) => ({
    callId: uuidv7(now.epochMilliseconds - 1_000),
    seq: n + 1,
    occurredAt: now.subtract({ seconds: 1 }).toString(),
    partnerId: n === 4 ? ours.id : theirs.id,
    applicationId: 'application_0',
    product: 'accounts',
    operation: 'getBalances',
    contractId: null,
    priceVersion: null,
    consentId: null,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 3.5,
    upstreamMs: null,
    epoch: 1,
  }))
  await work(db, 'system', now, seedMatrix)
  await work(db, 'system', now, (w) =>
    openMeter().take(w, 'sandbox', { gateway: 'one', boot: 'b', records: calls }),
  )
  const keeper = await openKeeper(context.world, { database: 'control', keys: 'control' })
  await keepRound(db, keeper)
  const own = calls[4]?.callId ?? ''

  const answer = await ours.visit('GET', `/api/journal/calls/${own}`)
  const { call, checkpoint, line } = CallProof.parse(answer.body)
  const { size, root } = readCheckpoint(checkpoint)
  assert.ok(
    provesInclusion(bytesOf(line.proof), {
      leaf: leafHash(line.body),
      index: Number(line.seq) - 1,
      size,
      root,
    }),
  )
  const said = Said.parse(JSON.parse(line.body))
  const claim = {
    leaf: leafHash(call.text),
    index: call.index,
    size: call.size,
    root: Buffer.from(said.data.root, 'hex'),
  }
  assert.ok(provesInclusion(bytesOf(call.proof), claim))
  assert.ok(
    !provesInclusion(bytesOf(call.proof), {
      ...claim,
      leaf: leafHash(call.text.replace('200', '201')),
    }),
  )
  assert.ok(call.text.includes(own) && call.text.includes(ours.id))
  assert.equal((await ours.visit('GET', `/api/journal/calls/${calls[0]?.callId}`)).status, 404)
})
const CallProof = z.object({
  call: z.object({
    text: z.string(),
    index: z.number(),
    size: z.number(),
    proof: z.array(z.string()),
  }),
  checkpoint: z.string(),
  line: Line,
})
const Said = z.object({
  event: z.literal('usage.calls-sealed'),
  data: z.object({ root: z.string() }),
})
