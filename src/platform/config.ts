/** Every setting of the house: environment variables, one schema. An unknown or wrong one refuses the start. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { cells } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { edgeSettings } from './edge-settings.ts'
import { nodeSettings } from './node-settings.ts'

export const settingWrong = problem('platform/setting', 500, 'A setting is wrong')

const port = z.coerce.number().int().min(1024).max(65_000)
const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address')
  .optional()

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

export const Settings = z.strictObject({
  ...edgeSettings,
  ...nodeSettings,
  PORTICO_DATA: z
    .string()
    .min(1)
    .default('data')
    .describe('Directory of everything that must outlive a start'),
  PORTICO_PORT_BASE: port.default(8400).describe('First port; the addresses are offsets from it'),
  PORTICO_DOMAIN: z
    .string()
    .regex(
      /^(?=.{1,180}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/,
      'must be a domain such as open.bank.example',
    )
    .optional()
    .describe(
      'Domain of the public names, all at port 443 behind the bank’s balancer: portal, console and status of it; api, api-mtls, login, login-mtls and cards of sandbox and production of it. Without it everything is localhost with its port',
    ),
  PORTICO_LISTEN: z
    .union([z.ipv4(), z.ipv6(), z.literal('localhost')])
    .default('localhost')
    .describe(
      'Address that portal, console, status page, authorization servers and cardholders’ pages listen on; “::” in a container. Gateways listen on all',
    ),
  PORTICO_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  PORTICO_DATABASE_URL_CONTROL: databaseUrl.describe('Role control on database control'),
  PORTICO_DATABASE_URL_AUTHORIZATION: databaseUrl.describe(
    'Role of the cell’s authorization server',
  ),
  PORTICO_DATABASE_URL_BANK: databaseUrl.describe('Role of the cell’s bank'),
  PORTICO_DATABASE_URL_GATEWAY: databaseUrl.describe(
    'Role of the cell’s gateway: idempotency and revocations only',
  ),
  PORTICO_DATABASE_URL_VAULT: databaseUrl.describe('Role of the cell’s vault, on its own database'),
  PORTICO_DATABASE_URL_COURIER: databaseUrl.describe('Role of the cell’s courier'),
  PORTICO_DATABASE_URL_OWNER: databaseUrl.describe(
    'Owner of all databases (superuser), for migrate, backup and restore alone: without it the embedded server’s',
  ),
  PORTICO_BACKUP: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Supervisor: folder on another disk or machine that a copy of everything is kept in, a second behind',
    ),
  PORTICO_BACKUP_KEYS: z
    .string()
    .min(1)
    .optional()
    .describe('Supervisor: folder that the keys are copied to, apart from PORTICO_BACKUP'),
  PORTICO_BANK_NAME: z.string().min(1).default('Namuna Bank').describe('As customers read it'),
  PORTICO_SUPPORT_PHONE: z
    .string()
    .min(1)
    .default('1177')
    .describe('Number that customers call with questions; stands on every page for them'),
  PORTICO_E_SIGNATURE_ROOTS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM of the authorities whose e-signatures (PKCS#7) partners may sign contracts with; without it by passkey only',
    ),
  PORTICO_E_SIGNATURE_REVOCATIONS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM of the revocation lists (X509 CRL) of every authority in those chains, fetched by the bank; without them no e-signature is accepted',
    ),
  PORTICO_CUSTOMER_ISSUER: z
    .url({ protocol: /^https$/, error: 'must be an https:// address' })
    .optional()
    .describe(
      'The bank’s own OpenID provider: customers sign in there, and not with password and code',
    ),
  PORTICO_CUSTOMER_CELL: z
    .enum(cells)
    .default('production')
    .describe(
      'Cell whose customers sign in at PORTICO_CUSTOMER_ISSUER; the other keeps password and code',
    ),
  PORTICO_CUSTOMER_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe('client_id of this cell at PORTICO_CUSTOMER_ISSUER'),
  PORTICO_CUSTOMER_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Private JWK with kid and alg that the client authenticates with (private_key_jwt)'),
  PORTICO_CUSTOMER_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM of the authority of PORTICO_CUSTOMER_ISSUER, where it is none that everybody knows',
    ),
  PORTICO_CUSTOMER_ACR: z
    .string()
    .min(1)
    .default('urn:bank:sca')
    .describe('What that provider calls strong customer authentication in acr'),
  PORTICO_CUSTOMER_CLAIM: z
    .string()
    .min(1)
    .default('sub')
    .describe('Claim of its ID token that holds the core’s name of the customer'),
  PORTICO_BANK_COUNTRY: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be a country of ISO 3166-1, such as UZ')
    .default('UZ')
    .describe('Home state of the bank: partners from it need no passport'),
  PORTICO_CERTIFICATION: z
    .enum(['advised', 'required'])
    .default('advised')
    .describe(
      'Whether an application of production takes effect only after the partner’s sandbox traffic has shown what its products demand',
    ),
  PORTICO_BANK_ZONE: z.string().default('Asia/Tashkent').describe('IANA zone of the bank’s days'),
  PORTICO_CORE_CALLS: z.coerce
    .number()
    .int()
    .min(4)
    .max(1024)
    .default(64)
    .describe(
      'Gateway: calls of one product at once, at most; the limit in force follows the bank’s answers',
    ),
  PORTICO_UPSTREAM_ALLOW: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be like localhost:9443,127.0.0.1:9080')
    .optional()
    .describe(
      'Development only: host:port of registered upstreams that may stand on this machine or its link',
    ),
  PORTICO_PARTNER_ALLOW: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be like localhost:9443,127.0.0.1:9080')
    .optional()
    .describe(
      'Development only: host:port of partners’ addresses that may stand on this machine or its link',
    ),
  PORTICO_CORE_QUIET: z
    .string()
    .regex(
      /^((^|,)([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d=\d{1,3})+$/,
      'must be like 23:30-00:45=8,03:00-03:20=0',
    )
    .optional()
    .describe(
      'Gateway: when the bank’s day leaves less room, in its zone: “23:30-00:45=8,03:00-03:20=0” is 8 calls of a product at once, then none',
    ),
  PORTICO_CORE_HOST: z.string().default('127.0.0.1').describe('Legacy core: host'),
  PORTICO_CORE_PORT: port.optional().describe('Legacy core: port; default port base + 40'),
  PORTICO_CORE_SESSIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(8)
    .describe('Legacy core: sessions it allows'),
  PORTICO_CORE_BANK_CUSTOMER: z
    .string()
    .default('90000900')
    .describe(
      'Legacy core: the bank’s own customer number; what is collected goes to accounts of this one alone; default the demonstration bank’s',
    ),
  PORTICO_CORE_OPERATOR: z
    .string()
    .default('PORTICO')
    .describe('Legacy core: operator that signs on; default the demonstration bank’s'),
  PORTICO_CORE_PASSWORD: z
    .string()
    .default('NAMUNA-09999')
    .describe('Legacy core: password of the operator; default the demonstration bank’s'),
  PORTICO_CORE_STATEMENTS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Legacy core: directory where it puts down the file of each day; default the demonstration bank’s',
    ),
  PORTICO_VALKEY_URL: z
    .string()
    .regex(
      /^(redis|rediss|valkey|valkeys):\/\/[^\s,]+(,(redis|rediss|valkey|valkeys):\/\/[^\s,]+)*$/,
      'must be a redis:// or valkey:// address, or several with commas',
    )
    .optional()
    .describe('Valkey or Redis 7 that gateways lease rates from; without it PostgreSQL does it'),
  PORTICO_GATEWAYS_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Gateways that a cell may have at once: each one’s share while leases cannot be had'),
  PORTICO_SIGNING_KEY_DAYS: z.coerce
    .number()
    .int()
    .min(2)
    .max(365)
    .default(90)
    .describe(
      'Days that a signing key of the issuer is in use; the next is published a day before',
    ),
  PORTICO_SOFTWARE_STATEMENT_ISSUERS: z
    .string()
    .optional()
    .describe('File of the issuers whose software statements are taken: [{ issuer, keys }]'),
  PORTICO_METRICS_PORT: port
    .optional()
    .describe(
      'First of the loopback ports that Prometheus scrapes: control +0, sandbox +10 to +14, production +20 to +24; without it only sockets answer',
    ),
  PORTICO_OTLP_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional()
    .describe(
      'Gateway: where traces are sent (OTLP over HTTP, “http://127.0.0.1:4318/v1/traces”); without it none are made',
    ),
  PORTICO_WITNESS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional()
    .describe('Where the witness of the journals co-signs; without it a rollback stays unseen'),
  PORTICO_WITNESS_KEY: z
    .string()
    .regex(/^[^\s+]+\+[0-9a-f]{8}\+\S+$/, 'must be a verifier key, name+id+key')
    .optional()
    .describe('Verifier key of the witness at PORTICO_WITNESS_URL, as it says at its start'),
  PORTICO_NETWORK_NAMESPACES: z
    .enum(['on', 'off'])
    .default('off')
    .describe(
      'Supervisor: each cell’s processes in a network of their own, without a route to the other (Linux, root)',
    ),
  PORTICO_KEY_SERVICE_URL: z
    .url({ protocol: /^https$/, error: 'must be an https:// address' })
    .optional()
    .describe(
      'Vault: key service with a transit engine (HashiCorp Vault, OpenBao) that holds the key-encryption keys; without it a file does',
    ),
  PORTICO_KEY_SERVICE_MOUNT: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, 'must be a path such as transit')
    .default('transit')
    .describe('Vault: where the transit engine is mounted'),
  PORTICO_KEY_SERVICE_CA_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('Vault: PEM of the authority of PORTICO_KEY_SERVICE_URL'),
  PORTICO_DATA_KEY_SECONDS: count(1, 86_400)
    .default(300)
    .describe(
      'Vault: how long an unwrapped data key stays in memory; so long cards can be read while the key service is away',
    ),
  PORTICO_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must be an smtp:// or smtps:// address')
    .optional()
    .describe('Control: server that takes mail to people; without it letters are files in mail/'),
  PORTICO_MAIL_FROM: z
    .email()
    .default('portico@namuna.example')
    .describe('Control: address that mail to people comes from'),
  PORTICO_STATUS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .optional()
    .describe(
      'Status page: its public address, as it stands in letters and feeds; default “status” of PORTICO_DOMAIN, or http://localhost and port base + 2',
    ),
  PORTICO_STATUS_STALE_MINUTES: count(1, 60)
    .default(5)
    .describe('Status page: facts that are older say nothing of now, and the page says so'),
  PORTICO_DEMO: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Seed the demonstration bank and start its core simulator'),
  PORTICO_DEMO_CORE_WINDOW: z
    .string()
    .regex(/^(never|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$/)
    .default('23:55-00:05')
    .describe(
      'When the demonstration’s core is shut for its end of day, in its own zone; or never',
    ),
})
export type Settings = z.output<typeof Settings>

/** Reads the settings; names the first wrong or unknown one and says what to do. `PORTICO_DATA` becomes absolute. */
export const readSettings = (environment: NodeJS.ProcessEnv): Settings => {
  const ours = Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('PORTICO_')),
  )
  const parsed = Settings.safeParse(ours)
  if (parsed.success) return { ...parsed.data, PORTICO_DATA: resolve(parsed.data.PORTICO_DATA) }
  const issue = parsed.error.issues[0]!
  if (issue.code === 'unrecognized_keys')
    throw settingWrong(
      `unknown setting ${issue.keys[0]}; the known ones are ${Object.keys(Settings.shape).join(', ')}`,
    )
  throw settingWrong(
    `${String(issue.path[0])}=${String(ours[String(issue.path[0])])}: ${issue.message}`,
  )
}

