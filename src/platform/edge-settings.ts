/** Settings of the gateways' edge. */
import { z } from 'zod'

const port = z.coerce.number().int().min(1024).max(65_000)
const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/** What a gateway takes from strangers; `docs/operate/edge.md` says how they play together. */
export const edgeSettings = {
  PORTICO_EDGE_CONNECTIONS: count(1, 1_000_000)
    .default(4096)
    .describe('Gateway: connections of one listener at a time'),
  PORTICO_EDGE_CONNECTIONS_PER_ADDRESS: count(1, 1_000_000)
    .default(512)
    .describe('Gateway: of these, from one address (IPv6: one /64)'),
  PORTICO_EDGE_HANDSHAKES: count(1, 10_000)
    .default(64)
    .describe('Gateway: TLS handshakes under way at a time; further ones wait'),
  PORTICO_EDGE_HANDSHAKES_PER_ADDRESS: count(1, 10_000)
    .default(100)
    .describe('Gateway: TLS handshakes from one address in a second; five times as many at once'),
  PORTICO_EDGE_HEAD_SECONDS: count(1, 120)
    .default(10)
    .describe('Gateway: time for a TLS handshake, and again for the head of a request'),
  PORTICO_EDGE_REQUEST_SECONDS: count(1, 600)
    .default(30)
    .describe('Gateway: time for a whole request to arrive'),
  PORTICO_EDGE_BODY_RATE: count(1, 1_000_000)
    .default(1024)
    .describe('Gateway: bytes of a body that must arrive in a second, once it has had five'),
  PORTICO_EDGE_ANSWER_SECONDS: count(1, 600)
    .default(10)
    .describe('Gateway: time in which a caller must take some of its answer'),
  PORTICO_EDGE_REQUESTS_PER_CONNECTION: count(1, 1_000_000)
    .default(1000)
    .describe('Gateway: requests on one connection before it is ended'),
  PORTICO_EDGE_UNPROVEN_PER_ADDRESS: count(1, 10_000)
    .default(100)
    .describe(
      'Gateway: calls from one address in a second that fail to prove their caller; ten times as many at once',
    ),
  PORTICO_EDGE_VERIFICATIONS: count(1, 10_000)
    .default(256)
    .describe('Gateway: tokens and proofs being verified at a time'),
  PORTICO_EDGE_CALLS: count(1, 100_000)
    .default(1024)
    .describe('Gateway: calls under way at a time; the lowest class is refused at half of them'),
  PORTICO_EDGE_LOOP_DELAY_MS: count(10, 10_000)
    .default(200)
    .describe('Gateway: p99 of the event loop’s delay at which it begins to shed load'),
  PORTICO_LIMITS_PATIENCE_MS: count(50, 60_000)
    .default(1_000)
    .describe('Gateway: longest that a call waits for a lease of a limit before it is refused'),
  PORTICO_EDGE_DRAIN_SECONDS: count(0, 600)
    .default(0)
    .describe(
      'Gateway: time between “not ready” and its last new connection; longer than the balancer’s interval',
    ),
  PORTICO_CACHE_MIB: count(1, 65_536)
    .default(64)
    .describe('Gateway: memory for answers that documents let it keep for all callers'),
  PORTICO_GATEWAY_PORT: port
    .optional()
    .describe(
      'Gateway behind a balancer: the first of the ports it listens on itself (TLS, +1 mTLS, +4 proxy); its public addresses stay',
    ),
  PORTICO_AUTHORIZATION_PORT: port
    .optional()
    .describe(
      'Authorization server behind a balancer: the first of the ports it listens on itself (TLS, +1 mTLS); its issuer stays',
    ),
  PORTICO_TRUSTED_PROXY: z
    .string()
    .regex(
      /^[0-9A-Fa-f.:/]+(,[0-9A-Fa-f.:/]+)* ([0-9A-Fa-f]{2}:?){32}(,([0-9A-Fa-f]{2}:?){32})*$/,
      'must be addresses or networks with commas, a space, SHA-256 fingerprints with commas',
    )
    .optional()
    .describe(
      'Gateway: opens the proxy listener (gateway port + 4) to these addresses with these client certificates: “10.0.0.0/28 <SHA-256 fingerprint>”',
    ),
}
