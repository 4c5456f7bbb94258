/** The status page: a process of its own, with a disk and an address of its own, that needs nobody to go on speaking. */
import { officeAddress, statusAddress } from '#platform/config.ts'
import { makeRandomKey } from '#platform/keys.ts'
import { openMail } from '#platform/mail.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { loadAssets } from './assets.ts'
import { EVERY_MS, keepFacts } from './keeping.ts'
import { openMailing } from './mailing.ts'
import { openStatusServer } from './server.ts'
import type { Page } from './statuspage.ts'
import { openSubscribers } from './subscribers.ts'
import { openPatience } from './subscribing.ts'

const SEND_MS = 10_000

export const startStatus = async (
  world: ProcessWorld,
  { everyMs = EVERY_MS, sendMs = SEND_MS }: { everyMs?: number; sendMs?: number } = {},
): Promise<Running> => {
  const { settings, layout, log, now, ports } = world
  const page: Page = {
    bank: settings.PORTICO_BANK_NAME,
    zone: settings.PORTICO_BANK_ZONE,
    url: statusAddress(settings),
  }
  const key = makeRandomKey(layout.status.letterKey)
  const subscribers = openSubscribers(layout.status.subscribers)
  const mailing = openMailing({
    mail: openMail(settings, layout),
    subscribers,
    key,
    page,
    log,
    now,
  })
  const kept = keepFacts({ layout, log, everyMs, onFacts: (facts) => mailing.tell(facts) })
  const server = openStatusServer({
    kept,
    page,
    log,
    now,
    portal: officeAddress(ports, 'portal'),
    assets: loadAssets(),
    desk: { subscribers, mailing, key, now, allows: openPatience(now) },
    staleMs: settings.PORTICO_STATUS_STALE_MINUTES * 60_000,
  })
  let sending: Promise<void> | undefined
  const timer = setInterval(() => {
    sending ??= mailing
      .send()
      .catch((cause: unknown) => log.error({ cause }, 'letters wait for the next round'))
      .finally(() => (sending = undefined))
  }, sendMs)
  const stop = async () => {
    clearInterval(timer)
    await kept.stop()
    await sending
    const closed = new Promise<void>((done) => server.close(() => done()))
    server.closeAllConnections()
    await closed
  }
  try {
    await new Promise<void>((done, failed) => {
      server.once('error', failed)
      server.listen({ host: ports.listen, port: ports.status }, done)
    })
  } catch (error) {
    await stop()
    throw error
  }
  log.info({ port: ports.status }, 'the status page is open')
  return { stop }
}
