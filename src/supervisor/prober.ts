/** The calls that the platform's own partner makes of production once a minute, so that a silence is no proof of health. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { type Cell, cells } from '#kernel/cell.ts'
import { addressesOf } from '#platform/config.ts'
import type { ProcessWorld } from '#platform/process.ts'
import type { Prober } from '#control/service-levels/index.ts'
import type { Look } from '#control/status/index.ts'
import { probeFiles, probeOnce, probeWith, Question } from './probe.ts'

/** By product. The bank writes it for the products that its own probe may call. */
const Questions = z.record(z.string(), Question)

/** Where the bank's own questions stand; read at each call, so that a new one needs no restart. */
const questionsOf = (world: ProcessWorld): z.output<typeof Questions> => {
  const file = join(dirname(probeFiles(world.layout, 'production').application), 'questions.json')
  return existsSync(file) ? Questions.parse(JSON.parse(readFileSync(file, 'utf8'))) : {}
}

export const openProber = (world: ProcessWorld): Prober => ({
  products: () => {
    const { application, subject } = probeFiles(world.layout, 'production')
    if (!existsSync(application)) return []
    return [
      ...new Set([
        ...(existsSync(subject) ? ['accounts'] : []),
        ...Object.keys(questionsOf(world)),
      ]),
    ]
  },
  ask: async (product) => {
    const own = questionsOf(world)[product]
    await (own ? probeWith(world, 'production', own) : probeOnce(world, 'production'))
  },
})

/** How long a server of ours has for a document that it holds ready. */
const LOOK_MS = 10_000

const signInAnswers = async (world: ProcessWorld, cell: Cell): Promise<void> => {
  const ca = readFileSync(world.layout.serverCa.certificate)
  const dispatcher = new Agent({ connect: { ca }, headersTimeout: LOOK_MS, bodyTimeout: LOOK_MS })
  try {
    const { issuer } = addressesOf(world.ports, cell)
    const answer = await request(`${issuer}/.well-known/openid-configuration`, { dispatcher })
    await answer.body.dump()
    if (answer.statusCode !== 200)
      throw new Error(`the ${cell} authorization server answered ${answer.statusCode}`)
  } finally {
    await dispatcher.close()
  }
}

/** What the status page looks at itself: sign-in in both cells, and the products that the platform's own partner may call. */
export const openLooks = (world: ProcessWorld): (() => readonly Look[]) => {
  const prober = openProber(world)
  return () => {
    const { application, subject } = probeFiles(world.layout, 'sandbox')
    return [
      ...cells.map((cell) => ({
        cell,
        part: 'authorization',
        ask: () => signInAnswers(world, cell),
      })),
      ...prober.products().map((part) => ({
        cell: 'production' as const,
        part,
        ask: () => prober.ask(part),
      })),
      ...(existsSync(application) && existsSync(subject)
        ? [
            {
              cell: 'sandbox' as const,
              part: 'accounts',
              ask: () => probeOnce(world, 'sandbox'),
            },
          ]
        : []),
    ]
  }
}
