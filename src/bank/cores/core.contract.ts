/**
 * What every core must keep, whatever stands behind it: one suite, run over each implementation of `Core`.
 *
 *     coreContract('legacy core', async () => ({ core: openLegacyCore(…), world: { … } }))
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Money, add, money, subtract } from '#kernel/money.ts'
import { Problem } from '#kernel/problem.ts'
import { historyContract, kinds } from './history.contract.ts'
import { identityContract } from './identity.contract.ts'
import type {
  AccountRef,
  Core,
  CoreAccount,
  CoreEntry,
  CustomerRef,
  TransferOrder,
} from './core.ts'

/** Who and what must stand in the core's books before the suite runs. All accounts are in one currency. */
export interface CoreWorld {
  /** A person who owns `purse` and `second`, and perhaps more. */
  readonly person: CustomerRef
  /** Enabled, with at least fifty whole units (5000 minor) to spend, 25 entries, and each kind of arrangement. */
  readonly purse: AccountRef
  /** Enabled, the same person's. */
  readonly second: AccountRef
  readonly organisation: CustomerRef
  /** Enabled, the organisation's: may be credited. */
  readonly till: AccountRef
  /** Enabled, somebody's: has less to spend than a thousand million whole units. */
  readonly poor: AccountRef
  readonly closed: AccountRef
  /** Names that are well-formed in this core, and nobody's. */
  readonly nobody: {
    readonly customer: CustomerRef
    readonly account: AccountRef
    /** 20 digits. */
    readonly number: string
  }
  /** The core's own words, which must never come out: field names, codes, statuses. */
  readonly ownWords?: readonly RegExp[]
}

