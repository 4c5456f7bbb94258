/** One key, one certificate, one application: the smallest stop that is enough harms the fewest customers. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Icon } from '../../kit/icons.tsx'
import { useFormat } from '../../kit/language.tsx'
import { Card, CellChip, Chip, Empty, Id, shortHash, State } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { Certificate } from '#control/partners/certificate.ts'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import type { Application, PartnerWhole } from '../wire.ts'
import { ConfirmStop } from './confirm-stop.tsx'

type WithCertificates = Application & {
  readonly certificates: readonly (Wire<Omit<Certificate, 'keySha256'>> & {
    readonly inForce: boolean
  })[]
}

const stops = ['compliance', 'head-of-platform', 'partner-success', 'api-engineering'] as const

export const StopApplications = ({ known: { applications } }: { known: PartnerWhole }) => {
  const text = useText()
  const active = applications
    .filter(({ status }) => status === 'active')
    .toSorted((a, b) => Number(b.cell === 'production') - Number(a.cell === 'production'))
  return (
    <Card title={text('stops.applications')}>
      {active.length === 0 ? (
        <Empty title={text('stops.none')} />
      ) : (
        <ul className="folds">
          {active.map((application, place) => (
            <li key={application.id}>
              <details open={place === 0 && active.length === 1}>
                <summary>
                  <Icon name="chevron" />
                  <span>
                    <b>{application.name}</b> <Id of={application.id} />
                  </span>
                  <CellChip cell={application.cell} />
                  <State of={application.status} />
                </summary>
                <One application={application} />
              </details>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

const One = ({ application }: { application: Application }) => {
  const text = useText()
  const may = useMay(stops)
  const found = useQuery({
    queryKey: ['applications', application.id],
    queryFn: () => read<WithCertificates>(`/api/applications/${application.id}`),
  })
  const revoke = useCommand(() => send(`/api/applications/${application.id}/revocation`))
  return (
    <div className="pad stack">
      <Answer to={found} lines={2}>
        {(whole) => (
          <>
            <Keys application={whole} may={may} />
            <Certificates application={whole} may={may} />
          </>
        )}
      </Answer>
      {may && (
        <ConfirmStop
          name={application.name}
          act={text('stops.application.act')}
          busy={revoke.isPending}
          error={revoke.error}
          onStop={() => revoke.mutate(undefined)}
        >
          {text('stops.application.about')}
        </ConfirmStop>
      )}
    </div>
  )
}

const Keys = ({ application, may }: { application: WithCertificates; may: boolean }) => {
  const text = useText()
  const end = useCommand((kid: string) =>
    send(`/api/applications/${application.id}/keys/${encodeURIComponent(kid)}/revocation`),
  )
  const keys = application.jwks.map(({ kid }) => kid)
  return (
    <section>
      <h3>{text('stops.keys')}</h3>
      {keys.length === 0 && <p className="small dim">{text('stops.keys.none')}</p>}
      <ul className="plain-list">
        {keys.map((kid) => (
          <li key={kid} className="row between">
            <code>{kid}</code>
            {may && (
              <ConfirmStop
                name={kid}
                act={text('stops.key.act')}
                busy={end.isPending}
                error={end.variables === kid ? end.error : null}
                onStop={() => end.mutate(kid)}
              >
                {text('stops.key.about')}
              </ConfirmStop>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

const Certificates = ({ application, may }: { application: WithCertificates; may: boolean }) => {
  const text = useText()
  const format = useFormat()
  const end = useCommand((sha256: string) =>
    send(`/api/applications/${application.id}/certificates/${sha256}/revocation`),
  )
  return (
    <section>
      <h3>{text('stops.certificates')}</h3>
      {application.certificates.length === 0 && (
        <p className="small dim">{text('stops.certificates.none')}</p>
      )}
      <ul className="plain-list">
        {application.certificates.map(({ sha256, notAfter, inForce }) => (
          <li key={sha256} className="row between">
            <span>
              <code title={sha256}>{shortHash(sha256)}</code>{' '}
              <small className="dim">
                {text('evidence-about.until', { date: format.dateOf(notAfter) })}
              </small>
            </span>
            {!inForce ? (
              <Chip>{text('stops.certificate.over')}</Chip>
            ) : (
              may && (
                <ConfirmStop
                  name={sha256.slice(0, 8)}
                  act={text('stops.certificate.act')}
                  busy={end.isPending}
                  error={end.variables === sha256 ? end.error : null}
                  onStop={() => end.mutate(sha256)}
                >
                  {text('stops.certificate.about')}
                </ConfirmStop>
              )
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
