/** Files of payments, from their announcement to the authorisation; `execute.ts` pays them. */
import { createHash } from 'node:crypto'
import { type Work, work } from '#journal/index.ts'
import { requestInvalid } from '#platform/http.ts'
import { openCursor, sealCursor } from '../../cursor.ts'
import { refuseRealIdentifiers } from '../../nobody-real.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { approvalOf, consentUsed } from '../approval.ts'
import { debtorOf, timingOf } from '../pay.ts'
import { positive } from '../payment.ts'
import * as payments from '../store.ts'
import {
  type Bulk,
  type BulkAuthorisation,
  BulkDetail,
  BulkId,
  type BulkRequest,
  cancelledBulk,
  type FilePart,
  fileRefused,
  isOf,
  type Line,
  movedBulk,
  notAwaiting,
  PART_BYTES_MAX,
  type ReportLine,
  type Tally,
} from './bulk.ts'
import { lineOf } from './line.ts'
import { type Bytes, linesOf } from './reading.ts'
import * as store from './store.ts'

export interface BulkState {
  readonly bulk: Bulk
  readonly lines: Tally
}

export const createBulkPayment = async (
  bank: BankWorld,
  caller: Caller,
  request: BulkRequest,
): Promise<BulkState> => {
  const { minor, currency } = positive(request.controlSum)
  const now = bank.now()
  // A day that the bank cannot execute on is told before the file is brought.
  const { requestedOn } = await timingOf(bank, request.requestedExecutionDate, now)
  const bulk: Bulk = {
    id: BulkId.next(),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    fileType: request.fileType,
    fileSha256: request.fileSha256,
    fileReference: request.fileReference ?? null,
    lines: request.numberOfTransactions,
    sumMinor: minor,
    currency,
    requestedOn,
    status: 'AWUP',
    reasonCode: null,
    consentId: null,
    debtorRef: null,
    debtorAccountId: null,
    debtorBank: null,
    executeAt: null,
    createdAt: now,
    updatedAt: now,
  }
  const id = await work(bank.db, actorOf(caller), now, async (w) => {
    if (await store.add(w, bulk)) {
      await w.record('payments.bulk-announced', bulk.id, {
        ...about(bulk),
        fileSha256: bulk.fileSha256,
        lines: bulk.lines,
        amountMinor: minor.toString(),
        currency,
      })
      return bulk.id
    }
    const held = await store.find(w, { partnerId: bulk.partnerId, key: bulk.idempotencyKey })
    if (held?.bodySha256 !== bulk.bodySha256) throw keyReused('choose a new key for a new file')
    return held.id
  })
  return getBulkPayment(bank, caller, id)
}

const about = ({ partnerId, applicationId }: Bulk) => ({ partnerId, applicationId })

export const getBulkPayment = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Caller,
  id: BulkId,
): Promise<BulkState> => {
  const bulk = await store.find(db, { partnerId, id })
  if (!bulk) throw notFound()
  return { bulk, lines: await store.tally(db, id) }
}

/**
 * Keeps a part; with the last one the file is read, in the same transaction: whenever the process dies, there are all
 * lines or none, and the part is brought again.
 */
export const uploadBulkFile = async (
  bank: BankWorld,
  caller: Caller,
  { id, request }: { id: BulkId; request: FilePart },
): Promise<BulkState> => {
  const { part, parts } = request
  const bytes = Buffer.from(request.content, 'base64')
  if (bytes.length > PART_BYTES_MAX)
    throw requestInvalid(`a part has at most ${PART_BYTES_MAX} bytes`)
  await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const bulk = await lockOf(w, caller, id)
    if (bulk.status !== 'AWUP') throw notAwaiting(`it is ${bulk.status}; its file was brought`)
    await store.keepPart(w, id, { part, parts, bytes })
    if ((await store.partCount(w, id)) < parts) return
    const paid = await readFile(w, { bank, bulk, bytes: store.bytesOf(w, id, parts) })
    await store.forgetParts(w, id)
    const after = movedBulk(
      bulk,
      paid > 0 ? { status: 'AWAU' } : { status: 'RJCT', reasonCode: 'FF01' },
      w.now,
    )
    await store.save(w, after)
    await w.record('payments.bulk-read', id, { ...about(bulk), status: after.status, paid })
  })
  return getBulkPayment(bank, caller, id)
}

const lockOf = async (w: Work, { partnerId }: Caller, id: BulkId): Promise<Bulk> => {
  const bulk = await store.lock(w, partnerId, id)
  if (!bulk) throw notFound()
  return bulk
}

const BATCH = 500

