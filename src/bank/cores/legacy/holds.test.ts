import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newReference } from '../../reference.ts'
import { holdsContract } from '../holds.contract.ts'
import { openCoreOn, startSimulator, wholeFile } from './simulator-process.ts'

const file = wholeFile()
const simulator = await startSimulator(file)
const { core } = openCoreOn(simulator, file)

holdsContract('the legacy core', core, {
  purse: '9000000801',
  poor: '9000001202',
  closed: '9000000603',
  nobody: '9000999901',
})

const uzs = (minor: bigint) => ({ minor, currency: 'UZS' }) as const

test('whatever is lost on the way, money is held once, taken once, and stands so after the core was killed', async () => {
  const account = '9000000501'
  const before = await core.balances(account)
  const reference = newReference()
  for (const [fault, operation] of [
    ['drop-after', '0610'],
    ['drop-before', '0610'],
    ['garbage', '0620'],
    ['drop-after', '0630'],
    ['drop-after', '0640'],
    ['status', '0650'],
  ])
    await simulator.control(`fault ${fault} ${operation} 1`)
  const { holds } = core
  const order = { reference, account, amount: uzs(900n), text: 'Korzinka' }

  const placed = holds?.place(order)
  await assert.rejects(async () => placed, { code: 'core/unclear' })
  assert.deepEqual(await holds?.place(order), { status: 'held' })
  await holds?.capture({ reference: newReference(), hold: reference, amount: uzs(500n) })
  await holds?.release({ reference: newReference(), hold: reference, amount: uzs(100n) })
  await holds?.cancel(reference)
  await holds?.credit({ ...order, reference: newReference(), amount: uzs(200n) })
  await simulator.kill()
  await simulator.start()

  const after = await core.balances(account)
  assert.equal(before.booked.minor - after.booked.minor, 300n)
  assert.equal(before.available.minor - after.available.minor, 300n)
  assert.equal(await simulator.control('balanced'), '')
})
