/** What a person at the terminal sees: what is happening, then one table to work from. */
import { cells } from '#kernel/cell.ts'
import { addressesOf, statusAddress } from '#platform/config.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { demonstrationSecret } from './demonstration.ts'
import { probeFiles, probeQuestion, readProbeSubject } from './probe.ts'

const seconds = (startedMs: number) => ((performance.now() - startedMs) / 1000).toFixed(1)

export const printStep =
  (startedMs: number) =>
  (what: string): void => {
    process.stderr.write(`${seconds(startedMs).padStart(6)} s  ${what}\n`)
  }

const demonstrationRows: [string, string][] = [
  ['staff sign-ins', 'head, product, engineering, relations, success, compliance, compliance2,'],
  ['', 'finance, auditor  @namuna.example   password portico-demo,'],
  ['', `TOTP secret ${demonstrationSecret}`],
  ['customers', 'dilnoza, jasur, olga in the sandbox, their code is on the page;'],
  ['', `zulfiya, malika, nodira in production, TOTP secret ${demonstrationSecret};`],
  ['', 'password portico-demo'],
]
const bareRows: [string, string][] = [
  ['staff sign-ins', 'none yet: npx portico staff EMAIL head-of-platform, twice'],
]

/** The call that the platform's own probe makes, for a terminal with curl. */
const firstCall = ({ layout, ports }: ProcessWorld): string[] => {
  const probe = probeFiles(layout, 'sandbox')
  const own = (path: string) => path.slice(layout.data.length + 1)
  return [
    'A first call, as the platform’s own probe makes it (paste it):',
    '',
    `  cd ${layout.data} && APP=$(sed 's/.*"applicationId":"\\([^"]*\\)".*/\\1/' ${own(probe.application)}) \\`,
    `  && TLS="--cacert keys/server-ca/ca.pem --cert ${own(probe.certificate)} --key ${own(probe.key)}" \\`,
    `  && TOKEN=$(curl -s $TLS https://localhost:${ports.sandbox.authorizationMtls}/token -d grant_type=client_credentials -d client_id=$APP -d scope=accounts:verify | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/') \\`,
    `  && curl -s $TLS https://localhost:${ports.sandbox.gatewayMtls}/accounts/v1/ownership-verifications -H "Authorization: Bearer $TOKEN" \\`,
    `       -H 'Content-Type: application/json' -H "Idempotency-Key: first-call-$RANDOM-0000000" \\`,
    `       -d '${JSON.stringify(probeQuestion(readProbeSubject(layout, 'sandbox')))}'`,
    '',
    'A whole partner story:  npx portico journey telecom',
  ]
}

/** Addresses, sign-ins and a first call: printed once, when everything works. */
export const printReady = (world: ProcessWorld, startedMs: number, adopted: boolean): void => {
  const { ports } = world
  const rows: [string, string][] = [
    ['portal (partners)', `http://localhost:${ports.portal}`],
    ['console (staff)', `http://localhost:${ports.console}`],
    ['status page', statusAddress(world.settings)],
    ...cells.flatMap((cell): [string, string][] => {
      const a = addressesOf(ports, cell)
      return [
        [`${cell} gateway`, `${a.gateway}   with certificate ${a.gatewayMtls}`],
        [`${cell} authorization`, `${a.issuer}   with certificate ${a.issuerMtls}`],
      ]
    }),
    ['where everything is', `http://localhost:${ports.portal}/.well-known/portico`],
    ...(world.settings.PORTICO_DEMO === 'on' ? demonstrationRows : bareRows),
  ]
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  process.stdout.write(
    [
      '',
      `Portico is ready after ${seconds(startedMs)} s${adopted ? ', over the PostgreSQL that an earlier start left running' : ''}.`,
      '',
      ...rows.map(([name, value]) => `  ${name.padEnd(width)}${value}`),
      '',
      ...(world.settings.PORTICO_DEMO === 'on' ? firstCall(world) : []),
      'Stop with Ctrl-C.',
      '',
      '',
    ].join('\n'),
  )
}
