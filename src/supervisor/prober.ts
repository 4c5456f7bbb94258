/** The calls that the platform's own partner makes of production once a minute, so that a silence is no proof of health. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ProcessWorld } from '#platform/process.ts'
import type { Prober } from '#control/service-levels/index.ts'
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
