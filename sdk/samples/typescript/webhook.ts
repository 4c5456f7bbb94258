/** An endpoint for the bank's events, with the client of `sdk/typescript`: `PORTICO_WEBHOOK_KEYS='whpk_…' node webhook.ts`. */
import { createServer } from 'node:http'
import { openWebhookVerifier, WebhookRefused } from '../../typescript/index.ts'

/** What was pinned beforehand; two while one replaces the other. */
const genuine = openWebhookVerifier((process.env['PORTICO_WEBHOOK_KEYS'] ?? '').split(' '))
/** In a program of yours a table with a unique key: an event may come twice, also after a restart. */
const handled = new Set<string>()
const LONGEST = 1_048_576

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  let length = 0
  request.on('data', (part: Buffer) => {
    if ((length += part.length) > LONGEST) request.destroy()
    else parts.push(part)
  })
  request.on('end', () => {
    try {
      const event = genuine({ headers: request.headers, body: Buffer.concat(parts) })
      if (event.type === 'webhooks.challenge') {
        const { challenge } = event.data as { challenge: string }
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ challenge }))
        return
      }
      // Answer at once and work afterwards.
      response.writeHead(204).end()
      if (handled.has(event.id)) return
      handled.add(event.id)
      process.stdout.write(`${event.type} ${event.id}\n`)
    } catch (error) {
      response.writeHead(error instanceof WebhookRefused ? 401 : 500).end()
    }
  })
})
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1')
