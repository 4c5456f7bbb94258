/** The control plane: its rooms put together, two offices open, everything published to the cells. */
import { keepEvidence, keepWitnessed, work } from '#journal/index.ts'
import { readAuthority } from '#platform/certificates.ts'
import { settingWrong } from '#platform/config.ts'
import { openPostgres } from '#platform/db.ts'
import { pooling } from '#platform/pooling.ts'
import { startJobs } from '#platform/jobs.ts'
import { openAskBoard } from '#platform/ask-line.ts'
import { makeRandomKey } from '#platform/keys.ts'
import { standForLeader } from '#platform/leader.ts'
import { openMail } from '#platform/mail.ts'
import { natsFamilies, openNats } from '#platform/nats.ts'
import type { Server } from '#platform/http.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { startTelemetry } from '#platform/telemetry.ts'
import { collectionContract } from '#bank/payments/collections/desk-contract.ts'
import { reconciliationContract } from '#bank/reconciliation/desk-contract.ts'
import { deskContract } from '#courier/desk-contract.ts'
import { consentsDeskContract } from '#authorization/consents/desk-contract.ts'
import { type Appliers, expireChanges } from './approvals/index.ts'
import { abuseJob, appliers as abuseAppliers } from './abuse/index.ts'
import * as abuse from './abuse/routes.ts'
import { appliers as advisoryAppliers } from './advisory/index.ts'
import * as advisory from './advisory/routes.ts'
import * as approvals from './approvals/routes.ts'
import { staffAppliers } from './approvals/staff-changes.ts'
import { appliers as billingAppliers, collectingJob, draftingJob } from './billing/index.ts'
import { consoleIncomeAccounts, portalCollections } from './billing/collection-routes.ts'
import { alertingJob } from './budgets/jobs.ts'
import * as budgets from './budgets/routes.ts'
import * as billing from './billing/routes.ts'
import { appliers as catalogueAppliers, productIds } from './catalogue/index.ts'
import * as bringing from './catalogue/bring-routes.ts'
import * as catalogue from './catalogue/routes.ts'
import { type Certified, certifiedFirst } from './certification/index.ts'
import * as certification from './certification/routes.ts'
import { appliers as contractAppliers, eraseSigners } from './contracts/index.ts'
import * as contracts from './contracts/routes.ts'
import { hearConsents, PACKS_JOB, packsJob } from './evidence-packs/index.ts'
import { makingOf, packRoutes } from './evidence-packs/routes.ts'
import { guardedPrices } from './forecast/index.ts'
import * as forecast from './forecast/routes.ts'
import * as goLive from './go-live/routes.ts'
import type { ControlContext, Persona } from './http/context.ts'
import type { Office } from './http/cookie.ts'
import { bankRoutes } from './http/bank-routes.ts'
import { journalPortalRoutes, journalRoutes } from './http/journal-routes.ts'
import { type AddRoutes, openOffice } from './http/servers.ts'
import { wellKnownRoutes } from './http/well-known-routes.ts'
import {
  appliers as licenceAppliers,
  currentMatrix,
  recertify,
  tellNotices,
} from './licences/index.ts'
import * as impact from './impact/routes.ts'
import * as incidents from './incidents/routes.ts'
import * as licences from './licences/routes.ts'
import { type Authorities, endVisits, forgetSignIns, partnerAppliers } from './partners/index.ts'
import * as partners from './partners/routes.ts'
import * as partnerHealth from './partner-health/routes.ts'
import { appliers as shareAppliers } from './revenue-share/index.ts'
import * as revenueShare from './revenue-share/routes.ts'
import { appliers as levelAppliers, type Prober, probingJob } from './service-levels/index.ts'
import * as serviceLevels from './service-levels/routes.ts'
import { type Look, startStatusDesk } from './status/index.ts'
import * as status from './status/routes.ts'
import { startPublication } from './publication/index.ts'
import * as publication from './publication/routes.ts'
import { forgetSecrets } from './sign-in/index.ts'
import { forgetStaffSignIns } from './staff/index.ts'
import * as consentRoutes from './consents/routes.ts'
import type { AuthorizationServers } from './consents/index.ts'
import * as reconciliation from './reconciliation/routes.ts'
import * as reference from './reference/routes.ts'
import * as staff from './staff/routes.ts'
import * as tasks from './tasks/routes.ts'
import * as support from './support/routes.ts'
import * as tryIt from './try-it/routes.ts'
import { openDays, openingJob, openLiveBoard } from './usage/index.ts'
import * as usage from './usage/routes.ts'
import { appliers as versionAppliers } from './version-lives/index.ts'
import * as versionLives from './version-lives/routes.ts'
import { appliers as windDownAppliers, endWindDowns } from './wind-downs/index.ts'
import * as windDowns from './wind-downs/routes.ts'
import { type AskedBanks, forgetMarkings } from './work-queues/index.ts'
import * as workQueues from './work-queues/routes.ts'
import { type Couriers, startTelling } from './webhooks/index.ts'
import * as webhooks from './webhooks/routes.ts'

