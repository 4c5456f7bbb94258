import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'

const Operation = z.looseObject({ operationId: z.string() })
const { paths, components } = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), Operation)),
    components: z.looseObject({
      schemas: z.record(
        z.string(),
        z.looseObject({ properties: z.record(z.string(), z.unknown()) }),
      ),
    }),
  })
  .parse(parse(readFileSync(join(import.meta.dirname, 'openapi.yaml'), 'utf8')))
const operations = Object.values(paths).flatMap((methods) => Object.values(methods))

test('RFC 9470: an offer is taken only upon strong authentication of the last ten minutes', () => {
  const taking = operations.find(({ operationId }) => operationId === 'acceptLoanOffer')
  assert.equal(taking?.['x-risk'], 'high')
  assert.equal(taking['x-sca-max-age'], 600)
  assert.deepEqual(taking['x-consent'], {
    type: 'urn:bank:lending-apply:v1',
    binds: [{ body: '/offer', detail: '/offer' }],
  })
})

test('O32, O33: no answer has a place for a score, for bureau data or for an income', () => {
  const asked = /Request$/
  const answers = Object.entries(components.schemas).filter(([name]) => !asked.test(name))
  assert.ok(answers.length > 20)
  const names = answers.flatMap(([, { properties }]) => Object.keys(properties))
  assert.deepEqual(
    names.filter((name) => /score|rating|bureau|income|employ|rule/i.test(name)),
    ['bureauInquiry'],
  )
})

test('O33: what is late is behind the detail permission, and nowhere else', () => {
  const late = operations.filter((operation) => JSON.stringify(operation).includes('Arrears'))
  assert.deepEqual(
    late.map((operation) => [operation.operationId, operation['x-consent']]),
    [['getLoanArrears', { type: 'urn:bank:lending-read:v1', permissions: ['ReadLoansDetail'] }]],
  )
  const line = z
    .object({ status: z.looseObject({}) })
    .parse(components.schemas['Instalment']?.properties)
  assert.deepEqual(line.status['x-permission'], ['ReadLoansDetail'])
})
