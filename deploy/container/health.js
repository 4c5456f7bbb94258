// Whether the process of this container answers. Plain JavaScript without a dependency: it is started every few seconds.
// HEALTH is what to look at: `socket NAME [PATH]` under PORTICO_DATA/run, or `port N [PATH]` on this machine. With the word
// `live` it asks less: a gateway that waits for its first snapshot is not ready, and starting it again brings none.
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'

const WITHIN_MS = 4_000
const [kind, what = '', ready] = (process.env.HEALTH ?? '').split(' ')
const path =
  process.argv[2] === 'live' ? ready?.replace('/internal/ready', '/internal/live') : ready
const place =
  kind === 'socket'
    ? { path: join(process.env.PORTICO_DATA ?? 'data', 'run', `${what}.sock`) }
    : { host: 'localhost', port: Number(what) }

const end = (well, why) => {
  if (!well) process.stderr.write(`${why}\n`)
  process.exit(well ? 0 : 1)
}
setTimeout(() => end(false, 'no answer in time'), WITHIN_MS)

if (kind !== 'socket' && kind !== 'port') end(false, 'HEALTH names neither a socket nor a port')
else if (path === undefined) {
  const probe = connect(place)
  probe.once('connect', () => end(true))
  probe.once('error', (error) => end(false, error.message))
} else {
  const where =
    kind === 'socket' ? { socketPath: place.path } : { host: place.host, port: place.port }
  request({ ...where, path, headers: { host: `localhost:${what}` } }, (answer) => {
    answer.resume()
    end(answer.statusCode === 200, `answered ${answer.statusCode}`)
  })
    .once('error', (error) => end(false, error.message))
    .end()
}
