import assert from 'node:assert/strict'
import { test } from 'node:test'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { uuidv7 } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { type ChangeSet, decideChange } from '#control/approvals/index.ts'
import { registerPartner } from '#control/partners/index.ts'
import { addStaff, listStaff } from '#control/staff/index.ts'
import { EvidenceId } from '../evidence.ts'
import { appliers, importRegister, listSuspensions, seedMatrix } from '../index.ts'
import { judged, readRegister } from './register.ts'
import { entriesOf, findKept, listImports, listMatches } from './store.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const does = doing(db)
await does(seedMatrix)

const joined = async () => {
  const email = `${uuidv7()}@namuna.example`
  await does((w) =>
    addStaff(w, { name: 'Somebody', email, password: 'quite long enough', roles: ['compliance'] }),
  )
  const staff = (await listStaff(db)).find((s) => s.email === email)
  assert.ok(staff)
  return staff.id
}
const compliance = Promise.all([joined(), joined()])

const head = 'number,name,country,services,states,status\n'
const takenOn = Temporal.PlainDate.from('2026-11-22')
const importing = (
  content: string,
  over: { register?: string; takenOn?: Temporal.PlainDate; count?: number } = {},
) =>
  does((w) =>
    importRegister(w, { register: 'cbu', format: 'csv', content, takenOn, ...over }, 'UZ'),
  )

/** A partner that is held as `aisp` by an entry of the register. */
const registered = async (
  number: string,
  papers: readonly (Record<string, string> & { until?: string })[] = [{ number, register: 'cbu' }],
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
  for (const { until, ...identifiers } of papers)
    await db.run`
      insert into licences.evidence
        (id, partner_id, type, issuer, identifiers, document_sha256, shows, state, submitted_at, verified_by, valid_to)
      values (${EvidenceId.next()}, ${partner.id}, 'nca_register', 'CBU', ${JSON.stringify(identifiers)}::text::jsonb,
              ${'ab'.repeat(32)}, '{}', 'accepted', ${noon}, array['a', 'b'], ${until ?? null}::timestamptz)`
  return partner.id
}

