import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { type Db, isUniqueViolation, type Postgres } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import {
  type Credentials,
  type Entrance,
  type From,
  hashPassword,
  type Session,
  signInsOver,
  type Standing,
  standingOf,
  useCode,
} from '#control/sign-in/index.ts'
import { type Partner, PartnerId } from './partner.ts'
import {
  emailTaken,
  foundingRoles,
  lastOwner,
  type Person,
  PersonId,
  personNotFound,
  type PersonRole,
} from './person.ts'
import * as store from './store.ts'

const signIns = signInsOver({
  sessions: sql`partners.session`,
  attempts: sql`partners.attempt`,
  idleMinutes: 120,
  longestHours: 12,
})

export interface Newcomer {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** An organisation enters by itself, with its first person. It may use the sandbox at once, and nothing else. */
export const registerPartner = async (
  work: Work,
  ask: Pick<Partner, 'organisation' | 'legalName' | 'country' | 'declaredStatuses'> & {
    person: Newcomer & { roles?: readonly PersonRole[] }
  },
): Promise<{ partner: Partner; person: Person }> => {
  const { organisation, legalName, country, declaredStatuses } = ask
  const partner: Partner = {
    id: PartnerId.next(),
    organisation,
    legalName,
    country,
    declaredStatuses,
    status: 'active',
    registeredAt: work.now,
  }
  await store.insertPartner(work, partner)
  await work.record('partners.registered', partner.id, { country, declaredStatuses })
  const person = await addPerson(work, partner.id, {
    roles: foundingRoles,
    ...ask.person,
    emailProven: false,
  })
  return { partner, person }
}

/** A person of an organisation. Until they have proven their address somebody else may claim it too. */
export const addPerson = async (
  work: Work,
  partnerId: PartnerId,
  given: Newcomer & { roles: readonly PersonRole[]; emailProven: boolean },
): Promise<Person> => {
  const { name, email, password, roles, emailProven } = given
  const person: Person = {
    id: PersonId.next(),
    partnerId,
    name,
    email,
    roles: [...roles],
    status: 'active',
    emailProven,
  }
  try {
    await store.insertPerson(work, person, await hashPassword(password), work.now)
  } catch (error) {
    if (isUniqueViolation(error, 'person_email'))
      throw emailTaken('a person with this address is registered', { cause: error })
    throw error
  }
  await work.record('partners.person-added', person.id, { partnerId, roles })
  return person
}

/** New roles for a person of the organisation. Their sessions end, so that nothing old is remembered. */
export const changeRoles = (
  work: Work,
  partnerId: PartnerId,
  id: PersonId,
  roles: readonly PersonRole[],
): Promise<Person> => changePerson(work, partnerId, id, (p) => ({ ...p, roles: [...roles] }))

/** A person leaves the organisation. */
export const endPerson = (work: Work, partnerId: PartnerId, id: PersonId): Promise<Person> =>
  changePerson(work, partnerId, id, (p) => ({ ...p, status: 'left' }))

const changePerson = async (
  work: Work,
  partnerId: PartnerId,
  id: PersonId,
  changed: (person: Person) => Person,
): Promise<Person> => {
  await store.lockPartner(work, partnerId)
  const people = await store.listPeople(work, partnerId)
  const person = people.find((p) => p.id === id && p.status === 'active')
  if (!person) throw personNotFound('your organisation has no such person')
  const after = changed(person)
  const owns = (p: Person) => p.status === 'active' && p.roles.includes('owner')
  if (!people.some((p) => owns(p.id === id ? after : p)))
    throw lastOwner('make another person owner first')
  await store.savePerson(work, after)
  await signIns.closeAll(work, id)
  const { roles, status } = after
  await work.record('partners.person-changed', id, { partnerId, roles, status })
  return after
}

/** A new password, by whoever knows the old one. All other sessions end. */
export const changePassword = async (
  db: Postgres,
  person: Person,
  { current, next }: { current: string; next: string },
  from: From,
  more: { factorAt?: Temporal.Instant } = {},
): Promise<string> => {
  const login = await store.findLogin(db, person.email)
  const credentials = { email: person.email, password: current }
  await signIns.prove(db, credentials, login?.passwordHash, from)
  const passwordHash = await hashPassword(next)
  return work(db, `person:${person.id}`, from.now, async (w) => {
    await store.savePassword(w, person.id, passwordHash)
    await signIns.closeAll(w, person.id)
    await w.record('partners.password-changed', person.id, {})
    return signIns.open(w, person.id, w.now, { ...more, ...(from.agent && { agent: from.agent }) })
  })
}

/** The person has read a mail at their address: it is theirs, and nobody else's claim to it stands. */
export const proveEmail = async (work: Work, person: Person): Promise<void> => {
  for (const gone of await store.proveEmail(work, person, work.now)) {
    await signIns.closeAll(work, gone)
    await work.record('partners.claim-dropped', gone, {})
  }
  await work.record('partners.email-proven', person.id, { partnerId: person.partnerId })
}

export const endSessions = (work: Work, id: PersonId): Promise<void> => signIns.closeAll(work, id)

/** How partners' people prove themselves. */
export const personEntrance: Entrance = {
  signIns,
  actor: (holder) => `person:${holder}`,
  find: async (db, holder) => {
    const id = PersonId.safeParse(holder)
    const person = id.success ? await store.findPerson(db, id.data) : undefined
    return person?.status === 'active' ? person : undefined
  },
}

/**
 * Signs a partner's person in. Throws `sign-in/refused` for unknown and wrong alike, `sign-in/delayed` for too many.
 * Who has a second factor and gives no code has a session that waits for it.
 */
export const signInPerson = async (
  db: Postgres,
  factorKey: Uint8Array,
  { code, ...credentials }: Credentials,
  from: From,
): Promise<{ secret: string; person: Person; standing: Standing }> => {
  const known = await store.findLogin(db, credentials.email)
  await signIns.prove(db, credentials, known?.passwordHash, from)
  assert(known, 'nobody is proven without an account')
  const { passwordHash: _, ...person } = known
  const method = code === undefined ? null : await useCode(db, factorKey, person.id, code, from)
  const factorAt = method === null ? null : from.now
  const secret = await work(db, `person:${person.id}`, from.now, async (w) => {
    await w.record('partners.signed-in', person.id, {
      partnerId: person.partnerId,
      factor: method,
    })
    return openSession(w, person, { ...from, ...(factorAt && { factorAt }) })
  })
  const standing = await standingOf(db, { holder: person.id, factorAt }, person.emailProven)
  return { secret, person, standing }
}

/** A session for a person who has proven themselves, or has just registered. */
export const openSession = (
  work: Work,
  person: Person,
  more: { factorAt?: Temporal.Instant; agent?: string } = {},
): Promise<string> => signIns.open(work, person.id, work.now, more)

/** Who holds this session and what they have proven in it, while it lives and they belong to the organisation. */
export const personOfSession = async (
  db: Db,
  secret: string,
  now: Temporal.Instant,
): Promise<(Person & { session: Session; standing: Standing }) | undefined> => {
  const session = await signIns.find(db, secret, now)
  if (!session) return undefined
  const person = await store.findPerson(db, PersonId.parse(session.holder))
  if (person?.status !== 'active') return undefined
  return { ...person, session, standing: await standingOf(db, session, person.emailProven) }
}

/** Run on a clock: what is over is not kept. */
export const forgetSignIns = (db: Db, now: Temporal.Instant) => signIns.forget(db, now)

export const signOutPerson = (db: Db, secret: string): Promise<void> => signIns.close(db, secret)
