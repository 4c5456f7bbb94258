/** Reads what the rooms know of a partner in a period. Every list is bounded, and says where it was cut. */
import { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { listContracts } from '#control/contracts/index.ts'
import { listEvidence } from '#control/licences/index.ts'
import {
  findPartner,
  listApplications,
  listCertificates,
  listPeople,
  partnerNotFound,
} from '#control/partners/index.ts'
import { type Asked, ids, ROWS, text, whoFor } from './asked.ts'
import { consentsSection, type HearConsents } from './consented.ts'
import { incidentsSection, permissionsSection, usageSections } from './measured.ts'
import { cardScopeSection, promisesSection } from './promised.ts'
import { type Pack, section } from './pack.ts'
import {
  changesAbout,
  decisionsSection,
  evidenceSection,
  licenceSections,
  recertificationsSection,
} from './verified.ts'

/** The pack of a partner and a period, and every id by which the journal speaks of that partner. */
export const gather = async (
  db: Db,
  asked: Asked,
  hear?: HearConsents,
): Promise<{ pack: Pack; words: string[] }> => {
  const { partnerId, from, to } = asked
  const partner = await findPartner(db, partnerId)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  const who = await whoFor(db, asked.reader)
  const people = await listPeople(db, partnerId)
  const applications = (await listApplications(db, { partnerId })).filter((a) =>
    isBefore(a.requestedAt, to),
  )
  const evidence = (await listEvidence(db, { partnerId }, ROWS)).filter((e) =>
    isBefore(e.submittedAt, to),
  )
  const contracts = (await listContracts(db, { partnerId }, ROWS)).filter((c) =>
    isBefore(c.offeredAt, to),
  )
  const subjects = [partnerId, ...ids(applications), ...ids(evidence), ...ids(contracts)]
  const decisions = await changesAbout(db, subjects, asked)
  const { organisation, legalName, country, declaredStatuses, status, registeredAt } = partner
  return {
    words: [...subjects, ...ids(people)],
    pack: {
      format: 'portico.evidence-pack/1',
      bank: { ...asked.bank },
      partner: {
        id: partnerId,
        organisation,
        legalName,
        country,
        declaredStatuses,
        status,
        registeredAt: registeredAt.toString(),
      },
      period: { from: from.toString(), to: to.toString() },
      sections: {
        ...(await licenceSections(db, asked, who)),
        evidence: await evidenceSection(db, evidence, who),
        decisions: decisionsSection(decisions, who),
        contracts: section(
          'Agreements: what was signed, by its digest, by whom and when',
          [
            'id',
            'tier',
            'products',
            'priceVersion',
            'status',
            'offeredAt',
            'signedBy',
            'signedAt',
            'countersignedBy',
            'activeFrom',
            'endsAt',
            'documentSha256',
            'document',
          ],
          contracts.map((c) => ({
            id: c.id,
            tier: c.tier,
            products: c.products,
            priceVersion: c.priceVersion,
            status: c.status,
            offeredAt: text(c.offeredAt),
            signedBy: c.signedBy,
            signedAt: text(c.signedAt),
            countersignedBy: who(c.countersignedBy),
            activeFrom: text(c.activeFrom),
            endsAt: text(c.endsAt),
            documentSha256: c.documentSha256,
            document: c.document,
          })),
        ),
        permissions: await permissionsSection(db, asked),
        applications: section(
          'Programs of the partner, and what they are',
          ['id', 'cell', 'name', 'products', 'status', 'senderConstraint', 'requestedAt'],
          applications.map(
            ({ id, cell, name, products, status: stands, senderConstraint, requestedAt }) => ({
              id,
              cell,
              name,
              products,
              status: stands,
              senderConstraint,
              requestedAt: requestedAt.toString(),
            }),
          ),
        ),
        certificates: section(
          'Client certificates of these programs',
          [
            'sha256',
            'applicationId',
            'serialNumber',
            'selfSigned',
            'issuedAt',
            'notAfter',
            'revokedAt',
          ],
          (await listCertificates(db, ids(applications)))
            .filter((c) => isBefore(c.issuedAt, to))
            .map(
              ({
                sha256,
                applicationId,
                serialNumber,
                selfSigned,
                issuedAt,
                notAfter,
                revokedAt,
              }) => ({
                sha256,
                applicationId,
                serialNumber,
                selfSigned,
                issuedAt: issuedAt.toString(),
                notAfter: notAfter.toString(),
                revokedAt: text(revokedAt),
              }),
            ),
        ),
        people: section(
          'People who acted for the partner, by their roles; the bank keeps their names',
          ['id', 'roles', 'status'],
          people.map((p) => ({ id: p.id, roles: p.roles, status: p.status })),
        ),
        ...(await usageSections(db, asked)),
        consentLines: await consentsSection(asked, hear),
        promises: await promisesSection(db, asked),
        cardScope: await cardScopeSection(db, asked, { evidence, applications }),
        recertifications: await recertificationsSection(db, asked, who),
        incidents: await incidentsSection(db, asked, who),
      },
    },
  }
}

const JournalLine = z.strictObject({
  seq: z.int().positive(),
  body: z.string(),
  /** Base64 hashes from the leaf to the root (RFC 6962 §2.1.1); null: the line came after the checkpoint. */
  proof: z.array(z.string()).nullable(),
})

export const JournalLines = z.strictObject({
  /** The signed note whose root the proofs lead to; null while nothing is signed. */
  checkpoint: z.string().nullable(),
  lines: z.array(
    JournalLine.extend({
      /** Documents that were in force then, by reader: each the place of the line that says it was published. */
      inForce: z.record(z.string(), z.int().positive()).exactOptional(),
    }),
  ),
  /** The lines that `inForce` names. */
  publications: z.array(JournalLine).exactOptional(),
  cut: z.literal(true).optional(),
})
export type JournalLines = z.output<typeof JournalLines>
