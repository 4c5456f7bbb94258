/** What two installations hold, read from their databases by somebody who started neither. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { databases } from '#platform/databases.ts'
import { layoutOf } from '#platform/layout.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'
import { work } from '#journal/index.ts'
import { draftMonth, monthNamed, monthOf } from '#control/billing/index.ts'
import { PartnerId } from '#control/partners/index.ts'

const zone = 'Asia/Tashkent'
const Passwords = z.looseObject({ portico: z.string() })

/** The server alone, over the databases of an installation. */
export const openServer = async (data: string, port: number): Promise<EmbeddedPostgres> => {
  const layout = layoutOf(data)
  const { portico: password } = Passwords.parse(
    JSON.parse(readFileSync(layout.databaseRoles, 'utf8')),
  )
  return startPostgres({
    folder: layout.postgres,
    port,
    password,
    log: join(layout.logs, 'postgres-judge.log'),
    patienceMs: 120_000,
  })
}

const asked = async <T>(
  server: EmbeddedPostgres,
  database: string,
  ask: (db: Postgres) => Promise<T>,
): Promise<T> => {
  const { role, password } = server.superuser
  const db = openPostgres(server.url(role, password, database), { name: 'judge', max: 2 })
  try {
    return await ask(db)
  } finally {
    await db.close()
  }
}

const Head = z.object({ seq: z.bigint(), hash: z.string() })
export type Head = z.output<typeof Head>

/** The end of each journal, or what stands at a place of it. */
export const headsOf = async (
  server: EmbeddedPostgres,
  places?: Readonly<Record<string, Head>>,
): Promise<Record<string, Head>> =>
  Object.fromEntries(
    await Promise.all(
      databases.map(async ({ database }) => [
        database,
        await asked(
          server,
          database,
          async (db) =>
            (await db.maybe(Head)`
              select seq, encode(hash, 'hex') as hash
                from journal.chain
               where seq <= ${places?.[database]?.seq ?? 1_000_000_000n}
               order by seq desc
               limit 1
            `) ?? { seq: 0n, hash: '' },
        ),
      ]),
    ),
  )

const Calls = z.object({ rows: z.bigint(), different: z.bigint(), digest: z.string().nullable() })

/** Every call that control counted, and one digest of all of them. */
export const callsOf = (server: EmbeddedPostgres) =>
  asked(
    server,
    'control',
    (db) => db.one(Calls)`
      select count(*) as rows, count(distinct call_id) as different,
             encode(sha256(string_agg(call_id || status::text, ',' order by call_id)::bytea), 'hex') as digest
        from usage.event
    `,
  )

const Named = z.object({ partnerId: z.string() })
class TakenBack extends Error {}

/** This month's invoices as they would be drafted now: the digest of each one's content. Nothing of it is kept. */
export const invoicesOf = (server: EmbeddedPostgres, now: Temporal.Instant) =>
  asked(server, 'control', async (db) => {
    const digests: Record<string, string[]> = {}
    const partners = await db.many(
      Named,
    )`select distinct partner_id as "partnerId" from usage.event order by 1 limit 1000`
    const month = monthNamed(monthOf(now, zone), zone)
    for (const { partnerId } of partners)
      await work(db, 'system', now, async (w) => {
        const drafts = await draftMonth(w, PartnerId.parse(partnerId), month, {
          bankName: 'Namuna',
          zone,
        })
        digests[partnerId] = drafts.map((draft) => `${draft.netMinor} ${draft.sha256}`)
        throw new TakenBack()
      }).catch((error: unknown) => {
        if (!(error instanceof TakenBack)) throw error
      })
    return digests
  })

const Supervised = z.object({ pid: z.number(), children: z.array(z.number()) })

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const titleOf = (pid: number): string => {
  const file = `/proc/${pid}/cmdline`
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** The server over these databases, whoever started it. */
export const serverPid = (data: string): number =>
  Number(readFileSync(join(layoutOf(data).postgres, 'postmaster.pid'), 'utf8').split('\n')[0])

/** Who runs an installation: its supervisor first, its server, and what copies it. */
export const processesOf = (data: string) => {
  const layout = layoutOf(data)
  const { pid, children } = Supervised.parse(JSON.parse(readFileSync(layout.supervisorPid, 'utf8')))
  const backup = children.filter((child) => titleOf(child).includes('backup'))
  return {
    others: [pid, ...children.filter((child) => !backup.includes(child))],
    backup,
    server: [serverPid(data)],
  }
}

/** `kill -9` of all at once, and a wait until nothing of them is left. */
export const dieAtOnce = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) if (isThere(pid)) process.kill(pid, 'SIGKILL')
  for (let waited = 0; pids.some(isThere) && waited < 60_000; waited += 50) await sleep(50)
  // The server's own children notice within moments.
  await sleep(500)
}
