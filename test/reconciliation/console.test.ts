import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { DifferenceId } from '#bank/reconciliation/desk-contract.ts'
import { reconciliationDesk } from '#bank/reconciliation/desk.ts'
import { found } from '#bank/reconciliation/difference.ts'
import { addDifference } from '#bank/reconciliation/store.ts'
import { consoleRoutes } from '#control/reconciliation/routes.ts'
import { readEntries } from '#journal/index.ts'
import { openTestOffices } from '../offices.ts'
import { freshDatabase, noon } from '../world.ts'

const db = (await freshDatabase('cell')).as('bank')
const desk = reconciliationDesk({ db, now: () => noon, zone: 'Asia/Tashkent' })
const of = () => desk
const offices = await openTestOffices({ portal: [], console: [consoleRoutes({ of })] })

const Amount = z.object({ amount: z.string(), currency: z.string() })
const Difference = z.object({
  differenceId: DifferenceId,
  ours: Amount.nullable(),
  core: Amount.nullable(),
  status: z.string(),
  explanation: z.string().nullable(),
  explainedBy: z.string().nullable(),
})
const Report = z.object({ differences: z.array(Difference) })

const differ = async (subject: string, on: string) => {
  const day = Temporal.PlainDate.from(on)
  const seen = { kind: 'amount', oursMinor: -500n, coreMinor: -400n, currency: 'UZS' } as const
  const difference = found({ ...seen, subject }, day, noon)
  await addDifference(db, difference)
  return difference.id
}

test('finance explains a difference once, in its own name, and it stays where it was', async () => {
  const id = await differ('PAY1', '2026-11-20')
  const finance = await offices.staff('finance')
  const look = async () => {
    const { status, body } = await finance('GET', '/api/reconciliation/production?days=7')
    assert.equal(status, 200)
    return Report.parse(body).differences.find(({ differenceId }) => differenceId === id)
  }
  assert.deepEqual(await look(), {
    differenceId: id,
    ours: { amount: '-5.00', currency: 'UZS' },
    core: { amount: '-4.00', currency: 'UZS' },
    status: 'open',
    explanation: null,
    explainedBy: null,
  })

  const place = `/api/reconciliation/production/differences/${id}/explanation`
  const explanation = 'The core took its fee off the amount; the fee is booked apart.'
  assert.equal((await finance('POST', place, { explanation })).status, 200)

  const after = await look()
  assert.deepEqual([after?.status, after?.explanation], ['explained', explanation])
  assert.match(after?.explainedBy ?? '', /^staff:staff_/)
  const again = await finance('POST', place, { explanation: 'It was something else.' })
  assert.deepEqual([again.status, again.body['code']], [409, 'reconciliation/difference-explained'])
  const lines = (await readEntries(db, 0n)).filter(({ subject }) => subject === id)
  assert.deepEqual(
    lines.map(({ event, actor }) => [event, actor]),
    [['reconciliation.difference-explained', after?.explainedBy]],
  )
})

test('an open difference is shown however old it is; who looks over the bank explains none, strangers read none', async () => {
  const id = await differ('PAY2', '2024-11-22')
  const place = `/api/reconciliation/production/differences/${id}/explanation`
  const auditor = await offices.staff('auditor')
  assert.equal((await auditor('GET', '/api/reconciliation/production')).status, 200)
  for (const login of ['auditor', 'success', 'compliance']) {
    const refused = await (
      await offices.staff(login)
    )('POST', place, { explanation: 'It is well.' })
    assert.equal(refused.status, 403, login)
  }
  const stranger = offices.visitor('console')
  assert.equal((await stranger('GET', '/api/reconciliation/production')).status, 401)
  assert.equal((await stranger('POST', place, { explanation: 'It is well.' })).status, 401)
  const { differences } = await desk.report({ days: 7 })
  assert.equal(differences.find(({ differenceId }) => differenceId === id)?.status, 'open')
})
