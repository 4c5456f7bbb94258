/** Control's end of the line for cells on other machines: the same server as on the socket, behind TLS. */
import { readFileSync } from 'node:fs'
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server as TlsServer } from 'node:tls'
import { makeServerCertificate, readAuthority } from '#platform/certificates.ts'
import type { ProcessWorld } from '#platform/process.ts'

const HANDSHAKE_MS = 5_000

/** Opens it where a port is set. Who comes proves itself by its cell's key, as on the socket; TLS proves control. */
export const openLinkDoor = async (
  http: HttpServer,
  { settings, layout, ports, log }: ProcessWorld,
): Promise<TlsServer | undefined> => {
  const port = settings.PORTICO_LINK_PORT
  if (port === undefined) return undefined
  const own = {
    certificate: settings.PORTICO_LINK_CERTIFICATE_FILE ?? layout.control.linkTls.certificate,
    key: settings.PORTICO_LINK_KEY_FILE ?? layout.control.linkTls.key,
  }
  if (settings.PORTICO_LINK_CERTIFICATE_FILE === undefined)
    await makeServerCertificate(await readAuthority(layout.serverCa), own, 'control link')
  const door = createServer(
    {
      cert: readFileSync(own.certificate),
      key: readFileSync(own.key),
      minVersion: 'TLSv1.3',
      handshakeTimeout: HANDSHAKE_MS,
    },
    (socket) => http.emit('connection', socket),
  )
  door.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => {
    door.once('error', reject)
    door.listen({ port, host: ports.listen }, resolve)
  })
  log.info({ port }, 'control is open to cells on other machines')
  return door
}
