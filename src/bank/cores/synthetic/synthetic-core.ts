/** The core of the make-believe bank: a double-entry ledger in the cell's own PostgreSQL. */
import type { Db, Postgres } from '#platform/db.ts'
import {
  type AccountRef,
  type Core,
  type CoreEntry,
  coreRefused,
  coreUnavailable,
  type CustomerRef,
} from '../core.ts'
import { arrangementOf, arrangementRows } from './arrangements.ts'
import { accountNumber, accountRef, LedgerCurrency, ownBankCode } from './account-number.ts'
import { openHolds } from './holds.ts'
import { type Account, available, outcomeOf, presented } from './ledger.ts'
import { findingOn, openOutside } from './outside.ts'
import { bank, openOwnAccounts } from './own-accounts.ts'
import { examined } from './examiner.ts'
import * as identities from './identity-store.ts'
import * as store from './store.ts'
import { transferOnce } from './transferring.ts'
import { openWorlds } from './worlds.ts'

interface SyntheticWorld {
  readonly db: Postgres
  readonly now: () => Temporal.Instant
  /** Where the bank's days begin. */
  readonly zone?: string
}

/** Opens the core over the schema `synthetic`. The database stays the caller's to close. */
export const openSyntheticCore = async ({
  db,
  now,
  zone = 'Asia/Tashkent',
}: SyntheticWorld): Promise<Core> => {
  await openOwnAccounts(db, now().toZonedDateTimeISO(zone).toPlainDate())
  return { ...coreOver({ db, now, zone }), worlds: openWorlds({ db, now, zone }) }
}

/** The core over the books that this database reaches. */
export const coreOver = ({ db, now, zone }: Required<SyntheticWorld>): Core => {
  const today = () => now().toZonedDateTimeISO(zone).toPlainDate()
  return {
    name: 'synthetic',
    imagined: true,
    bankItself: bank.ref,
    holds: openHolds(db, today),
    outside: openOutside(db, { zone, moment: () => ({ now: now(), today: today() }) }),
    customer: (ref) => store.findCustomer(db, ref),
    identity: (ref) => identities.findIdentity(db, ref),
    examine: async (subject) => {
      const ref = await identities.refByNationalId(db, subject.nationalId)
      const customer = ref === undefined ? undefined : await store.findCustomer(db, ref)
      const known = customer && {
        customer,
        identity: await identities.findIdentity(db, customer.ref),
      }
      return (await findingOn(db, subject.nationalId)) ?? examined(subject, known, now())
    },
    accountsOf: async (ref) => (await store.accountsOf(db, ref)).map(presented),
    account: async (ref) => presentedOrNone(await store.findAccount(db, ref)),
    accountByNumber: async (number) => presentedOrNone(await store.findByNumber(db, number)),
    balances: async (ref) => {
      const account = await known(db, ref)
      const { currency, booked } = account
      return {
        available: { minor: available(account), currency },
        booked: { minor: booked, currency },
        at: now(),
      }
    },
    entries: async (ref, { before, ...filter }) => {
      const lines = await store.lines(db, ref, {
        ...filter,
        limit: Math.min(filter.limit, 100),
        ...(before !== undefined && { before: lineOf(before) }),
      })
      // No line may be no account: only then it is asked for.
      if (lines.length === 0) await known(db, ref)
      return lines.map(entryOf)
    },
    bookedAt: async (ref, day) => {
      const ended = await store.dayEnd(db, ref, day)
      if (!ended) throw unknownAccount()
      return {
        booked: { minor: ended.booked, currency: ended.currency },
        ...(ended.since && { since: ended.since }),
      }
    },
    arrangements: async (ref, { limit, ...filter }) => {
      const { currency } = await known(db, ref)
      const rows = await arrangementRows(db, ref, {
        ...filter,
        dueFrom: today(),
        limit: Math.min(limit, 100),
      })
      return rows.map((row) => arrangementOf(row, currency, today()))
    },
    transfer: (order) =>
      db.transaction((tx) => transferOnce(tx, order, { now: now(), today: today() })),
    transferByReference: async (reference) => {
      const given = await store.findTransfer(db, reference)
      return given ? outcomeOf(given, now()) : { status: 'unknown' }
    },
    openCardAccount: async (order) =>
      presented(await db.transaction((tx) => openCardAccountOnce(tx, order, today()))),
    ping: async () => {
      await db.run`select 1`.catch((cause: unknown) => {
        throw coreUnavailable('its database is not answering', { cause })
      })
    },
    close: () => Promise.resolve(),
  }
}

const openCardAccountOnce = async (
  tx: Db,
  order: { reference: string; customer: CustomerRef; currency: string },
  today: Temporal.PlainDate,
): Promise<Account> => {
  await store.lockReference(tx, order.reference)
  const opened = await store.findByOpening(tx, order.reference)
  if (opened) {
    if (opened.owner === order.customer && opened.currency === order.currency) return opened
    throw coreRefused(`another account was opened under the reference ${order.reference}`)
  }

  const owner = await store.lockCustomer(tx, order.customer)
  if (!owner) throw coreRefused('the customer of a new account is not known')
  const currency = LedgerCurrency.safeParse(order.currency)
  if (!currency.success) throw coreRefused(`no accounts are kept in ${order.currency}`)
  const serial = await store.nextSerial(tx, owner.ref)
  const ref = accountRef(owner.ref, serial)
  await store.addAccount(tx, {
    ref,
    owner: owner.ref,
    serial,
    kind: 'card',
    number: accountNumber({
      kind: 'card',
      ownerKind: owner.kind,
      currency: currency.data,
      owner: owner.ref,
      serial,
    }),
    bankCode: ownBankCode,
    currency: currency.data,
    nickname: 'Virtual card',
    status: 'enabled',
    openedOn: today,
    limit: 0n,
    openingReference: order.reference,
  })
  return known(tx, ref)
}

const presentedOrNone = (account: Account | undefined) => account && presented(account)

const known = async (db: Db, ref: AccountRef): Promise<Account> => {
  const account = await store.findAccount(db, ref)
  if (!account) throw unknownAccount()
  return account
}

const unknownAccount = () => coreRefused('an account that was asked about is not known')

const REF_DIGITS = 16

/** Padded, so that the text sorts as the line does. */
const entryRef = (line: bigint) => `E${line.toString().padStart(REF_DIGITS, '0')}`

/** A ref that is none of ours comes before every line: the page is empty, and nothing is said. */
const lineOf = (ref: string): bigint => (/^E\d{16}$/.test(ref) ? BigInt(ref.slice(1)) : 0n)

const entryOf = (line: store.Line): CoreEntry => ({
  ref: entryRef(line.id),
  bookedOn: line.day,
  valueOn: line.day,
  direction: line.minor > 0n ? 'credit' : 'debit',
  amount: { minor: line.minor < 0n ? -line.minor : line.minor, currency: line.currency },
  status: line.pending ? 'pending' : 'booked',
  text: line.text,
  // What the bank itself moves, such as the balance that the books began with, has nobody on the other side.
  ...(line.account !== '' && { counterparty: { name: line.name, account: line.account } }),
})
