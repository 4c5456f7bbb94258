/** Settings of a house on more than one machine; without them everything runs on one. `docs/operate/many-nodes.md` says how. */
import { z } from 'zod'

const port = z.coerce.number().int().min(1024).max(65_000)
const file = z.string().min(1).optional()
const directUrl = (of: string) =>
  z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address')
    .optional()
    .describe(
      `Past the pooler, for ${of}: notifications and locks of sessions; without it PORTICO_DATABASE_URL_* serves for all`,
    )

export const nodeSettings = {
  PORTICO_LINK_PORT: port
    .optional()
    .describe(
      'Control: port at PORTICO_LISTEN where cells on other machines find it (TLS); without it only a socket',
    ),
  PORTICO_LINK_CERTIFICATE_FILE: file.describe(
    'Control: PEM of the certificate at PORTICO_LINK_PORT; without it one for localhost is made',
  ),
  PORTICO_LINK_KEY_FILE: file.describe('Control: PEM of the key of that certificate'),
  PORTICO_CONTROL_URL: z
    .string()
    .regex(
      /^https:\/\/[^\s,/]+(:\d+)?(,https:\/\/[^\s,/]+(:\d+)?)*$/,
      'must be like https://control-1:8405,https://control-2:8405',
    )
    .optional()
    .describe(
      'Cells: where each copy of control is found, in the order in which they are tried; without it the socket on this machine',
    ),
  PORTICO_CONTROL_CA_FILE: file.describe(
    'Cells: PEM of the authority of PORTICO_CONTROL_URL; default the house’s own',
  ),
  PORTICO_NATS_URL: z
    .string()
    .regex(
      /^(nats|tls):\/\/[^\s,]+(,(nats|tls):\/\/[^\s,]+)*$/,
      'must be like tls://nats-1:4222,tls://nats-2:4222,tls://nats-3:4222',
    )
    .optional()
    .describe(
      'NATS servers with JetStream that carry snapshots, revocations and usage; without them, and while they are away, control is asked',
    ),
  PORTICO_NATS_CREDENTIALS_FILE: file.describe('Credentials (JWT and key) that NATS knows us by'),
  PORTICO_NATS_CA_FILE: file.describe('PEM of the authority of the NATS servers'),
  PORTICO_NATS_CERTIFICATE_FILE: file.describe('PEM of the certificate that NATS knows us by'),
  PORTICO_NATS_KEY_FILE: file.describe('PEM of the key of that certificate'),
  PORTICO_NATS_REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .max(5)
    .optional()
    .describe('Control: copies of each stream; default 3 where three servers are named, else 1'),
  PORTICO_VALKEY_MODE: z
    .enum(['single', 'sentinel', 'cluster'])
    .default('single')
    .describe(
      'Gateway: what PORTICO_VALKEY_URL names: one server, the sentinels of one, or nodes of a cluster',
    ),
  PORTICO_VALKEY_MASTER: z
    .string()
    .min(1)
    .default('mymaster')
    .describe('Gateway: what the sentinels call their server'),
  PORTICO_DATABASE_PREPARE: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether statements are prepared; off behind a pooler that keeps none'),
  PORTICO_DATABASE_DIRECT_URL_CONTROL: directUrl('control'),
  PORTICO_DATABASE_DIRECT_URL_AUTHORIZATION: directUrl('authorization servers'),
  PORTICO_DATABASE_DIRECT_URL_BANK: directUrl('banks'),
  PORTICO_DATABASE_DIRECT_URL_GATEWAY: directUrl('gateways'),
  PORTICO_DATABASE_DIRECT_URL_VAULT: directUrl('vaults'),
  PORTICO_DATABASE_DIRECT_URL_COURIER: directUrl('couriers'),
} as const
