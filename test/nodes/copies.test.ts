/** Control in several copies: one leads, another takes its place, and what is done is done once. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { Snapshot } from '#gateway/snapshot.ts'
import { openPostgres } from '#platform/db.ts'
import { standForLeader } from '#platform/leader.ts'
import { suspendPartner } from '#control/partners/index.ts'
import { startPublication } from '#control/publication/index.ts'
import { openPublicationWorld, until } from '#test/publication.ts'

const { database, db, world, doing, linkOf, reader, register, newApplication } =
  await openPublicationWorld()
const { layout, log } = world
const url = database.url('control')
/** Two copies on one machine have a socket each. */
const at = (socket: string) => ({
  ...world,
  layout: { ...layout, control: { ...layout.control, socket } },
})
const sockets = [layout.control.socket, `${layout.control.socket}2`]
const copies = await Promise.all(
  sockets.map((socket) => startPublication({ db, world: at(socket), log, leaderUrl: url })),
)
after(() => Promise.all(copies.map((copy) => copy.stop())))
const [left, right] = await Promise.all(
  sockets.map((socketPath) =>
    reader('sandbox', 'gateway', Snapshot, { link: { ...linkOf('sandbox'), socketPath } }),
  ),
)
assert.ok(left && right)

const Count = z.object({ count: z.bigint() })
const Pid = z.object({ pid: z.number() })
/** Whoever holds the place loses it, as one does whose machine is gone. */
const cutLeader = (name: string) => database.owner.many(Pid)`
  select a.pid, pg_terminate_backend(a.pid)
    from pg_stat_activity a
    join pg_locks l on l.pid = a.pid and l.locktype = 'advisory' and l.granted
   where a.application_name = ${`leader ${name}`} and a.datname = current_database()
`

test('both copies serve what one of them publishes, and each document is published once', async () => {
  await until('both are ready', () => copies.every((copy) => copy.ready()) || undefined)
  await until('both have it', () => (left.held.content && right.held.content) || undefined)
  const { epoch } = left.held
  await newApplication(await register([]))
  await until(
    'both follow',
    () => (left.held.epoch > epoch && right.held.epoch > epoch) || undefined,
  )
  assert.equal(left.held.epoch, right.held.epoch)
  const twice = await db.one(Count)`
    select count(*) as count
      from (select 1 from publication.document group by cell, audience, sha256 having count(*) > 1) d
  `
  assert.equal(twice.count, 0n)
})

test('what must stop reaches the readers of both copies', async () => {
  const partner = await register([])
  await doing((w) => suspendPartner(w, partner, 'test'))
  for (const each of [left, right])
    await until('the stop', () => each.revocations.find((r) => r.revocation.id === partner))
})

test('a leader that is cut off is followed by another, and publishing goes on', async () => {
  assert.equal((await cutLeader('publication')).length, 1)
  const { epoch } = right.held
  await newApplication(await register([]))
  await until(
    'both follow',
    () => (left.held.epoch > epoch && right.held.epoch > epoch) || undefined,
  )
})

test('one of three leads; whoever leaves is followed, and two never work for longer than a cut is noticed', async () => {
  let working = 0
  let begun = 0
  const stand = () =>
    standForLeader({
      url,
      name: 'drill',
      log,
      lead: () => {
        working++
        begun++
        return { stop: async () => void working-- }
      },
    })
  const standing = [stand(), stand(), stand()]
  for (let round = 1; round <= 3; round++) {
    await until('one leads', () => begun === round || undefined)
    assert.equal(working, 1)
    assert.equal(standing.filter((one) => one.leads()).length, 1)
    const leader = standing.find((one) => one.leads())
    await leader?.stop()
    standing.splice(
      standing.findIndex((one) => one === leader),
      1,
    )
  }
  assert.equal(working, 0)
})

test('a pool leaves a server that takes no writes any more, and finds the one that does', async () => {
  const pool = openPostgres(url, { name: 'standby', max: 2, prepare: false })
  after(() => pool.close())
  const Id = z.object({ pid: z.number() })
  const before = await pool.one(Id)`select pg_backend_pid() as pid`
  await pool.run`set default_transaction_read_only = on`
  await assert.rejects(pool.run`update publication.cursor set journal_seq = journal_seq`, {
    code: '25006',
  })
  // The connection that refused is not met again: a new one, to the address, looks for who writes.
  assert.equal(await pool.run`update publication.cursor set journal_seq = journal_seq`, 1)
  assert.notEqual((await pool.one(Id)`select pg_backend_pid() as pid`).pid, before.pid)
})

test('a transaction whose connection is cut fails whole, and nothing of it runs on another one', async () => {
  const pool = openPostgres(url, { name: 'cut', max: 1 })
  after(() => pool.close())
  const before = await db.one(Count)`select journal_seq as count from publication.cursor`
  const cut = pool.transaction(async (tx) => {
    const { pid } = await tx.one(Pid)`select pg_backend_pid() as pid`
    await database.owner.run`select pg_terminate_backend(${pid})`
    // Who swallows the failure of a statement must not go on outside of the transaction.
    for (let tries = 0; tries < 3; tries++) {
      await tx.run`update publication.cursor set journal_seq = journal_seq + 1000`.catch(() => {})
      await pool.run`select 1`.catch(() => {})
    }
  })
  await assert.rejects(cut)
  const now = await db.one(Count)`select journal_seq as count from publication.cursor`
  assert.ok(now.count < before.count + 1000n)
  assert.equal(await pool.run`select 1`, 1)
})