export const coreContract = (
  name: string,
  open: () => Promise<{ core: Core; world: CoreWorld }>,
): void => {
  describe(`${name} keeps the core contract`, () => {
    let core: Core
    let world: CoreWorld
    before(async () => {
      const opened = await open()
      core = opened.core
      world = opened.world
    })
    after(() => core.close())

    const accountIn = async (ref: AccountRef): Promise<CoreAccount> => {
      const found = await core.account(ref)
      assert.ok(found, `the world names an account that the core does not know`)
      return found
    }

    const orderTo = async (
      creditor: AccountRef,
      minor: bigint,
      changes: Partial<TransferOrder> = {},
    ) => {
      const { number, bankCode, currency } = await accountIn(creditor)
      return {
        reference: nextReference(),
        debtor: world.purse,
        creditor: { number, bankCode, name: 'Qabul qiluvchi' },
        amount: money(minor, currency),
        text: 'Shartnoma boʻyicha toʻlov',
        ...changes,
      } satisfies TransferOrder
    }

    const booked = async (...refs: AccountRef[]): Promise<Money> => {
      const balances = await Promise.all(refs.map((ref) => core.balances(ref)))
      return balances.map((each) => each.booked).reduce(add)
    }

    /** Every entry of an account that stands after `since`, newest first. */
    const entriesSince = async (
      ref: AccountRef,
      since: string | undefined,
    ): Promise<CoreEntry[]> => {
      const page = await core.entries(ref, { limit: 100 })
      return page.filter(({ ref }) => since === undefined || ref > since)
    }

    const newestOf = async (ref: AccountRef) => (await core.entries(ref, { limit: 1 }))[0]?.ref

    test('it answers', () => core.ping())

    test('what does not exist is undefined, has no accounts, and became nothing', async () => {
      const { nobody } = world
      assert.equal(await core.customer(nobody.customer), undefined)
      assert.equal(await core.account(nobody.account), undefined)
      assert.equal(await core.accountByNumber(nobody.number), undefined)
      assert.deepEqual(await core.accountsOf(nobody.customer), [])
      assert.deepEqual(await core.transferByReference(nextReference()), { status: 'unknown' })
    })

    test('a ref that cannot be one is undefined too', async () => {
      for (const ref of [
        '',
        ' ',
        'x',
        '0',
        'ў',
        '1'.repeat(64),
        "'; drop",
        '00\r\n00',
        '٣٣٣٣٣٣٣٣',
      ]) {
        assert.equal(await core.customer(ref), undefined)
        assert.equal(await core.account(ref), undefined)
        assert.equal(await core.accountByNumber(ref), undefined)
      }
    })

    test('balances and entries of no account are refused, not invented', async () => {
      for (const ref of [world.nobody.account, 'x', '']) {
        await assert.rejects(core.balances(ref), { code: 'core/refused' })
        await assert.rejects(core.entries(ref, { limit: 10 }), { code: 'core/refused' })
      }
    })

    test('an account is the same by ref, by number and in its owner’s list', async () => {
      const list = await core.accountsOf(world.person)
      const refs = list.map(({ ref }) => ref)

      assert.ok(refs.includes(world.purse) && refs.includes(world.second))
      assert.equal(new Set(refs).size, refs.length)
      for (const account of list) {
        assert.equal(account.owner, world.person)
        assert.match(account.number, /^\d{20}$/)
        assert.match(account.bankCode, /^\d{5}$/)
        assert.deepEqual(await core.account(account.ref), account)
        assert.deepEqual(await core.accountByNumber(account.number), account)
      }
    })

    test('a transfer moves its amount, and no other money', async () => {
      const order = await orderTo(world.till, 1234n)
      const sum = await booked(world.purse, world.till)
      const purse = await core.balances(world.purse)
      const since = { purse: await newestOf(world.purse), till: await newestOf(world.till) }

      assert.deepEqual(await core.transfer(order), { status: 'booked' })

      const after = await core.balances(world.purse)
      assert.deepEqual(await booked(world.purse, world.till), sum)
      assert.deepEqual(subtract(purse.booked, after.booked), order.amount)
      assert.deepEqual(subtract(purse.available, after.available), order.amount)
      const [debit, ...moreDebits] = await entriesSince(world.purse, since.purse)
      const [credit, ...moreCredits] = await entriesSince(world.till, since.till)
      assert.deepEqual(
        [debit?.direction, debit?.amount, debit?.status],
        ['debit', order.amount, 'booked'],
      )
      assert.deepEqual(
        [credit?.direction, credit?.amount, credit?.status],
        ['credit', order.amount, 'booked'],
      )
      assert.deepEqual([moreDebits, moreCredits], [[], []])
      assert.equal(debit?.counterparty?.account, order.creditor.number)
      assert.deepEqual(await core.transferByReference(order.reference), { status: 'booked' })
    })

    test('every booked entry is in the booked balance, to the last minor unit', async () => {
      const since = await newestOf(world.purse)
      const { booked: start } = await core.balances(world.purse)
      for (const minor of [1n, 99n, 100n]) await core.transfer(await orderTo(world.second, minor))
      await core.transfer(await orderTo(world.purse, 57n, { debtor: world.second }))

      const { booked: end } = await core.balances(world.purse)
      const entries = await entriesSince(world.purse, since)
      const moved = entries
        .filter(({ status }) => status === 'booked')
        .map(({ direction, amount }) => (direction === 'credit' ? amount.minor : -amount.minor))
      assert.equal(
        end.minor - start.minor,
        moved.reduce((a, b) => a + b, 0n),
      )
      assert.equal(end.minor - start.minor, 57n - 200n)
    })

    test('the same reference twice is one transfer', async () => {
      const order = await orderTo(world.till, 700n)
      const start = await booked(world.purse)

      for (const _ of [1, 2]) assert.deepEqual(await core.transfer(order), { status: 'booked' })

      assert.deepEqual(subtract(start, await booked(world.purse)), order.amount)
    })

    test('the same reference twenty times at once is one transfer', async () => {
      const order = await orderTo(world.till, 300n)
      const start = await booked(world.purse)
      const since = await newestOf(world.purse)

      const outcomes = await Promise.all(Array.from({ length: 20 }, () => core.transfer(order)))

      assert.deepEqual(new Set(outcomes.map(({ status }) => status)), new Set(['booked']))
      assert.deepEqual(subtract(start, await booked(world.purse)), order.amount)
      assert.equal((await entriesSince(world.purse, since)).length, 1)
    })

    test('a reference that stands for another order is refused, and moves nothing', async () => {
      const order = await orderTo(world.till, 400n)
      await core.transfer(order)
      const start = await booked(world.purse)
      const another = { ...order, amount: money(401n, order.amount.currency) }
      await assert.rejects(core.transfer(another), { code: 'core/refused' })

      assert.deepEqual(await booked(world.purse), start)
    })

    test('transfers both ways at once neither make nor lose money', async () => {
      const sum = await booked(world.purse, world.second, world.till)
      const orders = await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          n % 2 === 0
            ? orderTo(world.second, BigInt(n + 1))
            : orderTo(world.purse, BigInt(n), { debtor: world.second }),
        ),
      )

      const outcomes = await Promise.all(orders.map((order) => core.transfer(order)))

      assert.equal(outcomes.filter(({ status }) => status === 'booked').length, orders.length)
      assert.deepEqual(await booked(world.purse, world.second, world.till), sum)
    })

    test('AM04: who has too little sends nothing', async () => {
      const { booked: start } = await core.balances(world.poor)
      const order = await orderTo(world.till, 100_000_000_000n, { debtor: world.poor })

      const outcome = await core.transfer(order)

      assert.deepEqual(outcome, { status: 'rejected', reasonCode: 'AM04' })
      assert.deepEqual((await core.balances(world.poor)).booked, start)
      assert.deepEqual(await core.transferByReference(order.reference), outcome)
      assert.deepEqual(await core.transfer(order), outcome)
    })

    test('AC04: a closed account says that it is, and neither gives nor takes', async () => {
      assert.equal((await accountIn(world.closed)).status, 'closed')
      assert.equal((await accountIn(world.purse)).status, 'enabled')
      const rejected = { status: 'rejected', reasonCode: 'AC04' }
      assert.deepEqual(await core.transfer(await orderTo(world.closed, 100n)), rejected)
      assert.deepEqual(
        await core.transfer(await orderTo(world.till, 100n, { debtor: world.closed })),
        rejected,
      )
    })

    test('AC01: nothing is sent to an account that does not exist', async () => {
      const start = await booked(world.purse)
      const order = await orderTo(world.till, 100n)
      const creditor = { ...order.creditor, number: world.nobody.number }

      const outcome = await core.transfer({ ...order, creditor })

      assert.deepEqual(outcome, { status: 'rejected', reasonCode: 'AC01' })
      assert.deepEqual(await booked(world.purse), start)
    })

    test('entries come newest first, and pages of any size make the same list', async () => {
      const whole = await core.entries(world.purse, { limit: 25 })
      assert.equal(whole.length, 25)
      const refs = whole.map(({ ref }) => ref)
      assert.deepEqual(
        refs,
        refs.toSorted((a, b) => (a < b ? 1 : -1)),
      )

      const pages: CoreEntry[] = []
      for (const limit of [1, 2, 7, 15]) {
        const last = pages.at(-1)
        pages.push(
          ...(await core.entries(world.purse, { limit, ...(last && { before: last.ref }) })),
        )
      }
      assert.deepEqual(pages, whole)
    })

    test('a page stays what it is when something new is booked', async () => {
      const [first] = await core.entries(world.purse, { limit: 1 })
      assert.ok(first)
      const page = await core.entries(world.purse, { limit: 10, before: first.ref })

      await core.transfer(await orderTo(world.till, 150n))

      assert.deepEqual(await core.entries(world.purse, { limit: 10, before: first.ref }), page)
    })

    test('days are inclusive, and a page of them ends where they end', async () => {
      const [, middle] = await core.entries(world.purse, { limit: 25 })
      assert.ok(middle)
      const day = middle.bookedOn
      const found = await core.entries(world.purse, { from: day, to: day, limit: 100 })

      assert.ok(found.some(({ ref }) => ref === middle.ref))
      assert.ok(found.every(({ bookedOn }) => bookedOn.equals(day)))
      const before = await core.entries(world.purse, { to: day.subtract({ days: 1 }), limit: 100 })
      assert.ok(before.every(({ bookedOn }) => Temporal.PlainDate.compare(bookedOn, day) < 0))
      const never = {
        from: new Temporal.PlainDate(1901, 1, 1),
        to: new Temporal.PlainDate(1901, 12, 31),
      }
      assert.deepEqual(await core.entries(world.purse, { ...never, limit: 10 }), [])
    })

    historyContract(() => ({ core, world }))

    identityContract(() => ({ core, world }))

    test('a card account is opened once for a reference', async () => {
      const order = { reference: nextReference(), customer: world.person, currency: 'UZS' as const }

      const [opened, again] = await Promise.all([
        core.openCardAccount(order),
        core.openCardAccount(order),
      ])
      const later = await core.openCardAccount(order)

      assert.deepEqual([again, later], [opened, opened])
      assert.deepEqual([opened.owner, opened.kind, opened.currency], [world.person, 'card', 'UZS'])
      const list = await core.accountsOf(world.person)
      assert.equal(list.filter(({ ref }) => ref === opened.ref).length, 1)
      assert.equal((await core.balances(opened.ref)).booked.minor, 0n)
    })

    test('what it says is clean: no padding, composed Unicode, none of the core’s own words', async () => {
      const accounts = await core.accountsOf(world.person)
      const said = [
        await core.customer(world.person),
        await core.customer(world.organisation),
        accounts,
        await Promise.all(accounts.map(({ ref }) => core.balances(ref))),
        await core.entries(world.purse, { limit: 100 }),
        await core.entries(world.till, { limit: 100 }),
        await Promise.all(
          kinds.map((kind) => core.arrangements(world.purse, { kind, limit: 100 })),
        ),
      ]

      const texts = [...textsIn(said)]
      assert.ok(texts.length > 100)
      for (const text of texts) {
        assert.equal(text, text.normalize('NFC'))
        assert.doesNotMatch(text, /^\s|\s$|\s\s/, 'padding')
        assert.doesNotMatch(
          text,
          /[\p{C}\uFFFD\u2500-\u259F]/u,
          'a control character, a frame or a block',
        )
        assert.doesNotMatch(text, /\d{5,}[+-]$/, 'an amount with its sign behind')
        for (const word of world.ownWords ?? [])
          assert.doesNotMatch(text, word, 'a word of the core')
      }
    })

    test('a refusal does not speak the core’s language either', async () => {
      const failures = await Promise.allSettled([
        core.balances(world.nobody.account),
        core.entries(world.nobody.account, { limit: 1 }),
        core.openCardAccount({ ...world.nobody, reference: nextReference(), currency: 'UZS' }),
      ])
      for (const failure of failures) {
        assert.equal(failure.status, 'rejected')
        assert.ok(failure.reason instanceof Problem)
        const { code, title, detail } = failure.reason
        assert.equal(code, 'core/refused')
        for (const word of world.ownWords ?? []) assert.doesNotMatch(`${title} ${detail}`, word)
      }
    })
  })
}

/** Twenty characters, never the same twice: the books outlive a run. */
const nextReference = () => `T${crypto.randomUUID().replaceAll('-', '').slice(0, 19)}`.toUpperCase()

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item)
  else if (value && typeof value === 'object')
    for (const [, item] of Object.entries(value)) yield* textsIn(item)
}
