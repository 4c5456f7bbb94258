/** What stands behind every gateway of the run: one answer of 2 KiB, over a socket, plain TCP and TLS. Asks nobody who calls. */
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { z } from 'zod'
import { CALL_HEADER } from '#platform/caller.ts'
import { accountsAnswer } from './answer.ts'

const Options = z.object({
  sockets: z.array(z.string()),
  port: z.number(),
  tlsPort: z.number(),
  certificate: z.string(),
  key: z.string(),
})
const options = Options.parse(JSON.parse(process.argv[2] ?? '{}'))

const body = Buffer.from(accountsAnswer())
const answer: RequestListener = (request, response) => {
  request.resume()
  const callId = request.headers[CALL_HEADER]
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(callId !== undefined && { [CALL_HEADER]: callId }),
  })
  response.end(body)
}
const settings = { keepAliveTimeout: 60_000, requestTimeout: 0, headersTimeout: 60_000 }
for (const path of options.sockets) {
  rmSync(path, { force: true })
  createServer(settings, answer).listen(path)
}
createServer(settings, answer).listen(options.port, '127.0.0.1')
createTlsServer(
  {
    ...settings,
    cert: readFileSync(options.certificate),
    key: readFileSync(options.key),
  },
  answer,
).listen(options.tlsPort, '127.0.0.1', () => process.stdout.write('ready\n'))