test('a register confirms, and stops at once what it no longer carries; the file stays with its digest', async () => {
  const [kept, dropped, narrowed] = [
    await registered('UZ-1'),
    await registered('UZ-2'),
    await registered('UZ-3'),
  ]
  // Others, so that two are no fall.
  const others = Array.from({ length: 25 }, (_, i) => `UZ-O${i},Other,UZ,aisp,,authorised\n`).join(
    '',
  )
  const first = `${head}${others}UZ-1,Anor,UZ,aisp,,authorised\nUZ-2,Bek,UZ,aisp;pisp,,authorised\nUZ-3,Chash,UZ,aisp,,authorised\n`
  const { imported, matches } = await importing(first)
  assert.deepEqual([imported.added, imported.changed, imported.gone], [28, 0, 0])
  assert.deepEqual(new Set(matches.map((m) => m.verdict)), new Set(['confirmed']))

  const again = await importing(
    `${head}${others}UZ-1,Anor,UZ,aisp,,authorised\nUZ-3,Chash,UZ,pisp,,authorised\n`,
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
  await importing(`${head}${others}UZ-1,Anor,UZ,aisp,,authorised\n`)
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

/** Twenty entries, of which the first are held by partners of ours. */
const twenty = (
  register: string,
  numbers: readonly string[],
  but: (i: number) => string = () => '',
) =>
  head +
  Array.from(
    { length: 20 },
    (_, i) => but(i) || `${numbers[i] ?? `${register}-${i}`},Anor,UZ,aisp,,authorised`,
  ).join('\n')

const decided = async (change: ChangeSet | null, decision: 'approve' | 'reject') => {
  assert.ok(change)
  const { id, hash } = change
  const [, second] = await compliance
  return doing(
    db,
    `staff:${second}`,
  )((w) =>
    decideChange(w, new Map(Object.entries(appliers)), {
      id,
      decision,
      hash,
      reason: 'asked the supervisor',
    }),
  )
}

test('a file that was cut off stops nobody: it is kept, and waits for a second person', async () => {
  const register = `cut-${uuidv7()}`
  const numbers = [`N-${uuidv7()}`, `N-${uuidv7()}`]
  const partners = await Promise.all(
    numbers.map((number) => registered(number, [{ number, register }])),
  )
  const whole = twenty(register, numbers)
  assert.equal((await importing(whole, { register })).imported.state, 'in-force')
  const [first] = await compliance

  const cut = whole.split('\n').slice(0, 1).concat(whole.split('\n').slice(4)).join('\n')
  const held = await doing(
    db,
    `staff:${first}`,
  )((w) => importRegister(w, { register, format: 'csv', content: cut, takenOn }, 'UZ'))

  assert.equal(held.imported.state, 'waiting')
  assert.deepEqual(new Set(held.matches.map((m) => m.verdict)), new Set(['gone']))
  for (const partner of partners) assert.deepEqual(await listSuspensions(db, partner), [])
  assert.equal((await entriesOf(db, register)).length, 20)
  assert.deepEqual(
    (await listMatches(db, { importId: held.imported.id })).map((m) => m.verdict),
    [],
    'what waits has said nothing yet',
  )
  // Another one that takes as much away waits behind it, and says so.
  await assert.rejects(
    doing(
      db,
      `staff:${first}`,
    )((w) => importRegister(w, { register, format: 'csv', content: cut, takenOn }, 'UZ')),
    { code: 'approvals/pending' },
  )
  // Whoever took it in does not let it count.
  const change = held.change
  assert.ok(change)
  await assert.rejects(
    doing(
      db,
      `staff:${first}`,
    )((w) =>
      decideChange(w, new Map(Object.entries(appliers)), {
        id: change.id,
        decision: 'approve',
        hash: change.hash,
        reason: '',
      }),
    ),
    { code: 'approvals/own-change' },
  )

  assert.equal((await decided(held.change, 'reject')).status, 'rejected')

  const kept = (await listImports(db, register)).map((i) => i.state)
  assert.deepEqual(kept, ['refused', 'in-force'])
  assert.equal((await findKept(db, held.imported.id)).content, cut)
  for (const partner of partners) assert.deepEqual(await listSuspensions(db, partner), [])
  // A refused file is no newer word: the day before it may still be imported.
  assert.equal((await importing(whole, { register })).imported.state, 'in-force')
})

test('a mass withdrawal that a second person has confirmed stops all of them; one that moved on meanwhile is void', async () => {
  const register = `mass-${uuidv7()}`
  const numbers = [`N-${uuidv7()}`, `N-${uuidv7()}`, `N-${uuidv7()}`]
  const partners = await Promise.all(
    numbers.map((number) => registered(number, [{ number, register }])),
  )
  await importing(twenty(register, numbers), { register })
  const [first] = await compliance
  const withdrawn = twenty(register, numbers, (i) =>
    numbers[i] ? `${numbers[i]},Anor,UZ,aisp,,withdrawn` : '',
  )
  const asked = () =>
    doing(
      db,
      `staff:${first}`,
    )((w) => importRegister(w, { register, format: 'csv', content: withdrawn, takenOn }, 'UZ'))
  const overtaken = await asked()
  await importing(
    twenty(register, numbers, (i) => (i === 0 ? `${numbers[0]},Anor,UZ,aisp,,withdrawn` : '')),
    { register },
  )
  assert.equal((await decided(overtaken.change, 'approve')).status, 'void')
  assert.deepEqual(await listSuspensions(db, partners[1]!), [])

  // Two of those that stood: still more than one, and more than a tenth of nineteen.
  const held = await asked()
  assert.equal(held.imported.state, 'waiting')
  assert.equal((await decided(held.change, 'approve')).status, 'applied')

  for (const partner of partners)
    assert.deepEqual(
      (await listSuspensions(db, partner)).map((s) => s.name),
      ['aisp'],
    )
  assert.deepEqual(
    (await listImports(db, register)).map((i) => i.state),
    ['in-force', 'in-force', 'refused', 'in-force'],
  )
  assert.equal((await listMatches(db, { importId: held.imported.id })).length, 3)
})

test('the first file of a register that knows none of its partners waits; so does one without its services', async () => {
  const register = `first-${uuidv7()}`
  const numbers = [`N-${uuidv7()}`, `N-${uuidv7()}`]
  const partners = await Promise.all(
    numbers.map((number) => registered(number, [{ number, register }])),
  )
  const [staff] = await compliance
  const taking = (content: string, of = register) =>
    doing(
      db,
      `staff:${staff}`,
    )((w) => importRegister(w, { register: of, format: 'csv', content, takenOn }, 'UZ'))

  const first = await taking(twenty(register, []))
  assert.equal(first.imported.state, 'waiting')
  await decided(first.change, 'reject')
  await taking(twenty(register, numbers))
  const poorer = await taking(
    twenty(register, numbers, (i) => `${numbers[i] ?? `${register}-${i}`},Anor,UZ,,,authorised`),
  )

  assert.equal(poorer.imported.state, 'waiting')
  for (const partner of partners) assert.deepEqual(await listSuspensions(db, partner), [])
})

test('a file with another number of entries than its supervisor says is refused', async () => {
  const register = `counted-${uuidv7()}`
  const content = twenty(register, [])
  await assert.rejects(importing(content, { register, count: 21 }), (error: Problem) => {
    assert.equal(error.code, 'licences/register-unreadable')
    assert.equal(error.particulars.errors?.[0]?.pointer, '/count')
    return true
  })
  assert.equal((await importing(content, { register, count: 20 })).imported.entries, 20)
})

test('a paper that has ended says nothing beside one that is alive; the last to end still does', async () => {
  const register = `ended-${uuidv7()}`
  const [old, renewed, older, last] = Array.from({ length: 4 }, () => `N-${uuidv7()}`)
  const moved = await registered(renewed!, [
    { number: old!, register, until: '2026-11-01T00:00:00Z' },
    { number: renewed!, register },
  ])
  const declining = await registered(last!, [
    { number: older!, register, until: '2025-11-01T00:00:00Z' },
    { number: last!, register, until: '2026-11-20T00:00:00Z' },
  ])
  const standing = `${head}${renewed},Anor,UZ,aisp,,authorised\n`

  const { matches } = await importing(standing, { register })

  assert.deepEqual(
    new Map(matches.map((m) => [m.number, m.verdict])),
    new Map([
      [renewed, 'confirmed'],
      [last, 'gone'],
    ]),
  )
  assert.deepEqual(await listSuspensions(db, moved), [])
  assert.equal((await listSuspensions(db, declining)).length, 1)
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
