/**
 * A model of many gateways: `node bench/capacity/main.ts [--seconds 4] [--write]`. It cannot say what a machine does; it says
 * what the figures that were measured on one machine come to together, and which part is full first. What stands in
 * `measured` was measured (where, says docs/operate/capacity.md); what stands in `assumed` is a guess that you replace.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openChance, openClock, openServer, quantile } from './queue.ts'

const measured = {
  /** CPU of the main thread for a call of the whole pipeline, at half load: docs/reference/performance-limits.md. */
  callSeconds: 632e-6,
  /** A worker reads a document of 10,000 partners and 50,000 applications: docs/reference/performance.md. */
  readSnapshotSeconds: 2.33,
  /** The thread of the calls takes it over, and stands still for so long at most. */
  takeOverSeconds: 0.0014,
  stallSeconds: 0.0335,
  /** From the question to the last call that was still taken, with two gateways: docs/reference/revocation.md, p50. */
  revocationSeconds: 0.078,
} as const

const assumed = {
  /** Valkey: one lease is one script over a few keys; a single thread. */
  leaseSeconds: 20e-6,
  networkSeconds: 0.0005,
  /** What control sends through its network card, and what a document of 10,000 partners weighs when it is sent. */
  bytesPerSecond: 1.25e9,
  snapshotBytes: 60e6,
  /** A thousand partners, the busiest of them with a tenth of all calls: the n-th of them as 1/n. */
  partners: 1_000,
  /** Limits of a partner that lease: its rate, and one more. */
  limitsEach: 2,
  /** A tenth of the time in which a burst fills. */
  leaseLifeSeconds: 1,
  batch: 500,
  /** The goal that bench/billing.ts holds ingest against, for one connection that writes; measure yours. */
  ingestPerSecond: 20_000,
  shipEverySeconds: 0.1,
  /** A revocation is one line to each gateway. */
  tellGatewaySeconds: 50e-6,
} as const

interface Outcome {
  readonly gateways: number
  readonly callsPerSecond: number
  readonly cpu: number
  readonly waitP99Ms: number
  readonly leasesPerSecond: number
  readonly valkeys: number
  readonly valkey: number
  readonly leaseP99Ms: number
  readonly ingestBusy: number
  readonly ingestP99Ms: number
  readonly snapshotS: number
  readonly revocationP99Ms: number
}

/** How partners' calls come: the n-th of them as 1/n, and each call to whichever gateway the balancer names. */
const partnersBy = (chance: () => number, count: number): (() => number) => {
  const sums: number[] = []
  let sum = 0
  for (let n = 1; n <= count; n++) sums.push((sum += 1 / n))
  return () => {
    const at = chance() * sum
    let low = 0
    for (let high = count - 1; low < high;) {
      const middle = (low + high) >> 1
      if (sums[middle]! < at) low = middle + 1
      else high = middle
    }
    return low
  }
}

