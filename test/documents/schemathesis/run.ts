/**
 * Generated calls against the sandbox gateway of a running house, by schemathesis: a partner with every permission, a
 * customer's consent for each call, the six documents and the sandbox's own. See README.md beside.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { documents } from '#bank/documents.ts'
import { readWellKnown } from '../../journeys/web.ts'
import { openCoverage } from '../heard.ts'
import { newWalking, type Walking } from '../partner.ts'
import { consentFor } from '../provocations.ts'
import { customers } from '../stories.ts'
import { hangUp, openWire, operationCalled, untilKnown } from '../wire.ts'

const { values } = parseArgs({
  options: {
    schemathesis: { type: 'string', default: 'schemathesis' },
    examples: { type: 'string', default: '20' },
    product: { type: 'string' },
    seed: { type: 'string', default: '20261122' },
  },
})
const portal = `http://localhost:${process.env['PORTICO_PORT_BASE'] ?? '8400'}`
const data = process.env['PORTICO_DATA'] ?? 'data'

const Question = z.object({ operation: z.string(), body: z.unknown() })
const Heard = z.object({ operation: z.string(), status: z.number() })

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}

/** How many calls were answered with each status, and of how many operations. */
const calls = new Map<number, number>()
const heard = new Map<number, Set<string>>()

/** Where the hook of schemathesis asks for a token, and for ids that exist. */
const openDesk = async (walking: Walking, known: Readonly<Record<string, readonly string[]>>) => {
  const desk = createServer((request, response) => {
    void (async () => {
      const said: unknown = JSON.parse(await textOf(request))
      if (request.url === '/heard') {
        const { operation: id, status } = Heard.parse(said)
        heard.set(status, (heard.get(status) ?? new Set()).add(id))
        calls.set(status, (calls.get(status) ?? 0) + 1)
        return response.end('{}')
      }
      const { operation: id, body } = Question.parse(said)
      const operation = operationCalled(id)
      const details = consentFor(operation, { body, accounts: walking.accounts })
      const token = await walking.tokenFor({
        scope: operation.operation['x-scope'],
        ...(details && { details: [details] }),
      })
      return response.end(JSON.stringify({ token, known }))
    })()
  })
  const port = await new Promise<number>((listening) =>
    desk.listen(0, '127.0.0.1', () => {
      const address = desk.address()
      listening(typeof address === 'object' && address ? address.port : 0)
    }),
  )
  return { url: `http://127.0.0.1:${port}/`, close: () => desk.close() }
}

/** Whether what comes back is what the document says; which of the refusals it is, the walk looks at. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

const wellKnown = await readWellKnown(portal)
const walking = await newWalking({
  wellKnown,
  data,
  cell: 'sandbox',
  customer: customers.sandbox,
})
const folder = mkdtempSync(join(tmpdir(), 'portico-schemathesis-'))
const write = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}
const files = {
  ca: write('ca.pem', wellKnown.ca),
  certificate: write('client.pem', walking.identity.certificate),
  key: write('client.key', walking.identity.key),
}

/** Things that exist, so that some of the generated calls get past the first 404. */
const wire = openWire(wellKnown, walking, openCoverage())
await untilKnown(wire)
const madeBy = async (operationId: string, member: string, body: object): Promise<string[]> => {
  const { json } = await wire.call(operationCalled(operationId), { body })
  return z.array(z.string()).parse([json[member]])
}
const known = {
  accountId: walking.accounts,
  quoteId: await madeBy('createFxQuote', 'quoteId', {
    sellCurrency: 'UZS',
    buyCurrency: 'USD',
    fixedSide: 'BUY',
    amount: { amount: '10.00', currency: 'USD' },
    lockPeriod: 'PT1H',
  }),
}
const desk = await openDesk(walking, known)

/** Below what the sandbox lets an application do, so that its limit is not all that is heard. */
const CALLS_PER_SECOND = 36

const run = (document: string, product: string) =>
  new Promise<number | null>((done) => {
    const child = spawn(
      values.schemathesis,
      [
        'run',
        document,
        `--url=${wellKnown.cells.sandbox.gatewayMtls}`,
        `--tls-verify=${files.ca}`,
        `--request-cert=${files.certificate}`,
        `--request-cert-key=${files.key}`,
        `--checks=${checks.join()}`,
        '--phases=examples,coverage,fuzzing',
        `--max-examples=${values.examples}`,
        `--seed=${values.seed}`,
        '--generation-database=none',
        '--no-shrink',
        '--continue-on-failure',
        `--rate-limit=${CALLS_PER_SECOND}/s`,
        '--request-timeout=30',
        '--no-color',
        '--warnings=off',
        '--report=junit',
        `--report-junit-path=${join(folder, `${product}.xml`)}`,
      ],
      {
        stdio: 'inherit',
        env: {
          ...process.env,
          SCHEMATHESIS_HOOKS: 'hooks',
          PYTHONPATH: import.meta.dirname,
          PORTICO_WALK_DESK: desk.url,
        },
      },
    )
    child.once('close', done)
  })

let failed = 0
for (const { product, text } of documents) {
  if (values.product !== undefined && product !== values.product) continue
  process.stderr.write(`\n${product}\n`)
  if ((await run(write(`${product}.yaml`, text), product)) !== 0) failed++
}
for (const [status, count] of [...calls].toSorted(([a], [b]) => a - b))
  process.stderr.write(`${status}: ${count} calls, ${heard.get(status)?.size} operations\n`)
desk.close()
await walking.close()
await hangUp()
process.exitCode = failed === 0 ? 0 : 1
