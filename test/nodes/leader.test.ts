/** Two processes of control over one database, and `kill -9` of the one that leads: the other publishes, nothing twice. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { Snapshot } from '#gateway/snapshot.ts'
import { suspendPartner } from '#control/partners/index.ts'
import { openPublicationWorld, until as within } from '#test/publication.ts'

const { database, db, world, doing, linkOf, reader, register, newApplication } =
  await openPublicationWorld()
const url = database.url('control')
const main = join(import.meta.dirname, 'publication-process.ts')

/** A process is started for it each time, on a machine that may be busy. */
const until = <T>(what: string, look: () => T | undefined) => within(what, look, 240_000)

interface Copy {
  readonly socket: string
  readonly child: ChildProcess
  /** By its own log. */
  leads(): boolean
}

const started = (socket: string): Copy => {
  let said = ''
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, url, socket],
    {
      env: { PATH: process.env['PATH'] ?? '', PORTICO_DATA: world.layout.data },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  after(() => child.kill('SIGKILL'))
  return {
    socket,
    child,
    leads: () => said.split('"msg":"this copy leads"').length > said.split('leads no more').length,
  }
}
const killed = async ({ child }: Copy) => {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

const sockets = ['', '2'].map((end) => `${world.layout.control.socket}${end}`)
let copies = sockets.map(started)
const readers = await Promise.all(
  sockets.map((socketPath) =>
    reader('sandbox', 'gateway', Snapshot, { link: { ...linkOf('sandbox'), socketPath } }),
  ),
)
const leader = () => copies.find((copy) => copy.leads())
const Count = z.object({ count: z.bigint() })

test('whichever leads is killed, three times over: the other one publishes and tells of stops, and each document is there once', async () => {
  for (let round = 0; round < 3; round++) {
    const first = await until('one leads', leader)
    const other = copies.find((copy) => copy !== first)
    const left = readers[sockets.indexOf(other?.socket ?? '')]
    assert.ok(other && left)
    await until('the other one serves', () => left.held.content)
    const { epoch } = left.held

    await killed(first)
    const partner = await register([])
    await newApplication(partner)
    await doing((w) => suspendPartner(w, partner, 'test'))

    await until('the other one leads', () => other.leads() || undefined)
    await until('it publishes', () => left.held.epoch > epoch || undefined)
    await until('it tells of the stop', () =>
      left.revocations.find(({ revocation }) => revocation.id === partner),
    )
    const next = started(first.socket)
    copies = copies.map((copy) => (copy === first ? next : copy))
    const back = readers[sockets.indexOf(first.socket)]
    await until('the one that was killed serves again', () =>
      back && back.held.epoch >= left.held.epoch ? true : undefined,
    )
  }
  const twice = await db.one(Count)`
    select count(*) as count
      from (select 1 from publication.document group by cell, audience, sha256 having count(*) > 1) d
  `
  assert.equal(twice.count, 0n)
})