/** Offsets from the port base, as `docs/reference/addresses.md` lists them. */
export const portsOf = (settings: Settings) => {
  const base = settings.PORTICO_PORT_BASE
  const cell = (from: number) => ({
    gateway: base + from,
    gatewayMtls: base + from + 1,
    gatewayProxy: base + from + 4,
    authorization: base + from + 2,
    authorizationMtls: base + from + 3,
    vault: base + from + 6,
  })
  return {
    domain: settings.PORTICO_DOMAIN,
    listen: settings.PORTICO_LISTEN,
    portal: base,
    console: base + 1,
    status: base + 2,
    sandbox: cell(10),
    production: cell(20),
    postgres: base + 30,
    core: settings.PORTICO_CORE_PORT ?? base + 40,
    coreControl: base + 41,
  }
}
export type Ports = ReturnType<typeof portsOf>

/** Where people and monitors read how things stand, without a slash at its end. */
export const statusAddress = (settings: Settings): string =>
  (settings.PORTICO_STATUS_URL ?? officeAddress(portsOf(settings), 'status')).replace(/\/+$/, '')

/** Where people open the portal, the console or the status page. */
export const officeAddress = (ports: Ports, office: 'portal' | 'console' | 'status'): string =>
  ports.domain === undefined
    ? `http://localhost:${ports[office]}`
    : `https://${office}.${ports.domain}`

/** What stands in tokens and metadata as names of this cell's servers. */
export const addressesOf = (ports: Ports, cell: 'sandbox' | 'production') => {
  const at = (name: string, port: number) =>
    ports.domain === undefined
      ? `https://localhost:${port}`
      : `https://${name}.${cell}.${ports.domain}`
  const gateway = at('api', ports[cell].gateway)
  return {
    issuer: at('login', ports[cell].authorization),
    issuerMtls: at('login-mtls', ports[cell].authorizationMtls),
    gateway,
    gatewayMtls: at('api-mtls', ports[cell].gatewayMtls),
    /** One audience per cell (RFC 8707): the gateway's address. */
    audience: gateway,
    /** Where cardholders read their cards: an origin that is nobody else's. */
    vault: at('cards', ports[cell].vault),
  }
}
