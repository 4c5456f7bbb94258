/** Every sample of every journey is run against a sandbox, as its reader would: the customer is a browser without scripts. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { freshData, type StartedHouse, startedHouse } from '../house.ts'
import type { Application } from '../journeys/application.ts'
import { type Customer, walkThroughPages } from '../journeys/customer.ts'
import { newApplication, type PartnerPlan, register } from '../journeys/onboarding.ts'
import { casts } from '../journeys/people.ts'
import { readWellKnown, secureFetch, type WellKnown } from '../journeys/web.ts'

const root = resolve(import.meta.dirname, '../..')
const samples = join(root, 'sdk', 'samples')
const folder = mkdtempSync(join(tmpdir(), 'portico-samples-'))

interface Language {
  readonly name: string
  /** Says whether its toolchain is here. */
  readonly tried: readonly [command: string, ...words: string[]]
  readonly run: readonly [command: string, ...words: string[]]
}
const languages: readonly Language[] = [
  {
    name: 'TypeScript',
    tried: [process.execPath, '--version'],
    run: [process.execPath, join(samples, 'typescript', 'journeys.ts')],
  },
  {
    name: 'Python',
    tried: ['python3', '--version'],
    run: ['python3', join(samples, 'python', 'journeys.py')],
  },
  {
    name: 'Java',
    tried: ['javac', '-version'],
    run: ['java', join(samples, 'java', 'Journeys.java')],
  },
  {
    name: 'Go',
    tried: ['go', 'version'],
    run: ['go', 'run', join(samples, 'go', 'journeys.go')],
  },
  {
    name: 'curl',
    tried: ['curl', '--version'],
    run: ['bash', join(samples, 'curl', 'journeys.sh')],
  },
]

const plans = {
  government: {
    statuses: ['public-authority'],
    products: ['accounts'],
    grantTypes: ['client_credentials'],
    customer: undefined,
    shows: /"result" *: *"MATCH"/,
  },
  telecom: {
    statuses: ['baas-partner'],
    products: ['cards', 'accounts'],
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    customer: casts.sandbox.cardholder,
    shows: /"lastFour" *: *"\d{4}"/,
  },
  marketplace: {
    statuses: ['marketplace'],
    products: ['payments'],
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    customer: casts.sandbox.payer,
    shows: /"legId" *: *"vat"/,
  },
} as const

let house: StartedHouse | undefined
let wellKnown: WellKnown
before(async () => {
  const given = process.env['PORTICO_PORTAL']
  if (given === undefined)
    house = await startedHouse({
      data: freshData(),
      portBase: Number(process.env['PORTICO_PORT_BASE'] ?? 26_400),
    })
  wellKnown = await readWellKnown(given ?? house?.portal ?? '')
  writeFileSync(join(folder, 'ca.pem'), wellKnown.ca)
})
after(async () => {
  await house?.stop()
})

const applications = new Map<string, Promise<Application>>()
const applicationOf = (journey: keyof typeof plans): Promise<Application> => {
  const { statuses, products, grantTypes } = plans[journey]
  const plan: PartnerPlan = {
    organisation: `Samples ${journey}`,
    statuses,
    products,
    grantTypes,
    tier: 'Silver',
    constraint: 'mtls',
    authentication: 'tls_client_auth',
    evidence: [],
  }
  const known =
    applications.get(journey) ??
    register(wellKnown, plan).then((partner) =>
      newApplication({ wellKnown, partner, plan, cell: 'sandbox' }),
    )
  applications.set(journey, known)
  return known
}

/** Runs a sample to its end; its customer goes where it says, and comes back. */
const answerOf = async (
  { run: [command, ...words] }: Language,
  journey: string,
  { application, customer }: { application: Application; customer: Customer | undefined },
): Promise<string> => {
  const { identity } = application
  assert.ok(identity, 'the application has a certificate')
  const pem = { cert: join(folder, `${journey}.pem`), key: join(folder, `${journey}.key`) }
  writeFileSync(pem.cert, identity.certificate)
  writeFileSync(pem.key, identity.key, { mode: 0o600 })
  const child = spawn(command, [...words, journey], {
    cwd: folder,
    env: {
      ...process.env,
      PORTICO_ISSUER: wellKnown.cells.sandbox.issuer,
      PORTICO_GATEWAY: wellKnown.cells.sandbox.gatewayMtls,
      PORTICO_CLIENT_ID: application.id,
      PORTICO_CA_FILE: join(folder, 'ca.pem'),
      PORTICO_CERT_FILE: pem.cert,
      PORTICO_KEY_FILE: pem.key,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  let complained = ''
  child.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString('utf8')))
  const browser = secureFetch(wellKnown.ca)
  const ended = new Promise<number | null>((done) => child.once('close', done))
  createInterface({ input: child.stdout }).on('line', (line) => {
    said += `${line}\n`
    const link = /^open: (\S+)$/.exec(line)?.[1]
    if (link === undefined || customer === undefined) return
    walkThroughPages(browser, link, 'https://partner.example/back', customer, () => ({
      approve: true,
    })).then(
      (back) => child.stdin.end(`${back.href}\n`),
      (cause: unknown) => {
        complained += String(cause)
        child.kill()
      },
    )
  })
  const code = await ended
  await browser.close()
  assert.equal(code, 0, `${said}\n${complained}`)
  return said
}

for (const language of languages) {
  const [command, ...words] = language.tried
  const isHere = spawnSync(command, words, { stdio: 'ignore' }).status === 0
  for (const [journey, { customer, shows }] of Object.entries(plans))
    test(
      `the ${journey} journey works as it stands in ${language.name}`,
      { skip: !isHere && `NO ${command} HERE: the ${language.name} sample did not run` },
      async () => {
        const application = await applicationOf(journey as keyof typeof plans)
        assert.match(await answerOf(language, journey, { application, customer }), shows)
      },
    )
}
