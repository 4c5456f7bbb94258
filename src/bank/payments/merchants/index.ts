/** Sub-merchants of a programme: registered by the partner, verified by the bank. */
import { work } from '#journal/index.ts'
import { openCursor, sealCursor } from '../../cursor.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { programmeAccountOf } from '../programme.ts'
import { programmeAccount } from '../store.ts'
import {
  lookedAt,
  type SubMerchant,
  SubMerchantId,
  subMerchantKnown,
  type SubMerchantRequest,
} from './sub-merchant.ts'
import * as store from './store.ts'

/** What was rejected for a slip of the pen may come again; whoever guesses whose an account is may not. */
const REGISTRATIONS_MAX = 3

export const registerSubMerchant = async (
  bank: BankWorld,
  caller: Caller,
  request: SubMerchantRequest,
): Promise<SubMerchant> => {
  const programme = await programmeAccountOf(bank, caller)
  const { identification, bankCode } = request.account
  const now = bank.now()
  const merchant: SubMerchant = {
    id: SubMerchantId.next(),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    legalName: request.legalName,
    registrationNumber: request.registrationNumber,
    categoryCode: request.merchantCategoryCode ?? null,
    number: identification,
    bankCode: bankCode ?? programme.bankCode,
    bankGiven: bankCode !== undefined,
    status: 'PENDING',
    reason: null,
    nextAt: now,
    createdAt: now,
    updatedAt: now,
  }
  return work(bank.db, actorOf(caller), now, async (w) => {
    if (await store.add(w, merchant)) {
      if ((await store.registrationsOf(w, merchant)) > REGISTRATIONS_MAX)
        throw subMerchantKnown('it was rejected too often to be registered again')
      await w.record('payments.sub-merchant-registered', merchant.id, about(merchant))
      return merchant
    }
    const held = await store.find(w, caller.partnerId, { key: merchant.idempotencyKey })
    if (!held) throw subMerchantKnown('it was registered before')
    if (held.bodySha256 !== merchant.bodySha256)
      throw keyReused('choose a new key for a new sub-merchant')
    return held
  })
}

const about = ({ partnerId, applicationId }: SubMerchant) => ({ partnerId, applicationId })

export const getSubMerchant = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Caller,
  id: SubMerchantId,
): Promise<SubMerchant> => {
  const merchant = await store.find(db, partnerId, { id })
  if (!merchant) throw notFound()
  return merchant
}

const PAGE = 50

export const listSubMerchants = async (
  { db, keys }: Pick<BankWorld, 'db' | 'keys'>,
  { partnerId }: Caller,
  cursor: string | undefined,
): Promise<{ merchants: SubMerchant[]; next: string | null }> => {
  const place = ['sub-merchants', partnerId]
  const found = await store.page(db, {
    partnerId,
    limit: PAGE + 1,
    ...(cursor !== undefined && { before: openCursor(keys, place, cursor) }),
  })
  const merchants = found.slice(0, PAGE)
  const last = merchants.at(-1)
  const next = found.length > PAGE && last ? sealCursor(keys, place, last.id) : null
  return { merchants, next }
}

const BATCH = 20

/** Looks at those that are pending: what the registers say, and whose the account is. Answers how many there were. */
export const verifySubMerchants = async (
  bank: Pick<BankWorld, 'db' | 'now' | 'coreFor' | 'whose'>,
): Promise<number> => {
  const { db, now, whose } = bank
  const pending = await store.takePending(db, { now: now(), whose }, BATCH)
  for (const merchant of pending) await verify(bank, merchant)
  return pending.length
}

const verify = async (
  { db, now, coreFor }: Pick<BankWorld, 'db' | 'now' | 'coreFor'>,
  merchant: SubMerchant,
) => {
  const core = coreFor(merchant.partnerId)
  const account = await core.accountByNumber(merchant.number)
  const owner = account && (await core.customer(account.owner))
  const examination = await core.examine({
    kind: 'organisation',
    name: merchant.legalName,
    nationalId: merchant.registrationNumber,
    bornOn: null,
    since: merchant.createdAt,
  })
  const programme = await programmeAccount(db, merchant.partnerId)
  const ours = merchant.bankCode === programme?.bankCode
  await work(db, 'system', now(), async (w) => {
    const before = await store.lock(w, merchant.id)
    if (before.status !== 'PENDING') return
    const after = lookedAt(before, { examination, account, owner, ours }, w.now)
    await store.save(w, after)
    const { id, status, reason } = after
    if (status === 'VERIFIED') await w.record('payments.sub-merchant-verified', id, about(after))
    if (status === 'REJECTED')
      await w.record('payments.sub-merchant-rejected', id, { ...about(after), reason })
  })
}
