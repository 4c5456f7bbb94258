/** `portico evidence`: an evidence pack of a partner and a period, and what a stranger makes of one. */
import { readFileSync, writeFileSync } from 'node:fs'
import { evidenceFolder, evidenceVkeyPath, work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { makeSigningKey, readJwk } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makePack, recordPack, verifyPack } from '#control/evidence-packs/index.ts'
import { PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { controlAddress } from './installation.ts'

export const writeEvidencePack = async (
  world: ProcessWorld,
  partner: string,
  period: { from: Temporal.Instant; to: Temporal.Instant },
  file: string,
): Promise<number> => {
  const partnerId = PartnerId.safeParse(partner)
  if (!partnerId.success) throw partnerNotFound(`${partner} is not a partner id`)
  const { layout, settings } = world
  const db = openPostgres(controlAddress(world), { name: 'evidence', max: 2 })
  try {
    const asked = {
      partnerId: partnerId.data,
      ...period,
      reader: 'supervisor' as const,
      bank: { name: settings.PORTICO_BANK_NAME, zone: settings.PORTICO_BANK_ZONE },
    }
    const { key, publicKey } = layout.evidencePacks
    const archive = await makePack(db, asked, {
      folder: evidenceFolder(layout.data, 'control'),
      key: await makeSigningKey(key, publicKey, 'EdDSA'),
      now: world.now(),
    })
    await work(db, 'system', world.now(), (w) => recordPack(w, asked, archive))
    writeFileSync(file, archive)
    process.stderr.write(`${file}: ${archive.length} bytes\n`)
    return 0
  } finally {
    await db.close()
  }
}

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const xOf = (path: string): string | undefined => {
  const { x } = readJwk(path)
  return typeof x === 'string' ? x : undefined
}

/**
 * Exit 0 where nothing is wrong, 1 where something is. Keys are those that are named; where none are, those of this
 * installation, if there is one.
 */
export const verifyEvidencePack = (
  { layout }: ProcessWorld,
  file: string,
  given: { trust?: string | undefined; journal?: string | undefined; json: boolean },
): number => {
  const own = layout.evidencePacks.publicKey
  const trust = given.trust ?? (readIfThere(own) === undefined ? undefined : own)
  const report = verifyPack(readFileSync(file), {
    pack: trust === undefined ? undefined : xOf(trust),
    journal: given.journal
      ? readFileSync(given.journal, 'utf8')
      : readIfThere(evidenceVkeyPath(layout.data, 'control')),
  })
  const { pack, faults, journal, unchecked, key } = report
  if (given.json) {
    const { partner, period } = pack
    const told = { whole: faults.length === 0, partner, period, faults, journal, unchecked, key }
    process.stdout.write(`${JSON.stringify(told)}\n`)
  } else {
    for (const fault of faults) process.stdout.write(`${fault}\n`)
    for (const word of unchecked) process.stdout.write(`not checked: ${word}\n`)
    process.stdout.write(
      `${pack.partner.legalName}, ${pack.period.from} to ${pack.period.to}: ${faults.length === 0 ? 'whole' : `${faults.length} fault(s)`}; ${journal.proven} lines of the journal proven, ${journal.later} later than the checkpoint\n`,
    )
  }
  return faults.length === 0 ? 0 : 1
}
