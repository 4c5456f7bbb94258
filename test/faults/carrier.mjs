// Carries the bytes of a socket of the file system to an address: what a process in a network of its own reaches control by.
import { connect, createServer } from 'node:net'

const [socket, host, port] = process.argv.slice(2)
createServer((near) => {
  const far = connect(Number(port), host)
  near.pipe(far).pipe(near)
  for (const [one, other] of [
    [near, far],
    [far, near],
  ]) {
    one.once('error', () => other.destroy())
    one.once('close', () => other.destroy())
  }
}).listen(socket)
