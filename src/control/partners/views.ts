/** Partners as they go over the wire. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { StandingView } from '#control/sign-in/index.ts'
import { AskedChangeView, viewOfChange } from '#control/approvals/index.ts'
import { Application } from './application.ts'
import type { Outcome } from './applications.ts'
import { Certificate, isLive } from './certificate.ts'
import { Partner } from './partner.ts'
import { Person } from './person.ts'

export const PartnerView = Partner.extend({ registeredAt: Instant })
export const Me = z.object({ person: Person, partner: PartnerView, standing: StandingView })

export const CertificateView = Certificate.omit({ keySha256: true }).extend({
  issuedAt: Instant,
  notAfter: Instant,
  revokedAt: Instant.nullable(),
  inForce: z.boolean(),
})

export const ApplicationView = Application.extend({ requestedAt: Instant })
export const ApplicationWithCertificates = ApplicationView.extend({
  certificates: z.array(CertificateView),
})

/** What became of an asking: `change` stands where two people of the bank have to approve it first. */
export const OutcomeView = z.object({
  application: ApplicationView,
  certificate: CertificateView.exactOptional(),
  change: AskedChangeView.exactOptional(),
})

export const viewOfCertificate = (certificate: Certificate, now: Temporal.Instant) => ({
  ...certificate,
  inForce: isLive(certificate, now),
})

export const viewOfOutcome = (
  { application, certificate, change }: Outcome,
  now: Temporal.Instant,
) => ({
  application,
  ...(certificate && { certificate: viewOfCertificate(certificate, now) }),
  ...(change && { change: viewOfChange(change, now) }),
})
