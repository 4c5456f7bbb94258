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

/**
 * What the door decides of a handshake (RFC 8705 §7.2): the partners' authority vouches for the certificate, or it is
 * self-signed and registered, letter by letter. Nothing else goes further.
 */
export const isWelcome = (
  socket: TLSSocket,
  clients: Pick<Clients, 'knowsCertificate'>,
  now: Temporal.Instant,
): boolean => {
  const peer = peerCertificateOf(socket)
  if (!peer || socket.authorized) return peer !== undefined
  const { validFromDate, validToDate } = peer.certificate
  const inForce =
    validFromDate.getTime() <= now.epochMilliseconds &&
    now.epochMilliseconds < validToDate.getTime()
  return inForce && isSelfSigned(socket) && clients.knowsCertificate(peer.sha256, now)
}

const isSelfSigned = ({ authorizationError }: TLSSocket): boolean =>
  String(authorizationError) === 'DEPTH_ZERO_SELF_SIGNED_CERT'

/** Read once a socket: reading it leaks memory in some releases of Node, and a handshake happens once. */
export const peerCertificateOf = (socket: unknown): PeerCertificate | undefined => {
  if (!(socket instanceof TLSSocket)) return undefined
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
    getCertificate: (ctx: KoaContextWithOIDC) => {
      const { client } = ctx.oidc
      // The library compares a self-signed one with the client's keys; that it is still in force it does not ask.
      if (
        client?.clientAuthMethod === 'self_signed_tls_client_auth' &&
        !isOwn(ctx, client.clientId)
      )
        return undefined
      return peerCertificateOf(ctx.req.socket)?.certificate
    },
    certificateAuthorized: (ctx: KoaContextWithOIDC) => isOwn(ctx, ctx.oidc.client?.clientId),
    certificateSubjectMatches: (ctx: KoaContextWithOIDC, property: string, expected: string) => {
      if (property !== 'tls_client_auth_san_uri') return false
      const names = peerCertificateOf(ctx.req.socket)?.certificate.subjectAltName?.split(', ') ?? []
      return names.filter((name) => name.startsWith('URI:')).join() === `URI:${expected}`
    },
  }
}
