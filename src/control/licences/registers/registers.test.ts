import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { uuidv7 } from '#kernel/id.ts'
import { registerPartner } from '#control/partners/index.ts'
import { EvidenceId } from '../evidence.ts'
import { importRegister, listSuspensions, seedMatrix } from '../index.ts'
import { judged, readRegister } from './register.ts'
import { listImports, listMatches } from './store.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const does = doing(db)
await does(seedMatrix)

const head = 'number,name,country,services,states,status\n'
const takenOn = Temporal.PlainDate.from('2026-11-22')
const importing = (
  content: string,
  over: { register?: string; takenOn?: Temporal.PlainDate } = {},
) =>
  does((w) =>
    importRegister(w, { register: 'cbu', format: 'csv', content, takenOn, ...over }, 'UZ'),
  )

/** A partner that is held as `aisp` by an entry of the register. */
const registered = async (
  number: string,
  papers: readonly Record<string, string>[] = [{ number, register: 'cbu' }],
) => {
  const { partner } = await does((w) =>
    registerPartner(w, {
      organisation: 'Anor',
      legalName: 'Anor LLC',
      country: 'UZ',
      declaredStatuses: ['aisp'],
      person: { name: 'A', email: `${uuidv7()}@partner.example`, password: 'a long pass phrase' },
    }),
  )
  await db.run`insert into licences.holding (partner_id, status, since, change_id)
               values (${partner.id}, 'aisp', ${noon}, 'none')`
  for (const identifiers of papers)
    await db.run`
      insert into licences.evidence
        (id, partner_id, type, issuer, identifiers, document_sha256, shows, state, submitted_at, verified_by)
      values (${EvidenceId.next()}, ${partner.id}, 'nca_register', 'CBU', ${JSON.stringify(identifiers)}::text::jsonb,
              ${'ab'.repeat(32)}, '{}', 'accepted', ${noon}, array['a', 'b'])`
  return partner.id
}

test('a register confirms, and stops at once what it no longer carries; the file stays with its digest', async () => {
  const [kept, dropped, narrowed] = [
    await registered('UZ-1'),
    await registered('UZ-2'),
    await registered('UZ-3'),
  ]
  const first = `${head}UZ-1,Anor,UZ,aisp,,authorised\nUZ-2,Bek,UZ,aisp;pisp,,authorised\nUZ-3,Chash,UZ,aisp,,authorised\n`
  const { imported, matches } = await importing(first)
  assert.deepEqual([imported.added, imported.changed, imported.gone], [3, 0, 0])
  assert.deepEqual(new Set(matches.map((m) => m.verdict)), new Set(['confirmed']))

  const again = await importing(
    `${head}UZ-1,Anor,UZ,aisp,,authorised\nUZ-3,Chash,UZ,pisp,,authorised\n`,
  )

  assert.deepEqual([again.imported.added, again.imported.changed, again.imported.gone], [0, 1, 1])
  const verdictOf = new Map(again.matches.map((m) => [m.partnerId, m.verdict]))
  assert.equal(verdictOf.get(kept), 'confirmed')
  assert.equal(verdictOf.get(dropped), 'gone')
  assert.equal(verdictOf.get(narrowed), 'service-lost')
  assert.deepEqual(await listSuspensions(db, kept), [])
  for (const partner of [dropped, narrowed]) {
    const [stop] = await listSuspensions(db, partner)
    assert.equal(stop?.name, 'aisp')
  }
  await importing(`${head}UZ-1,Anor,UZ,aisp,,authorised\n`)
  assert.equal((await listSuspensions(db, dropped)).length, 1, 'one stop, however often it is said')
  assert.equal((await listImports(db, 'cbu')).length, 3)
  assert.equal((await listMatches(db, { partnerId: dropped })).length, 3)
})

test('a file that is not sure changes nothing', async () => {
  for (const content of [
    '',
    head,
    `${head}UZ-1,Anor,UZ,aisp,,maybe\n`,
    `${head}UZ-1,Anor,Uzbekistan,aisp,,authorised\n`,
    `${head}UZ-1,Anor,UZ,aisp,,authorised\nUZ-1,Anor,UZ,aisp,,authorised\n`,
    // Words that are no statuses would stop everybody whom they are about.
    `${head}UZ-1,Anor,UZ,aisp;AISP,,authorised\n`,
    `${head}UZ-1,Anor,UZ,constructor,,authorised\n`,
  ])
    await assert.rejects(importing(content), { code: 'licences/register-unreadable' })
})

