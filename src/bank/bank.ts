/** The bank process: the domain APIs behind the gateway, over whatever core the cell has. */
import { readFileSync } from 'node:fs'
import { Agent } from 'undici'
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import { callerVerifier } from '#platform/caller.ts'
import { answerEach } from '#platform/ask-line.ts'
import { addressesOf, settingWrong } from '#platform/config.ts'
import { linkTo } from '#platform/control-doors.ts'
import { openPostgres } from '#platform/db.ts'
import { listenOnSocket, openServer, type Server } from '#platform/http.ts'
import { makeRandomKey, readRandomKey } from '#platform/keys.ts'
import { pooling } from '#platform/pooling.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { rpcClient } from '#platform/rpc.ts'
import { Secret } from '#platform/secret.ts'
import { countRequests, startTelemetry } from '#platform/telemetry.ts'
import { turned } from '#platform/turned-clock.ts'
import { courierContract } from '#courier/contract.ts'
import { pinContract, vaultContract } from '#vault/contract.ts'
import { sweepAnswers } from './accounts/index.ts'
import { accountRoutes } from './accounts/routes.ts'
import { followCards } from './cards/index.ts'
import { cardRoutes } from './cards/routes.ts'
import { serveAuthorization } from './consent-desk.ts'
import type { Core } from './cores/core.ts'
import { openCore } from './cores/open.ts'
import { sweepSignIns } from './customers/index.ts'
import { eventRoutes } from './events/routes.ts'
import { openSettler, rateSourceOf } from './fx/index.ts'
import { followConversions } from './fx/jobs.ts'
import { fxRoutes } from './fx/routes.ts'
import { keepClocks } from './kyc/index.ts'
import { kycRoutes } from './kyc/routes.ts'
import { openClaimsSigner } from './kyc/signing.ts'
import { sweepAnswers as sweepPredicates } from './kyc/telling.ts'
import { lookAfterLending } from './lending/jobs.ts'
import { lendingRoutes } from './lending/routes.ts'
import { admitNobodyReal } from './nobody-real.ts'
import { admitOnlyPartnerCalls } from './partner-call.ts'
import { type Carrier, collectionContract, collectionDesk, openCarrier } from './payments/index.ts'
import { playPlaces } from './place.ts'
import { followPayments } from './payments/jobs.ts'
import { paymentRoutes } from './payments/routes.ts'
import { followClocks } from './sandbox/jobs.ts'
import { sandboxRoutes } from './sandbox/routes.ts'
import {
  followStatements,
  reconciliationContract,
  reconciliationDesk,
  serveReconciliation,
} from './reconciliation/index.ts'
import { bankKeys, type BankWorld, everybody } from './world.ts'

/** Fifty legs with long names fit several times over. */
const BODY_BYTES_MAX = 131_072
/** It does a few milliseconds of work; a card is held meanwhile. */
const VAULT_ANSWERS_WITHIN_MS = 3_000
/** More than a partner has to decide. */
const COURIER_ANSWERS_WITHIN_MS = 3_000
const SWEEP_EVERY_MS = 600_000

