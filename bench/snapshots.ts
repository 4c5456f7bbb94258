/**
 * A snapshot of 10,000 partners and 50,000 applications: how long until it decides, how long anybody waits for it, what it
 * weighs, and whether fifty swaps under load fail a call. `node bench/snapshots.ts [partners] [swaps]`, one JSON line.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { openReader } from '#gateway/snapshots/reader.ts'
import type { Snapshot, SnapshotPartner } from '#gateway/snapshot.ts'
import { compileTable, type Table } from '#gateway/snapshots/table.ts'
import { canonical } from '#kernel/canonical.ts'
import { publicJwk } from '#platform/jose.ts'
import { sealText } from '#platform/publication.ts'
import { openCell } from '#test/gateway/cell.ts'
import { answerJson } from '#test/gateway/played.ts'

const partnersWanted = Number(process.argv[2] ?? 10_000)
const swaps = Number(process.argv[3] ?? 50)
const APPLICATIONS_EACH = 5
const PERMISSIONS = 30

const id = (word: string, n: number) => `${word}_${n.toString(16).padStart(32, '0')}`

/** As the licence matrix makes them: some granted until a day of the partner's own, the rest refused with a sentence. */
const verdicts = (n: number): SnapshotPartner['permissions'] =>
  Object.fromEntries(
    Array.from({ length: PERMISSIONS }, (_, i) => [
      `domain-${i % 6}.permission-${i}`,
      i % 3 === 0
        ? { granted: true, until: `2027-0${(n % 9) + 1}-1${i % 9}T00:00:00Z`, limit: null }
        : {
            granted: false,
            code: 'licences/missing',
            detail: 'needs a licence of a payment institution, and evidence that a person verified',
            gate: 'partner',
          },
    ]),
  )

const enlarged = (content: Snapshot, like: SnapshotPartner): Snapshot => {
  const partners = Array.from({ length: partnersWanted }, (_, n): SnapshotPartner => ({
    ...like,
    id: id('partner', n),
    permissions: verdicts(n),
  }))
  const [application] = content.applications
  if (!application) throw new Error('the cell has a holder')
  const applications = partners.flatMap((p, n) =>
    Array.from({ length: APPLICATIONS_EACH }, (_, i) => ({
      ...application,
      id: id('application', n * APPLICATIONS_EACH + i),
      partnerId: p.id,
    })),
  )
  return {
    ...content,
    partners: [...content.partners, ...partners],
    applications: [...content.applications, ...applications],
    certificates: [
      ...content.certificates,
      ...applications.map((a, n) => ({
        sha256: n.toString(36).padStart(43, 'A'),
        applicationId: a.id,
        notAfter: '2100-01-01T00:00:00Z',
      })),
    ],
  }
}

const cell = await openCell()
const holder = await cell.addHolder('mtls')
const publicKey = publicJwk(cell.snapshotKey)
await cell.start()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
const large = enlarged(cell.content(), holder.partner)
const canonicalFromMs = performance.now()
const content = canonical(large)
const canonicalMs = performance.now() - canonicalFromMs
const sealed = (epoch: number): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(
    sealText(
      {
        cell: 'production',
        audience: 'gateway',
        epoch,
        compiledAt: new Date().toISOString(),
        content,
      },
      cell.snapshotKey,
    ),
  )

/** Alone: the reader and the table, on a thread that has nothing else to do. */
const readAlone = async () => {
  const reader = openReader({ cell: 'production', key: publicKey })
  let table: Table | undefined
  const rounds: { readMs: number; stallMs: number; overMs: number }[] = []
  const bytes = sealed(1).length
  for (let round = 0; round < 4; round++) {
    const document = sealed(round + 1)
    await sleep(200)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await sleep(20)
    delay.reset()
    const fromMs = performance.now()
    const { reading } = await reader.read(document, round)
    const readMs = performance.now() - fromMs
    table = await compileTable(reading, table)
    const overMs = performance.now() - fromMs - readMs
    await sleep(20)
    delay.disable()
    rounds.push({ readMs, overMs, stallMs: delay.max / 1e6 })
  }
  await reader.close()
  if (!table) throw new Error('a table was made')
  const first = lookups(table)
  const again = lookups(table)
  const heapMb = process.memoryUsage().heapUsed / 1_048_576
  return { bytes, rounds, first, again, heapMb, rssMb: process.memoryUsage().rss / 1_048_576 }
}

/** Nanoseconds a lookup of an application with its partner and a verdict, over all of them in a scattered order. */
const lookups = (table: Table): number => {
  const count = partnersWanted * APPLICATIONS_EACH
  const fromMs = performance.now()
  let granted = 0
  for (let i = 0; i < count; i++) {
    const application = table.applications.get(id('application', (i * 7919) % count))
    if (application?.verdicts.get('domain-0.permission-0')?.granted) granted++
  }
  if (granted !== count) throw new Error('every application is there')
  return ((performance.now() - fromMs) / count) * 1e6
}

const alone = await readAlone()

/** Under load: eight callers by TLS, a new document of that size after every other. */
const publishAndWait = async () => {
  const epoch = cell.publishSealed(sealed)
  // Sealing 70 MB in this same process stops it for a while, and an idle connection may have been closed meanwhile.
  const held = () =>
    cell.health().then(
      (h) => h.epoch,
      () => 0,
    )
  while ((await held()) < epoch) await sleep(20)
}
await publishAndWait()
const statuses = new Map<number | string, number>()
const accessToken = await cell.token(holder)
let running = true
const load = Array.from({ length: 8 }, async () => {
  while (running) {
    const status = await cell
      .callMtls(holder, accessToken, { path: '/cards/v1/cards' })
      .then(({ status, json }) => (status === 200 ? status : String(json['code'])))
      .catch((cause: unknown) => String(cause))
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
})
const fromMs = performance.now()
for (let i = 0; i < swaps; i++) await publishAndWait()
const swapMs = (performance.now() - fromMs) / swaps
running = false
await Promise.all(load)
await cell.close()

const best = (pick: (round: (typeof alone.rounds)[number]) => number) =>
  Number(Math.min(...alone.rounds.slice(1).map(pick)).toFixed(1))
process.stdout.write(
  `${JSON.stringify({
    partners: partnersWanted,
    applications: partnersWanted * APPLICATIONS_EACH,
    megabytes: Number((alone.bytes / 1e6).toFixed(1)),
    canonicalMs: Math.round(canonicalMs),
    firstReadMs: Math.round(alone.rounds[0]?.readMs ?? 0),
    readMs: best((r) => r.readMs),
    takeOverMs: best((r) => r.overMs),
    longestStallMs: best((r) => r.stallMs),
    everyStallMs: alone.rounds.map((r) => Number(r.stallMs.toFixed(1))),
    firstLookupNs: Math.round(alone.first),
    lookupNs: Math.round(alone.again),
    heapMb: Math.round(alone.heapMb),
    rssMb: Math.round(alone.rssMb),
    swaps,
    swapMs: Math.round(swapMs),
    calls: Object.fromEntries(statuses),
  })}\n`,
)
