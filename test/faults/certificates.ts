/** Certificates end: a partner's while it calls, and the gateway's own, renewed with a bad one and with a good one. */
import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { X509Certificate as Generated, X509CertificateGenerator } from '@peculiar/x509'
import { makeServerCertificate, readAuthority } from '#platform/certificates.ts'
import { writeWhole } from '#platform/keys.ts'
import { newCertificate } from '../gateway/partner.ts'
import { ended, foundIn, openPlace, type Place } from './place.ts'
import type { Found } from './run.ts'
import { until } from './town.ts'

const DAY_S = 86_400
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The serial number that a client meets now. */
const met = ({ cell }: Place): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host: 'localhost',
      port: cell.world.ports[cell.cell].gatewayMtls,
      ca: cell.ca,
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const serial = socket.getPeerX509Certificate()?.serialNumber ?? ''
      socket.destroy()
      resolve(serial.toLowerCase())
    })
  })

/** Its own certificate again, from its own authority, and ended an hour ago. */
const endedCertificate = async ({ cell }: Place, pem: string): Promise<string> => {
  const authority = await readAuthority(cell.world.layout.serverCa)
  const held = new Generated(pem)
  const certificate = await X509CertificateGenerator.create({
    serialNumber: '0bad',
    subject: held.subject,
    issuer: held.issuer,
    notBefore: new Date(Date.now() - 7_200_000),
    notAfter: new Date(Date.now() - 3_600_000),
    publicKey: held.publicKey,
    signingKey: authority.key,
    signingAlgorithm: algorithm,
    extensions: held.extensions,
  })
  return certificate.toString('pem')
}

/** A partner's certificate ends while it calls on a connection that stays open; then it shows the next one. */
const partnersEnd = async (place: Place, seconds: number, wrong: string[]): Promise<string> => {
  const { cell } = place
  const holder = await cell.addHolder('mtls')
  const { partnerId, applicationId } = holder
  /** The partner shows another certificate from now on. */
  const shows = async (days: number) => {
    const certificate = await newCertificate(cell.partnerCa, {
      cell: cell.cell,
      partnerId,
      applicationId,
      days,
    })
    const at = cell.holders.findIndex((one) => one.applicationId === applicationId)
    const next = { ...holder, certificate }
    cell.holders[at] = next
    cell.publish()
    const token = await cell.token(next)
    return {
      endsAtMs: new X509Certificate(certificate.pem).validToDate.getTime(),
      call: () => place.tell(cell.callMtls(next, token, { path: '/cards/v1/cards' })),
    }
  }
  const short = await shows(seconds / DAY_S)
  await until('the short one is known', 30_000, async () => (await short.call())?.status === 200)
  let lastTakenMs = 0
  let taken = 0
  let refusal = ''
  while (Date.now() < short.endsAtMs + 3_000) {
    const answered = await short.call()
    if (answered?.status === 200) {
      taken++
      lastTakenMs = Date.now()
      if (refusal !== '') wrong.push('taken after a refusal')
    } else refusal = answered ? String(answered.json['code']) : 'no connection'
    await sleep(20)
  }
  if (taken === 0) wrong.push('the certificate ended before it was used')
  if (refusal !== 'gateway/sender-unproven') wrong.push(`refused by ${refusal || 'nobody'}`)
  const overMs = lastTakenMs - short.endsAtMs
  // An answer is heard a while after its call arrived.
  if (overMs > 1_000) wrong.push(`taken ${overMs} ms after its end`)
  const next = await shows(30)
  const nextMs = performance.now()
  await until('the next one is taken', 30_000, async () => (await next.call())?.status === 200)
  return `a partner’s certificate taken ${taken} times until its end, refused after it as ${refusal} on the connection that stayed open; the next one taken ${Math.round(performance.now() - nextMs)} ms after it was published`
}

/** The gateway's own: an ended one laid into its place is not served, a new one is, without a start. */
const serversChange = async (place: Place, wrong: string[]): Promise<string> => {
  const { cell } = place
  const files = cell.files.tls('gateway')
  const before = await met(place)
  const held = readFileSync(files.certificate, 'utf8')
  writeWhole(files.certificate, await endedCertificate(place, held))
  for (let n = 0; n < 50; n++) {
    if ((await place.read())?.status !== 200) wrong.push('a call failed over the ended one')
    await sleep(100)
  }
  if ((await met(place)) !== before) wrong.push('an ended certificate is served')
  const beside = {
    certificate: join(cell.world.layout.data, 'next.pem'),
    key: join(cell.world.layout.data, 'next.key'),
  }
  await makeServerCertificate(await readAuthority(cell.world.layout.serverCa), beside, 'gateway')
  const laidMs = performance.now()
  copyFileSync(beside.key, files.key)
  copyFileSync(beside.certificate, files.certificate)
  await until('the new one is served', 60_000, async () => {
    if ((await place.read())?.status !== 200) wrong.push('a call failed as it was changed')
    return (await met(place)) !== before
  })
  return `an ended certificate of the gateway’s own was never served, a good one ${Math.round(performance.now() - laidMs)} ms after it lay there, without a start`
}

export const certificateExpiry = async ({ short }: { short: boolean }): Promise<Found> => {
  const about = {
    name: 'certificate-expiry',
    breaks:
      'a partner’s certificate ends while it calls; the gateway’s own is replaced by one that has ended, then by a good one',
    keeps: 'everybody else; the old certificate serves until a good one lies there',
  }
  const place = await openPlace()
  const balancer = await place.start()
  try {
    const wrong: string[] = []
    const figures = [
      await partnersEnd(place, short ? 8 : 30, wrong),
      await serversChange(place, wrong),
    ]
    return await foundIn(place, about, figures, [...new Set(wrong)])
  } finally {
    await ended(place, balancer)
  }
}
