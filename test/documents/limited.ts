/** More calls than a contract lets through: of one application, until each operation has said so. */
import type { Coverage, Operation } from './heard.ts'
import { walked } from './heard.ts'
import { properCall } from './provocations.ts'
import { operationCalled, type Wire } from './wire.ts'

const AT_ONCE = 24
const TRIES = 8

/** While one operation is asked for without end, every other one is refused too: the limits are the application's. */
export const exhaust = async (
  wire: Wire,
  coverage: Coverage,
  accounts: readonly string[],
): Promise<void> => {
  const hurried = (operation: Operation) =>
    wire.call(operation, { ...properCall(operation, accounts), hurried: true })
  const cheap = operationCalled('listFxRates')
  const heard = (operation: Operation) => coverage.heard(wire.cell, operation, 429)
  let over = false
  const flood = async () => {
    while (!over) await hurried(cheap)
  }
  const floods = Array.from({ length: AT_ONCE }, flood)
  try {
    for (let tries = 0; tries < TRIES && !walked.every(heard); tries++)
      for (const operation of walked.filter((one) => !heard(one))) await hurried(operation)
  } finally {
    over = true
    await Promise.all(floods)
  }
}
