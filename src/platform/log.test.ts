import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { guardedLine, openLines } from './log.ts'

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

test('lines of a busy event are printed as the log prints, together, guarded, and the last of them at the end', () => {
  const printed: string[] = []
  const log = pino(
    { base: { process: 'gateway' }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (text: string) => void printed.push(text) },
  )
  const lines = openLines(log)
  const members = { callId: '0193f5fe7a107c448f531e0b6a6f2c11', code: undefined, ms: 1.5 }
  lines.info(members, 'call')
  lines.info({ code: '4111 1111 1111 1111' }, 'call')
  assert.equal(printed.length, 0)
  lines.close()
  log.info(members, 'call')

  assert.equal(printed.length, 2)
  const [one = '', other = ''] = printed[0]?.split('\n') ?? []
  const withoutTime = (line: string) => line.replace(/"time":"[^"]*"/, '')
  assert.equal(withoutTime(one), withoutTime(printed[1] ?? '').trimEnd())
  assert.match(other, /withheld/)
  assert.doesNotMatch(other, /4111/)
})
