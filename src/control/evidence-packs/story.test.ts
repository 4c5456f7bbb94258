/** A partner's whole life by a turned clock, and the evidence pack of it read back and checked by a stranger. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { nobodyIsNamed } from '#test/nobody-named.ts'
import { openPublicationWorld } from '#test/publication.ts'
import { uuidv7 } from '#kernel/id.ts'
import { type Actor, evidenceFolder, evidenceVkeyPath, type Work, work } from '#journal/index.ts'
import { keepRound, openKeeper } from '#journal/evidence.ts'
import { readAuthority } from '#platform/certificates.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { makeSigningKey } from '#platform/keys.ts'
import { type ChangeSet, decideChange } from '#control/approvals/index.ts'
import {
  appliers as contractAppliers,
  countersignContract,
  listContracts,
  proposeEnd,
  proposeOffer,
  signContract,
} from '#control/contracts/index.ts'
import { addLine, endIncident, openIncident } from '#control/incidents/index.ts'
import {
  appliers as licenceAppliers,
  applyForLicence,
  EvidenceId,
  proposeGrant,
  proposeVerification,
  submitEvidence,
  tasksOf,
  tellNotices,
} from '#control/licences/index.ts'
import {
  addPerson,
  type ApplicationId,
  endPerson,
  listPeople,
  partnerAppliers,
  proposeErasure,
  type PartnerId,
  requestApplication,
  revokeApplication,
  suspendPartner,
} from '#control/partners/index.ts'
import { explainPast, publishOnce } from '#control/publication/index.ts'
import { listStaff, seedStaff } from '#control/staff/index.ts'
import { openMeter } from '#control/usage/index.ts'
import { makePack, verifyPack } from './index.ts'
import { signedFiles } from './manifest.ts'
import { readTar, writeTar } from './tar.ts'

const { db, world: real, register } = await openPublicationWorld()
const begin = Temporal.Instant.from('2027-01-10T09:00:00Z')
let clock = begin
const world = { ...real, now: () => clock }
const day = (n: number) => begin.add({ hours: n * 24 })
const authorities = {
  sandbox: await readAuthority(world.layout.cell('sandbox').partnerCa),
  production: await readAuthority(world.layout.cell('production').partnerCa),
}
const appliers = new Map([
  ...partnerAppliers(authorities),
  ...Object.entries(licenceAppliers),
  ...Object.entries(contractAppliers),
])
const as = <T>(actor: Actor, body: (w: Work) => Promise<T>) => work(db, actor, clock, body)

await as('system', seedStaff)
const staff = await listStaff(db)
const personOf = (login: string) => {
  const found = staff.find((s) => s.email.startsWith(`${login}@`))
  assert.ok(found, login)
  return `staff:${found.id}` as const
}
const [compliance, second, success, head] = [
  personOf('compliance'),
  personOf('compliance2'),
  personOf('success'),
  personOf('head'),
]
/** Another person agrees to what was proposed. */
const agreed = async (change: ChangeSet, by: Actor = second) => {
  const { id, hash } = change
  const decided = await as(by, (w) =>
    decideChange(w, appliers, { id, hash, decision: 'approve', reason: '' }),
  )
  if (decided.status === 'proposed') return agreed(decided, head)
  assert.equal(decided.status, 'applied', decided.outcome ?? '')
  return decided
}

const documentOf = (type: string, validTo: Temporal.Instant | null) => ({
  type,
  issuer: 'Central bank',
  identifiers: { number: 'PSDUZ-CBU-4711' },
  validFrom: null,
  validTo,
  documentSha256: 'ab'.repeat(32),
  shows: [],
})
const accepted = async (partnerId: PartnerId, type: string, validTo: Temporal.Instant | null) => {
  const { id } = await as('system', (w) => submitEvidence(w, partnerId, documentOf(type, validTo)))
  const verdict = { result: 'accepted', method: 'register asked', remark: named } as const
  await agreed(await as(compliance, (w) => proposeVerification(w, EvidenceId.parse(id), verdict)))
}

