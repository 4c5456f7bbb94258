/** Runs a sample of `sdk/samples` as its reader would, against a sandbox; its customer is a browser without scripts. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Application } from '../journeys/application.ts'
import { type Customer, walkThroughPages } from '../journeys/customer.ts'
import { newApplication, type PartnerPlan, register } from '../journeys/onboarding.ts'
import { casts } from '../journeys/people.ts'
import { secureFetch, type WellKnown } from '../journeys/web.ts'

export const samples = resolve(import.meta.dirname, '../../sdk/samples')

type Command = readonly [program: string, ...words: string[]]
export interface Language {
  readonly name: string
  /** Says whether its toolchain is here. */
  readonly tried: Command
  /** Makes a program of it, where that takes its time and is worth doing once. */
  readonly built?: (folder: string) => Command
  readonly run: (folder: string) => Command
}

export const languages: readonly Language[] = [
  {
    name: 'TypeScript',
    tried: [process.execPath, '--version'],
    run: () => [process.execPath, join(samples, 'typescript', 'journeys.ts')],
  },
  {
    name: 'Python',
    tried: ['python3', '--version'],
    run: () => ['python3', join(samples, 'python', 'journeys.py')],
  },
  {
    name: 'Java',
    tried: ['javac', '-version'],
    built: (folder) => ['javac', '-d', folder, join(samples, 'java', 'Journeys.java')],
    run: (folder) => ['java', '-cp', folder, 'Journeys'],
  },
  {
    name: 'Go',
    tried: ['go', 'version'],
    built: (folder) => ['go', 'build', '-C', join(samples, 'go'), '-o', folder, './journeys'],
    run: (folder) => [join(folder, 'journeys')],
  },
  {
    name: 'curl',
    tried: ['curl', '--version'],
    run: () => ['bash', join(samples, 'curl', 'journeys.sh')],
  },
]

/** Why a language cannot be run here; false where it can. */
export const absence = ({ name, tried: [program, ...words] }: Language): string | false =>
  spawnSync(program, words, { stdio: 'ignore' }).status !== 0 &&
  `NO ${program} HERE: the ${name} samples did not run`

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
export type Journey = keyof typeof plans
export const journeys = Object.keys(plans) as readonly Journey[]

const newPartnersApplication = async (
  wellKnown: WellKnown,
  journey: Journey,
): Promise<Application> => {
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
  const partner = await register(wellKnown, plan)
  return newApplication({ wellKnown, partner, plan, cell: 'sandbox' })
}

type Environment = Readonly<Record<string, string>>

/** A desk with the sandbox's addresses, and one application for each journey, made when it is first asked for. */
export const openDesk = (wellKnown: WellKnown) => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-samples-'))
  writeFileSync(join(folder, 'ca.pem'), wellKnown.ca)
  const { issuer, gatewayMtls } = wellKnown.cells.sandbox
  const environments = new Map<Journey, Promise<Environment>>()
  const newEnvironment = async (journey: Journey): Promise<Environment> => {
    const { id, identity } = await newPartnersApplication(wellKnown, journey)
    assert.ok(identity, 'the application has a certificate')
    const pem = { cert: join(folder, `${journey}.pem`), key: join(folder, `${journey}.key`) }
    writeFileSync(pem.cert, identity.certificate)
    writeFileSync(pem.key, identity.key, { mode: 0o600 })
    return {
      PORTICO_ISSUER: issuer,
      PORTICO_GATEWAY: gatewayMtls,
      PORTICO_CLIENT_ID: id,
      PORTICO_CA_FILE: join(folder, 'ca.pem'),
      PORTICO_CERT_FILE: pem.cert,
      PORTICO_KEY_FILE: pem.key,
    }
  }
  const environmentOf = (journey: Journey): Promise<Environment> => {
    const known = environments.get(journey) ?? newEnvironment(journey)
    environments.set(journey, known)
    return known
  }
  const builds = new Map<string, Promise<void>>()
  const build = ({ name, built }: Language): Promise<void> => {
    const known = builds.get(name) ?? (built ? ended(built(folder), folder) : Promise.resolve())
    builds.set(name, known)
    return known
  }

  return {
    /** Runs a journey to its end, and looks at what it says last. */
    walk: async (language: Language, journey: Journey): Promise<void> => {
      await build(language)
      const { customer, shows } = plans[journey]
      const environment = await environmentOf(journey)
      const command: Command = [...language.run(folder), journey]
      const answer = await answerOf(command, environment, { ca: wellKnown.ca, customer })
      assert.match(answer, shows)
      assert.doesNotMatch(answer, /Bearer|eyJ/, 'a token was printed')
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A program as it ends well; what it complained of otherwise. */
const ended = async ([program, ...words]: Command, cwd: string): Promise<void> => {
  const child = spawn(program, words, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let complained = ''
  child.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString('utf8')))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  assert.equal(code, 0, complained)
}

/** Runs a sample; its customer goes where it says, and comes back. */
const answerOf = async (
  [program, ...words]: Command,
  environment: Environment,
  { ca, customer }: { ca: string; customer: Customer | undefined },
): Promise<string> => {
  const child = spawn(program, words, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  let complained = ''
  child.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString('utf8')))
  const browser = secureFetch(ca)
  const over = new Promise<number | null>((done) => child.once('close', done))
  createInterface({ input: child.stdout }).on('line', (line) => {
    said += `${line}\n`
    const link = /^open: (\S+)$/.exec(line)?.[1]
    if (link === undefined || customer === undefined) return
    const decide = () => ({ approve: true })
    walkThroughPages(browser, link, 'https://partner.example/back', customer, decide).then(
      (back) => child.stdin.end(`${back.href}\n`),
      (cause: unknown) => {
        complained += String(cause)
        child.kill()
      },
    )
  })
  const code = await over
  await browser.close()
  assert.equal(code, 0, `${said}\n${complained}`)
  return said
}