/** Lines as they stream by, kept in batches; answers how many can be paid. A file that differs from its announcement is refused. */
const readFile = async (
  w: Work,
  { bank, bulk, bytes }: { bank: BankWorld; bulk: Bulk; bytes: Bytes },
): Promise<number> => {
  const hash = createHash('sha256')
  let count = 0
  let sound = 0
  let sum = 0n
  let batch: Line[] = []
  for await (const raw of linesOf(bulk.fileType, hashing(hash, bytes))) {
    count++
    if (count > bulk.lines) break
    const line = lineOf(bulk.id, count, raw, bulk.currency)
    // Of a line with a fault nothing is kept that could be somebody's.
    if (line.reasonCode === null)
      refuseRealIdentifiers(bank, bulk.partnerId, { lines: { [count]: raw } })
    sum += line.amountMinor ?? 0n
    if (line.reasonCode === null) sound++
    batch.push(line)
    if (batch.length < BATCH) continue
    await store.addLines(w, batch)
    batch = []
  }
  if (count !== bulk.lines) throw fileRefused('the number of its payments is not the announced one')
  if (sum !== bulk.sumMinor) throw fileRefused('the sum of its payments is not the announced one')
  if (hash.digest('hex') !== bulk.fileSha256)
    throw fileRefused('its SHA-256 is not the announced one')
  if (batch.length > 0) await store.addLines(w, batch)
  return sound
}

const hashing = async function* (hash: ReturnType<typeof createHash>, bytes: Bytes) {
  for await (const chunk of bytes) {
    hash.update(chunk)
    yield chunk
  }
}

/** The customer approved sum, number and hash: with them every line. Asked again it is answered and not refused. */
export const authoriseBulkPayment = async (
  bank: BankWorld,
  caller: Caller,
  { id, request }: { id: BulkId; request: BulkAuthorisation },
): Promise<BulkState> => {
  const { bulk: known } = await getBulkPayment(bank, caller, id)
  const { consentId, detail } = approvalOf(caller, BulkDetail, {
    covers: (approved) => isOf(approved, known) && isOf(request, known),
    order: 'a file of payments',
    bound: 'sum, number and hash',
  })
  const debtor = await debtorOf(bank, caller, detail.accounts[0], known.currency)
  await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const bulk = await lockOf(w, caller, id)
    if (bulk.consentId === consentId) return
    if (bulk.status === 'AWUP') throw notAwaiting('it is AWUP; bring the file first')
    const timing = await timingOf({ db: w, zone: bank.zone }, bulk.requestedOn ?? undefined, w.now)
    const executeAt = timing.executeAt ?? w.now
    const waits = Temporal.Instant.compare(executeAt, w.now) > 0
    const after: Bulk = {
      ...movedBulk(bulk, { status: waits ? 'ACCP' : 'ACSP' }, w.now),
      consentId,
      debtorRef: debtor.accountRef,
      debtorAccountId: debtor.accountId,
      debtorBank: debtor.bankCode,
      executeAt,
    }
    if (!(await payments.useConsent(w, consentId, id))) throw consentUsed()
    await store.save(w, after)
    await w.record('payments.bulk-authorised', id, { ...about(bulk), consentId })
  })
  return getBulkPayment(bank, caller, id)
}

/** Until it sets out. Asked again it is answered and not refused. */
export const cancelBulkPayment = async (
  bank: BankWorld,
  caller: Caller,
  { id, reason }: { id: BulkId; reason: string },
): Promise<BulkState> => {
  await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const bulk = await lockOf(w, caller, id)
    if (bulk.status === 'CANC') return
    await store.save(w, cancelledBulk(bulk, reason, w.now))
    await store.forgetParts(w, id)
    await w.record('payments.bulk-cancelled', id, { ...about(bulk), reasonCode: reason })
  })
  return getBulkPayment(bank, caller, id)
}

/** So long a file is waited for. */
const UPLOAD_HOURS = 24

/** Files that were announced and never brought: their parts are not kept for ever. */
export const closeAbandoned = ({
  db,
  now,
  whose,
}: Pick<BankWorld, 'db' | 'now' | 'whose'>): Promise<void> =>
  work(db, 'system', now(), async (w) => {
    const before = w.now.subtract({ hours: UPLOAD_HOURS })
    for (const bulk of await store.lockAbandoned(w, { now: before, whose }, 50)) {
      await store.save(w, movedBulk(bulk, { status: 'RJCT', reasonCode: 'NARR' }, w.now))
      await store.forgetParts(w, bulk.id)
      await w.record('payments.bulk-abandoned', bulk.id, about(bulk))
    }
  })

const PAGE = 100

/** What became of each line, in the order of the file. */
export const reportOf = async (
  bank: Pick<BankWorld, 'db' | 'keys'>,
  caller: Caller,
  { id, cursor }: { id: BulkId; cursor: string | undefined },
): Promise<{ bulk: Bulk; lines: ReportLine[]; next: string | null }> => {
  const { bulk } = await getBulkPayment(bank, caller, id)
  const place = ['bulk', caller.partnerId, id]
  const after = cursor === undefined ? 0 : Number(openCursor(bank.keys, place, cursor))
  const found = await store.report(bank.db, id, after, PAGE + 1)
  const lines = found.slice(0, PAGE)
  const last = lines.at(-1)
  const next = found.length > PAGE && last ? sealCursor(bank.keys, place, String(last.line)) : null
  return { bulk, lines, next }
}
