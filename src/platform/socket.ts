/** Unix sockets between processes of one machine (named pipes on Windows). */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { problem } from '#kernel/problem.ts'

const socketInUse = problem('platform/socket-in-use', 500, 'Another process holds the socket')

/** Frees a socket file that a killed process left behind; a live listener is an error. */
export const claimSocket = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) return
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
  if (alive) throw socketInUse(`${path} is in use by a running process`)
  rmSync(path, { force: true })
}
