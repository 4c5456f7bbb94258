/** A stranger's day in the sandbox, before they register: an organisation without a name that a registration claims. */
import { createHash, randomBytes } from 'node:crypto'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { hashPassword } from '#control/sign-in/index.ts'
import { revokeApplication } from './applications.ts'
import type { Partner, PartnerId } from './partner.ts'
import { endSessions, type Newcomer, openSession, registerPartner } from './people.ts'
import { foundingRoles, type Person, personNotFound } from './person.ts'
import * as store from './store.ts'
import { type Visit, visitsMany } from './visit.ts'
import * as visits from './visit-store.ts'

const HOURS = 24
/** Each is an organisation that the sandbox carries: enough for a conference, too few to be a burden. */
const VISITS_MAX = 200

const sha256 = (secret: string) => createHash('sha256').update(secret).digest()

export interface Begun {
  readonly visit: Visit
  /** Of the session, which ends sooner. */
  readonly session: string
  /** For coming back until the day is over. */
  readonly secret: string
}

/** Lets a stranger into the sandbox: they may be all that the matrix knows, since nothing here is real. */
export const beginVisit = async (
  work: Work,
  ask: { country: string; declaredStatuses: readonly string[] },
): Promise<Begun> => {
  if ((await visits.countOpen(work)) >= VISITS_MAX)
    throw visitsMany('register, or come back later', { headers: { 'retry-after': '3600' } })
  const name = `Visitor ${randomBytes(2).toString('hex')}`
  const { partner, person } = await registerPartner(work, {
    organisation: name,
    legalName: name,
    country: ask.country,
    declaredStatuses: [...ask.declaredStatuses],
    person: {
      name,
      // RFC 2606: no mail ever gets there.
      email: `${crypto.randomUUID()}@visitor.invalid`,
      password: randomBytes(32).toString('base64url'),
      roles: ['developer'],
    },
  })
  const secret = randomBytes(32).toString('base64url')
  const endsAt = work.now.add({ hours: HOURS })
  const visit = { partnerId: partner.id, personId: person.id, endsAt }
  await visits.insert(work, visit, sha256(secret), work.now)
  await work.record('partners.visit-began', partner.id, { endsAt: endsAt.toString() })
  return { visit, secret, session: await openSession(work, person) }
}

/** The stranger comes back to what they had: a new session of the same day. Undefined where it is over. */
export const resumeVisit = async (work: Work, secret: string): Promise<Begun | undefined> => {
  const visit = await visits.findOpen(work, sha256(secret), work.now)
  const person = visit && (await store.findPerson(work, visit.personId))
  if (!visit || person?.status !== 'active') return undefined
  return { visit, secret, session: await openSession(work, person) }
}

/** Whether whoever is signed in is a stranger still. */
export const findVisit = (db: Db, partnerId: PartnerId): Promise<Visit | undefined> =>
  visits.find(db, partnerId)

/**
 * The stranger registers: their organisation gets its name and its word, they get their own, and what they tried stays.
 * The sandbox reads the new word from the next publication on.
 */
export const claimVisit = async (
  work: Work,
  visit: Visit,
  ask: Pick<Partner, 'organisation' | 'legalName' | 'country' | 'declaredStatuses'> & {
    person: Newcomer
  },
): Promise<{ partner: Partner; person: Person }> => {
  const held = await store.lockPartner(work, visit.partnerId)
  const known = await store.findPerson(work, visit.personId)
  if (!held || known?.status !== 'active' || !(await visits.close(work, visit, 'claimed')))
    throw personNotFound('the visit is over; register without it')
  const { organisation, legalName, country, declaredStatuses } = ask
  const partner: Partner = { ...held, organisation, legalName, country, declaredStatuses }
  const { name, email } = ask.person
  const person: Person = { ...known, name, email, roles: [...foundingRoles] }
  await visits.name(work, partner, person, await hashPassword(ask.person.password))
  await endSessions(work, person.id)
  await work.record('partners.visit-claimed', partner.id, { country, declaredStatuses })
  return { partner, person }
}

/** Run on a clock: days that nobody claimed are over, and their applications with them. */
export const endVisits = async (work: Work): Promise<void> => {
  for (const visit of await visits.listOver(work, work.now)) {
    await store.lockPartner(work, visit.partnerId)
    if (!(await visits.close(work, visit, 'ended'))) continue
    for (const { id, status } of await store.listApplications(work, { partnerId: visit.partnerId }))
      if (status === 'active') await revokeApplication(work, { applicationId: id })
    const person = await store.findPerson(work, visit.personId)
    if (person) await store.savePerson(work, { ...person, status: 'left' })
    await endSessions(work, visit.personId)
    await work.record('partners.visit-ended', visit.partnerId, {})
  }
}