export const startBank = async (world: CellWorld): Promise<Running> => {
  const { settings, log, now } = world
  const files = world.layout.cell(world.cell)
  const url = settings.PORTICO_DATABASE_URL_BANK
  if (!url)
    throw settingWrong(
      'PORTICO_DATABASE_URL_BANK is missing: the bank keeps its rooms in PostgreSQL',
    )
  const db = openPostgres(url, { name: `${world.cell}-bank`, max: 4, ...pooling(settings, 'BANK') })
  const core = await openCore(world, db)
  const vault = rpcClient(vaultContract, files.socket('vault'), VAULT_ANSWERS_WITHIN_MS)
  const pins = rpcClient(pinContract, files.socket('vault'), VAULT_ANSWERS_WITHIN_MS)
  const courier = rpcClient(courierContract, files.socket('courier'), COURIER_ANSWERS_WITHIN_MS)
  const bank: BankWorld = {
    db,
    coreFor: (partnerId) => core.behalfOf(partnerId),
    rates: rateSourceOf(world.cell),
    vault,
    pins,
    courier,
    customerPages: core.imagined ? customerPagesOf(world) : undefined,
    keys: bankKeys(readRandomKey(files.pairwiseKey)),
    claims: await openClaimsSigner(files.claimsKeys, addressesOf(world.ports, world.cell).gateway),
    name: settings.PORTICO_BANK_NAME,
    zone: settings.PORTICO_BANK_ZONE,
    now: () => turned(now()),
    whose: core.worlds?.inRealTime ?? everybody,
    log,
  }
  const carrier = openCarrier(bank)

  const server = openServer(log, { bodyLimit: BODY_BYTES_MAX, trustInteractionId: true })
  admitOnlyPartnerCalls(server, callerVerifier(readRandomKey(files.callerKey('bank'))), now)
  const telemetry = await startTelemetry(world, 'bank')
  countRequests(server, telemetry, 'inside')
  openDoors(server, bank, carrier)
  server.get('/internal/ready', async () => {
    await db.one(z.object({ one: z.number() }))`select 1 as one`
    return { ready: true, core: await stateOf(core) }
  })
  await listenOnSocket(server, files.socket('bank'))
  const following = [
    lookAfterLending(bank),
    await followPayments(bank, carrier),
    followCards(bank),
    followConversions(bank, openSettler(bank)),
    keepClocks(bank),
    followStatements(bank),
    followClocks(bank, core),
    answerConsole(world, bank),
  ]
  const sweeping = setInterval(() => {
    sweep(bank, core).catch((error: unknown) => log.warn({ err: error }, 'nothing was swept'))
  }, SWEEP_EVERY_MS).unref()
  log.info({ core: core.name }, 'bank is open')

  return {
    stop: async () => {
      clearInterval(sweeping)
      await Promise.all([server.close(), telemetry.stop()])
      await Promise.all(following.map((each) => each.stop()))
      await Promise.all([core.close(), vault.close(), pins.close(), courier.close()])
      await bank.customerPages?.dispatcher.close()
      await db.close()
    },
  }
}

/**
 * Control asks for nothing of a bank but its reconciliation, and to collect what partners owe: of customers and partners'
 * calls it learns nothing here.
 */
const answerConsole = (world: CellWorld, bank: BankWorld): Running => {
  const { layout, cell, log } = world
  return answerEach(
    linkTo(world),
    { ...reconciliationContract, ...collectionContract },
    { ...reconciliationDesk(bank), ...collectionDesk(bank) },
    { log, of: 'bank', key: new Secret(makeRandomKey(layout.cell(cell).askKey('bank'))) },
  )
}

/** The way that a customer's browser has, with the authority that it trusts. */
const customerPagesOf = ({ layout, ports, cell }: CellWorld) => ({
  issuer: addressesOf(ports, cell).issuer,
  dispatcher: new Agent({
    connect: { ca: readFileSync(layout.serverCa.certificate) },
    keepAliveTimeout: 1_000,
  }),
})

/** Everything that others may ask of the bank. */
export const openDoors = (server: Server, bank: BankWorld, carrier: Carrier): void => {
  serveAuthorization(server, bank)
  admitNobodyReal(server, bank)
  playPlaces(server, bank)
  accountRoutes(server, bank)
  paymentRoutes(server, bank, carrier)
  cardRoutes(server, bank)
  lendingRoutes(server, bank)
  kycRoutes(server, bank)
  fxRoutes(server, bank)
  eventRoutes(server, bank)
  sandboxRoutes(server, bank)
  serveReconciliation(server, bank)
}

/** A core that is closed for the night does not make the bank unready: payments are taken and carried later. */
const stateOf = async (core: Core): Promise<string> => {
  try {
    await core.ping()
    return 'open'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

const sweep = async (bank: BankWorld, core: Core) => {
  await sweepSignIns(bank.db, bank.now())
  await sweepAnswers(bank)
  await sweepPredicates(bank)
  await core.worlds?.sweep()
}
