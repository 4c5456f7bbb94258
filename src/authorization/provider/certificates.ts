/** RFC 8705: the certificate of the connection, and whether it is the application's. */
import { createHash, type X509Certificate } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Clients } from '../clients/index.ts'

export interface PeerCertificate {
  readonly certificate: X509Certificate
  /** base64url SHA-256 of the DER (`x5t#S256`). */
  readonly sha256: string
}

const known = new WeakMap<TLSSocket, PeerCertificate | undefined>()

/** Read once a socket: reading it leaks memory in some releases of Node, and a handshake happens once. */
export const peerCertificateOf = (socket: unknown): PeerCertificate | undefined => {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  if (!known.has(socket)) {
    const certificate = socket.getPeerX509Certificate()
    const sha256 = certificate && createHash('sha256').update(certificate.raw).digest('base64url')
    known.set(socket, certificate && sha256 ? { certificate, sha256 } : undefined)
  }
  return known.get(socket)
}

/** What the library asks about certificates. TLS proved that the peer holds the key; the registry says whose it is. */
export const certificateQuestions = (clients: Clients, now: () => Temporal.Instant) => {
  const isOwn = (ctx: KoaContextWithOIDC, applicationId: string | undefined): boolean => {
    const peer = peerCertificateOf(ctx.req.socket)
    if (!peer || applicationId === undefined) return false
    return clients.holdsCertificate(applicationId, peer.sha256, now())
  }
  return {
    isOwn,
    getCertificate: (ctx: KoaContextWithOIDC) => peerCertificateOf(ctx.req.socket)?.certificate,
    certificateAuthorized: (ctx: KoaContextWithOIDC) => isOwn(ctx, ctx.oidc.client?.clientId),
    certificateSubjectMatches: (ctx: KoaContextWithOIDC, property: string, expected: string) => {
      if (property !== 'tls_client_auth_san_uri') return false
      const names = peerCertificateOf(ctx.req.socket)?.certificate.subjectAltName?.split(', ') ?? []
      return names.filter((name) => name.startsWith('URI:')).join() === `URI:${expected}`
    },
  }
}
