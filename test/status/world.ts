/** The status page in a folder and on a port of its own, and facts to speak of; control is whoever answers at its socket. */
import { createServer, type Server } from 'node:http'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { createServer as createPort } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { StatusFacts } from '../../src/status/facts.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { makeRandomKey, writeWhole } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { ProcessWorld } from '#platform/process.ts'

/** A port base of which the page's own port is free now. */
const freeBase = async (): Promise<number> => {
  const probe = createPort()
  await new Promise<void>((done) => probe.listen(0, 'localhost', done))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('a port has a number')
  return address.port - 2
}

export const statusWorld = async (
  now: () => Temporal.Instant,
  environment: Readonly<Record<string, string>> = {},
): Promise<ProcessWorld & { readonly url: string }> => {
  const settings = readSettings({
    PORTICO_DATA: mkdtempSync(join(tmpdir(), 'portico-status-')),
    PORTICO_PORT_BASE: String(await freeBase()),
    ...environment,
  })
  const ports = portsOf(settings)
  return {
    settings,
    ports,
    layout: layoutOf(settings.PORTICO_DATA),
    log: openLog({ process: 'status' }, 'silent'),
    now,
    url: `http://localhost:${ports.status}`,
  }
}

export const textOf = (facts: StatusFacts): string => JSON.stringify(z.encode(StatusFacts, facts))

/** As the page left them on its disk. */
export const onDisk = ({ layout }: ProcessWorld, facts: StatusFacts) =>
  writeWhole(layout.status.facts, textOf(facts))

/** Control's end of the line, for who tests the page alone: it answers what is put in its mouth. */
export const pretendControl = async (
  { layout }: ProcessWorld,
  facts: () => StatusFacts,
): Promise<Server> => {
  const key = makeRandomKey(layout.status.linkKey).toString('base64url')
  mkdirSync(dirname(layout.status.socket), { recursive: true })
  const server = createServer((request, response) => {
    const proven = request.headers.authorization === `Bearer ${key}`
    response.writeHead(proven ? 200 : 401, { 'content-type': 'application/json' })
    response.end(proven ? textOf(facts()) : '{}')
  })
  await new Promise<void>((done) => server.listen(layout.status.socket, done))
  return server
}

const at = (text: string) => Temporal.Instant.from(text)

/** Accounts work, cards were down on a day, payments are planned, nobody called kyc. */
export const someFacts = (now: Temporal.Instant): StatusFacts => ({
  format: 'portico.status/1',
  at: now,
  components: (['sandbox', 'production'] as const).flatMap((cell) =>
    ['gateway', 'accounts', 'payments', 'cards', 'kyc'].map((part) => ({
      cell,
      part,
      title: part,
      since: now.subtract({ hours: 90 * 24 }),
      recent: part === 'kyc' ? [] : [{ minute: now.subtract({ minutes: 1 }), good: 12, total: 12 }],
      days: [
        {
          day: '2026-11-01',
          known: 1_440,
          good: 1_400,
          down: part === 'cards' ? 30 : 0,
          planned: 0,
        },
        { day: '2026-11-23', known: 600, good: 600, down: 0, planned: 0 },
      ],
    })),
  ),
  incidents: [
    {
      id: 'incident_0193f5fe000070008000000000000001',
      title: 'Cards: <details> & controls did not answer',
      severity: 'major',
      cell: 'production',
      parts: ['cards'],
      beganAt: at('2026-11-01T09:12:00Z'),
      openedAt: at('2026-11-01T09:20:00Z'),
      endedAt: at('2026-11-01T11:21:00Z'),
      updates: [
        {
          id: 'incident_0193f5fe000070008000000000000001-opened',
          state: 'investigating',
          text: null,
          at: at('2026-11-01T09:20:00Z'),
        },
        {
          id: 'bulletin_0193f5fe000070008000000000000002',
          state: 'resolved',
          text: 'A certificate between two of our own processes ran out.',
          at: at('2026-11-01T11:25:00Z'),
        },
      ],
    },
  ],
  maintenance: [
    {
      id: 'maintenance_0193f5fe000070008000000000000003',
      part: 'payments',
      reason: 'The core is moved; new payments wait, reading goes on; nothing is lost.',
      startsAt: now.add({ hours: 24 * 6 }),
      endsAt: now.add({ hours: 24 * 6 + 1 }),
      announcedAt: now.subtract({ hours: 24 }),
    },
  ],
})
