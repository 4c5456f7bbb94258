/** The built pages of an office: its files, and its one page for every address that the browser's program knows. */
import fastifyStatic from '@fastify/static'
import { existsSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { z } from 'zod'
import { routeNotFound, type Server } from '#platform/http.ts'
import type { Office } from './cookie.ts'

const built = resolve(import.meta.dirname, '../../../ui/dist')
const notBuilt = (
  office: Office,
) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Portico</title>
<h1>Portico ${office}</h1><p>The pages are not built yet: run <code>npm run build:ui</code>. The API answers under <a href="/api/openapi.json">/api</a>.</p></html>`

const AnyPath = z.object({ '*': z.string() })

/** Serves whatever no other route has taken; looked up at each request, so that a later build shows at once. */
export const servePages = async (server: Server, office: Office): Promise<void> => {
  const root = join(built, office)
  await server.register(fastifyStatic, {
    root,
    serve: false,
    suppressWarning: true,
    cacheControl: false,
  })
  const config = { open: true } as const
  server.get('/*', { config, schema: { params: AnyPath } }, (request, reply) => {
    const path = request.params['*']
    if (path.startsWith('api/') || path.startsWith('.well-known/'))
      throw routeNotFound(`GET /${path} does not exist`)
    if (!existsSync(join(root, 'index.html')))
      return reply.type('text/html; charset=utf-8').send(notBuilt(office))
    if (extname(path) === '')
      return reply.header('cache-control', 'no-cache').sendFile('index.html')
    // Built files carry a digest in their names: one name has one content for ever.
    const fixed = path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
    return reply.header('cache-control', fixed).sendFile(path)
  })
}