const simulate = (
  gateways: number,
  callsPerSecond: number,
  { ingesters, valkeys }: { ingesters: number; valkeys: number },
  seconds: number,
): Outcome => {
  const clock = openClock()
  const chance = openChance(20261123)
  const partnerOf = partnersBy(chance, assumed.partners)
  const threads = Array.from({ length: gateways }, () => openServer(clock, 1))
  // The slots of a cluster: a partner's keys stand on one node.
  const stores = Array.from({ length: valkeys }, () => openServer(clock, 1))
  const control = openServer(clock, ingesters)
  const waits: number[] = []
  const leaseTook: number[] = []
  const ingestTook: number[] = []
  /** By gateway and partner: until when permits are held. They are leased anew before they lapse, while they are used. */
  const heldUntil = new Float64Array(gateways * assumed.partners).fill(-1)
  const spooled = new Uint32Array(gateways)
  let leases = 0

  const lease = (place: number, partner: number) => {
    heldUntil[place] = clock.now() + assumed.leaseLifeSeconds
    for (let n = 0; n < assumed.limitsEach; n++) {
      leases++
      stores[partner % valkeys]!.ask(assumed.leaseSeconds, (took) =>
        leaseTook.push(took + assumed.networkSeconds),
      )
    }
  }
  const call = () => {
    const gateway = Math.floor(chance() * gateways)
    const partner = partnerOf()
    const place = gateway * assumed.partners + partner
    if (heldUntil[place]! <= clock.now()) lease(place, partner)
    threads[gateway]!.ask(measured.callSeconds, (took) => {
      waits.push(took - measured.callSeconds)
      spooled[gateway]!++
    })
    clock.after(-Math.log(1 - chance()) / callsPerSecond, call)
  }
  const ship = (gateway: number) => {
    for (let left = spooled[gateway]!; left > 0; left -= assumed.batch) {
      const records = Math.min(left, assumed.batch)
      control.ask(records / assumed.ingestPerSecond, (took) =>
        ingestTook.push(took + assumed.networkSeconds),
      )
    }
    spooled[gateway] = 0
    clock.after(assumed.shipEverySeconds, () => ship(gateway))
  }
  call()
  for (let gateway = 0; gateway < gateways; gateway++)
    clock.after(chance() * assumed.shipEverySeconds, () => ship(gateway))

  // One document for everybody: copies leave one behind the other, each gateway reads as soon as it has its own.
  const card = openServer(clock, 1)
  let last = 0
  for (let gateway = 0; gateway < gateways; gateway++)
    card.ask(assumed.snapshotBytes / assumed.bytesPerSecond, (took) => {
      const taken = took + measured.readSnapshotSeconds + measured.takeOverSeconds
      last = Math.max(last, taken)
      threads[gateway]!.ask(measured.stallSeconds)
    })
  // Ten revocations a second, each told to every gateway in turn; the gateway's thread takes it when it is free.
  const teller = openServer(clock, 1)
  const revoked: number[] = []
  const revoke = () => {
    for (let gateway = 0; gateway < gateways; gateway++)
      teller.ask(assumed.tellGatewaySeconds, (told) =>
        threads[gateway]!.ask(assumed.tellGatewaySeconds, (took) =>
          revoked.push(told + took + assumed.networkSeconds + measured.revocationSeconds),
        ),
      )
    clock.after(0.1, revoke)
  }
  revoke()
  clock.run(seconds)
  return {
    gateways,
    callsPerSecond,
    cpu: threads.reduce((sum, thread) => sum + thread.busy(), 0) / gateways,
    waitP99Ms: quantile(waits, 0.99) * 1000,
    leasesPerSecond: leases / seconds,
    valkeys,
    valkey: Math.max(...stores.map((store) => store.busy())),
    leaseP99Ms: quantile(leaseTook, 0.99) * 1000,
    ingestBusy: control.busy(),
    ingestP99Ms: quantile(ingestTook, 0.99) * 1000,
    snapshotS: last,
    revocationP99Ms: quantile(revoked, 0.99) * 1000,
  }
}

const rows: readonly (readonly [
  gateways: number,
  calls: number,
  ingesters: number,
  valkeys: number,
])[] = [
  [1, 900, 1, 1],
  [2, 1_800, 1, 1],
  [10, 10_000, 1, 1],
  [30, 30_000, 2, 1],
  [60, 60_000, 4, 1],
  [100, 100_000, 4, 1],
  [100, 100_000, 7, 3],
]

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    write: { type: 'boolean', default: false },
  },
})
const outcomes = rows.map(([gateways, calls, ingesters, valkeys]) => ({
  ingesters,
  ...simulate(gateways, calls, { ingesters, valkeys }, Number(values.seconds)),
}))
const percent = (share: number) => `${Math.round(share * 100)} %`
const table = [
  '| gateways | calls/s | a gateway’s thread busy | wait in it p99 | leases/s | Valkeys | the busiest | a lease p99 | ingest at once | busy | a batch p99 | new snapshot at the last gateway | revocation p99 |',
  '| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
  ...outcomes.map(
    (o) =>
      `| ${o.gateways} | ${o.callsPerSecond.toLocaleString('en')} | ${percent(o.cpu)} | ${o.waitP99Ms.toFixed(1)} ms | ${Math.round(o.leasesPerSecond).toLocaleString('en')} | ${o.valkeys} | ${percent(o.valkey)} | ${o.leaseP99Ms.toFixed(2)} ms | ${o.ingesters} | ${percent(o.ingestBusy)} | ${o.ingestP99Ms.toFixed(0)} ms | ${o.snapshotS.toFixed(1)} s | ${o.revocationP99Ms.toFixed(0)} ms |`,
  ),
].join('\n')
process.stdout.write(`${table}\n`)

if (values.write) {
  const page = 'docs/operate/capacity.md'
  const [begin, end] = ['<!-- model -->', '<!-- /model -->']
  const text = readFileSync(page, 'utf8')
  const from = text.indexOf(begin) + begin.length
  writeFileSync(page, `${text.slice(0, from)}\n${table}\n${text.slice(text.indexOf(end))}`)
}
