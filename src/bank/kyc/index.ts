/** Whom partners bring, verified: what they say and show is taken, sealed, looked at, and erased in time. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { refuseRealIdentifiers } from '../nobody-real.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import { sealText } from '../sealed.ts'
import type { BankKeys, BankWorld } from '../world.ts'
import {
  contentOf,
  DOCUMENTS_MAX,
  type Document,
  DocumentId,
  type DocumentRequest,
  documentsFull,
  sha256Of,
  wordsIn,
} from './document.ts'
import { eraseNow } from './erasure.ts'
import * as store from './store.ts'
import {
  deadlineFrom,
  expiresAt,
  isOver,
  missing,
  moved,
  requirementsDue,
  requirementsOf,
  retentionBinding,
  type Verification,
  type VerificationRequest,
  VerificationId,
  verificationClosed,
  verificationJson,
  type VerificationsQuery,
} from './verification.ts'

export { keepClocks, lookAfter, lookAnew } from './clocks.ts'
export { aboutWhom } from './subject.ts'
export { VerificationId } from './verification.ts'

/** What a new verification begins with, whoever it is about; `said` is sealed. */
export const begun = (
  { keys, now }: { keys: Pick<BankKeys, 'people'>; now: Temporal.Instant },
  caller: Caller,
  about: Pick<Verification, 'kind' | 'reference' | 'purpose' | 'requirements'> & { said: object },
): Verification => {
  const id = VerificationId.next()
  const { said, ...rest } = about
  const verification: Verification = {
    id,
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    ...rest,
    status: 'created',
    sealed: sealText(keys.people, ['kyc', id], JSON.stringify(said)),
    deadline: deadlineFrom(now),
    submittedAt: null,
    endedAt: null,
    eraseAt: null,
    erasedAt: null,
    lookAt: null,
    createdAt: now,
    updatedAt: now,
  }
  return { ...verification, lookAt: expiresAt(verification) }
}

