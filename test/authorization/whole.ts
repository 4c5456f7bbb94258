/** Control, the sandbox's authorization server and its gateway, each as it is; only the bank behind them is played. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { after } from 'node:test'
import { Agent, fetch } from 'undici'
import { z } from 'zod'
import { startAuthorization } from '#authorization/authorization.ts'
import { requestRegistration } from '#control/partners/index.ts'
import { startPublication } from '#control/publication/index.ts'
import { startGateway } from '#gateway/gateway.ts'
import { addressesOf, portsOf, readSettings } from '#platform/config.ts'
import type { CellWorld } from '#platform/process.ts'
import { makeKeys } from '../../src/supervisor/installation.ts'
import { openPublicationWorld, until } from '../publication.ts'
import { freshDatabase } from '../world.ts'
import { openBank } from './bank.ts'

const cell = 'sandbox'

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: 'localhost' }, () => probe.close(() => resolve(true)))
  })

const freePortBase = async (): Promise<number> => {
  for (let base = 19_300; ; base += 50) {
    const wanted = [10, 11, 12, 13].map((offset) => isFree(base + offset))
    if ((await Promise.all(wanted)).every(Boolean)) return base
  }
}

const Answer = z.looseObject({
  error: z.string().optional(),
  pointer: z.string().optional(),
  client_id: z.string().optional(),
  registration_access_token: z.string().optional(),
  registration_client_uri: z.string().optional(),
})

/** `gateway: false` leaves it out, for who starts gateways of their own. */
export const openWhole = async ({ gateway: withGateway = true } = {}) => {
  const control = await openPublicationWorld()
  const database = await freshDatabase('cell')
  const { layout, log } = control.world
  await makeKeys(layout)
  const settings = readSettings({
    PORTICO_DATA: layout.data,
    PORTICO_PORT_BASE: String(await freePortBase()),
    PORTICO_LOG_LEVEL: process.env['PORTICO_LOG_LEVEL'] ?? 'fatal',
    PORTICO_DATABASE_URL_AUTHORIZATION: database.url('authorization'),
    PORTICO_DATABASE_URL_GATEWAY: database.url('gateway'),
  })
  const world: CellWorld = { ...control.world, settings, ports: portsOf(settings), cell }
  const files = layout.cell(cell)
  const addresses = addressesOf(world.ports, cell)
  const ca = readFileSync(layout.serverCa.certificate, 'utf8')

  const publication = await startPublication({ db: control.db, world, log })
  const bank = await openBank(files.socket('bank'), log)
  await until('publication', () => publication.ready() || undefined, 20_000)
  const authorization = await startAuthorization(world)
  const gateway = withGateway ? await startGateway(world) : undefined
  const agents: Agent[] = []
  after(async () => {
    await Promise.all(agents.map((agent) => agent.destroy()))
    await gateway?.stop()
    await authorization.stop()
    await publication.stop()
    await bank.close()
  })

  const via = (identity?: { key: string; cert: string }): Agent => {
    const agent = new Agent({ connect: { ca, ...identity }, connections: 64 })
    agents.push(agent)
    return agent
  }
  const plain = via()
  const partnerId = await control.register(['aisp'])
  const initialAccessToken = async (forPartner = partnerId): Promise<string> => {
    const { token = '' } = await control.doing((w) =>
      requestRegistration(w, forPartner, { cell, limits: null }),
    )
    return token
  }
  return {
    ...addresses,
    world,
    ca,
    /** The cell's database, as the authorization server sees it. */
    cellDb: database.as('authorization'),
    control,
    files,
    database,
    partnerId,
    via,
    plain,
    initialAccessToken,
    /** A request to the registration endpoint, or to the address that a registration was given. */
    registration: async (method: string, token: string, body?: object, url?: string) => {
      const answer = await fetch(url ?? `${addresses.issuer}/registration`, {
        method,
        dispatcher: plain,
        headers: {
          ...(token !== '' && { authorization: `Bearer ${token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      const parsed = text === '' ? {} : Answer.parse(JSON.parse(text))
      return { status: answer.status, body: parsed, headers: answer.headers }
    },
    /** Any call at all: what matters is whether the caller is known. */
    call: async (
      headers: Record<string, string>,
      agent = plain,
      origin: string = addresses.gateway,
    ) => {
      const answer = await fetch(`${origin}/accounts/v1/accounts`, { dispatcher: agent, headers })
      return {
        status: answer.status,
        body: z.looseObject({ code: z.string() }).parse(await answer.json()),
      }
    },
  }
}
export type Whole = Awaited<ReturnType<typeof openWhole>>
