/** What control says, over real NATS: taken from there, proven as always, and asked of control where NATS cannot be had. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { z } from 'zod'
import { UsageReceipt } from '#gateway/usage.ts'
import { Snapshot } from '#gateway/snapshot.ts'
import { uuidv7 } from '#kernel/id.ts'
import { makeAuthority } from '#platform/certificates.ts'
import { linkTo } from '#platform/control-doors.ts'
import { usageOver, usageSender } from '#platform/link.ts'
import { openNats } from '#platform/nats.ts'
import { sealed, streams, subjects } from '#platform/nats-words.ts'
import { Secret } from '#platform/secret.ts'
import { suspendPartner } from '#control/partners/index.ts'
import { startPublication } from '#control/publication/index.ts'
import { openPublicationWorld, until } from '#test/publication.ts'
import { freePorts, hasNats, startNats, withoutNats } from './nats-servers.ts'

const skip = hasNats ? false : withoutNats
if (!hasNats) console.warn(skip)

const servers = hasNats ? await startNats(1) : undefined
const [linkPort = 0] = await freePorts(1)
const { db, world, doing, linkOf, reader, register, newApplication } = await openPublicationWorld({
  PORTICO_LINK_PORT: String(linkPort),
  PORTICO_CONTROL_URL: `https://localhost:1,https://localhost:${linkPort}`,
  ...(servers && { PORTICO_NATS_URL: servers.url }),
})
const { settings, layout, log } = world
await makeAuthority(layout.serverCa, 'test')
const opened = openNats(settings, 'control', log)
const publication = await startPublication({ db, world, log, ...(opened && { nats: opened }) })
after(async () => {
  await publication.stop()
  await opened?.close()
  await servers?.stop()
})
await until('ready', () => publication.ready() || undefined)

/** A cell on a machine where nothing of control's answers. */
const alone = {
  cell: 'sandbox' as const,
  socketPath: `${layout.control.socket}-nowhere`,
  key: linkOf('sandbox').key,
}
const openReader = async (more: Parameters<typeof reader>[3]) =>
  reader('sandbox', 'gateway', Snapshot, more)
const natsOf = (name: string) => {
  const nats = openNats(settings, name, log)
  assert.ok(nats)
  after(() => nats.close())
  return nats
}
const usageOf = (seq: number, partnerId: string) => ({
  callId: uuidv7(),
  seq,
  occurredAt: Temporal.Now.instant().toString(),
  partnerId,
  applicationId: 'application_x',
  product: 'cards',
  operation: 'listCards',
  contractId: null,
  priceVersion: null,
  consentId: null,
  status: 200,
  code: null,
  billable: true,
  units: 1,
  latencyMs: 3,
  upstreamMs: 2,
  epoch: 1,
})
const Count = z.object({ count: z.bigint() })
const counted = async (callId: string) =>
  (await db.one(Count)`select count(*) as count from usage.event where call_id = ${callId}`).count

test('a cell on another machine finds control behind TLS, past a copy that is away', async () => {
  const far = await openReader({ link: linkTo({ ...world, cell: 'sandbox' }) })
  await until('a snapshot', () => far.held.content)
  const partner = await register([])
  await doing((w) => suspendPartner(w, partner, 'test'))
  await until('the stop', () => far.revocations.find((r) => r.revocation.id === partner))
})

test('documents and revocations come over NATS alone, and control is heard', { skip }, async () => {
  const far = await openReader({ link: alone, nats: natsOf('far') })
  await until('a snapshot', () => far.held.content)
  const partner = await register([])
  await doing((w) => suspendPartner(w, partner, 'test'))
  await until('the stop', () => far.revocations.find((r) => r.revocation.id === partner))
  const heardAtMs = far.heardAtMs()
  await until('a beat', () => far.heardAtMs() > heardAtMs || undefined)
  const { epoch } = far.held
  await newApplication(await register([]))
  await until('the next document', () => far.held.epoch > epoch || undefined)
})

test('usage over NATS is taken once, by control’s own word', { skip }, async () => {
  const partnerId = await register([])
  const sender = usageSender(alone)
  const send = usageOver(natsOf('usage'), alone, 'gateway_n', sender.send)
  const record = usageOf(1, partnerId)
  const batch = { gateway: 'gateway_n', boot: uuidv7(), records: [record] }
  let receipt: unknown
  for (let tries = 0; receipt === undefined && tries < 100; tries++)
    receipt = await send(batch).catch(() => new Promise((r) => void setTimeout(r, 300)))
  assert.deepEqual(UsageReceipt.parse(receipt), { seq: 1 })
  assert.deepEqual(await send(batch), { seq: 1 }, 'a batch that comes again is answered again')
  assert.equal(await counted(record.callId), 1n)
  await sender.close()
})