/** Writes it down once for a key; the one that was there before where the key has one. */
export const keepBegun = async (
  w: Work,
  verification: Verification,
): Promise<{ verification: Verification; added: boolean }> => {
  if (await store.add(w, verification)) {
    const { id, partnerId, applicationId, kind, purpose } = verification
    await w.record('kyc.verification-created', id, { partnerId, applicationId, kind, purpose })
    return { verification, added: true }
  }
  const { partnerId, idempotencyKey, bodySha256 } = verification
  const held = await store.findByKey(w, partnerId, idempotencyKey)
  assert(held, 'what could not be added is there')
  if (held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new verification')
  return { verification: held, added: false }
}

export const createVerification = async (
  bank: BankWorld,
  caller: Caller,
  { reference, purpose, person }: VerificationRequest,
) => {
  const now = bank.now()
  const verification = begun({ keys: bank.keys, now }, caller, {
    kind: 'person',
    reference,
    purpose,
    requirements: requirementsOf(person),
    said: { ...person, birthDate: person.birthDate.toString() },
  })
  return work(bank.db, actorOf(caller), now, async (w) => {
    const kept = await keepBegun(w, verification)
    return presented(w, kept.verification, now)
  })
}

const presented = async (db: Work | BankWorld['db'], v: Verification, now: Temporal.Instant) =>
  verificationJson(v, await store.documentTypes(db, [v.id]), now)

/** Every look at somebody leaves its line, with what the partner said that it is for (O36). */
export const getVerification = async (bank: BankWorld, caller: Caller, id: VerificationId) => {
  const found = await store.find(bank.db, caller.partnerId, id)
  if (!found) throw notFound()
  const now = bank.now()
  return work(bank.db, actorOf(caller), now, async (w) => {
    await recordRead(w, caller, found)
    return presented(w, found, now)
  })
}

const recordRead = (w: Work, { partnerId, callId }: Caller, { id, purpose }: Verification) =>
  w.record('kyc.verification-read', id, { partnerId, callId, purpose })

/** Newest first; a cursor opens only for the partner that it was given to. */
export const listVerifications = async (
  bank: BankWorld,
  caller: Caller,
  { limit, cursor }: VerificationsQuery,
) => {
  const { partnerId } = caller
  const place = ['kyc verifications', partnerId]
  const before = cursor === undefined ? undefined : openCursor(bank.keys, place, cursor)
  const found = await store.list(bank.db, {
    partnerId,
    limit: limit + 1,
    ...(before !== undefined && { before }),
  })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const more = found.length > limit && last !== undefined
  const now = bank.now()
  return work(bank.db, actorOf(caller), now, async (w) => {
    const documents = await store.documentTypes(
      w,
      page.map(({ id }) => id),
    )
    for (const verification of page) await recordRead(w, caller, verification)
    return {
      data: page.map((v) =>
        verificationJson(
          v,
          documents.filter(({ verificationId }) => verificationId === v.id),
          now,
        ),
      ),
      next: more ? sealCursor(bank.keys, place, last.id) : null,
    }
  })
}

/** The partner's own verification, held until the transaction ends. */
const lockOwn = async (w: Work, caller: Caller, id: VerificationId): Promise<Verification> => {
  const found = await store.lock(w, id)
  if (found?.partnerId !== caller.partnerId) throw notFound()
  return found
}

const isCollecting = ({ status }: Verification) => status === 'created' || status === 'collecting'

/** The first document begins the collection. It is sealed before it is written, and nothing reads it out to anybody. */
export const addDocument = async (
  bank: BankWorld,
  caller: Caller,
  id: VerificationId,
  request: DocumentRequest,
): Promise<Document> => {
  const content = contentOf(request)
  refuseRealIdentifiers(bank, caller.partnerId, { content: wordsIn(content) })
  const now = bank.now()
  return work(bank.db, actorOf(caller), now, async (w) => {
    const verification = await lockOwn(w, caller, id)
    const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
    const held = await store.documentsOf(w, id)
    const same = held.find((document) => document.idempotencyKey === idempotencyKey)
    if (same && same.bodySha256 !== bodySha256)
      throw keyReused('choose a new key for a new document')
    if (same) return same
    if (!isCollecting(verification)) throw verificationClosed(`it is ${verification.status}`)
    if (held.length >= DOCUMENTS_MAX) throw documentsFull(`it has ${DOCUMENTS_MAX} already`)

    const document: Document = {
      id: DocumentId.next(),
      verificationId: id,
      idempotencyKey,
      bodySha256,
      type: request.type,
      mediaType: request.mediaType,
      bytes: content.length,
      sha256: sha256Of(content),
      receivedAt: now,
    }
    const sealed = sealText(bank.keys.people, ['kyc document', document.id], request.content)
    await store.addDocument(w, document, sealed)
    if (verification.status === 'created')
      await store.save(w, moved(verification, 'collecting', now))
    await w.record('kyc.document-received', document.id, {
      partnerId: caller.partnerId,
      verificationId: id,
      type: document.type,
      sha256: document.sha256,
    })
    return document
  })
}

/** Nothing more is to come: the bank looks at it. Saying so again changes nothing. */
export const submitVerification = async (bank: BankWorld, caller: Caller, id: VerificationId) => {
  const now = bank.now()
  return work(bank.db, actorOf(caller), now, async (w) => {
    const before = await lockOwn(w, caller, id)
    if (before.submittedAt !== null) return presented(w, before, now)
    if (!isCollecting(before)) throw verificationClosed(`it is ${before.status}`)
    const due = missing(before, await store.documentTypes(w, [id]))
    if (due.length > 0)
      throw requirementsDue(`${due.length} requirement(s) are not met`, {
        gate: 'partner',
        errors: due.map((requirement) => ({
          pointer: '/requirements',
          code: requirement,
          detail: 'no document of this kind was received',
        })),
      })
    const after = moved(before, 'processing', now)
    await store.save(w, after)
    await w.record('kyc.verification-submitted', id, { partnerId: caller.partnerId })
    return presented(w, after, now)
  })
}

/** On the partner's word what never came to a check goes at once; what was checked stays as long as the law says. */
export const eraseVerification = async (bank: BankWorld, caller: Caller, id: VerificationId) => {
  const now = bank.now()
  return work(bank.db, actorOf(caller), now, async (w) => {
    const before = await lockOwn(w, caller, id)
    if (before.erasedAt !== null) return presented(w, before, now)
    if (before.submittedAt !== null)
      throw retentionBinding(
        before.eraseAt
          ? `it is erased on ${before.eraseAt.toString().slice(0, 10)}`
          : 'it is being checked',
        { gate: 'bank' },
      )
    const ended = isOver(before.status) ? before : moved(before, 'expired', now)
    const after = await eraseNow(w, ended)
    return presented(w, after, now)
  })
}
