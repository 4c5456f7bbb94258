/** The certificates of an application: at most two in force, each revoked at once, a new one by a key made here. */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Failure } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { Form, TextArea } from '../../kit/fields.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { saveFile } from '../../kit/save-file.ts'
import { Card, Chip, Copyable, Table } from '../../kit/show.tsx'
import { requestCertificate } from '../keys/certificate-request.ts'
import { fileName } from '../keys/file-name.ts'
import { useText } from '../messages/index.ts'
import type { ApplicationWithCertificates, Certificate, Outcome } from '../wire.ts'

export const Certificates = ({ application }: { application: ApplicationWithCertificates }) => {
  const text = useText()
  const [asking, setAsking] = useState(false)
  return (
    <Card
      title={text('certificates.title')}
      beside={
        application.status === 'active' && (
          <button
            type="button"
            className="button small-button"
            aria-expanded={asking}
            onClick={() => setAsking(!asking)}
          >
            <Icon name="plus" />
            {text('certificates.new')}
          </button>
        )
      }
    >
      {asking && <NewCertificate application={application} done={() => setAsking(false)} />}
      {application.certificates.length === 0 ? (
        <p className="pad dim">{text('certificates.none')}</p>
      ) : (
        <Table caption={text('certificates.title')}>
          <thead>
            <tr>
              <th scope="col">{text('certificates.fingerprint')}</th>
              <th scope="col">{text('application.state')}</th>
              <th scope="col">{text('certificates.until')}</th>
              <th scope="col">
                <span className="unseen">{text('act.acts')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {application.certificates.map((certificate) => (
              <CertificateRow
                key={certificate.sha256}
                certificate={certificate}
                application={application}
              />
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

const useRenewed = (applicationId: string) => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['applications', applicationId] })
}

const CertificateRow = (props: {
  certificate: Certificate
  application: ApplicationWithCertificates
}) => {
  const { certificate, application } = props
  const text = useText()
  const format = useFormat()
  const renewed = useRenewed(application.id)
  const revoke = useMutation({
    mutationFn: () =>
      send(`/api/applications/${application.id}/certificates/${certificate.sha256}/revocation`),
    onSuccess: renewed,
  })
  return (
    <tr>
      <th scope="row">
        <Copyable
          value={certificate.sha256}
          shown={`${certificate.sha256.slice(0, 10)}…`}
          what={text('certificates.fingerprint')}
        />
        {revoke.error && <Failure error={revoke.error} />}
      </th>
      <td>
        {certificate.inForce ? (
          <Chip tone="good">{text('certificates.live')}</Chip>
        ) : (
          <Chip>{text('certificates.ended')}</Chip>
        )}
      </td>
      <td className="nowrap">{format.dateOf(certificate.notAfter)}</td>
      <td>
        <div className="row">
          <button
            type="button"
            className="button small-button"
            onClick={() =>
              saveFile(fileName(application.name, application.cell, 'crt.pem'), certificate.pem)
            }
          >
            <Icon name="download" />
            {text('certificates.download')}
          </button>
          {certificate.inForce && (
            <button
              type="button"
              className="button small-button stop"
              disabled={revoke.isPending}
              onClick={() => revoke.mutate()}
            >
              {text('certificates.revoke')}
            </button>
          )}
        </div>
      </td>
    </tr>
  )
}

/** Another certificate: by a key made here, or by the reader's own request. */
const NewCertificate = (props: { application: ApplicationWithCertificates; done: () => void }) => {
  const { application, done } = props
  const text = useText()
  const renewed = useRenewed(application.id)
  const ask = useMutation({
    mutationFn: async (own: string) => {
      const made = own === '' ? await requestCertificate(application.name) : null
      const outcome = await send<Outcome>(`/api/applications/${application.id}/certificates`, {
        csr: made?.csr ?? own,
      })
      if (made)
        saveFile(
          fileName(application.name, application.cell, outcome.certificate ? 'pem' : 'key.pem'),
          made.privateKey + (outcome.certificate?.pem ?? ''),
        )
    },
    onSuccess: async () => {
      await renewed()
      done()
    },
  })
  return (
    <div className="pad">
      <Form
        label={text('certificates.new')}
        busy={ask.isPending}
        error={ask.error}
        onSubmit={({ one }) => ask.mutate(one('csr'))}
        acts={
          <button className="button" disabled={ask.isPending}>
            {text('certificates.ask')}
          </button>
        }
      >
        <TextArea
          name="csr"
          label={text('application.csr')}
          hint={text('certificates.csr.hint')}
          rows={4}
          code
        />
      </Form>
    </div>
  )
}
