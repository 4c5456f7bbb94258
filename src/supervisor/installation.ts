/** What an installation owns: keys, authorities, certificates, role passwords. Made on first use, never made twice. */
import { existsSync, readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { cells } from '#kernel/cell.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { databases, roleNames, type RolePasswords } from '#platform/databases.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet, writeWhole } from '#platform/keys.ts'
import type { Layout } from '#platform/layout.ts'
import type { ProcessWorld } from '#platform/process.ts'

/** Makes what is missing. A start that was cut off is completed by the next: every file is written whole or not at all. */
export const makeKeys = async (layout: Layout): Promise<void> => {
  const servers = await makeAuthority(layout.serverCa, 'Portico local servers')
  await makeSigningKey(layout.control.snapshotKey, layout.control.snapshotPublicKey, 'EdDSA')
  makeRandomKey(layout.control.sessionKey)
  for (const cell of cells) {
    const files = layout.cell(cell)
    await makeAuthority(files.partnerCa, `Portico ${cell} partners`)
    for (const server of ['gateway', 'authorization'] as const) {
      await makeServerCertificate(servers, files.tls(server), `${cell} ${server}`)
      makeRandomKey(files.nonceKey(server))
    }
    await makeServerCertificate(servers, files.tls('vault'), `${cell} vault`)
    await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
    await makeSigningKey(files.vault.signing, files.vault.publicKey, 'ES256')
    for (const key of [
      files.cookieKey,
      files.pairwiseKey,
      files.callerKey('bank'),
      files.callerKey('vault'),
      files.vault.kek,
      files.vault.lookup,
      files.linkKey,
      files.askKey('bank'),
      files.askKey('courier'),
      files.askKey('authorization'),
    ])
      makeRandomKey(key)
  }
}

const Passwords = z.record(z.string(), z.string().regex(/^[A-Za-z0-9_-]+$/))

/** Passwords of the database roles: made once, completed when a release brings a new role. */
export const makeRolePasswords = (layout: Layout): { superuser: string; roles: RolePasswords } => {
  const held = existsSync(layout.databaseRoles)
    ? Passwords.parse(JSON.parse(readFileSync(layout.databaseRoles, 'utf8')))
    : {}
  const wanted = ['portico', ...roleNames()]
  const all = Object.fromEntries(
    wanted.map((role) => [role, held[role] ?? randomBytes(24).toString('base64url')]),
  )
  if (wanted.some((role) => !(role in held)))
    writeWhole(layout.databaseRoles, JSON.stringify(all, null, 2))
  const { portico: superuser = '', ...roles } = all
  return { superuser, roles }
}

/** The settings with which a process finds its database, for the embedded server. */
export const databaseSettings = (
  url: (role: string, password: string, database: string) => string,
  roles: RolePasswords,
): ((process: string, cell?: string) => Record<string, string>) => {
  return (process, cell) => {
    const place = databases.find(
      (d) =>
        process in d.roles &&
        (cell === undefined ? d.kind === 'control' : d.database.startsWith(`${cell}_`)),
    )
    if (!place) return {}
    const role = place.roles[process] ?? ''
    return {
      [`PORTICO_DATABASE_URL_${process.toUpperCase()}`]: url(
        role,
        roles[role] ?? '',
        place.database,
      ),
    }
  }
}

/** Where control's database is, for a command at the terminal of the same installation. */
export const controlAddress = ({ settings, layout, ports }: ProcessWorld): string => {
  if (settings.PORTICO_DATABASE_URL_CONTROL) return settings.PORTICO_DATABASE_URL_CONTROL
  const { roles } = makeRolePasswords(layout)
  const url = (role: string, password: string, database: string) =>
    `postgres://${role}:${password}@127.0.0.1:${ports.postgres}/${database}`
  return databaseSettings(url, roles)('control')['PORTICO_DATABASE_URL_CONTROL'] ?? ''
}
