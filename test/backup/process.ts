/** One of the two processes that the drill of calls kills: the gateway's spool with its shipping, or control's end of the line. */
import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '#kernel/id.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { openPostgres } from '#platform/db.ts'
import { layoutOf } from '#platform/layout.ts'
import { usageSender } from '#platform/link.ts'
import { openLog } from '#platform/log.ts'
import { Secret } from '#platform/secret.ts'
import { gatewayIdIn, startShipping } from '#gateway/records/shipping.ts'
import { openSpool } from '#gateway/records/spool.ts'
import { startLinkServer } from '#control/publication/link-server.ts'

const [role = '', data = '', more = '', contract = ''] = process.argv.slice(2)
const log = openLog({ process: role }, 'silent')
const layout = layoutOf(data)

/** Until PostgreSQL answers again. */
const patiently = async <T>(begin: () => Promise<T>): Promise<T> => {
  for (;;)
    try {
      return await begin()
    } catch {
      await sleep(50)
    }
}

const control = async (url: string) => {
  const settings = readSettings({ PORTICO_DATA: data, PORTICO_LOG_LEVEL: 'silent' })
  const now = () => Temporal.Now.instant().round('microsecond')
  const world = { settings, layout, ports: portsOf(settings), log, now }
  const db = openPostgres(url, { name: 'drill', max: 4 })
  await patiently(() => startLinkServer({ db, world, log }))
}

/** Answers as fast as its disk takes records; what was answered is written down by whoever was called, not by the spool. */
const gateway = async (answered: string, contractId: string) => {
  const folder = `${data}/spool`
  const spool = await openSpool(folder, () => process.exit(1))
  const files = layout.cell('production')
  const sender = usageSender({
    cell: 'production',
    socketPath: layout.control.socket,
    key: new Secret(readFileSync(files.linkKey, 'utf8').trim()),
  })
  startShipping({
    spool,
    gateway: gatewayIdIn(folder),
    send: (batch) => sender.send(batch),
    outcomeOf: async () => ({ status: 200, code: null, billable: false }),
    log,
  })
  const call = async () => {
    const at = Temporal.Now.instant()
    const callId = uuidv7(at.epochMilliseconds)
    await spool.append({
      callId,
      occurredAt: at.toString(),
      partnerId: contractId.split(' ')[0] ?? '',
      applicationId: 'application_1',
      product: 'accounts',
      operation: 'getBalances',
      contractId: contractId.split(' ')[1] ?? null,
      priceVersion: '2026-11',
      consentId: null,
      status: 200,
      code: null,
      billable: true,
      units: 1,
      latencyMs: 1,
      upstreamMs: 1,
      epoch: 1,
    })
    appendFileSync(answered, `${callId}\n`)
  }
  for (;;) {
    await Promise.all(Array.from({ length: 10 }, call))
    await sleep(5)
  }
}

if (role === 'control') await control(more)
if (role === 'gateway') await gateway(more, contract)
