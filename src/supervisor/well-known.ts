/** `/.well-known/portico`: where everything is, for people's scripts. It answers as soon as the portal listens. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { parse } from 'yaml'
import { Cell, cells } from '#kernel/cell.ts'
import { addressesOf, officeAddress, statusAddress } from '#platform/config.ts'
import { readJwk } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'

const root = join(import.meta.dirname, '..', '..')
const Message = z.object({ ready: z.boolean() })
const Package = z.object({ version: z.string() })
const Document = z.object({
  info: z.object({ version: z.string() }),
  'x-cells': z.array(Cell).default([...cells]),
})

/** The document of now. `ready` is what the supervisor last saw: a business call through both gateways. */
export const wellKnownOf = (world: ProcessWorld): (() => unknown) => {
  let ready = false
  process.on('message', (message) => {
    const parsed = Message.safeParse(message)
    if (parsed.success) ready = parsed.data.ready
  })
  const { version } = Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const portal = officeAddress(world.ports, 'portal')
  const openapi = globSync('src/bank/*/openapi.yaml', { cwd: root })
    .toSorted()
    .map((file) => {
      const product = basename(dirname(file))
      const document = Document.parse(parse(readFileSync(join(root, file), 'utf8')))
      return {
        offeredIn: document['x-cells'],
        product,
        version: document.info.version,
        url: `${portal}/api/products/${product}/openapi.json`,
      }
    })
  const ca = existsSync(world.layout.serverCa.certificate)
    ? readFileSync(world.layout.serverCa.certificate, 'utf8')
    : ''
  // What a revealed card is signed with, so that a partner knows whose word the number is.
  const cardKeys = (cell: Cell) => {
    const { publicKey } = world.layout.cell(cell).vault
    return existsSync(publicKey) ? [readJwk(publicKey)] : []
  }
  // What partners are asked and told with; the courier makes it on its first start, which may come after ours.
  const webhookKeys = (cell: Cell) => {
    const { publicKey } = world.layout.cell(cell).webhookKey
    return existsSync(publicKey) ? [readJwk(publicKey)] : []
  }
  const cellsNow = Object.fromEntries(
    cells.map((cell) => {
      const { gateway, gatewayMtls, issuer, issuerMtls } = addressesOf(world.ports, cell)
      return [
        cell,
        {
          gateway,
          gatewayMtls,
          issuer,
          issuerMtls,
          openapi: openapi
            .filter(({ offeredIn }) => offeredIn.includes(cell))
            .map(({ product, version, url }) => ({ product, version, url })),
          get webhookKeys() {
            return webhookKeys(cell)
          },
          cardKeys: cardKeys(cell),
        },
      ]
    }),
  )
  return () => ({
    version,
    ready,
    portal,
    console: officeAddress(world.ports, 'console'),
    status: statusAddress(world.settings),
    ca,
    cells: cellsNow,
  })
}
