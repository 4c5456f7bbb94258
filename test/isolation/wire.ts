/**
 * The same over the wire: credentials of one cell of a running house, before every door of the other. Some were got as a
 * partner gets them; some are made with that cell's own private keys, which no partner ever has.
 */
import { z } from 'zod'
import { type Cell, cells } from '#kernel/cell.ts'
import { importSigningKey } from '#platform/jose.ts'
import { readJwks } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { readWellKnown } from '../journeys/web.ts'
import { type Chance, chanceFrom } from './chance.ts'
import { kinds } from './credentials.ts'
import { type Holder, newHolder, newPartner } from './holder.ts'
import type { Counted } from './in-process.ts'
import type { Direction, Kind } from './kind.ts'
import { type Asked, operationsOf } from './operations.ts'
import { openSending } from './sending.ts'

const AT_ONCE = 32
const TRIES_MAX = 4

/** So many attempts of a kind, some at once. */
const tryKind = async (
  kind: Kind,
  way: Direction,
  wanted: number,
  chance: Chance,
): Promise<{ attempts: number; accepted: number }> => {
  let [begun, heard, accepted] = [0, 0, 0]
  const worker = async () => {
    while (heard < wanted && begun < wanted * TRIES_MAX) {
      begun++
      await Promise.all([way.from.renew(), way.to.renew()])
      const verdict = await kind.tryOnce(way, chance)
      if (verdict === 'unheard' || heard >= wanted) continue
      heard++
      if (verdict === 'accepted') accepted++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (heard === 0) throw new Error(`${way.to.cell} was too busy to look at any: nothing is proven`)
  return { attempts: heard, accepted }
}

/** A code is good for a minute and once: shown to the other issuer first, then redeemed at home to prove that it was good. */
const tryCode = async (way: Direction): Promise<{ attempts: number; accepted: number }> => {
  const { from, to } = way
  const code = await from.newCode()
  const status = await to.redeem(code)
  const home = await from.redeem(code)
  if (home !== 200) throw new Error(`${from.cell} does not take its own code: nothing is proven`)
  return { attempts: 1, accepted: status < 400 ? 1 : 0 }
}

export interface WireTrial {
  readonly counts: Counted[]
  readonly ms: number
  readonly addresses: number
  readonly operations: number
  /** Answers that were no refusal. */
  readonly surprises: string[]
}

/** Tries so many over the wire of the running house. Throws where a cell does not take its own credentials. */
export const tryOverTheWire = async (
  world: ProcessWorld,
  { attempts, seed }: { attempts: number; seed: number },
): Promise<WireTrial> => {
  const startedMs = performance.now()
  const wellKnown = await readWellKnown(`http://localhost:${world.ports.portal}`)
  const documents = z.object({ openapi: z.array(z.object({ url: z.string() })) })
  const { cells: published } = z
    .object({ cells: z.object({ sandbox: documents, production: documents }) })
    .parse(await (await fetch(`${wellKnown.portal}/.well-known/portico`)).json())
  // Each cell is tried where it has operations: an address that it has not is refused to everybody.
  const offered = async (cell: Cell) => operationsOf(published[cell].openapi.map(({ url }) => url))
  const asked: Record<Cell, Asked[]> = {
    sandbox: await offered('sandbox'),
    production: await offered('production'),
  }
  const sending = await openSending(wellKnown.ca, world.ports.sandbox.gateway)
  const partner = await newPartner(wellKnown)
  const holders: Record<Cell, Holder> = {
    sandbox: await newHolder(wellKnown, partner, 'sandbox'),
    production: await newHolder(wellKnown, partner, 'production'),
  }
  const counts: Counted[] = []
  const surprises: string[] = []
  try {
    for (const from of cells) {
      const to: Cell = from === 'sandbox' ? 'production' : 'sandbox'
      const files = world.layout.cell(from)
      const way: Direction = {
        world,
        sending,
        from: holders[from],
        to: holders[to],
        issuerKeys: await Promise.all(readJwks(files.issuerKeys).map(importSigningKey)),
        publicKeys: readJwks(world.layout.cell(to).issuerPublicKeys),
        asked: asked[to],
        nonce: 'none-yet-none-yet-none-y',
        surprises,
      }
      if (!(await way.from.atHome()))
        throw new Error(`${from} does not take its own credentials: nothing would be proven`)
      const chance = chanceFrom(seed + counts.length)
      for (const [credential, kind] of Object.entries(kinds)) {
        const wanted = Math.min(Math.ceil((attempts * kind.weight) / 200), kind.most ?? Infinity)
        counts.push({ credential, from, to, ...(await tryKind(kind, way, wanted, chance)) })
      }
      counts.push({ credential: 'authorization code', from, to, ...(await tryCode(way)) })
      if (!(await way.from.atHome()))
        throw new Error(`${from} stopped taking its own credentials: some refusals prove nothing`)
    }
  } finally {
    sending.close()
    await Promise.all(cells.map((cell) => holders[cell].close()))
  }
  return {
    counts,
    ms: Math.round(performance.now() - startedMs),
    addresses: sending.addresses,
    operations: Math.max(asked.sandbox.length, asked.production.length),
    surprises,
  }
}
