import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openChance, openClock, openServer } from './queue.ts'

test('events happen in the order of their time, and of one time in the order in which they were said', () => {
  const clock = openClock()
  const seen: string[] = []
  for (const [at, name] of [
    [2, 'c'],
    [1, 'a'],
    [2, 'd'],
    [1, 'b'],
  ] as const)
    clock.after(at, () => seen.push(name))
  clock.run(10)
  assert.deepEqual(seen, ['a', 'b', 'c', 'd'])
})

test('a single server that is busy for seven tenths waits as Pollaczek and Khinchine say', () => {
  const clock = openClock()
  const server = openServer(clock, 1)
  const chance = openChance(7)
  const service = 0.001
  const rate = 700
  let waited = 0
  let count = 0
  const arrive = () => {
    server.ask(service, (took) => {
      waited += took - service
      count++
    })
    clock.after(-Math.log(1 - chance()) / rate, arrive)
  }
  arrive()
  clock.run(300)
  const load = rate * service
  const expected = (load * service) / (2 * (1 - load))
  assert.ok(Math.abs(waited / count / expected - 1) < 0.05, `${waited / count} beside ${expected}`)
})
