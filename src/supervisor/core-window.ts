/** The end of day of the demonstration's core, which is shut for ten minutes then, as cores of its kind are. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 100
const BETWEEN_MS = 100

/** One command of the simulator's control port; false where it does not listen. */
const told = async (port: number, command: string): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(`${command}\n`)
    await once(createInterface({ input: socket }), 'line')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/**
 * Keeps the core open until the answer is called: who starts Portico for the first time at midnight fills a bank and makes
 * its first calls, and does not wait for the end of somebody's day. A core that does not listen is left to those who need it.
 */
export const holdCoreOpen = async (port: number): Promise<() => Promise<void>> => {
  for (let tries = 0; tries < TRIES && !(await told(port, 'window open')); tries++)
    await sleep(BETWEEN_MS)
  return async () => void (await told(port, 'window auto'))
}
