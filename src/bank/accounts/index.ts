/** What a customer lets a partner see of their accounts, and whether an account is somebody's. */
import { type Work, work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { pairwise } from '#platform/keys.ts'
import { realTime } from '#platform/turned-clock.ts'
import type { Core, CoreAccount, CoreEntry } from '../cores/core.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { actorOf, type Caller, consentExceeded } from '../partner-call.ts'
import type { BankKeys, BankWorld } from '../world.ts'
import { opened } from './access.ts'
import {
  accountJson,
  type Alias,
  balancesJson,
  daysBetween,
  directionsOf,
  grantsOf,
  transactionJson,
  withinConsent,
  type TransactionsQuery,
} from './account.ts'
import { sweepFundsQuestions } from './funds.ts'
import {
  ANSWER_HOURS,
  fingerprintOf,
  type OwnershipQuestion,
  ownershipOf,
  type OwnershipResult,
} from './ownership.ts'
import * as store from './store.ts'

export type { Alias } from './account.ts'
export { accountInConsent } from './access.ts'

/** Gives a customer's accounts their names at a partner, and keeps them so that they can be read back. */
export const nameAccounts = async (
  w: Work,
  keys: Pick<BankKeys, 'pairwise'>,
  holder: { partnerId: string; subject: string },
  accounts: readonly CoreAccount[],
): Promise<Map<CoreAccount, Alias>> => {
  const named = new Map<CoreAccount, Alias>()
  for (const account of accounts) {
    const alias: Alias = {
      ...holder,
      accountId: accountIdAt(keys, holder.partnerId, account.ref),
      customerRef: account.owner,
      accountRef: account.ref,
      bankCode: account.bankCode,
      currency: account.currency,
    }
    await store.addAlias(w, alias)
    named.set(account, alias)
  }
  return named
}

/** The account that a partner knows by this id, of whichever customer. */
export const accountOfPartner = async (
  db: Db,
  partnerId: string,
  accountId: string,
): Promise<Alias | undefined> =>
  (await store.aliases(db, { partnerId, accountIds: [accountId], subject: null }))[0]

const accountIdAt = (keys: Pick<BankKeys, 'pairwise'>, partnerId: string, ref: string) =>
  pairwise(keys.pairwise, 'acc', partnerId, ref)

const basicOrDetail = ['ReadAccountsBasic', 'ReadAccountsDetail']

export const listAccounts = async (bank: BankWorld, caller: Caller) => {
  const grants = grantsOf(caller.details, basicOrDetail)
  const { partnerId, subject } = caller
  const aliases = await store.aliases(bank.db, {
    partnerId,
    subject,
    accountIds: [...grants.keys()],
  })
  const core = bank.coreFor(partnerId)
  const found = await Promise.all(
    Array.from(
      Map.groupBy(aliases, (alias) => alias.customerRef),
      ([customerRef, theirs]) => accountsOfCustomer(core, customerRef, theirs, grants),
    ),
  )
  const byOpening = found
    .flat()
    .toSorted((a, b) => Temporal.PlainDate.compare(a.account.openedOn, b.account.openedOn))
  return { data: byOpening.map(({ json }) => json), next: null }
}

/** Those that are still the customer's: the core is asked once for all of them, and once for their name. */
const accountsOfCustomer = async (
  core: Core,
  customerRef: string,
  aliases: readonly Alias[],
  grants: Map<string, ReadonlySet<string>>,
) => {
  const detailed = aliases.some((alias) => isDetailed(alias, grants))
  const [accounts, owner] = await Promise.all([
    core.accountsOf(customerRef),
    detailed ? core.customer(customerRef) : undefined,
  ])
  return aliases.flatMap((alias) => {
    const account = accounts.find(({ ref }) => ref === alias.accountRef)
    if (!account) return []
    const name = isDetailed(alias, grants) ? owner?.name : undefined
    return [{ account, json: accountJson(alias, account, name) }]
  })
}

export const getAccount = async (bank: BankWorld, caller: Caller, accountId: string) => {
  const { alias, account, core, grants } = await opened(bank, caller, accountId, basicOrDetail)
  return presented(core, alias, account, grants)
}

export const getBalances = async (bank: BankWorld, caller: Caller, accountId: string) => {
  const { alias, core } = await opened(bank, caller, accountId, ['ReadBalances'])
  return { data: balancesJson(alias, await core.balances(alias.accountRef)), next: null }
}

export const listTransactions = async (
  bank: BankWorld,
  caller: Caller,
  accountId: string,
  query: TransactionsQuery,
) => {
  const { alias, core, permissions } = await opened(bank, caller, accountId, [
    'ReadTransactionsBasic',
    'ReadTransactionsDetail',
  ])
  const directions = directionsOf(permissions, query.creditDebitIndicator)
  if (directions.length === 0)
    throw consentExceeded(
      'the consent has neither ReadTransactionsCredits nor ReadTransactionsDebits for what is asked',
    )

  const { cursor, limit, fromBookingDateTime, toBookingDateTime } = query
  const days = daysBetween(withinConsent(query, caller.details, accountId), bank.zone)
  if (!days) return { data: [], next: null }
  // A cursor opens only where it was given: this partner, consent, account and filter.
  const place = [
    'transactions',
    caller.partnerId,
    caller.consentId,
    accountId,
    fromBookingDateTime?.toString() ?? null,
    toBookingDateTime?.toString() ?? null,
    directions,
  ]
  const before = cursor === undefined ? undefined : openCursor(bank.keys, place, cursor)
  const page = await pageOf(core, alias.accountRef, {
    ...days,
    ...(before !== undefined && { before }),
    limit,
    directions,
  })
  const detail = permissions.has('ReadTransactionsDetail')
  return {
    data: page.entries.map((entry) =>
      transactionJson(alias, entry, {
        transactionId: pairwise(
          bank.keys.pairwise,
          'txn',
          caller.partnerId,
          `${alias.accountRef} ${entry.ref}`,
        ),
        zone: bank.zone,
        detail,
      }),
    ),
    next: page.last === undefined ? null : sealCursor(bank.keys, place, page.last),
  }
}

const CORE_PAGE = 100
/** A page of one direction may lie far back: so many core pages are looked at for it, and the cursor goes on from there. */
const CORE_PAGES_MAX = 4

/** Entries newest first; `last` is set where there may be more behind it. */
const pageOf = async (
  core: Core,
  ref: string,
  filter: {
    from?: Temporal.PlainDate
    to?: Temporal.PlainDate
    before?: string
    limit: number
    directions: readonly CoreEntry['direction'][]
  },
): Promise<{ entries: CoreEntry[]; last?: string }> => {
  const { directions, limit, ...days } = filter
  const [direction, other] = directions
  const entries: CoreEntry[] = []
  let before = filter.before
  let size = Math.min(limit + 1, CORE_PAGE)
  for (let pages = 0; pages < CORE_PAGES_MAX; pages++) {
    const told = await core.entries(ref, {
      ...days,
      ...(before !== undefined && { before }),
      ...(direction && !other && { direction }),
      limit: size,
    })
    for (const entry of told) {
      if (entries.length === limit) return { entries, last: entries.at(-1)!.ref }
      if (directions.includes(entry.direction)) entries.push(entry)
    }
    before = told.at(-1)?.ref
    if (told.length < size || before === undefined) return { entries }
    // A full page only has to know whether anything follows; a core that leaves nothing out is asked for all that it
    // tells at once.
    const leftOut = told.some((entry) => !directions.includes(entry.direction))
    size = entries.length === limit && !leftOut ? 1 : CORE_PAGE
  }
  return { entries, ...(before !== undefined && { last: before }) }
}

const presented = async (
  core: Core,
  alias: Alias,
  account: CoreAccount,
  grants: Map<string, ReadonlySet<string>>,
) => {
  const owner = isDetailed(alias, grants) ? await core.customer(account.owner) : undefined
  return accountJson(alias, account, owner?.name)
}

const isDetailed = ({ accountId }: Alias, grants: Map<string, ReadonlySet<string>>): boolean =>
  grants.get(accountId)?.has('ReadAccountsDetail') ?? false

/** The same question within a day gets the same answer, and every question leaves its line in the journal. */
export const verifyOwnership = async (
  bank: BankWorld,
  caller: Caller,
  question: OwnershipQuestion,
): Promise<{ result: OwnershipResult }> => {
  const now = realTime(bank.now())
  const asked = {
    partnerId: caller.partnerId,
    question: fingerprintOf(bank.keys.questions, caller.partnerId, question),
    since: now.subtract({ hours: ANSWER_HOURS }),
    now,
  }
  const held = await store.findAnswer(bank.db, asked)
  const answer = held ?? (await answerTo(bank, caller, question))
  return work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const { result, accountId } = held ?? (await store.keepAnswer(w, { ...asked, answer }))
    const { purpose, legalReference } = question
    await w.record('accounts.ownership-verified', accountId ?? caller.callId, {
      partnerId: caller.partnerId,
      callId: caller.callId,
      purpose,
      legalReference,
      result,
    })
    return { result }
  })
}

const answerTo = async (
  bank: BankWorld,
  { partnerId }: Caller,
  question: OwnershipQuestion,
): Promise<store.Answer> => {
  const core = bank.coreFor(partnerId)
  const account = await core.accountByNumber(question.account.identification)
  const owner = account && (await core.customer(account.owner))
  return {
    result: ownershipOf(question, account, owner),
    accountId: account ? accountIdAt(bank.keys, partnerId, account.ref) : null,
  }
}

/** Forgets answers that no longer hold, and questions that no longer count. */
export const sweepAnswers = async (bank: Pick<BankWorld, 'db' | 'now'>): Promise<void> => {
  await store.sweepAnswers(bank.db, bank.now().subtract({ hours: ANSWER_HOURS }))
  await sweepFundsQuestions(bank)
}
