/** Prints which of the addresses on its command line take a connection. Runs inside of a namespace, as an intruder would. */
import { connect } from 'node:net'

const WITHIN_MS = 10_000

const takes = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = '', port = ''] = address.split(':')
    const socket = connect({ host, port: Number(port) })
    socket.setTimeout(WITHIN_MS, () => socket.destroy())
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => socket.destroy())
    socket.once('close', () => resolve(false))
  })

const addresses = process.argv.slice(2)
const taken = await Promise.all(addresses.map(takes))
process.stdout.write(JSON.stringify(addresses.filter((_, at) => taken[at])))