/** What each office serves, room by room. */
const routes: Readonly<Record<Office, readonly AddRoutes[]>> = {
  portal: [
    wellKnownRoutes,
    bankRoutes,
    journalPortalRoutes,
    tasks.portalRoutes,
    partners.portalRoutes,
    catalogue.portalRoutes,
    reference.portalRoutes,
    licences.portalRoutes,
    contracts.portalRoutes,
    usage.portalRoutes,
    billing.portalRoutes,
    budgets.portalRoutes,
    support.portalRoutes,
    serviceLevels.portalRoutes,
    revenueShare.portalRoutes,
    forecast.portalRoutes,
    publication.portalRoutes,
    incidents.portalRoutes,
    status.portalRoutes,
    windDowns.portalRoutes,
    certification.portalRoutes,
    advisory.portalRoutes,
    goLive.portalRoutes,
    tryIt.portalRoutes,
    versionLives.portalRoutes,
  ],
  console: [
    journalRoutes,
    bankRoutes,
    tasks.consoleRoutes,
    staff.consoleRoutes,
    approvals.consoleRoutes,
    partners.consoleRoutes,
    catalogue.consoleRoutes,
    bringing.consoleRoutes,
    licences.consoleRoutes,
    contracts.consoleRoutes,
    usage.consoleRoutes,
    billing.consoleRoutes,
    budgets.consoleRoutes,
    support.consoleRoutes,
    serviceLevels.consoleRoutes,
    revenueShare.consoleRoutes,
    forecast.consoleRoutes,
    publication.consoleRoutes,
    impact.consoleRoutes,
    incidents.consoleRoutes,
    status.consoleRoutes,
    abuse.consoleRoutes,
    windDowns.consoleRoutes,
    certification.consoleRoutes,
    advisory.consoleRoutes,
    goLive.consoleRoutes,
    versionLives.consoleRoutes,
  ],
}

const SWEEP_MS = 60_000

/** Every kind of change that two people can put in force. */
const appliersOf = (authorities: Authorities, certified: Certified): Appliers =>
  new Map([
    ...staffAppliers,
    ...certifiedFirst(partnerAppliers(authorities), certified),
    ...Object.entries(catalogueAppliers),
    ...Object.entries(licenceAppliers),
    ...Object.entries(abuseAppliers),
    ...Object.entries(windDownAppliers),
    ...Object.entries(contractAppliers),
    ...Object.entries(advisoryAppliers),
    ...Object.entries(billingAppliers),
    ...Object.entries(shareAppliers),
    ...Object.entries(levelAppliers),
    ...Object.entries(versionAppliers),
    ['catalogue.prices', guardedPrices(catalogueAppliers['catalogue.prices'])],
  ])

