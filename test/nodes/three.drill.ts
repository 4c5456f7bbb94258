/**
 * Three gateways, three NATS servers, two processes of control and a Valkey: the three journeys are walked while one
 * process after the other is killed, until each was. Wants a machine that is not too busy.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStreet } from '../faults/street.ts'
import { until } from '../faults/town.ts'
import { journeys } from '../journeys/journeys.ts'
import { casts, places } from '../journeys/people.ts'
import { walk } from '../journeys/walker.ts'
import { patience, readWellKnown } from '../journeys/web.ts'
import { hasNats, withoutNats } from './nats-servers.ts'
import { openThree } from './three.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)
const BETWEEN_MS = 8_000
/** A connection that breaks under a question that cannot be asked twice ends a walk; it is begun again. */
const WALKS_MAX = 5

test(
  'the three journeys pass while any single process is killed, nothing is lost and nothing twice',
  {
    skip: hasNats ? false : withoutNats,
  },
  async () => {
    let walking = true
    const place = await openThree(Number(process.env['PORTICO_PORT_BASE'] ?? 27_600))
    try {
      const wellKnown = await readWellKnown(place.town.portal)
      const street = await openStreet(place.town, 3, 150)
      patience.ms = 120_000
      const left = [...place.victims]
      const killed: string[] = []
      const stands = async () => {
        const answer = await fetch(place.town.portal)
        const [caller] = street.callers
        if (answer.status >= 500 || (await caller?.read('/payments/v1/sub-merchants')) !== 200)
          return false
        return (await caller?.application.token('fx:rates')) !== undefined
      }
      const killing = (async () => {
        for (let n = 0; walking; n++) {
          const victim = left.shift() ?? place.victims[n % place.victims.length]
          if (!victim) return
          const [name, kill] = victim
          await kill()
          killed.push(name)
          const tookMs = await until(`the house stands after ${name}`, 120_000, stands)
          say(`killed ${name}; the house stands after ${Math.round(tookMs)} ms`)
          await sleep(BETWEEN_MS)
        }
      })()
      const setting = {
        wellKnown,
        cell: 'sandbox',
        cast: casts.sandbox,
        places: places.sandbox,
      } as const
      const walked: string[] = []
      const again: string[] = []
      const pass = async (name: string) => {
        for (let tries = 1; ; tries++) {
          const done = await walk(
            name,
            'sandbox',
            (walker) => journeys[name]!(walker, setting),
            ({ ok, step, ms, why }) =>
              say(`${ok ? '✓' : '✗'} ${name}: ${step} ${ms} ms ${why ?? ''}`),
          )
          if (done.ok) return void walked.push(name)
          again.push(`${name}: ${done.steps.at(-1)?.step} (${done.steps.at(-1)?.why})`)
          assert.ok(tries < WALKS_MAX, again.join('\n'))
        }
      }
      for (let round = 0; left.length > 0 || round === 0; round++)
        for (const name of Object.keys(journeys))
          if (round === 0 || left.length > 0) await pass(name)
      walking = false
      await killing
      patience.ms = 0
      await until('calls are taken again', 180_000, async () => {
        const [caller] = street.callers
        return (await caller?.read('/payments/v1/sub-merchants')) === 200
      })
      const books = await street.settle()
      const { sent, taken } = street.sum()
      await street.close()
      say(
        `${walked.length} walks under ${killed.length} kills, begun again: ${again.length === 0 ? 'none' : again.join('; ')}`,
      )
      say(`${sent} calls beside them, ${taken} taken, ${JSON.stringify(books)}`)
      assert.deepEqual(books, { lost: 0, doubled: 0, writesLost: 0, writesTwice: 0 })
    } finally {
      walking = false
      patience.ms = 0
      await place.close()
    }
  },
)
