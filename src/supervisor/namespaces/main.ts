/**
 * The doors of a cell that has a network of its own: this program runs once inside of it and once outside, and carries
 * bytes between ports and sockets of the file system. It is told each door and knows no other; it reads nothing.
 */
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { claimSocket } from '#platform/socket.ts'
import { type Door, Doors, type End } from './doors.ts'

const addressOf = (end: End): { path: string } | { host: string; port: number } =>
  'path' in end ? end : { host: end.host, port: end.port }

const carry = (near: Socket, to: End): void => {
  const options: NetConnectOpts = { ...addressOf(to), allowHalfOpen: true, noDelay: true }
  const far = connect(options)
  const end = () => {
    near.destroy()
    far.destroy()
  }
  near.once('error', end)
  far.once('error', end)
  near.once('close', () => far.destroy())
  far.once('close', () => near.destroy())
  near.pipe(far)
  far.pipe(near)
}

const openDoor = async ({ listen, to }: Door): Promise<Server> => {
  if ('path' in listen) await claimSocket(listen.path)
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => carry(near, to))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(addressOf(listen), () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

const { values } = parseArgs({ options: { doors: { type: 'string', default: '[]' } } })
const servers = await Promise.all(Doors.parse(JSON.parse(values.doors)).map(openDoor))
await new Promise<void>((resolve) => {
  process.once('SIGTERM', resolve)
  // Ctrl-C reaches every process of the terminal: the supervisor says in which order they end.
  process.on('SIGINT', () => {})
  process.once('disconnect', resolve)
})
for (const server of servers) server.close()
process.exit(0)
