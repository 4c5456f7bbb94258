/** Passes connections on to whichever of some ports takes them, in turn. Knows no HTTP, and asks nobody how he is. */
import { connect, createServer, type Server, type Socket } from 'node:net'

const opened = (port: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })

export const balance = async (port: number, to: readonly number[]): Promise<Server> => {
  let turn = 0
  const pass = async (caller: Socket) => {
    caller.on('error', () => {})
    for (let tries = 0; tries < to.length; tries++) {
      const onward = await opened(to[turn++ % to.length] ?? 0)
      if (!onward) continue
      caller.pipe(onward).pipe(caller)
      for (const [one, other] of [
        [caller, onward],
        [onward, caller],
      ] as const) {
        one.once('error', () => other.destroy())
        one.once('close', () => other.destroy())
      }
      return
    }
    caller.destroy()
  }
  const server = createServer((caller) => void pass(caller))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return server
}
