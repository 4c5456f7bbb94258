/** Real NATS servers with JetStream: one, or three that keep each stream together. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

export const hasNats = spawnSync('nats-server', ['--version']).status === 0
export const withoutNats = 'NO nats-server: what NATS carries was NOT tested'

export interface NatsServers {
  readonly url: string
  /** Kills a server as a power cut does; its files stay. */
  kill(which: number): Promise<void>
  start(which: number): Promise<void>
  stop(): Promise<void>
}

/** Ports that were free a moment ago. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

export const startNats = async (count: 1 | 3): Promise<NatsServers> => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-nats-'))
  const ports = await freePorts(count * 2)
  const clients = ports.slice(0, count)
  const routes = ports.slice(count)
  const running = new Map<number, ChildProcess>()

  const start = async (which: number) => {
    const clustered = [
      '--cluster_name',
      'portico-test',
      '--cluster',
      `nats://127.0.0.1:${routes[which]}`,
      '--routes',
      routes.map((port) => `nats://127.0.0.1:${port}`).join(','),
    ]
    const server = spawn(
      'nats-server',
      [
        '--addr',
        '127.0.0.1',
        '--port',
        String(clients[which]),
        '--name',
        `nats-${which}`,
        '--jetstream',
        '--store_dir',
        join(folder, String(which)),
        ...(count > 1 ? clustered : []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    running.set(which, server)
    // Its pipe stays open: a server that cannot write its log ends.
    for await (const chunk of server.stderr.iterator({ destroyOnReturn: false }))
      if (String(chunk).includes('Server is ready')) {
        server.stderr.resume()
        return
      }
    throw new Error('nats-server does not start')
  }
  const kill = async (which: number) => {
    const server = running.get(which)
    running.delete(which)
    if (!server || server.exitCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  await Promise.all(clients.map((_, which) => start(which)))
  return {
    url: clients.map((port) => `nats://127.0.0.1:${port}`).join(','),
    kill,
    start,
    stop: async () => {
      await Promise.all([...running.keys()].map(kill))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
