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
import { leafHash, provesInclusion } from '#journal/tree.ts'
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

test('a partner proves its own lines against the signed checkpoint, and sees nobody else’s', async () => {
  const { db, context } = offices
  const ours = await offices.partner()
  const theirs = await offices.partner()
  for (const { id } of [ours, theirs])
    for (const person of await listPeople(db, PartnerId.parse(id)))
      for (const event of ['tests.began', 'tests.ended'])
        await work(db, `person:${person.id}`, context.world.now(), (w) => w.record(event, id, {}))
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
  const places = new Set(mine.data.map(({ seq }) => seq))
  const others = await proofs(theirs)
  assert.ok(others.data.length > 0)
  assert.ok(others.data.every(({ seq }) => !places.has(seq)))
})
