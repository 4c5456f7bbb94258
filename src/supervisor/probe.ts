/** The platform's own partner: it makes a business call through each gateway, so that `ready` means what it says. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { type Cell, cells } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { addressesOf } from '#platform/config.ts'
import { writeWhole } from '#platform/keys.ts'
import type { Layout } from '#platform/layout.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { closedDoors } from './closed-doors.ts'

/** Files of the probe's application in a cell; the seed of control writes them. */
export const probeFiles = (layout: Layout, cell: Cell) => {
  const folder = join(layout.data, 'keys', cell, 'probe')
  return {
    key: join(folder, 'app.key'),
    certificate: join(folder, 'app.pem'),
    application: join(folder, 'application.json'),
    subject: join(folder, 'subject.json'),
  }
}

const Named = z.object({ applicationId: z.string() })
const Subject = z.object({
  account: z.object({ schemeName: z.string(), identification: z.string(), bankCode: z.string() }),
  name: z.string(),
})
type Subject = z.output<typeof Subject>

/** Written by the bank's seed: an account and the name of its owner. */
export const writeProbeSubject = (layout: Layout, cell: Cell, subject: Subject): void =>
  writeWhole(probeFiles(layout, cell).subject, JSON.stringify(subject))

const read = <T extends z.ZodType>(schema: T, path: string): z.output<T> =>
  schema.parse(JSON.parse(readFileSync(path, 'utf8')))

export const readProbeSubject = (layout: Layout, cell: Cell): Subject =>
  read(Subject, probeFiles(layout, cell).subject)

/** The question that the probe asks: does the demonstration customer's account belong to the demonstration customer? */
export const probeQuestion = ({ account, name }: Subject) => ({
  account,
  name,
  purpose: 'CONTRACT',
  legalReference: 'The platform checks that it works',
})

const Token = z.object({ access_token: z.string() })
const Answer = z.object({ result: z.string() })

/** A call that the probe makes, under a scope that its application has. */
export const Question = z.strictObject({
  scope: z.string(),
  method: z.enum(['GET', 'POST']),
  path: z.string().regex(/^\/[\w./-]*$/, 'is a path such as /fx/v1/rates'),
  body: z.json().optional(),
})
export type Question = z.output<typeof Question>

/** Makes a call through the gateway of a cell, with a certificate-bound token. Throws what stands in the way. */
export const probeWith = async (
  world: ProcessWorld,
  cell: Cell,
  { scope, method, path, body }: Question,
): Promise<string> => {
  const files = probeFiles(world.layout, cell)
  const { applicationId } = read(Named, files.application)
  const { issuerMtls, gatewayMtls } = addressesOf(world.ports, cell)
  const dispatcher = new Agent({
    connect: {
      ca: readFileSync(world.layout.serverCa.certificate),
      key: readFileSync(files.key),
      cert: readFileSync(files.certificate),
    },
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
  })
  try {
    const token = await request(`${issuerMtls}/token`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: applicationId,
        scope,
      }).toString(),
    })
    const tokenText = await token.body.text()
    if (token.statusCode !== 200)
      throw new Error(`the ${cell} authorization server answered ${token.statusCode} ${tokenText}`)
    const { access_token } = Token.parse(JSON.parse(tokenText))
    const answer = await request(`${gatewayMtls}${path}`, {
      method,
      dispatcher,
      headers: {
        authorization: `Bearer ${access_token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(method === 'POST' && { 'idempotency-key': uuidv7() }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    if (answer.statusCode >= 300)
      throw new Error(`the ${cell} gateway answered ${answer.statusCode} ${text}`)
    return text
  } finally {
    await dispatcher.close()
  }
}

/** One ownership verification. */
export const probeOnce = async (world: ProcessWorld, cell: Cell): Promise<string> => {
  const text = await probeWith(world, cell, {
    scope: 'accounts:verify',
    method: 'POST',
    path: '/accounts/v1/ownership-verifications',
    body: probeQuestion(readProbeSubject(world.layout, cell)),
  })
  return Answer.parse(JSON.parse(text)).result
}

/** Without a probe partner: the gateway knows its operations, so it asks a stranger for a token instead of refusing all. */
const holdsSnapshot = async (world: ProcessWorld, cell: Cell): Promise<boolean> => {
  const ca = readFileSync(world.layout.serverCa.certificate)
  const dispatcher = new Agent({ connect: { ca } })
  try {
    const { gateway } = addressesOf(world.ports, cell)
    const answer = await request(`${gateway}/accounts/v1/accounts`, { dispatcher })
    await answer.body.dump()
    return answer.statusCode === 401
  } catch {
    return false
  } finally {
    await dispatcher.close()
  }
}

/** Tries both cells until a call through each has worked and every process takes connections; then tells. */
export const probeUntilReady = async (
  world: ProcessWorld,
  tell: (ready: boolean) => void,
): Promise<void> => {
  const works = async (cell: Cell): Promise<boolean> => {
    if (world.settings.PORTICO_DEMO === 'off') return holdsSnapshot(world, cell)
    const { application, subject } = probeFiles(world.layout, cell)
    if (!existsSync(application) || !existsSync(subject)) return false
    try {
      await probeOnce(world, cell)
      return true
    } catch (cause) {
      world.log.debug({ cell, cause }, 'not ready yet')
      return false
    }
  }
  for (let tries = 0; ; tries++) {
    const both = await Promise.all(cells.map(works))
    const closed = both.every(Boolean) ? await closedDoors(world) : undefined
    if (closed?.length === 0) break
    if (tries === 150)
      world.log.warn(
        { closed },
        'still not ready after half a minute; portico doctor tells what is missing',
      )
    await sleep(200)
  }
  tell(true)
}