/** Starts the control plane. `wellKnown` is asked at each request of `/.well-known/portico`. */
export const startControl = async (
  given: ProcessWorld,
  extras: {
    wellKnown?: () => unknown
    personas?: () => Promise<readonly Persona[]>
    /** Asks products where no partner does; without it a silence says nothing. */
    prober?: Prober
    /** What the status page looks at, besides what gateways and couriers say. */
    looks?: () => readonly Look[]
  } = {},
): Promise<Running> => {
  // What is hashed with its time must read the same when it comes back from the database, which keeps microseconds.
  const world: ProcessWorld = {
    ...given,
    now: () => given.now().round({ smallestUnit: 'microsecond', roundingMode: 'floor' }),
  }
  const url = world.settings.PORTICO_DATABASE_URL_CONTROL
  if (!url)
    throw settingWrong('PORTICO_DATABASE_URL_CONTROL is not set: control needs its database')
  const authorities = await readAuthorities(world)
  const db = openPostgres(url, { name: 'control', max: 6, ...pooling(world.settings, 'CONTROL') })
  const context: ControlContext = {
    db,
    world,
    authorities,
    appliers: appliersOf(authorities, world.settings.PORTICO_CERTIFICATION),
    offeredProducts: () => productIds(db),
    declarableStatuses: async () => (await currentMatrix(db)).statuses.map((s) => s.id),
    live: openLiveBoard(),
    factorKey: makeRandomKey(world.layout.control.sessionKey),
    mail: openMail(world.settings, world.layout),
    wellKnown: extras.wellKnown ?? (() => ({ ready: false })),
    ...(extras.personas && { personas: extras.personas }),
  }
  const asks = openAskBoard((cell, of) => makeRandomKey(world.layout.cell(cell).askKey(of)))
  const couriers: Couriers = {
    of: (cell) => asks.client(deskContract, cell),
    hears: (cell) => asks.hears(cell),
  }
  const collecting = () => asks.client(collectionContract, 'production', 'bank')
  const running: Running[] = [{ stop: () => db.close() }]
  const stop = async () => {
    for (const part of running.splice(0).toReversed()) await part.stop()
  }
  try {
    const telemetry = await startTelemetry(world, 'control')
    running.push(telemetry)
    running.push(await keepEvidence(db, world, { database: 'control', keys: 'control' }))
    running.push(keepWitnessed(world, ['control']))
    await openDays(db, world.now())
    const billingOfBank = {
      bankName: world.settings.PORTICO_BANK_NAME,
      zone: world.settings.PORTICO_BANK_ZONE,
    }
    const consents = hearConsents({
      hears: () => couriers.hears('production'),
      client: () => couriers.of('production'),
    })
    const jobs = await startJobs(
      world.settings.PORTICO_DATABASE_DIRECT_URL_CONTROL ?? url,
      [
        packsJob(db, {
          now: world.now,
          log: world.log,
          bank: { name: billingOfBank.bankName, zone: billingOfBank.zone },
          making: () => makingOf(world, { consents }),
        }),
        draftingJob(db, world, billingOfBank),
        collectingJob(db, { ...billingOfBank, now: world.now, log: world.log }, collecting),
        alertingJob(db, {
          ...billingOfBank,
          now: world.now,
          log: world.log,
          send: (letter, at) => context.mail.send(letter, at),
        }),
        abuseJob(db, { now: world.now, zone: billingOfBank.zone }),
        openingJob(db, { now: world.now, zone: billingOfBank.zone }),
        ...(extras.prober
          ? [probingJob(db, { ...billingOfBank, now: world.now, log: world.log }, extras.prober)]
          : []),
      ],
      world.log,
    )
    running.push(jobs)
    const packs = packRoutes({
      consents,
      ordered: () => jobs.now(PACKS_JOB),
    })
    const nats = openNats(world.settings, 'control', world.log)
    telemetry.metrics.add(...natsFamilies(nats))
    running.push({ stop: async () => nats?.close() })
    running.push(
      await startPublication({
        db,
        world,
        log: world.log,
        live: context.live,
        leaderUrl: url,
        ...(nats && { nats }),
        more: (server) => asks.routes(server),
      }),
    )
    running.push({ stop: async () => asks.stop() })
    running.push(
      await startStatusDesk({
        db,
        world,
        live: context.live,
        hearsCourier: (cell) => couriers.hears(cell),
        looks: extras.looks ?? (() => []),
      }),
    )
    const { mail } = context
    running.push(
      standForLeader({
        url,
        name: 'control',
        log: world.log,
        lead: () => {
          const sweeping = sweepOverdue(context)
          const telling = startTelling({ db, couriers, mail, now: world.now, log: world.log })
          return { stop: async () => void (await Promise.all([sweeping.stop(), telling.stop()])) }
        },
      }),
    )
    const banks: AskedBanks = {
      of: (cell) => asks.client(reconciliationContract, cell, 'bank'),
      hears: (cell) => asks.hears(cell, 'bank'),
    }
    const servers: AuthorizationServers = {
      of: (cell) => asks.client(consentsDeskContract, cell, 'authorization'),
    }
    const told: Readonly<Record<Office, readonly AddRoutes[]>> = {
      portal: [
        packs.portalRoutes,
        webhooks.portalRoutes(couriers),
        portalCollections(collecting),
        consentRoutes.portalRoutes(servers),
      ],
      console: [
        packs.consoleRoutes,
        webhooks.consoleRoutes(couriers),
        partnerHealth.consoleRoutes(couriers),
        workQueues.consoleRoutes(couriers, banks),
        reconciliation.consoleRoutes(banks),
        consentRoutes.consoleRoutes(servers),
        consoleIncomeAccounts(collecting),
      ],
    }
    for (const office of ['portal', 'console'] as const)
      running.push(
        await listen(
          office,
          await openOffice(office, context, [...routes[office], ...told[office]], telemetry),
          world,
        ),
      )
  } catch (error) {
    await stop()
    throw error
  }
  world.log.info({ portal: world.ports.portal, console: world.ports.console }, 'control is open')
  return { stop }
}

/** Once a minute: changes that nobody decided in time end, what runs out is told of, and what is over is forgotten. */
const sweepOverdue = ({ db, world, appliers }: ControlContext): Running => {
  const sweep = async () => {
    const now = world.now()
    await work(db, 'system', now, (w) => expireChanges(w, appliers))
    await work(db, 'system', now, tellNotices)
    await work(db, 'system', now, recertify)
    await work(db, 'system', now, eraseSigners)
    await work(db, 'system', now, endWindDowns)
    await work(db, 'system', now, endVisits)
    await forgetStaffSignIns(db, now)
    await forgetSignIns(db, now)
    await forgetSecrets(db, now)
    await forgetMarkings(db, now)
  }
  const timer = setInterval(() => {
    sweep().catch((cause: unknown) => world.log.error({ cause }, 'it waits for the next sweep'))
  }, SWEEP_MS)
  timer.unref()
  return { stop: async () => clearInterval(timer) }
}

const listen = async (
  office: Office,
  server: Server,
  { ports }: ProcessWorld,
): Promise<Running> => {
  await server.listen({ host: ports.listen, port: ports[office] })
  return { stop: () => server.close() }
}

const readAuthorities = async ({ layout }: ProcessWorld): Promise<Authorities> => ({
  sandbox: await readAuthority(layout.cell('sandbox').partnerCa),
  production: await readAuthority(layout.cell('production').partnerCa),
})
