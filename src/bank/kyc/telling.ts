/** Tells a partner what the customer allowed, once: yes or no, or the data itself, signed. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { realTime } from '#platform/turned-clock.ts'
import { customerRefOf } from '../customers/index.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
  notFound,
} from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import * as store from './claims-store.ts'
import {
  type Answer,
  type Claim,
  ClaimsDetail,
  type ClaimsRecord,
  type ClaimsRequest,
  ClaimsRequestId,
  frameworkUnknown,
  identityMissing,
  type PredicateRequest,
  TRUST_FRAMEWORK,
  verifiedClaims,
} from './claims.ts'
import {
  ANSWER_HOURS,
  answered,
  type Asked,
  fingerprintOf,
  type Known,
  NO_ANSWERS_ALARM,
  QUESTIONS_MAX,
  questionsExhausted,
} from './predicate.ts'

type Wanted = Asked & {
  readonly trustFramework: string
  readonly claims?: readonly Claim[] | undefined
}

/** How long a token may be verified: it says what was true when it was made. */
const TOKEN_SECONDS = 86_400

export const answerPredicates = async (
  bank: BankWorld,
  caller: Caller,
  asked: PredicateRequest,
) => {
  const { record, answers, jwt } = await tell(bank, caller, asked)
  return {
    claimsRequestId: record.id,
    answers: answers.map(({ predicate, result }) => ({ predicate, result })),
    ...(jwt !== undefined && { jwt }),
  }
}

export const shareClaims = async (bank: BankWorld, caller: Caller, asked: ClaimsRequest) => {
  const { record, jwt } = await tell(bank, caller, asked)
  assert(jwt, 'claims were told, so there is a token')
  return { claimsRequestId: record.id, jwt }
}

const tell = async (bank: BankWorld, caller: Caller, wanted: Wanted) => {
  const record = await requested(bank, caller, wanted)
  const { predicates = [], claims = [] } = wanted
  const known = await knownOf(bank, caller, record.subject)
  if (claims.length > 0 && !known.identity)
    throw identityMissing('this customer was never identified in a way that can be told', {
      gate: 'bank',
    })
  const answers = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const told = await answersTo(w, bank, { caller, record, wanted, known })
    const held = await store.lock(w, record.id)
    // The same request told again is the same; another one came too late.
    if (held.idempotencyKey !== record.idempotencyKey) throw usedUp()
    if (held.toldAt === null) await store.saveTold(w, record.id, w.now)
    await w.record('kyc.claims-told', record.id, {
      partnerId: caller.partnerId,
      applicationId: caller.applicationId,
      consentId: record.consentId,
      predicates,
      claims,
    })
    return told
  })
  const jwt = await signed(bank, { record, answers, claims, known })
  return { record, answers, jwt }
}

const usedUp = () =>
  consentExceeded('this consent was told on; ask the customer for another', { gate: 'customer' })

/** The request as it is written before anything is looked up; the same one again for the same key. */
const requested = async (
  { db, now }: BankWorld,
  caller: Caller,
  wanted: Wanted,
): Promise<ClaimsRecord> => {
  const { consentId, subject, partnerId } = caller
  const details = caller.details.flatMap((detail) => ClaimsDetail.safeParse(detail).data ?? [])
  if (consentId === null || subject === null || details.length === 0)
    throw consentMissing('the token carries no consent to claims', { gate: 'partner' })
  const { predicates = [], claims = [], trustFramework } = wanted
  const covering = details.find(
    (detail) =>
      detail.trustFramework === trustFramework &&
      predicates.every((predicate) => detail.predicates.includes(predicate)) &&
      claims.every((claim) => detail.claims.includes(claim)),
  )
  if (!covering)
    throw consentExceeded('the customer did not allow all of this', { gate: 'customer' })
  if (trustFramework !== TRUST_FRAMEWORK)
    throw frameworkUnknown(`the bank verifies by ${TRUST_FRAMEWORK}`, { gate: 'partner' })

  const record: ClaimsRecord = {
    id: ClaimsRequestId.next(),
    partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    consentId,
    subject,
    predicates: [...predicates],
    claims: [...claims],
    requestedAt: now(),
    toldAt: null,
  }
  if (await store.add(db, record)) return record
  const held = await store.findByKey(db, partnerId, record.idempotencyKey)
  if (held && (held.bodySha256 !== record.bodySha256 || held.consentId !== consentId))
    throw keyReused('choose a new key for a new request')
  if (held) return held
  // What could not be told, since the core was away, may be asked again under another key.
  const unfinished = await store.findByConsent(db, partnerId, consentId)
  if (unfinished?.toldAt !== null) throw usedUp()
  const again = { ...record, id: unfinished.id }
  if ((await store.takeOver(db, again)) === 0) throw usedUp()
  return again
}

