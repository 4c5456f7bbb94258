/** Where things lie under `PORTICO_DATA`. One place, so that a file is never looked for under two names. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cell } from '#kernel/cell.ts'

export type CellProcess = 'gateway' | 'authorization' | 'bank' | 'vault' | 'courier'

/** Longest path that a Unix socket address may have on every system that we run on. */
const SOCKET_PATH_MAX = 100

/** A socket's address: a file in `run/`, a named pipe on Windows, a short temporary path where `run/` is too deep. */
const socketPath = (data: string, name: string): string => {
  const unique = createHash('sha256').update(data).digest('hex').slice(0, 12)
  if (process.platform === 'win32') return `\\\\.\\pipe\\portico-${unique}-${name}`
  const inData = join(data, 'run', `${name}.sock`)
  return inData.length <= SOCKET_PATH_MAX
    ? inData
    : join(tmpdir(), `portico-${unique}`, `${name}.sock`)
}

export const layoutOf = (data: string) => ({
  data,
  postgres: join(data, 'postgres'),
  databaseRoles: join(data, 'keys', 'database-roles.json'),
  supervisorPid: join(data, 'run', 'supervisor.json'),
  run: join(data, 'run'),
  logs: join(data, 'log'),
  /** Letters to people, while no server takes them. */
  mail: join(data, 'mail'),
  /** The authority of the local servers' certificates. */
  serverCa: {
    certificate: join(data, 'keys', 'server-ca', 'ca.pem'),
    key: join(data, 'keys', 'server-ca', 'ca.key'),
  },
  control: {
    /** Ed25519; the gateways hold the public half. */
    snapshotKey: join(data, 'keys', 'control', 'snapshot-signing.json'),
    snapshotPublicKey: join(data, 'keys', 'public', 'snapshot.json'),
    /** AES-256 and HMAC of second factors, codes and invitations: without it the database signs nobody in. */
    sessionKey: join(data, 'keys', 'control', 'session.key'),
    socket: socketPath(data, 'control'),
    /** Where cells on other machines find it, if a port for them is set. */
    linkTls: {
      certificate: join(data, 'keys', 'control', 'link-tls.pem'),
      key: join(data, 'keys', 'control', 'link-tls.key'),
    },
  },
  /** Ed25519 of the reports on isolation; made with the first one. */
  isolation: {
    key: join(data, 'keys', 'control', 'isolation-signing.json'),
    publicKey: join(data, 'keys', 'public', 'isolation.json'),
    reports: join(data, 'reports', 'isolation'),
  },
  /** Ed25519 of evidence packs; made with the first one. */
  evidencePacks: {
    key: join(data, 'keys', 'control', 'evidence-pack-signing.json'),
    publicKey: join(data, 'keys', 'public', 'evidence-pack.json'),
  },
  /** The status page: what it remembers, who asked to be told, and the line to control. */
  status: {
    socket: socketPath(data, 'status'),
    /** Proves to control that the status page asks. */
    linkKey: join(data, 'keys', 'status', 'link.key'),
    /** HMAC of the links in its letters. */
    letterKey: join(data, 'keys', 'status', 'letters.key'),
    facts: join(data, 'status', 'facts.json'),
    subscribers: join(data, 'status', 'subscribers.json'),
  },
  /** Where a process answers who scrapes its figures, apart from where its peers talk to it. */
  watch: (name: string) => socketPath(data, `watch-${name}`),
  cell: (cell: Cell) => {
    const keys = join(data, 'keys', cell)
    return {
      /** The authority of this cell's partner certificates: the key is control's, the certificate everybody's. */
      partnerCa: {
        certificate: join(keys, 'partner-ca', 'ca.pem'),
        key: join(keys, 'partner-ca', 'ca.key'),
      },
      tls: (server: 'gateway' | 'authorization' | 'vault') => ({
        certificate: join(keys, server, 'tls.pem'),
        key: join(keys, server, 'tls.key'),
      }),
      /** JWKS with private members: the issuer's PS256 keys. */
      issuerKeys: join(keys, 'authorization', 'signing.json'),
      issuerPublicKeys: join(keys, 'public', 'issuer.json'),
      cookieKey: join(keys, 'authorization', 'cookie.key'),
      /** 32 bytes of the DPoP nonce, one file for each server that issues nonces. */
      nonceKey: (server: 'gateway' | 'authorization') => join(keys, server, 'dpop-nonce.key'),
      /** HMAC of the caller header: shared by the gateway and this one upstream. */
      callerKey: (upstream: 'bank' | 'vault') => join(keys, 'shared', `caller-${upstream}.key`),
      /** AES-256 of the keys that this cell's gateways show to registered systems; control seals them, made on first use. */
      upstreamKey: join(keys, 'shared', 'upstream.key'),
      /** HMAC of pairwise ids: shared by this cell's authorization server and bank, by nobody else. */
      pairwiseKey: join(keys, 'shared', 'pairwise.key'),
      /** AES-256 key-encryption key, HMAC of card numbers, ES256 of revealed cards. */
      vault: {
        kek: join(keys, 'vault', 'kek.key'),
        lookup: join(keys, 'vault', 'lookup.key'),
        signing: join(keys, 'vault', 'signing.json'),
        publicKey: join(keys, 'public', 'vault.json'),
        /** The client certificate that a key service of the bank's knows the vault by, where there is one. */
        keyService: {
          certificate: join(keys, 'vault', 'key-service.pem'),
          key: join(keys, 'vault', 'key-service.key'),
        },
      },
      /** Proves to control which cell's gateway speaks. */
      linkKey: join(keys, 'gateway', 'link.key'),
      /** Proves to control which process of a cell answers what control asks (ask-line.ts): of that process alone. */
      askKey: (of: 'bank' | 'courier' | 'authorization') => join(keys, of, 'ask.key'),
      /** AES-256 of the answers that the gateway keeps for replays; made on its first start. */
      onceKey: join(keys, 'gateway', 'once.key'),
      /** HMAC of the pseudonyms that a release gives values, for each partner its own; made on its first start. */
      releaseKey: join(keys, 'gateway', 'release.key'),
      /** ES256 of signed answers; made on the gateway's first start. */
      answerKey: {
        key: join(keys, 'gateway', 'signing.json'),
        publicKey: join(keys, 'public', 'gateway.json'),
      },
      /** PS256 keys of what the bank tells of its customers; made on the bank's first start. */
      claimsKeys: {
        key: join(keys, 'bank', 'claims-signing.json'),
        publicKeys: join(keys, 'public', 'claims.json'),
      },
      /** Ed25519 of what the courier sends to partners; made on its first start. */
      webhookKey: {
        key: join(keys, 'courier', 'webhook.json'),
        publicKey: join(keys, 'public', 'webhook.json'),
      },
      /** AES-256 of the keys that endpoints' events are signed with; made on the courier's first start. */
      webhookSealingKey: join(keys, 'courier', 'webhook-sealing.key'),
      spool: join(data, 'spool', cell),
      snapshots: join(data, 'snapshots', cell),
      core: join(data, 'core', cell),
      socket: (server: 'bank' | 'vault' | 'authorization' | 'gateway' | 'courier') =>
        socketPath(data, `${cell}-${server}`),
    }
  },
})
export type Layout = ReturnType<typeof layoutOf>
export type CellLayout = ReturnType<Layout['cell']>
