/** µs for the release of a 2 KiB answer: the projection alone, the guard alone, both. `node bench/release-speed.ts` */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { holdsCardNumber } from '#platform/card-guard.ts'
import { compileProduct } from '#gateway/documents/operation.ts'
import type { Held } from '#gateway/release/projection.ts'
import { SnapshotProduct } from '#gateway/snapshot.ts'

const openapi: unknown = parse(
  readFileSync(join(import.meta.dirname, '../src/bank/accounts/openapi.yaml'), 'utf8'),
)
const product = SnapshotProduct.parse({ id: 'accounts', version: 'x', versions: ['x'], openapi })
const projection = compileProduct(product)
  .find((o) => o.id === 'listTransactions')
  ?.answers.get(200)
if (!projection) throw new Error('the document has lists of transactions')

const transaction = (i: number) => ({
  transactionId: `txn_${String(i).padStart(32, 'a')}`,
  accountId: `acc_${'0f'.repeat(16)}`,
  creditDebitIndicator: 'Debit',
  status: 'BOOK',
  bookingDateTime: '2026-11-22T00:00:00+05:00',
  amount: { amount: `${1000 + i}.00`, currency: 'UZS' },
  transactionInformation: 'Rent of November, flat 12',
  creditorAccount: {
    schemeName: 'UZ.AccountNumber',
    identification: '20208000900000001001',
    name: 'Dilnoza Karimova',
  },
})
const text = JSON.stringify({
  data: Array.from({ length: 5 }, (_, i) => transaction(i)),
  next: null,
})
const holding = (...consent: string[]): Held => ({
  consent: new Set(consent),
  scope: new Set(['accounts']),
  licence: 'accounts.read',
  purpose: undefined,
})
const permissions = {
  basic: holding('ReadTransactionsBasic'),
  detail: holding('ReadTransactionsBasic', 'ReadTransactionsDetail'),
}
const pseudonym = (prefix: string, value: string) => prefix + value
const measure = (what: string, run: () => unknown) => {
  for (let i = 0; i < 20_000; i++) run()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 10; round++) {
    const startedMs = performance.now()
    for (let i = 0; i < 10_000; i++) run()
    best = Math.min(best, (performance.now() - startedMs) / 10)
  }
  process.stdout.write(`${what.padEnd(32)} ${best.toFixed(2)} µs\n`)
}
process.stdout.write(`an answer of ${text.length} bytes\n`)
for (const [name, held] of Object.entries(permissions)) {
  measure(`release, ${name}`, () => projection.release(text, held, pseudonym))
  const { text: out } = projection.release(text, held, pseudonym)
  measure(`guard of ${out.length} bytes`, () => holdsCardNumber(`${out}`))
}
measure('JSON.parse and stringify', () => JSON.stringify(JSON.parse(text)))