test('what NATS or a stranger in it makes up is believed in nothing', { skip }, async () => {
  const nats = natsOf('honest')
  const far = await openReader({ nats, link: linkOf('sandbox') })
  await until('a snapshot', () => far.held.content)
  const stranger = await connect({
    servers: (settings.PORTICO_NATS_URL ?? '').replace('nats://', ''),
  })
  after(() => stranger.close())
  const forged = new Secret('not the key of this cell')
  const revocation = {
    source: 'control',
    seq: 999,
    kind: 'partner',
    id: 'partner_forged',
    at: Temporal.Now.instant().toString(),
    expiresAt: Temporal.Now.instant().add({ hours: 1 }).toString(),
  }
  const lines = subjects.lines('sandbox', 'gateway')
  await jetstream(stranger).publish(
    lines,
    sealed(forged, lines, { type: 'revocation', revocation }),
  )
  // Sealed for another reader: a line cannot be moved either.
  const other = subjects.lines('sandbox', 'authorization')
  const key = linkOf('sandbox').key
  await jetstream(stranger).publish(lines, sealed(key, other, { type: 'revocation', revocation }))
  const usage = subjects.usage('sandbox', 'gateway_f')
  const record = usageOf(1, await register([]))
  const batch = { gateway: 'gateway_f', boot: uuidv7(), records: [record] }
  await jetstream(stranger).publish(usage, sealed(forged, usage, batch))

  // A document of the next epoch that is none: refused, and the true one taken from control.
  const { epoch } = far.held
  for (const ahead of [1, 2, 3])
    await jetstream(stranger).publish(
      subjects.part('sandbox', 'gateway', epoch + ahead, 0),
      Buffer.from('{"poison":true}'),
      { msgID: `gateway ${epoch + ahead} 0` },
    )
  const partner = await register([])
  await doing((w) => suspendPartner(w, partner, 'test'))
  await until('the stop', () => far.revocations.find((r) => r.revocation.id === partner))
  await newApplication(await register([]))
  await until('the true document', () => far.held.epoch > epoch || undefined)
  assert.equal(
    far.revocations.some((r) => r.revocation.id === 'partner_forged'),
    false,
  )
  assert.equal(await counted(record.callId), 0n)
})

test('a stream that lost a stop brings silence, and control is asked', { skip }, async () => {
  const manager = await jetstreamManager(
    await connect({ servers: settings.PORTICO_NATS_URL?.replace('nats://', '') ?? '' }),
  )
  await manager.streams.purge(streams.lines('sandbox'))
  const cut = await openReader({ link: alone, nats: natsOf('cut') })
  const both = await openReader({ link: linkOf('sandbox'), nats: natsOf('both') })
  const Seq = z.object({ seq: z.bigint() })
  const live = await db.many(
    Seq,
  )`select seq from publication.revocation where cell = 'sandbox' limit 100`
  assert.ok(live.length > 0)
  await until('all of them', () => both.revocations.length >= live.length || undefined)
  const startMs = performance.now()
  await until('a beat', () => both.heardAtMs() > startMs || undefined)
  // Half a second for beats to pass: who misses something must not count as having heard.
  await until('beats', () => performance.now() - startMs > 1_200 || undefined)
  assert.ok(cut.heardAtMs() <= startMs, 'a beat that names more than is held is not heard')
})

test(
  'NATS goes and comes back: control is asked meanwhile, and nothing is missed',
  { skip },
  async () => {
    const nats = natsOf('bumpy')
    const far = await openReader({ link: linkOf('sandbox'), nats })
    await until('a snapshot', () => far.held.content)
    await servers?.kill(0)
    await until('away', () => nats.connection() === undefined || undefined)
    const first = await register([])
    await doing((w) => suspendPartner(w, first, 'test'))
    await until('the stop', () => far.revocations.find((r) => r.revocation.id === first))
    const partnerId = await register([])
    const sender = usageSender(linkOf('sandbox'))
    const record = usageOf(1, partnerId)
    const batch = { gateway: 'gateway_b', boot: uuidv7(), records: [record] }
    assert.deepEqual(await usageOver(nats, linkOf('sandbox'), 'gateway_b', sender.send)(batch), {
      seq: 1,
    })
    await sender.close()

    await servers?.start(0)
    await until('back', () => nats.connection())
    const second = await register([])
    await doing((w) => suspendPartner(w, second, 'test'))
    await until('the stop', () => far.revocations.find((r) => r.revocation.id === second))
    await until('heard', () => performance.now() - far.heardAtMs() < 1_000 || undefined)
  },
)
