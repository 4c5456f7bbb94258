import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { documents } from '../documents.ts'
import { bulkTransitions } from './bulk/bulk.ts'
import { mandateTransitions } from './mandates/mandate.ts'
import { subMerchantTransitions } from './merchants/sub-merchant.ts'
import { paymentTransitions } from './payment.ts'
import { recallTransitions } from './recalls/recall.ts'
import { standingTransitions } from './standing/standing.ts'

const decided = {
  payment: paymentTransitions,
  standingPayment: standingTransitions,
  mandate: mandateTransitions,
  recall: recallTransitions,
  bulkPayment: bulkTransitions,
  subMerchant: subMerchantTransitions,
}

test('the transitions that the document publishes are those that the bank decides by', () => {
  const document = documents.find(({ product }) => product === 'payments')
  const Published = z.object({
    'x-transitions': z.record(z.string(), z.record(z.string(), z.array(z.string()))),
  })
  assert.deepEqual(Published.parse(document?.raw)['x-transitions'], decided)
})

test('of no noun does any way of moving come back to a status that it had', () => {
  for (const [noun, table] of Object.entries(decided)) {
    const next = new Map<string, readonly string[]>(Object.entries(table))
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 20 }), (choices) => {
        for (const start of next.keys()) {
          const been = [start]
          for (const choice of choices) {
            const open = next.get(been.at(-1) ?? '') ?? []
            const to = open[choice % Math.max(open.length, 1)]
            if (to !== undefined) been.push(to)
          }
          assert.equal(new Set(been).size, been.length, `${noun}: ${been.join(' ')}`)
        }
      }),
      { numRuns: 50 },
    )
    for (const to of [...next.values()].flat()) assert.ok(next.has(to), `${noun}: ${to}`)
  }
})

test('every webhook of the document is a line that the journal gets', () => {
  const document = documents.find(({ product }) => product === 'payments')
  const Hooks = z.object({ webhooks: z.record(z.string(), z.unknown()) })
  const recorded = globSync('**/*.ts', { cwd: import.meta.dirname })
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/\.record\(\s*'([a-z.-]+)'/g)])
    .map(([, event]) => event)
  const hooks = Object.keys(Hooks.parse(document?.raw).webhooks)
  assert.ok(hooks.length > 15)
  assert.deepEqual(
    hooks.filter((hook) => !recorded.includes(hook)),
    [],
  )
})
