/** `portico vault keys|rotate`: how the keys of a cell's vault stand, and to replace them while it works. */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { CellWorld, ProcessWorld } from '#platform/process.ts'
import { rpcClient } from '#platform/rpc.ts'
import { KeyRotation, type KeyServiceState, keysContract } from '#vault/contract.ts'

const ASK_AGAIN_MS = 500

const said = ({ begunAt, finishedAt, dataKeys, cardsBehind }: KeyRotation): string => {
  const at = (instant: Temporal.Instant) => instant.toString({ smallestUnit: 'second' })
  if (!begunAt) return `${dataKeys} data keys; they were never rotated`
  return finishedAt
    ? `${dataKeys} data keys; rotated ${at(begunAt)} to ${at(finishedAt)}`
    : `${dataKeys} data keys; a rotation is under way since ${at(begunAt)}, ${cardsBehind} cards are left`
}

/** The vault itself does the work, in the background: this asks it to, and says how far it is. 1 when it is away. */
export const manageVaultKeys = async (
  { layout, cell }: CellWorld,
  { verb, json }: { verb: 'keys' | 'rotate'; json: boolean },
): Promise<number> => {
  const vault = rpcClient(keysContract, layout.cell(cell).socket('vault'))
  try {
    let state = verb === 'rotate' ? await vault.rotate({}) : await vault.state({})
    for (let left = -1; verb === 'rotate' && !state.finishedAt; state = await vault.state({})) {
      if (state.cardsBehind !== left) process.stderr.write(`${said(state)}\n`)
      left = state.cardsBehind
      await sleep(ASK_AGAIN_MS)
    }
    process.stdout.write(
      json ? `${JSON.stringify(z.encode(KeyRotation, state))}\n` : `${said(state)}\n`,
    )
    return 0
  } finally {
    await vault.close()
  }
}

/** Whoever holds the key-encryption keys of a cell, as its vault finds it now. */
export const keyServiceOf = async (
  { layout }: ProcessWorld,
  cell: Cell,
): Promise<KeyServiceState> => {
  const vault = rpcClient(keysContract, layout.cell(cell).socket('vault'))
  try {
    return await vault.service({})
  } finally {
    await vault.close()
  }
}
