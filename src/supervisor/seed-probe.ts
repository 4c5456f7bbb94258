/** The platform's own partner, admitted as any other: evidence verified, contract signed, credentials approved by two. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { assert } from '#kernel/assert.ts'
import { type Cell, cells } from '#kernel/cell.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import { newClientRequest, readAuthority } from '#platform/certificates.ts'
import type { Postgres } from '#platform/db.ts'
import { writeWhole } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { type Appliers, type ChangeSet, decideChange } from '#control/approvals/index.ts'
import {
  appliers as contractAppliers,
  countersignContract,
  listContracts,
  proposeOffer,
  signContract,
} from '#control/contracts/index.ts'
import {
  appliers as licenceAppliers,
  proposeGrant,
  proposeVerification,
  submitEvidence,
} from '#control/licences/index.ts'
import {
  type Authorities,
  listCertificates,
  partnerAppliers,
  type PartnerId,
  registerPartner,
  requestApplication,
} from '#control/partners/index.ts'
import { listStaff } from '#control/staff/index.ts'
import { probeFiles } from './probe.ts'

const STATUS = 'public-authority'

/** Makes what a cell's probe lacks. Each cell's files are written last, so a seed that was cut off begins that cell again. */
export const seedProbe = async (world: ProcessWorld, db: Postgres): Promise<void> => {
  const missing = cells.filter((cell) => !existsSync(probeFiles(world.layout, cell).application))
  if (missing.length === 0) return
  const authorities: Authorities = {
    sandbox: await readAuthority(world.layout.cell('sandbox').partnerCa),
    production: await readAuthority(world.layout.cell('production').partnerCa),
  }
  const appliers: Appliers = new Map([
    ...partnerAppliers(authorities),
    ...Object.entries(licenceAppliers),
    ...Object.entries(contractAppliers),
  ])
  const staff = await listStaff(db)
  const actorOf = (role: string, but?: Actor): Actor => {
    const found = staff
      .filter((s) => s.roles.some((r) => r === role))
      .map((s): Actor => `staff:${s.id}`)
    const actor = found.find((a) => a !== but)
    assert(actor, `the demonstration bank has somebody for ${role}`)
    return actor
  }
  const as = <T>(actor: Actor, body: (w: Work) => Promise<T>) => work(db, actor, world.now(), body)
  const byTwo = async (actor: Actor, second: Actor, propose: (w: Work) => Promise<ChangeSet>) => {
    const change = await as(actor, propose)
    await as(second, (w) =>
      decideChange(w, appliers, {
        id: change.id,
        decision: 'approve',
        hash: change.hash,
        reason: '',
      }),
    )
  }

  const { partner, person } = await as('system', (w) =>
    registerPartner(w, {
      organisation: 'Portico probe',
      legalName: 'Portico probe',
      country: 'UZ',
      declaredStatuses: [STATUS],
      person: {
        name: 'Portico probe',
        email: `probe-${crypto.randomUUID()}@namuna.example`,
        password: crypto.randomUUID(),
      },
    }),
  )
  const own: Actor = `person:${person.id}`
  const compliance = actorOf('compliance')
  const second = actorOf('compliance', compliance)
  const success = actorOf('partner-success')
  const head = actorOf('head-of-platform')

  for (const type of ['legal_basis', 'dpa']) {
    const evidence = await as(own, (w) =>
      submitEvidence(w, partner.id, {
        type,
        issuer: world.settings.PORTICO_BANK_NAME,
        identifiers: { number: 'portico-probe' },
        validFrom: world.now(),
        validTo: world.now().add({ hours: 24 * 3650 }),
        documentSha256: createHash('sha256').update(`portico probe ${type}`).digest('hex'),
        shows: [],
      }),
    )
    await byTwo(compliance, second, (w) =>
      proposeVerification(w, evidence.id, {
        result: 'accepted',
        method: 'part of the demonstration',
        remark: '',
      }),
    )
  }
  await byTwo(compliance, second, (w) =>
    proposeGrant(w, partner.id, [STATUS], 'part of the demonstration'),
  )
  await byTwo(success, head, (w) =>
    proposeOffer(
      w,
      { partnerId: partner.id, tier: 'Bronze', products: ['accounts'], priceVersion: '2026-11' },
      world.settings.PORTICO_BANK_NAME,
    ),
  )
  const [contract] = await listContracts(db, { partnerId: partner.id })
  assert(contract, 'the offer was just approved')
  await as(own, (w) =>
    signContract(w, { partnerId: partner.id, id: contract.id }, contract.documentSha256),
  )
  await as(head, (w) => countersignContract(w, contract.id, contract.documentSha256))

  for (const cell of missing)
    await seedApplication({
      world,
      db,
      cell,
      partnerId: partner.id,
      as,
      own,
      authorities,
      appliers,
      deciders: [head, compliance],
    })
}

const seedApplication = async (given: {
  world: ProcessWorld
  db: Postgres
  cell: Cell
  partnerId: PartnerId
  own: Actor
  as: <T>(actor: Actor, body: (w: Work) => Promise<T>) => Promise<T>
  authorities: Authorities
  appliers: Appliers
  deciders: readonly Actor[]
}) => {
  const { cell, as, appliers } = given
  const files = probeFiles(given.world.layout, cell)
  const request = await newClientRequest('portico-probe')
  const { application, change } = await as(given.own, (w) =>
    requestApplication(
      w,
      given.authorities,
      given.partnerId,
      {
        cell,
        name: 'Portico probe',
        authentication: 'tls_client_auth',
        senderConstraint: 'mtls',
        csr: request.csr,
        redirectUris: [],
        grantTypes: ['client_credentials'],
        products: ['accounts'],
        rehearsal: false,
      },
      ['accounts'],
    ),
  )
  if (change)
    for (const actor of given.deciders)
      await as(actor, (w) =>
        decideChange(w, appliers, {
          id: change.id,
          decision: 'approve',
          hash: change.hash,
          reason: '',
        }),
      )
  const [certificate] = await listCertificates(given.db, [application.id])
  assert(certificate, 'an application that asked with a CSR has a certificate')
  writeWhole(files.key, request.key)
  writeWhole(files.certificate, certificate.pem)
  writeWhole(files.application, JSON.stringify({ applicationId: application.id }))
}
