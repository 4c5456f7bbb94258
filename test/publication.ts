/** Control as the cells see it: the real link server over a fresh database, and readers that listen as a cell does. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { bankDocuments, productIds } from './documents.ts'
import { freshDatabase } from './world.ts'
import type { Cell } from '#kernel/cell.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work, type Work } from '#journal/index.ts'
import { makeAuthority } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet, readJwk } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { followPublication, type Link } from '#platform/link.ts'
import { openLog } from '#platform/log.ts'
import type { Nats } from '#platform/nats.ts'
import type { Audience, Revocation } from '#platform/publication.ts'
import { Secret } from '#platform/secret.ts'
import { seedCatalogue } from '#control/catalogue/index.ts'
import { seedMatrix } from '#control/licences/index.ts'
import {
  type Application,
  type Authorities,
  type PartnerId,
  registerPartner,
  requestApplication,
} from '#control/partners/index.ts'

/** Asks again until there is an answer; a bound that is not kept fails the test. */
export const until = async <T>(
  what: string,
  look: () => T | undefined,
  withinMs = 60_000,
): Promise<T> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    assert.ok(performance.now() < deadline, `${what} did not come within ${withinMs} ms`)
    await sleep(10)
  }
}

const makeCellKeys = async (layout: ReturnType<typeof layoutOf>, cell: Cell) => {
  const keys = layout.cell(cell)
  await makeSigningKeySet(keys.issuerKeys, keys.issuerPublicKeys, 'PS256')
  makeRandomKey(keys.linkKey)
  return makeAuthority(keys.partnerCa, `${cell} partners`)
}

/** A world to publish from: keys, a seeded database, commands. */
export const openPublicationWorld = async (given: Readonly<Record<string, string>> = {}) => {
  const database = await freshDatabase('control')
  const db = database.as('control')
  const data = mkdtempSync(join(tmpdir(), 'portico-publication-'))
  after(() => rmSync(data, { recursive: true, force: true }))
  const layout = layoutOf(data)
  const settings = readSettings({ PORTICO_DATA: data, ...given })
  const log = openLog({ process: 'control' }, 'fatal')
  const now = () => Temporal.Now.instant()
  const world = { settings, layout, ports: portsOf(settings), log, now }

  await makeSigningKey(layout.control.snapshotKey, layout.control.snapshotPublicKey, 'EdDSA')
  const authorities: Authorities = {
    sandbox: await makeCellKeys(layout, 'sandbox'),
    production: await makeCellKeys(layout, 'production'),
  }
  const doing = <T>(body: (w: Work) => Promise<T>) => work(db, 'system', now(), body)
  await doing(async (w) => {
    await seedCatalogue(w, bankDocuments())
    await seedMatrix(w)
  })

  const linkKey = (cell: Cell) => readFileSync(layout.cell(cell).linkKey, 'utf8').trim()
  const linkOf = (cell: Cell) => ({
    cell,
    socketPath: layout.control.socket,
    key: new Secret(linkKey(cell)),
  })

  /** A cell's process: the newest document and every revocation, with the time it came at. */
  const reader = async <T extends z.ZodType>(
    cell: Cell,
    audience: Audience,
    content: T,
    more: { link?: Link; nats?: Nats } = {},
  ) => {
    const held: { content?: z.output<T>; epoch: number } = { epoch: 0 }
    const revocations: { revocation: Revocation; atMs: number }[] = []
    const following = await followPublication({
      link: more.link ?? linkOf(cell),
      nats: more.nats,
      audience,
      publicKey: readJwk(layout.control.snapshotPublicKey),
      content,
      folder: join(data, 'snapshots', cell, uuidv7()),
      log,
      onDocument: (document, epoch) => {
        held.content = document
        held.epoch = epoch
      },
      onRevocation: (revocation) => revocations.push({ revocation, atMs: performance.now() }),
    })
    after(() => following.stop())
    return { held, revocations, heardAtMs: () => following.heardAtMs() }
  }

  const register = (declaredStatuses: string[]): Promise<PartnerId> =>
    doing(async (w) => {
      const { partner } = await registerPartner(w, {
        organisation: `Anor ${uuidv7().slice(-8)}`,
        legalName: 'Anor Telecom LLC',
        country: 'UZ',
        declaredStatuses,
        person: {
          name: 'Walker',
          email: `${uuidv7()}@partner.example`,
          password: 'a long pass phrase',
        },
      })
      return partner.id
    })

  /** An application of the sandbox, active at once. */
  const newApplication = async (
    partnerId: PartnerId,
    { rehearsal = false } = {},
  ): Promise<Application> => {
    const { x, y, kid } = publicJwk(await newSigningJwk('ES256'))
    assert.ok(x && y && kid)
    const key = { kty: 'EC' as const, crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' as const }
    const { application } = await doing((w) =>
      requestApplication(
        w,
        authorities,
        partnerId,
        {
          cell: 'sandbox',
          name: 'Program',
          authentication: 'private_key_jwt',
          senderConstraint: 'dpop',
          jwks: { keys: [key] },
          redirectUris: [],
          grantTypes: ['client_credentials'],
          products: ['cards', 'accounts'],
          rehearsal,
        },
        productIds,
      ),
    )
    return application
  }

  return {
    database,
    db,
    world,
    authorities,
    doing,
    linkKey,
    linkOf,
    reader,
    register,
    newApplication,
  }
}
