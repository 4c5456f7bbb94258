/** More calls than a contract lets through: of one application, until each operation has said so. */
import { type Coverage, walked } from './heard.ts'
import { properCall } from './provocations.ts'
import type { Wire } from './wire.ts'

const BURST = 40
/** The slower the machine, the more is let through meanwhile. */
const BURSTS = 30

/** What one operation has used up is missing to the next: the limits are the application's. */
export const exhaust = async (
  wire: Wire,
  coverage: Coverage,
  accounts: readonly string[],
): Promise<void> => {
  for (const operation of walked) {
    const hurried = { ...properCall(operation, accounts), hurried: true }
    const heard = () => coverage.heard(wire.cell, operation, 429)
    for (let burst = 0; burst < BURSTS && !heard(); burst++)
      await Promise.all(Array.from({ length: BURST }, () => wire.call(operation, hurried)))
  }
}
