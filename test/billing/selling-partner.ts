/** A marketplace that the bank lets release what it holds for sellers: verified, signed, with a certificate of production. */
import assert from 'node:assert/strict'
import { newClientRequest, readAuthority } from '#platform/certificates.ts'
import type { Postgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import { type ChangeSet, decideChange } from '#control/approvals/index.ts'
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
  listCertificates,
  partnerAppliers,
  registerPartner,
  requestApplication,
} from '#control/partners/index.ts'
import { listStaff, type Staff } from '#control/staff/index.ts'

const STATUS = 'marketplace'

export const sellingPartner = async (db: Postgres, given: ProcessWorld) => {
  const now = () => given.now().round('microsecond')
  const authorities = {
    sandbox: await readAuthority(given.layout.cell('sandbox').partnerCa),
    production: await readAuthority(given.layout.cell('production').partnerCa),
  }
  const appliers = new Map([
    ...partnerAppliers(authorities),
    ...Object.entries(licenceAppliers),
    ...Object.entries(contractAppliers),
  ])
  const as = <T>(actor: Actor, body: (w: Work) => Promise<T>) => work(db, actor, now(), body)
  const staff = await listStaff(db)
  const some = (role: Staff['roles'][number], but?: Actor): Actor => {
    const found = staff.filter((s) => s.roles.includes(role)).map((s): Actor => `staff:${s.id}`)
    const one = found.find((a) => a !== but)
    assert.ok(one, `the demonstration bank has a ${role}`)
    return one
  }
  const [compliance, head] = [some('compliance'), some('head-of-platform')]
  const second = some('compliance', compliance)
  const agreed = ({ id, hash }: ChangeSet, by: Actor) =>
    as(by, (w) => decideChange(w, appliers, { id, hash, decision: 'approve', reason: '' }))

  const { partner, person } = await as('system', (w) =>
    registerPartner(w, {
      organisation: 'Bozor',
      legalName: 'Bozor LLC',
      country: 'UZ',
      declaredStatuses: [STATUS],
      person: { name: 'Owner', email: 'owner@bozor.example', password: 'a long pass phrase' },
    }),
  )
  const own: Actor = `person:${person.id}`
  for (const type of ['aml_policy', 'kyb_policy', 'dpa', 'pen_test']) {
    const evidence = await as(own, (w) =>
      submitEvidence(w, partner.id, {
        type,
        issuer: 'Bozor LLC',
        identifiers: { number: '1' },
        validFrom: now(),
        validTo: now().add({ hours: 24 * 300 }),
        documentSha256: 'ab'.repeat(32),
        shows: [],
      }),
    )
    const verdict = { result: 'accepted', method: 'read', remark: '' } as const
    await agreed(await as(compliance, (w) => proposeVerification(w, evidence.id, verdict)), second)
  }
  await agreed(
    await as(compliance, (w) => proposeGrant(w, partner.id, [STATUS], 'for the drill')),
    second,
  )
  const offer = {
    partnerId: partner.id,
    tier: 'Platinum',
    products: ['payments'],
    priceVersion: '2026-11',
  }
  await agreed(await as(some('partner-success'), (w) => proposeOffer(w, offer, 'Namuna')), head)
  const [contract] = await listContracts(db, { partnerId: partner.id })
  assert.ok(contract)
  const { id, documentSha256 } = contract
  await as(own, (w) => signContract(w, { partnerId: partner.id, id }, documentSha256))
  await as(head, (w) => countersignContract(w, id, documentSha256))

  const { csr, key } = await newClientRequest('bozor')
  const { application, change } = await as(own, (w) =>
    requestApplication(
      w,
      authorities,
      partner.id,
      {
        cell: 'production',
        name: 'Shop',
        authentication: 'tls_client_auth',
        senderConstraint: 'mtls',
        csr,
        redirectUris: [],
        grantTypes: ['client_credentials'],
        products: ['payments'],
        rehearsal: false,
      },
      ['payments'],
    ),
  )
  assert.ok(change)
  for (const by of [head, compliance]) await agreed(change, by)
  const [certificate] = await listCertificates(db, [application.id])
  assert.ok(certificate)
  return { partnerId: partner.id, applicationId: application.id, key, certificate }
}
