/** `portico witness FOLDER PORT`: the witness as a program of its own, on a machine that is not the bank's administrators'. */
import { resolve } from 'node:path'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { startWitness } from '../witness/server.ts'

/** Opens it and says with which key it signs. */
export const openWitness = async (
  { log, now }: ProcessWorld,
  folder: string,
  port: number,
): Promise<Running> => {
  const witness = await startWitness({ log, now }, { folder: resolve(folder), port })
  process.stdout.write(`PORTICO_WITNESS_URL=${witness.url}\nPORTICO_WITNESS_KEY=${witness.vkey}\n`)
  return witness
}