const askedFor = async (partnerId: PartnerId): Promise<ApplicationId> => {
  const { x, y, kid } = publicJwk(await newSigningJwk('ES256'))
  assert.ok(x && y && kid)
  const key = { kty: 'EC' as const, crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' as const }
  const { application, change } = await as('system', (w) =>
    requestApplication(
      w,
      authorities,
      partnerId,
      {
        cell: 'production',
        name: 'Account view',
        authentication: 'private_key_jwt',
        senderConstraint: 'dpop',
        jwks: { keys: [key] },
        redirectUris: [],
        grantTypes: ['client_credentials'],
        products: ['accounts'],
        rehearsal: false,
      },
      ['accounts'],
    ),
  )
  assert.ok(change)
  await agreed(change, success)
  return application.id
}

const underContract = async (partnerId: PartnerId): Promise<void> => {
  const offer = { partnerId, tier: 'Bronze', products: ['accounts'], priceVersion: '2026-11' }
  await agreed(await as(success, (w) => proposeOffer(w, offer, 'Namuna Bank')), head)
  const [contract] = await listContracts(db, { partnerId })
  const [person] = await listPeople(db, partnerId)
  assert.ok(contract && person)
  const { id, documentSha256 } = contract
  await as(`person:${person.id}`, (w) => signContract(w, { partnerId, id }, documentSha256))
  await as(head, (w) => countersignContract(w, id, documentSha256))
}

/** The clock turned on: what is due is told, and the cells get their documents. */
const turnTo = async (moment: Temporal.Instant) => {
  clock = moment
  await as('system', tellNotices)
  await publishOnce(db, world, 'production')
}
const meter = openMeter()
let seq = 0
const called = (partnerId: PartnerId, applicationId: string, statuses: readonly number[]) =>
  as('system', (w) =>
    meter.take(w, 'production', {
      gateway: 'g1',
      boot: 'b1',
      records: statuses.map((status, i) => {
        const atMs = clock.epochMilliseconds - 10_000 + i * 1_000
        return {
          callId: uuidv7(atMs),
          seq: ++seq,
          occurredAt: Temporal.Instant.fromEpochMilliseconds(atMs).toString(),
          partnerId,
          applicationId,
          product: 'accounts',
          operation: 'getBalances',
          contractId: null,
          priceVersion: null,
          consentId: `consent_${'7'.repeat(32)}`,
          status,
          code: status === 200 ? null : 'licences/expired',
          billable: status === 200,
          units: 1,
          latencyMs: 20,
          upstreamMs: 10,
          epoch: 1,
        }
      }),
    }),
  )

const standing = async (application: ApplicationId, operation: string) => {
  const { refusal } = await explainPast(db, { application, operation, at: clock })
  return refusal?.code ?? 'allowed'
}

/** Somebody who is known by each of these, and whom everybody names wherever words are free. */
const canaries = ['Karimova', '+998 90 123-45-67', 'dilnoza@people.example']
const named = `Dilnoza ${canaries.join(', ')}`

test('a partner registers, is verified, signs, lives, lapses step by step, is renewed and leaves; the pack proves it', async () => {
  const partnerId = await register(['aisp'])
  const colleague = await as('system', (w) =>
    addPerson(w, partnerId, {
      name: named,
      email: 'dilnoza@people.example',
      password: 'a long pass phrase',
      roles: ['developer'],
      emailProven: true,
    }),
  )
  await as('system', (w) => applyForLicence(w, partnerId, ['aisp']))
  await accepted(partnerId, 'nca_register', day(20))
  await accepted(partnerId, 'qwac', null)
  await agreed(await as(compliance, (w) => proposeGrant(w, partnerId, ['aisp'], 'verified')))
  await underContract(partnerId)
  const application = await askedFor(partnerId)
  const permitted = () => standing(application, 'getBalances')

  await turnTo(day(1))
  assert.equal(await permitted(), 'allowed')
  await called(partnerId, application, [200, 200, 200])
  assert.deepEqual(
    (await tasksOf(db, clock, partnerId)).map((t) => [t.type, t.step]),
    [['nca_register', 'warned']],
  )
  const incident = await as(success, (w) =>
    openIncident(w, {
      title: `Balances were slow for ${named}`,
      severity: 'minor',
      cell: 'production',
      partnerIds: [partnerId],
      beganAt: day(1),
    }),
  )
  await as(success, (w) =>
    addLine(w, incident.id, { kind: 'finding', said: `the core answered late, ${named} told us` }),
  )

  await turnTo(day(14))
  await as(success, (w) =>
    endIncident(w, incident.id, { endedAt: day(2), said: `it is fast again for ${named}` }),
  )
  await turnTo(day(20))
  const [lapsing] = await tasksOf(db, clock, partnerId)
  assert.equal(lapsing?.step, 'no-new-consents')
  assert.equal(await permitted(), 'allowed', 'those who came stay')
  await turnTo(day(34))
  assert.equal((await tasksOf(db, clock, partnerId))[0]?.step, 'read-only')
  assert.equal(await permitted(), 'allowed', 'reading goes on')
  await turnTo(day(50))
  assert.equal((await tasksOf(db, clock, partnerId))[0]?.step, 'suspended')
  assert.equal(await permitted(), 'licences/expired')
  await called(partnerId, application, [403])

  await accepted(partnerId, 'nca_register', day(400))
  await turnTo(day(52))
  assert.equal(await permitted(), 'allowed')
  assert.deepEqual(await tasksOf(db, clock, partnerId), [])

  const [contract] = await listContracts(db, { partnerId, status: 'active' })
  assert.ok(contract)
  await agreed(
    await as(head, (w) =>
      proposeEnd(w, contract.id, day(60), `the partner leaves, says ${named}`, 'agreed'),
    ),
    success,
  )
  await turnTo(day(60))
  await as('system', (w) => revokeApplication(w, { applicationId: application }))
  await as('system', (w) => endPerson(w, partnerId, colleague.id))
  await agreed(await as(compliance, (w) => proposeErasure(w, colleague.id, `${named} asks for it`)))
  await as(compliance, (w) => suspendPartner(w, partnerId, `it has left with ${named}`))
  await turnTo(day(61))
  assert.equal(await permitted(), 'gateway/token-invalid')
  assert.equal(
    (await explainPast(db, { application, operation: 'getBalances', at: day(40) })).refusal,
    null,
    'what was allowed that day is answered for ever',
  )
  await nobodyIsNamed(db, canaries)
  await readBack(partnerId)
})

/** Made, checked by a stranger, and again with every kind of tampering. */
const readBack = async (partnerId: PartnerId) => {
  const keeper = await openKeeper(world, { database: 'control', keys: 'control' })
  await keepRound(db, keeper)
  const { key: path, publicKey } = world.layout.evidencePacks
  const key = await makeSigningKey(path, publicKey, 'EdDSA')
  const asked = {
    partnerId,
    from: day(-1),
    to: day(62),
    bank: { name: 'Namuna Bank', zone: 'Asia/Tashkent' },
    reader: 'supervisor' as const,
  }
  const made = () =>
    makePack(db, asked, { folder: evidenceFolder(world.layout.data, 'control'), key, now: clock })
  const archive = await made()
  const trusted = {
    pack: String(key['x']),
    journal: readFileSync(evidenceVkeyPath(world.layout.data, 'control'), 'utf8'),
  }

  const { pack, faults, unchecked, journal } = verifyPack(archive, trusted)
  assert.deepEqual(faults, [])
  assert.deepEqual(unchecked, [])
  assert.ok(journal.proven > 30 && journal.later === 0, JSON.stringify(journal))
  assert.ok((await made()).equals(archive), 'the same facts are the same bytes')

  const rows = (name: string) => pack.sections[name]?.rows ?? []
  const listIn = (name: string, column: string) => {
    const cell = rows(name)[0]?.[column]
    assert.ok(Array.isArray(cell), `${name} ${column}`)
    return cell
  }
  assert.deepEqual(
    rows('permissions').map((r) => [
      String(r['since']).slice(0, 10),
      String(r['granted']).includes('accounts.read'),
    ]),
    [
      [day(1), true],
      [day(50), false],
      [day(52), true],
      [day(60), true],
      [day(61), false],
    ].map(([at, granted]) => [String(at).slice(0, 10), granted]),
  )
  assert.deepEqual(
    rows('decisions').map((r) => [r['kind'], r['status']]),
    ['verification', 'verification', 'grant', 'offer', 'application', 'verification', 'end'].map(
      (word) => [
        `${word === 'offer' || word === 'end' ? 'contracts' : word === 'application' ? 'partners' : 'licences'}.${word}`,
        'applied',
      ],
    ),
  )
  assert.match(String(listIn('decisions', 'approvedBy')[0]), /^Rustam Tursunov/)
  assert.deepEqual(
    rows('calls').map((r) => [r['status'], r['calls']]),
    [
      [200, 3],
      [403, 1],
    ],
  )
  assert.deepEqual(
    rows('consents').map((r) => [r['calls'], r['refused']]),
    [[4, 1]],
  )
  assert.equal(listIn('incidents', 'record').length, 2)
  const published = rows('statistics').filter((r) => r['requests'] !== 0)
  assert.deepEqual(
    published.map((r) => [r['day'], r['uptimePercent'], r['requests'], r['accountInformationMs']]),
    [
      [day(1), 100, 3, 20],
      [day(50), 100, 1, 20],
    ].map(([at, ...rest]) => [String(at).slice(0, 10), ...rest]),
  )
  assert.equal(rows('statistics').length, 64, 'a line for each day that the period touches')
  assert.match(pack.sections['cardScope']?.about ?? '', /asked for none/)
  assert.match(String(rows('stops')[0]?.['reason']), /^it has left/)
  const files = readTar(archive)
  const textOf = (name: string) => String(files.find((f) => f.name === name)?.bytes)
  assert.equal(textOf('pack.pdf').slice(0, 5), '%PDF-')
  const inForce = new Set(textOf('journal.json').match(/"production.gateway":\d+/g))
  assert.ok(inForce.size > 2, 'lines say which snapshot was in force')

  for (const name of ['pack.json', 'csv/calls.csv', 'pack.pdf', 'journal.json', 'manifest.json']) {
    const altered = files.map((file) => {
      if (file.name !== name) return file
      const bytes = Buffer.from(file.bytes)
      const at = bytes.length - 20
      bytes[at] = bytes.readUInt8(at) ^ 1
      return { name, bytes }
    })
    const found = (() => {
      try {
        return verifyPack(writeTar(altered), trusted).faults
      } catch (error) {
        return [String(error)]
      }
    })()
    assert.notEqual(found.length, 0, `a bit of ${name}`)
  }
  const stranger = await newSigningJwk('EdDSA')
  const content = files.filter((f) => !f.name.startsWith('manifest.'))
  const again = verifyPack(writeTar(signedFiles(content, stranger)), trusted)
  assert.deepEqual(again.faults, ['it is signed by another key than the bank’s'])
  const own = verifyPack(
    await makePack(
      db,
      { ...asked, reader: 'partner' },
      { folder: evidenceFolder(world.layout.data, 'control'), key, now: clock },
    ),
    trusted,
  )
  assert.deepEqual(own.faults, [])
  assert.doesNotMatch(JSON.stringify(own.pack), /staff_|Rustam|it has left/)
}
