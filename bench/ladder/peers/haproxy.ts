/** HAProxy of Debian: a proxy that can verify a token and count calls, each worker for itself. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLoaded } from '../machine.ts'
import { type Peer, stopping, untilListening } from './peer.ts'

const binary = '/usr/sbin/haproxy'

/** Refuses what has no good token: signature, issuer, audience, end. Its sample fetches verify again at each call. */
const tokenRules = (issuer: string, audience: string, publicKey: string) => `
  http-request set-var(txn.bearer) http_auth_bearer
  http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
  http-request set-var(txn.iss) var(txn.bearer),jwt_payload_query('$.iss')
  http-request set-var(txn.aud) var(txn.bearer),jwt_payload_query('$.aud')
  http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
  http-request set-var(txn.client) var(txn.bearer),jwt_payload_query('$.client_id')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.bearer),jwt_verify(txn.alg,"${publicKey}") 1 }
  http-request deny deny_status 401 unless { var(txn.iss) -m str ${issuer} }
  http-request deny deny_status 401 unless { var(txn.aud) -m str ${audience} }
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
`
const limitRules = `
  http-request track-sc0 var(txn.client)
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000 }
`

export const haproxy: Peer = {
  name: 'haproxy',
  compiled: true,
  // Debian's has no RSASSA-PSS.
  algorithm: 'RS256',
  rungs: {
    T1: { weaker: 'no edge policy beyond its parser' },
    T2: { weaker: 'RS256 for PS256, no sender constraint, no revocation' },
    T3: { weaker: 'limit of one process, RS256 for PS256, no sender constraint, no revocation' },
  },
  prepare: async () => void execFileSync(binary, ['-v'], { stdio: 'ignore' }),
  version: () =>
    /version (\S+)/.exec(execFileSync(binary, ['-v'], { encoding: 'utf8' }))?.[1] ?? '',
  start: async (rung, surroundings) => {
    const { folder, port, certificate, key, clientAuthority, upstream, issuer } = surroundings
    const pem = join(folder, 'server.pem')
    writeFileSync(pem, `${readFileSync(certificate, 'utf8')}\n${readFileSync(key, 'utf8')}`)
    const path = join(folder, 'haproxy.cfg')
    const token = tokenRules(issuer.issuer, issuer.audience, issuer.publicKey)
    writeFileSync(
      path,
      `
global
  nbthread 1
  maxconn 4096
  ssl-default-bind-options no-tls-tickets
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
  http-reuse always
frontend edge
  bind 127.0.0.1:${port} ssl crt ${pem} ca-file ${clientAuthority} verify required alpn http/1.1
${rung === 'T1' ? '' : token}
${rung === 'T3' ? `  stick-table type string len 64 size 1m expire 10m store http_req_rate(1s)\n${limitRules}` : ''}
  default_backend bank
backend bank
  server bank unix@${upstream.socket}
`,
    )
    const child = startLoaded(binary, ['-f', path, '-db'], { stdio: 'inherit' })
    await untilListening(port, child)
    return stopping(child)
  },
}