test('a file of a day to come, or older than the newest, changes nothing', async () => {
  const register = 'in-order'
  const number = `UZ-${uuidv7()}`
  const partnerId = await registered(number, [{ number, register }])
  const standing = `${head}${number},Anor,UZ,aisp,,authorised\n`
  const without = `${head}UZ-0,Other,UZ,aisp,,authorised\n`
  await importing(standing, { register })

  await assert.rejects(importing(without, { register, takenOn: takenOn.subtract({ days: 1 }) }), {
    code: 'licences/register-outdated',
  })
  await assert.rejects(importing(without, { register, takenOn: takenOn.add({ days: 2 }) }), {
    code: 'licences/register-unreadable',
  })

  assert.deepEqual(await listSuspensions(db, partnerId), [])
  assert.equal((await listImports(db, register)).length, 1)
  await importing(standing, { register })
  assert.equal((await listImports(db, register)).length, 2, 'the same day once more is no older')
})

test('evidence that names no register is of the one that knows its number, and two papers are one number', async () => {
  const register = 'by-number'
  const [known, papers, unknown] = [`N-${uuidv7()}`, `N-${uuidv7()}`, `N-${uuidv7()}`]
  const unnamed = await registered(known, [{ number: known }])
  const twice = await registered(papers, [
    { number: papers, register },
    { number: papers, register, lei: '5299000J2N45DDNE4Y28' },
    { number: papers },
  ])
  const stranger = await registered(unknown, [{ number: unknown }])
  const [first, second] = [known, papers].map((n) => `${n},Anor,UZ,aisp,,authorised\n`)
  const { matches } = await importing(`${head}${first}${second}`, { register })
  assert.deepEqual(
    new Map(matches.map((m) => [m.partnerId, m.verdict])),
    new Map([
      [unnamed, 'confirmed'],
      [twice, 'confirmed'],
    ]),
  )

  const again = await importing(`${head}${second}`, { register })

  assert.deepEqual(
    new Map(again.matches.map((m) => [m.partnerId, m.verdict])),
    new Map([
      [unnamed, 'gone'],
      [twice, 'confirmed'],
    ]),
  )
  assert.deepEqual(
    (await listSuspensions(db, unnamed)).map((s) => s.name),
    ['aisp'],
  )
  assert.deepEqual(await listMatches(db, { partnerId: stranger }), [])
})

test('the European register’s download is read: services, passports, withdrawals', () => {
  const entity = (code: string, dates: string[], services: object[]) => ({
    CA_OwnerID: 'DE_BAFIN',
    EntityCode: code,
    EntityType: 'PSD_PI',
    Properties: [{ ENT_NAM: 'Zahl GmbH' }, { ENT_COU_RES: 'DE' }, { ENT_AUT: dates }],
    Services: services,
  })
  const file = JSON.stringify([
    [{ disclaimer: 'none' }],
    [
      entity('DE-1', ['2019-01-01'], [{ DE: ['PS_070', 'PS_080'] }, { UZ: 'PS_080' }]),
      entity('DE-2', ['2019-01-01', '2026-02-02'], [{ DE: ['PS_080'] }]),
    ],
  ])

  const [alive, withdrawn] = readRegister('eba', file)

  assert.deepEqual(
    [alive?.services, alive?.states],
    [
      ['aisp', 'pisp'],
      ['DE', 'UZ'],
    ],
  )
  const here = { home: 'DE', bank: 'UZ' }
  assert.deepEqual(judged(alive, ['aisp'], here), { verdict: 'confirmed', lost: [] })
  assert.equal(judged(alive, ['aisp'], { home: 'DE', bank: 'KZ' }).verdict, 'state-lost')
  assert.deepEqual(judged(withdrawn, ['aisp'], here), { verdict: 'withdrawn', lost: ['aisp'] })
  assert.throws(() => readRegister('eba', '{}'), { code: 'licences/register-unreadable' })
})
