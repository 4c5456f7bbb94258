import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { guardedLine } from './log.ts'

test('S46: a line that holds a card number or a key is told of, and never printed', () => {
  const printed: string[] = []
  const log = pino(
    { hooks: { streamWrite: guardedLine }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void printed.push(line) },
  )
  log.info({ ms: 1.5, callId: '0193f5fe7a107c448f531e0b6a6f2c11' }, 'call')
  log.error({ why: 'core said 4111 1111 1111 1111' }, 'failed')
  log.warn('-----BEGIN PRIVATE KEY-----')

  assert.equal(printed.length, 3)
  assert.match(printed[0] ?? '', /"msg":"call"/)
  for (const line of printed.slice(1)) {
    assert.match(String(Reflect.get(JSON.parse(line), 'msg')), /withheld/)
    assert.doesNotMatch(line, /4111|PRIVATE/)
  }
})
