import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPace } from './pace.ts'

/** A clock that only the test moves; the pace looks at it every millisecond. */
const openClocked = () => {
  let atMs = 0
  const pace = openPace({ bodyBytesPerSecond: 100, answerMs: 1_000 }, () => atMs, 1)
  after(() => pace.stop())
  return {
    pace,
    pass: async (ms: number) => {
      atMs += ms
      await sleep(10)
    },
  }
}

/** Two ends of a connection. Nobody reads at the far one. */
const openPair = async (): Promise<{ near: Socket; far: Socket }> => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
  const [near]: Socket[] = await once(server, 'connection')
  if (!near) throw new Error('it connected')
  near.on('error', () => {})
  far.on('error', () => {})
  server.close()
  after(() => {
    near.destroy()
    far.destroy()
  })
  return { near, far }
}

test('a body that trickles is refused once its grace is over, and one that keeps pace is not', async () => {
  const { pace, pass } = openClocked()
  const refused: string[] = []
  const slow = pace.bodyBegins(() => refused.push('slow'))
  const steady = pace.bodyBegins(() => refused.push('steady'))
  const ended = pace.bodyBegins(() => refused.push('ended'))
  for (let second = 1; second <= 20; second++) {
    slow.bytes = second * 99
    steady.bytes = second * 100
    if (second === 3) pace.bodyEnds(ended)
    await pass(1_000)
    assert.deepEqual(refused, second < 5 ? [] : ['slow'], `after ${second} s`)
  }
})

test('who takes nothing of an answer is cut off, and who takes it is left alone', async () => {
  const { pace, pass } = openClocked()
  const [deaf, hearing] = [await openPair(), await openPair()]
  const answer = Buffer.alloc(16_777_216)
  for (const { near } of [deaf, hearing]) {
    near.write(answer)
    pace.answered(near)
  }
  hearing.far.resume()
  await once(hearing.near, 'drain')
  await pass(1_000)
  assert.equal(deaf.near.destroyed, false, 'large answers have longer')
  await pass(1_000 + answer.length / 256)
  assert.equal(deaf.near.destroyed, true)
  assert.equal(hearing.near.destroyed, false)
})

test('what all callers leave untaken together is bounded: the one that left most goes', async () => {
  const { pace } = openClocked()
  const pairs = await Promise.all([1, 2, 3].map(openPair))
  const sizes = [33_554_432, 41_943_040, 16_777_216]
  pairs.forEach(({ near }, i) => {
    near.write(Buffer.alloc(sizes[i] ?? 0))
    pace.answered(near)
  })
  assert.deepEqual(
    pairs.map(({ near }) => near.destroyed),
    [false, true, false],
  )
})
