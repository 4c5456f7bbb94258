/** What four eyes put in force for partners. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet } from '#control/approvals/index.ts'
import { Application, ApplicationId, stateOf } from './application.ts'
import { changed, UPDATE_CHANGE } from './application-update.ts'
import {
  activate,
  APPLICATION_CHANGE,
  type Authorities,
  CERTIFICATE_CHANGE,
  certificateBase,
  certify,
  lockActivePartner,
} from './applications.ts'
import { PartnerId } from './partner.ts'
import { ERASURE_CHANGE, erasure } from './people-erasure.ts'
import { FACTOR_RESET_CHANGE, factorReset } from './people-reset.ts'
import { askedOf, type Registration, REGISTRATION_CHANGE, RegistrationId } from './registration.ts'
import * as registrations from './registration-store.ts'
import * as store from './store.ts'
import { REINSTATEMENT_CHANGE, standing } from './suspension.ts'

const Asked = z.object({ csr: z.string().nullable() })

/** Organisation first, then application, as everywhere: two who lock in two orders wait for each other for ever. */
const lockSubject = async (work: Work, change: ChangeSet): Promise<Application> => {
  const id = ApplicationId.parse(change.subject)
  const known = await store.findApplication(work, id)
  assert(known, 'an application that was asked for is never deleted')
  await store.lockPartner(work, known.partnerId)
  return (await store.lockApplication(work, id)) ?? known
}

const activation = (authorities: Authorities): Applier => ({
  base: async (work, change) => baseOf(stateOf(await lockSubject(work, change))),
  apply: async (work, change) => {
    const { id, partnerId, cell, ...rest } = await lockSubject(work, change)
    await lockActivePartner(work, partnerId)
    const application: Application = { ...rest, id, partnerId, cell, status: 'active' }
    await store.saveStatus(work, application, work.now)
    await activate(work, authorities, application, Asked.parse(change.after).csr ?? undefined)
  },
  dropped: async (work, change) => {
    const application = await lockSubject(work, change)
    if (application.status !== 'requested') return
    const { id, partnerId, cell } = application
    await store.saveStatus(work, { id, status: 'declined' }, work.now)
    await work.record('partners.application-declined', id, { partnerId, cell })
  },
})

const certification = (authorities: Authorities): Applier => ({
  base: async (work, change) => {
    const application = await lockSubject(work, change)
    const held = await store.listCertificates(work, [application.id])
    return certificateBase(application, held, work.now)
  },
  apply: async (work, change) => {
    const application = await lockSubject(work, change)
    await lockActivePartner(work, application.partnerId)
    const { csr } = z.object({ csr: z.string() }).parse(change.after)
    await certify(work, authorities, application, csr)
  },
})

const update: Applier = {
  base: async (work, change) => baseOf(stateOf(await lockSubject(work, change))),
  apply: async (work, change) => {
    const before = await lockSubject(work, change)
    await lockActivePartner(work, before.partnerId)
    const asked = Application.omit({ requestedAt: true }).parse(change.after)
    await changed(work, before, { ...asked, requestedAt: before.requestedAt })
  },
}

/** The organisation first, as everywhere. */
const lockRegistration = async (work: Work, change: ChangeSet): Promise<Registration> => {
  const id = RegistrationId.parse(change.subject)
  const known = await registrations.find(work, id)
  assert(known, 'a registration that was asked for is never deleted')
  await store.lockPartner(work, known.partnerId)
  return (await registrations.lock(work, id)) ?? known
}

const registration: Applier = {
  base: async (work, change) => baseOf(askedOf(await lockRegistration(work, change))),
  apply: async (work, change) => {
    const { id, partnerId, cell } = await lockRegistration(work, change)
    await lockActivePartner(work, partnerId)
    await registrations.saveStatus(work, id, 'granted')
    await work.record('partners.registration-granted', id, { partnerId, cell })
  },
  dropped: async (work, change) => {
    const { id, partnerId, cell } = await lockRegistration(work, change)
    await registrations.saveStatus(work, id, 'declined')
    await work.record('partners.registration-declined', id, { partnerId, cell })
  },
}

const reinstatement: Applier = {
  base: async (work, change) => {
    const partner = await store.lockPartner(work, PartnerId.parse(change.subject))
    assert(partner, 'a partner is never deleted')
    return standing(work, partner)
  },
  apply: async (work, change) => {
    const id = PartnerId.parse(change.subject)
    await store.reinstate(work, id, work.now)
    await work.record('partners.reinstated', id, {})
  },
}

export const partnerAppliers = (authorities: Authorities): ReadonlyMap<string, Applier> =>
  new Map([
    [APPLICATION_CHANGE, activation(authorities)],
    [CERTIFICATE_CHANGE, certification(authorities)],
    [UPDATE_CHANGE, update],
    [REGISTRATION_CHANGE, registration],
    [REINSTATEMENT_CHANGE, reinstatement],
    [FACTOR_RESET_CHANGE, factorReset],
    [ERASURE_CHANGE, erasure],
  ])