const knownOf = async (bank: BankWorld, caller: Caller, subject: string): Promise<Known> => {
  const ref = await customerRefOf(bank.db, caller.partnerId, subject)
  if (ref === undefined) throw notFound()
  const core = bank.coreFor(caller.partnerId)
  const [customer, identity, accounts] = await Promise.all([
    core.customer(ref),
    core.identity(ref),
    core.accountsOf(ref),
  ])
  return { customer, identity, accounts }
}

/** The same question within a day gets the same answer; too many different ones about one person get none (O13). */
const answersTo = async (
  w: Work,
  bank: BankWorld,
  {
    caller,
    record,
    wanted,
    known,
  }: { caller: Caller; record: ClaimsRecord; wanted: Wanted; known: Known },
): Promise<Answer[]> => {
  const { predicates = [] } = wanted
  const about = { partnerId: caller.partnerId, subject: record.subject }
  // Questions are counted in real time; how old somebody is, is a matter of the partner's world.
  const now = realTime(w.now)
  const since = now.subtract({ hours: ANSWER_HOURS })
  const today = w.now.toZonedDateTimeISO(bank.zone).toPlainDate()
  const asked = predicates.map((predicate) => ({
    predicate,
    ...about,
    question: fingerprintOf(bank.keys.questions, about, predicate, wanted),
  }))
  const [first] = asked
  if (!first) return []
  await store.lockSubject(w, first)
  const answers: Answer[] = []
  for (const question of asked) {
    const { predicate } = question
    const held = await store.findAnswer(w, question, since)
    if (held === undefined) await countQuestion(w, question, since)
    const result =
      held ??
      (await store.keepAnswer(w, question, {
        result: answered(predicate, wanted, known, today),
        since,
        now,
      }))
    answers.push({ predicate, result })
  }
  await watchForSweeps(w, bank, caller.partnerId)
  return answers
}

const countQuestion = async (w: Work, question: store.Question, since: Temporal.Instant) => {
  const { count, first } = await store.questionsAbout(w, question, since)
  if (count < QUESTIONS_MAX || !first) return
  const seconds = Math.max(1, Math.ceil(first.since(since).total('seconds')))
  throw questionsExhausted(`at most ${QUESTIONS_MAX} within ${ANSWER_HOURS} hours`, {
    headers: { 'Retry-After': String(seconds) },
  })
}

/** Who hears no all the time is guessing (O13): the line is what the bank's people are woken by. */
const watchForSweeps = async (w: Work, { log }: BankWorld, partnerId: string) => {
  const noes = await store.noAnswers(w, partnerId, w.now.subtract({ hours: 1 }))
  if (noes < NO_ANSWERS_ALARM || !(await store.raiseAlarm(w, partnerId, w.now))) return
  log.warn({ partnerId, noes }, 'a partner hears mostly no')
  await w.record('kyc.sweep-suspected', partnerId, { partnerId, noes })
}

const signed = async (
  bank: BankWorld,
  told: {
    record: ClaimsRecord
    answers: readonly Answer[]
    claims: readonly Claim[]
    known: Known
  },
): Promise<string | undefined> => {
  const { record, answers, claims, known } = told
  const verified = verifiedClaims({ answers, claims }, known.identity)
  if (!verified) return undefined
  const issuedAt = Math.floor(bank.now().epochMilliseconds / 1000)
  return bank.claims.sign({
    sub: record.subject,
    aud: record.applicationId,
    jti: record.id,
    iat: issuedAt,
    exp: issuedAt + TOKEN_SECONDS,
    verified_claims: verified,
  })
}

/** FATF Recommendation 11: five years. */
const RECORD_HOURS = 24 * 365 * 5

export const sweepAnswers = ({ db, now }: Pick<BankWorld, 'db' | 'now'>) =>
  store.sweep(db, {
    answers: now().subtract({ hours: ANSWER_HOURS }),
    records: now().subtract({ hours: RECORD_HOURS }),
  })
