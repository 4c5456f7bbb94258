/** `portico backup`: a copy of this installation somewhere else, and an installation out of a copy. */
import { backUpOnce, checkBackup, restoreBackup, startFollowing } from '../backup/index.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { makeRolePasswords } from './installation.ts'

export const backupVerbs = ['follow', 'once', 'check', 'restore'] as const
export type BackupVerb = (typeof backupVerbs)[number]

interface Given {
  readonly folder: string
  readonly keys: string
  readonly until: Temporal.Instant | '' | undefined
  readonly json: boolean
}

/** Where the server's owner signs in: what is set, or the embedded server. */
const ownerAddress = ({ settings, layout, ports }: ProcessWorld): string =>
  settings.PORTICO_DATABASE_URL_OWNER ??
  `postgres://portico:${makeRolePasswords(layout).superuser}@127.0.0.1:${ports.postgres}/postgres`

const followingOf = (world: ProcessWorld, { folder, keys }: Given) => ({
  data: world.layout.data,
  folder,
  keys,
  url: ownerAddress(world),
  log: world.log,
  now: world.now,
})

const print = (json: boolean, said: object, words: string) =>
  process.stdout.write(json ? `${JSON.stringify(said)}\n` : `${words}\n`)

export const manageBackup = async (
  world: ProcessWorld,
  verb: BackupVerb,
  given: Given,
  untilStopped: (running: readonly Running[]) => Promise<void>,
): Promise<number> => {
  const until = given.until === '' ? undefined : given.until
  switch (verb) {
    case 'follow':
      await untilStopped([startFollowing(followingOf(world, given))])
      return 0
    case 'once': {
      const at = await backUpOnce(followingOf(world, given))
      print(given.json, { at }, `everything that was committed before ${at} is in ${given.folder}`)
      return 0
    }
    case 'check': {
      const { log: _, ...said } = await checkBackup(given.folder, until)
      const { at, base, files, segments, faults } = said
      for (const fault of faults) process.stderr.write(`${fault}\n`)
      print(
        given.json,
        said,
        `${faults.length === 0 ? 'whole' : `${faults.length} fault(s)`}: base ${base} (${files} files), ${segments} files of the log, up to ${at}`,
      )
      return faults.length === 0 ? 0 : 1
    }
    case 'restore': {
      const { layout, ports } = world
      const step = (what: string) => process.stderr.write(`${what}…\n`)
      const { folder, keys } = given
      const said = await restoreBackup({ layout, folder, keys, port: ports.postgres, until, step })
      const gone = Object.values(said.abandoned).reduce((sum, lines) => sum + lines, 0)
      print(
        given.json,
        said,
        said.aside
          ? `restored to ${said.at}; ${gone} lines of the journals happened later and are in ${said.aside}`
          : `restored to ${said.at}; npm start goes on from there, then run portico journal verify`,
      )
      return 0
    }
  }
}
